//! Features: documents as rows of numbers.
//!
//! The other crates see a pool through [`Rows`]: a few rows at a time can be gathered, and all rows
//! can be multiplied by weights. A pool of millions of documents is never in memory as
//! [`Features`]; only gathered rows are. Rows are independent of each other, so the numbers do not
//! depend on how rows are chunked or on the number of threads.

use ndarray::Array2;
use rayon::prelude::*;

use crate::csr::Csr;
use crate::error::{BoxError, CoreError};

/// The features of documents: one row for each document.
#[derive(Debug, Clone, PartialEq)]
pub enum Features {
    /// Features that are mostly 0, such as word counts.
    Sparse(Csr),
    /// Features that are mostly not 0, such as embeddings.
    Dense(Array2<f32>),
}

impl Features {
    /// Returns the number of rows.
    pub fn n_rows(&self) -> usize {
        match self {
            Self::Sparse(matrix) => matrix.n_rows(),
            Self::Dense(matrix) => matrix.nrows(),
        }
    }

    /// Returns the number of columns.
    pub fn n_columns(&self) -> usize {
        match self {
            Self::Sparse(matrix) => matrix.n_columns(),
            Self::Dense(matrix) => matrix.ncols(),
        }
    }

    /// Returns the rows with these indices, in that order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Sparse(matrix) => Self::Sparse(matrix.select(rows)),
            Self::Dense(matrix) => Self::Dense(matrix.select(ndarray::Axis(0), rows)),
        }
    }

    /// Calls `visit` with every column of a row, ascending, and its value in double precision.
    /// Values that a sparse row does not store are not visited.
    pub fn for_each_entry(&self, row: usize, mut visit: impl FnMut(usize, f64)) {
        match self {
            Self::Sparse(matrix) => {
                let (columns, values) = matrix.row(row);
                for (column, value) in columns.iter().zip(values) {
                    visit(*column as usize, f64::from(*value));
                }
            }
            Self::Dense(matrix) => {
                for (column, value) in matrix.row(row).iter().enumerate() {
                    visit(column, f64::from(*value));
                }
            }
        }
    }
}

/// A matrix of weights with one row for each of d feature columns and one column for each of m
/// outputs. Most rows are 0; only the others are stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnWeights {
    n_columns: usize,
    /// The columns whose weights are stored, ascending.
    columns: Vec<u32>,
    /// The stored weights: one row for each of `columns`, one column for each output.
    values: Array2<f64>,
}

impl ColumnWeights {
    /// Builds the weights of `n_columns` feature columns. `values` has one row for each of
    /// `columns`; the weights of all other columns are 0.
    ///
    /// # Errors
    /// The columns do not strictly ascend, a column is not below `n_columns`, `values` has more
    /// or fewer rows than there are `columns`, or a value is not finite.
    pub fn new(n_columns: usize, columns: Vec<u32>, values: Array2<f64>) -> Result<Self, CoreError> {
        let fault = |problem: &str| Err(CoreError::MalformedMatrix { problem: problem.to_owned() });
        if columns.len() != values.nrows() {
            return fault("there are more columns than rows of weights, or fewer");
        }
        if !columns.is_sorted_by(|a, b| a < b) {
            return fault("the columns of the weights do not ascend");
        }
        if columns.last().is_some_and(|last| *last as usize >= n_columns) {
            return fault("a column of the weights lies outside the features");
        }
        if values.iter().any(|value| !value.is_finite()) {
            return fault("a weight is not finite");
        }
        Ok(Self { n_columns, columns, values })
    }

    /// Returns the number of columns.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// Returns the number of outputs.
    pub fn n_outputs(&self) -> usize {
        self.values.ncols()
    }

    /// Returns the columns whose weights are stored, ascending.
    pub fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// Returns the weights of [`Self::columns()`]: one row for each of these columns, one column
    /// for each output.
    pub fn values(&self) -> &Array2<f64> {
        &self.values
    }
}

/// The features of many documents, which need not be in memory.
pub trait Rows: Send + Sync {
    /// Returns the number of rows.
    fn n_rows(&self) -> usize;

    /// Returns the number of columns.
    fn n_columns(&self) -> usize;

    /// Returns the rows with these indices, in that order.
    ///
    /// # Errors
    /// The rows cannot be read.
    fn gather(&self, rows: &[usize]) -> Result<Features, BoxError>;

    /// Returns the product of the rows with these indices and `weights`: one row for each index,
    /// one column for each output. Each sum runs in the order of the columns, so it does not depend
    /// on the number of threads.
    ///
    /// # Errors
    /// The weights are for another number of columns, or the rows cannot be read.
    fn product(&self, rows: &[usize], weights: &ColumnWeights) -> Result<Array2<f64>, BoxError>;

    /// Returns the Euclidean lengths of the rows with these indices, in that order.
    ///
    /// # Errors
    /// The rows cannot be read.
    fn norms(&self, rows: &[usize]) -> Result<Vec<f64>, BoxError>;
}

impl Rows for Features {
    fn n_rows(&self) -> usize {
        Self::n_rows(self)
    }

    fn n_columns(&self) -> usize {
        Self::n_columns(self)
    }

    fn gather(&self, rows: &[usize]) -> Result<Features, BoxError> {
        Ok(self.select(rows))
    }

    /// Multiplies the rows in parallel; each row is summed by one thread, in the order of the
    /// columns.
    fn product(&self, rows: &[usize], weights: &ColumnWeights) -> Result<Array2<f64>, BoxError> {
        let (d, m) = (Self::n_columns(self), weights.n_outputs());
        if weights.n_columns() != d {
            let problem = format!("weights of {} columns for features of {d}", weights.n_columns());
            return Err(CoreError::MalformedMatrix { problem }.into());
        }
        // For each column, 0 if it has no weights, otherwise 1 + its index among the columns with
        // weights.
        let mut places = vec![0_u32; d];
        for (place, column) in weights.columns().iter().enumerate() {
            places[*column as usize] = place as u32 + 1;
        }
        let values = weights.values().as_standard_layout();
        let values = values.as_slice().unwrap_or_default();
        let mut out = vec![0.0; rows.len() * m];
        out.par_chunks_mut(m.max(1)).zip(rows).with_min_len(64).for_each(|(out, row)| {
            self.for_each_entry(*row, |column, value| {
                if let Some(place) = (places[column] as usize).checked_sub(1) {
                    let weights = &values[place * m..][..m];
                    out.iter_mut().zip(weights).for_each(|(out, weight)| *out += value * weight);
                }
            });
        });
        Ok(Array2::from_shape_vec((rows.len(), m), out)?)
    }

    /// Sums the squares of each row in the order of the columns.
    fn norms(&self, rows: &[usize]) -> Result<Vec<f64>, BoxError> {
        let norm = |row: &usize| {
            let mut squares = 0.0;
            self.for_each_entry(*row, |_, value| squares += value * value);
            squares.sqrt()
        };
        Ok(rows.par_iter().map(norm).collect())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    /// Returns the same matrix in both layouts.
    fn both() -> [Features; 2] {
        let mut csr = Csr::empty(5);
        csr.push_row(&[0, 3], &[1.0, 2.0]).unwrap();
        csr.push_row(&[], &[]).unwrap();
        csr.push_row(&[3, 4], &[0.5, 9.0]).unwrap();
        let dense = array![[1.0, 0.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.5, 9.0]];
        [Features::Sparse(csr), Features::Dense(dense)]
    }

    #[test]
    fn entries_agree_between_sparse_and_dense() {
        let [sparse, dense] = both();
        let entries = |features: &Features, row| {
            let mut entries = Vec::new();
            features.for_each_entry(row, |column, value| entries.push((column, value)));
            entries.retain(|(_, value)| *value != 0.0);
            entries
        };
        assert_eq!(entries(&sparse, 2), [(3, 0.5), (4, 9.0)]);
        for row in 0..3 {
            assert_eq!(entries(&sparse, row), entries(&dense, row));
        }
    }

    #[test]
    fn products_and_norms_by_hand() {
        let weights =
            ColumnWeights::new(5, vec![1, 3, 4], array![[7.0, 7.0], [1.0, -1.0], [0.0, 2.0]]).unwrap();
        for features in both() {
            let product = features.product(&[2, 0, 1], &weights).unwrap();
            assert_eq!(product, array![[0.5, 17.5], [2.0, -2.0], [0.0, 0.0]]);
            assert_eq!(features.norms(&[0, 1]).unwrap(), [5f64.sqrt(), 0.0]);
            assert_eq!(Rows::gather(&features, &[2]).unwrap(), features.select(&[2]));
            let narrow = ColumnWeights::new(4, vec![], Array2::zeros((0, 2))).unwrap();
            assert!(features.product(&[0], &narrow).is_err());
        }
    }

    #[test]
    fn refuses_weights_that_break_the_invariants() {
        let weights = |columns: &[u32], values| ColumnWeights::new(3, columns.to_vec(), values);
        assert!(weights(&[0, 2], array![[1.0], [2.0]]).is_ok());
        assert!(weights(&[0], array![[1.0], [2.0]]).is_err());
        assert!(weights(&[2, 2], array![[1.0], [2.0]]).is_err());
        assert!(weights(&[3], array![[1.0]]).is_err());
        assert!(weights(&[0], array![[f64::NAN]]).is_err());
    }
}
