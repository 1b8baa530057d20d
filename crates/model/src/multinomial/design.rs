//! The rows of the training examples, without the columns that occur in none of them.
//!
//! The penalty gives a column that occurs in no row the weight 0, so leaving it out does not change
//! the fit. A selection of the rows (for a fold of the cross-validation) keeps the columns of all
//! rows, so that the parameters of one fit can start another.
//!
//! A design only refers to the features. Only its [`Split`], in which the solver works, is a copy,
//! and it can be dropped between two fits. This keeps the memory of a fit to many examples small.

use std::sync::{Arc, OnceLock};

use ndarray::Array2;
use querist_core::Features;

use super::split::{EntryRows, Split};

/// The rows X, (n, d').
#[derive(Debug, Clone)]
pub(crate) struct Design<'a> {
    features: &'a Features,
    columns: Arc<[u32]>,
    /// The columns that occur; empty for dense features, whose columns all stay.
    places: Arc<Seen>,
    /// The rows of the features that the design has; `None` if it has all of them.
    rows: Option<Vec<usize>>,
    /// The number of entries of all rows.
    n_entries: usize,
    split: OnceLock<Arc<Split>>,
}

impl<'a> Design<'a> {
    /// Makes a design from all rows of `features`. Sparse features keep only the columns that occur
    /// in at least one row; dense features keep all columns. All values are finite.
    pub(crate) fn new(features: &'a Features) -> Self {
        let mut places = Seen::none(0);
        let columns: Vec<u32> = match features {
            Features::Sparse(matrix) => {
                places = Seen::none(matrix.n_columns());
                let all = (0..matrix.n_rows()).flat_map(|row| matrix.row(row).0);
                all.for_each(|column| places.insert(*column));
                places.rank()
            }
            Features::Dense(matrix) => (0..matrix.ncols() as u32).collect(),
        };
        Self {
            features,
            columns: columns.into(),
            places: Arc::new(places),
            rows: None,
            n_entries: (0..features.n_rows()).map(|row| n_entries(features, row)).sum(),
            split: OnceLock::new(),
        }
    }

    /// The columns of the features that the d' columns of the design stand for, ascending.
    pub(crate) fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The number of columns, d'.
    pub(crate) fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// The number of entries of all rows.
    pub(crate) fn n_entries(&self) -> usize {
        self.n_entries
    }

    /// Returns a design of the rows with these indices, in this order, with the same columns.
    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        let rows: Vec<usize> = rows.iter().map(|row| self.row_of_features(*row)).collect();
        Self {
            features: self.features,
            columns: Arc::clone(&self.columns),
            places: Arc::clone(&self.places),
            n_entries: rows.iter().map(|row| n_entries(self.features, *row)).sum(),
            rows: Some(rows),
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
            self.for_each_entry(row, |place, value| {
                let weights = &parameters[place as usize * k..][..k];
                for (out, weight) in out.iter_mut().zip(weights) {
                    *out += f64::from(value) * weight;
                }
            });
        }
        logits
    }

    /// Returns the rows in the layout that the solver needs, which the first call computes.
    pub(super) fn split(&self) -> &Split {
        self.split.get_or_init(|| Arc::new(Split::new(self, self.n_columns())))
    }

    /// Frees the layout that the solver needs; the next fit computes it again.
    pub(crate) fn drop_split(&mut self) {
        self.split.take();
    }

    /// Returns the row of the features that is this row of the design.
    fn row_of_features(&self, row: usize) -> usize {
        self.rows.as_ref().map_or(row, |rows| rows[row])
    }
}

impl EntryRows for Design<'_> {
    fn n_rows(&self) -> usize {
        self.rows.as_ref().map_or_else(|| self.features.n_rows(), Vec::len)
    }

    fn for_each_entry(&self, row: usize, mut visit: impl FnMut(u32, f32)) {
        let row = self.row_of_features(row);
        match self.features {
            Features::Sparse(matrix) => {
                let (columns, values) = matrix.row(row);
                let places = &self.places;
                columns.iter().zip(values).for_each(|(column, value)| visit(places.place(*column), *value));
            }
            Features::Dense(matrix) => {
                (0..).zip(matrix.row(row)).for_each(|(column, value)| visit(column, *value));
            }
        }
    }
}

/// Returns the number of entries of a row.
fn n_entries(features: &Features, row: usize) -> usize {
    match features {
        Features::Sparse(matrix) => matrix.row(row).0.len(),
        Features::Dense(matrix) => matrix.ncols(),
    }
}

/// A set of columns that can look up the index of a column among them. It takes little more than
/// one bit for each column, so that it fits into the fastest cache.
#[derive(Debug)]
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
    use querist_core::Csr;

    use super::*;

    /// Returns the entries of a row of the design.
    fn entries(design: &Design<'_>, row: usize) -> Vec<(u32, f32)> {
        let mut entries = Vec::new();
        design.for_each_entry(row, |column, value| entries.push((column, value)));
        entries
    }

    fn sparse() -> Features {
        let mut csr = Csr::empty(200);
        csr.push_row(&[3, 64, 199], &[1.0, 2.0, 3.0]).unwrap();
        csr.push_row(&[], &[]).unwrap();
        csr.push_row(&[63, 64], &[4.0, 5.0]).unwrap();
        Features::Sparse(csr)
    }

    #[test]
    fn columns_that_do_not_occur_are_left_out() {
        let features = sparse();
        let design = Design::new(&features);
        assert_eq!(design.columns(), [3, 63, 64, 199]);
        assert_eq!((design.n_rows(), design.n_columns(), design.n_entries()), (3, 4, 5));
        assert_eq!(entries(&design, 0), [(0, 1.0), (2, 2.0), (3, 3.0)]);
        assert_eq!(entries(&design, 2), [(1, 4.0), (2, 5.0)]);
    }

    #[test]
    fn logits_worked_by_hand() {
        let parameters = array![[1.0, 0.0], [0.0, 1.0], [0.5, -1.0], [2.0, 2.0], [10.0, 20.0]];
        let features = sparse();
        let design = Design::new(&features);
        assert_eq!(design.logits(&parameters), array![[18.0, 24.0], [10.0, 20.0], [12.5, 19.0]]);
        let other_layout = parameters.t().as_standard_layout().into_owned().reversed_axes();
        assert_eq!(design.logits(&other_layout), design.logits(&parameters));
        let part = design.select(&[2, 2]);
        assert_eq!((part.columns(), part.n_entries()), (design.columns(), 4));
        assert_eq!(entries(&part.select(&[1]), 0), [(1, 4.0), (2, 5.0)]);
        assert_eq!(part.logits(&parameters), array![[12.5, 19.0], [12.5, 19.0]]);
    }

    #[test]
    fn dense_rows_keep_every_column() {
        let features = Features::Dense(array![[0.0, 2.0], [1.0, 0.0]]);
        let design = Design::new(&features);
        assert_eq!(design.columns(), [0, 1]);
        assert_eq!(design.logits(&array![[1.0], [3.0], [0.5]]), array![[6.5], [1.5]]);
    }
}
