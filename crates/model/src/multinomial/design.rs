//! The rows of the training examples, without the columns that occur in none of them.
//!
//! The penalty gives a column that occurs in no row the weight 0, so leaving it out does not change
//! the fit. A selection of the rows (for a fold of the cross-validation) keeps the columns of all
//! rows, so that the parameters of one fit can start another.

use std::sync::{Arc, OnceLock};

use ndarray::Array2;
use querist_core::{Csr, Features};

use super::compressed::Compressed;
use super::split::Split;
use crate::error::ModelError;

/// The rows X, (n, d').
#[derive(Debug, Clone)]
pub(crate) struct Design {
    columns: Arc<[u32]>,
    rows: Compressed,
    split: OnceLock<Arc<Split>>,
}

impl Design {
    /// Makes a design from all rows of `features`. Sparse features keep only the columns that occur
    /// in at least one row; dense features keep all columns.
    ///
    /// # Errors
    /// A value is not finite.
    pub(crate) fn new(features: &Features) -> Result<Self, ModelError> {
        let (columns, rows) = match features {
            Features::Sparse(matrix) => compacted(matrix)?,
            Features::Dense(matrix) => listed(matrix)?,
        };
        Ok(Self { columns: columns.into(), rows, split: OnceLock::new() })
    }

    /// The columns of the features that the d' columns of the design stand for, ascending.
    pub(crate) fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The number of rows, n.
    pub(crate) fn n_rows(&self) -> usize {
        self.rows.n_rows()
    }

    /// The number of columns, d'.
    pub(crate) fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// Returns a design of the rows with these indices, in this order, with the same columns.
    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        let mut starts = Vec::with_capacity(rows.len() + 1);
        starts.push(0);
        let mut entries = Vec::with_capacity(rows.iter().map(|row| self.rows.row(*row).len()).sum());
        for row in rows {
            entries.extend_from_slice(self.rows.row(*row));
            starts.push(entries.len());
        }
        Self {
            columns: Arc::clone(&self.columns),
            rows: Compressed { starts, entries },
            split: OnceLock::new(),
        }
    }

    /// Returns the logits X W + b, (n, K), for the parameters W and b, (d' + 1, K), of which b is
    /// the last row.
    pub(crate) fn logits(&self, parameters: &Array2<f64>) -> Array2<f64> {
        let k = parameters.ncols();
        let parameters = parameters.as_standard_layout();
        // An array in standard layout is contiguous, so `as_slice` returns all its values.
        let parameters = parameters.as_slice().unwrap_or_default();
        let intercept = &parameters[self.n_columns() * k..];
        let mut logits = Array2::zeros((self.n_rows(), k));
        let rows = logits.as_slice_mut().unwrap_or_default().chunks_exact_mut(k.max(1));
        for (row, out) in rows.enumerate() {
            out.copy_from_slice(intercept);
            for (place, value) in self.rows.row(row) {
                let weights = &parameters[*place as usize * k..][..k];
                for (out, weight) in out.iter_mut().zip(weights) {
                    *out += f64::from(*value) * weight;
                }
            }
        }
        logits
    }

    /// The rows as lists of (column of the design, value).
    pub(super) fn rows(&self) -> &Compressed {
        &self.rows
    }

    /// Returns the rows in the layout that the solver needs, which the first call computes.
    pub(super) fn split(&self) -> &Split {
        self.split.get_or_init(|| Arc::new(Split::new(&self.rows, self.n_columns())))
    }
}

/// Returns the columns that occur in sparse rows, ascending, and the rows with each column replaced
/// by its index among these.
fn compacted(matrix: &Csr) -> Result<(Vec<u32>, Compressed), ModelError> {
    let n = matrix.n_rows();
    let mut seen = Seen::none(matrix.n_columns());
    for row in 0..n {
        let (columns, values) = matrix.row(row);
        check_finite(row, values.iter())?;
        for column in columns {
            seen.insert(*column);
        }
    }
    let columns = seen.rank();
    let mut starts = Vec::with_capacity(n + 1);
    let mut entries = Vec::with_capacity(matrix.n_nonzeros());
    starts.push(0);
    for row in 0..n {
        let (columns, values) = matrix.row(row);
        entries.extend(columns.iter().zip(values).map(|(column, value)| (seen.place(*column), *value)));
        starts.push(entries.len());
    }
    Ok((columns, Compressed { starts, entries }))
}

/// Returns all columns of a dense matrix, and its rows as lists of (column, value).
fn listed(matrix: &Array2<f32>) -> Result<(Vec<u32>, Compressed), ModelError> {
    let (n, d) = matrix.dim();
    let mut entries = Vec::with_capacity(n * d);
    for (row, values) in matrix.outer_iter().enumerate() {
        check_finite(row, values.iter())?;
        entries.extend((0_u32..).zip(values.iter().copied()));
    }
    Ok(((0..d as u32).collect(), Compressed { starts: (0..=n).map(|row| row * d).collect(), entries }))
}

/// Checks that all values of a row are finite.
fn check_finite<'a>(row: usize, mut values: impl Iterator<Item = &'a f32>) -> Result<(), ModelError> {
    if values.all(|value| value.is_finite()) { Ok(()) } else { Err(ModelError::NotFinite { row }) }
}

/// A set of columns that can look up the index of a column among them. It takes little more than
/// one bit for each column, so that it fits into the fastest cache.
struct Seen {
    bits: Vec<u64>,
    /// For each word of `bits`, the number of columns in the words before it.
    before: Vec<u32>,
}

impl Seen {
    /// Makes an empty set of columns below `n_columns`.
    fn none(n_columns: usize) -> Self {
        Self { bits: vec![0; n_columns.div_ceil(64)], before: Vec::new() }
    }

    fn insert(&mut self, column: u32) {
        self.bits[column as usize / 64] |= 1 << (column % 64);
    }

    /// Prepares the look-ups of [`Seen::place`], and returns the columns of the set, ascending.
    fn rank(&mut self) -> Vec<u32> {
        let mut columns = Vec::new();
        for (word, bits) in (0_u32..).zip(&self.bits) {
            self.before.push(columns.len() as u32);
            let mut left = *bits;
            while left != 0 {
                columns.push(word * 64 + left.trailing_zeros());
                left &= left - 1;
            }
        }
        columns
    }

    /// Returns the index of a column among the columns of the set, after [`Seen::rank`].
    fn place(&self, column: u32) -> u32 {
        let word = column as usize / 64;
        self.before[word] + (self.bits[word] & ((1 << (column % 64)) - 1)).count_ones()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn sparse() -> Features {
        let mut csr = Csr::empty(200);
        csr.push_row(&[3, 64, 199], &[1.0, 2.0, 3.0]).unwrap();
        csr.push_row(&[], &[]).unwrap();
        csr.push_row(&[63, 64], &[4.0, 5.0]).unwrap();
        Features::Sparse(csr)
    }

    #[test]
    fn columns_that_do_not_occur_are_left_out() {
        let design = Design::new(&sparse()).unwrap();
        assert_eq!(design.columns(), [3, 63, 64, 199]);
        assert_eq!((design.n_rows(), design.n_columns()), (3, 4));
        assert_eq!(design.rows().row(0), [(0, 1.0), (2, 2.0), (3, 3.0)]);
        assert_eq!(design.rows().row(2), [(1, 4.0), (2, 5.0)]);
    }

    #[test]
    fn logits_worked_by_hand() {
        let parameters = array![[1.0, 0.0], [0.0, 1.0], [0.5, -1.0], [2.0, 2.0], [10.0, 20.0]];
        let design = Design::new(&sparse()).unwrap();
        assert_eq!(design.logits(&parameters), array![[18.0, 24.0], [10.0, 20.0], [12.5, 19.0]]);
        let other_layout = parameters.t().as_standard_layout().into_owned().reversed_axes();
        assert_eq!(design.logits(&other_layout), design.logits(&parameters));
        let part = design.select(&[2, 2]);
        assert_eq!(part.columns(), design.columns());
        assert_eq!(part.logits(&parameters), array![[12.5, 19.0], [12.5, 19.0]]);
    }

    #[test]
    fn dense_rows_keep_every_column() {
        let design = Design::new(&Features::Dense(array![[0.0, 2.0], [1.0, 0.0]])).unwrap();
        assert_eq!(design.columns(), [0, 1]);
        assert_eq!(design.logits(&array![[1.0], [3.0], [0.5]]), array![[6.5], [1.5]]);
    }
}
