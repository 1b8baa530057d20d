//! The rows to learn from, without the columns that occur in none of them.
//!
//! A column that occurs in no row gets weight 0 under the penalty, so leaving it out changes
//! nothing. A selection of the rows (a fold of a cross-validation) keeps the columns of all rows,
//! so that the parameters of one fit can start another.

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
    /// The rows of `features` with the columns that occur in them; dense features keep all columns.
    ///
    /// # Errors
    /// A value that is not finite.
    pub(crate) fn new(features: &Features) -> Result<Self, ModelError> {
        let (columns, rows) = match features {
            Features::Sparse(matrix) => compacted(matrix)?,
            Features::Dense(matrix) => listed(matrix)?,
        };
        Ok(Self { columns: columns.into(), rows, split: OnceLock::new() })
    }

    /// The column of the features that each column of the design stands for, ascending, d' of them.
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

    /// The rows with these indices, in this order, with the same columns.
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

    /// The logits X W + b, (n, K), for parameters (d' + 1, K) whose last row is b.
    pub(crate) fn logits(&self, parameters: &Array2<f64>) -> Array2<f64> {
        let k = parameters.ncols();
        let parameters = parameters.as_standard_layout();
        // An array in standard layout is contiguous.
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

    /// The rows as lists of (place of the column in the design, value).
    pub(super) fn rows(&self) -> &Compressed {
        &self.rows
    }

    /// The rows as the solver needs them, computed at the first call.
    pub(super) fn split(&self) -> &Split {
        self.split.get_or_init(|| Arc::new(Split::new(&self.rows, self.n_columns())))
    }
}

/// The columns that occur in sparse rows, and the rows with each column replaced by its place.
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

/// All columns of a dense matrix, and its rows as lists.
fn listed(matrix: &Array2<f32>) -> Result<(Vec<u32>, Compressed), ModelError> {
    let (n, d) = matrix.dim();
    let mut entries = Vec::with_capacity(n * d);
    for (row, values) in matrix.outer_iter().enumerate() {
        check_finite(row, values.iter())?;
        entries.extend((0_u32..).zip(values.iter().copied()));
    }
    Ok(((0..d as u32).collect(), Compressed { starts: (0..=n).map(|row| row * d).collect(), entries }))
}

fn check_finite<'a>(row: usize, mut values: impl Iterator<Item = &'a f32>) -> Result<(), ModelError> {
    if values.all(|value| value.is_finite()) { Ok(()) } else { Err(ModelError::NotFinite { row }) }
}

/// A set of columns that knows the place of each column in it. It takes one bit a column, so that
/// it stays in the nearest cache.
struct Seen {
    bits: Vec<u64>,
    /// For each word of `bits`, the number of columns in the words before it.
    before: Vec<u32>,
}

impl Seen {
    fn none(n_columns: usize) -> Self {
        Self { bits: vec![0; n_columns.div_ceil(64)], before: Vec::new() }
    }

    fn insert(&mut self, column: u32) {
        self.bits[column as usize / 64] |= 1 << (column % 64);
    }

    /// Counts the columns, after which [`Seen::place`] works; returns the columns, ascending.
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
