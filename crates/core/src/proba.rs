//! Probabilities: a matrix whose rows sum to 1, which is checked once when the matrix is built.

use ndarray::{Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;

use crate::error::CoreError;
use crate::label::Class;

/// The maximum difference of a row's sum from 1. Rounding errors of a few hundred classes are far
/// smaller.
const TOLERANCE: f64 = 1e-9;

/// The minimum number of rows that one parallel task checks.
const ROWS_A_TASK: usize = 1 << 14;

/// Class probabilities of n documents over K classes, one row for each document. Every value is in
/// [0, 1], and every row sums to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Probabilities(Array2<f64>);

impl Probabilities {
    /// Checks a matrix with one row for each document and one column for each class, and wraps it.
    ///
    /// # Errors
    /// A row has a value that is outside [0, 1] or not finite, or its sum differs from 1 by more
    /// than 1e-9. The error names the first such row.
    pub fn new(rows: Array2<f64>) -> Result<Self, CoreError> {
        // Only a matrix in standard layout can be split into rows for several threads.
        let fault = if let (Some(values), true) = (rows.as_slice(), rows.ncols() > 0) {
            let rows = values.par_chunks(rows.ncols()).with_min_len(ROWS_A_TASK).enumerate();
            rows.find_map_first(|(row, values)| fault(values.iter()).map(|problem| (row, problem)))
        } else {
            rows.outer_iter().enumerate().find_map(|(row, values)| Some((row, fault(values.iter())?)))
        };
        match fault {
            Some((row, problem)) => Err(CoreError::NotADistribution { row, problem }),
            None => Ok(Self(rows)),
        }
    }

    /// Returns the softmax of logits, which have one row for each document:
    /// `p[i][k] = exp(z[i][k] - m) / sum exp(z[i][j] - m)` where m is the maximum of row i, so
    /// that no exponential overflows and no sum is 0.
    ///
    /// # Errors
    /// A logit is NaN or infinite.
    pub fn softmax(mut logits: Array2<f64>) -> Result<Self, CoreError> {
        for mut row in logits.outer_iter_mut() {
            let max = row.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
            row.mapv_inplace(|z| (z - max).exp());
            let sum = row.sum();
            row /= sum;
        }
        Self::new(logits)
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.0.nrows()
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.0.nrows() == 0
    }

    /// Returns the number of classes.
    pub fn n_classes(&self) -> usize {
        self.0.ncols()
    }

    /// Returns the class probabilities of one row. `row` must be below [`Self::len`].
    pub fn row(&self, row: usize) -> ArrayView1<'_, f64> {
        self.0.row(row)
    }

    /// Returns all rows as a matrix.
    pub fn view(&self) -> ArrayView2<'_, f64> {
        self.0.view()
    }

    /// Returns the likeliest class of a row; on a tie, the first in label order.
    pub fn likeliest(&self, row: usize) -> Class {
        likeliest(self.0.row(row))
    }

    /// Returns the probability of a class in a row. `row` must be below [`Self::len`].
    pub fn of(&self, row: usize, class: Class) -> f64 {
        self.0[(row, class.index())]
    }
}

/// Returns the likeliest class of one row of probabilities; on a tie, the first in label order.
pub fn likeliest(row: ArrayView1<'_, f64>) -> Class {
    let mut best = 0;
    for (class, p) in row.iter().enumerate() {
        if *p > row[best] {
            best = class;
        }
    }
    Class::from_index(best)
}

/// Returns what is wrong with a row; `None` if it is a distribution.
fn fault<'a>(mut values: impl Iterator<Item = &'a f64> + Clone) -> Option<String> {
    let sum: f64 = values.clone().sum();
    if let Some(value) = values.find(|value| !(0.0..=1.0).contains(*value)) {
        return Some(format!("a value is {value}"));
    }
    ((sum - 1.0).abs() > TOLERANCE).then(|| format!("it sums to {sum}"))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn refuses_rows_that_are_not_distributions() {
        for bad in [array![[0.5, 0.6]], array![[1.5, -0.5]], array![[f64::NAN, 1.0]], array![[0.0, 0.0]]] {
            assert!(matches!(Probabilities::new(bad), Err(CoreError::NotADistribution { row: 0, .. })));
        }
    }

    #[test]
    fn softmax_survives_logits_of_any_size() {
        let p = Probabilities::softmax(array![[1000.0, 0.0], [-1000.0, -1000.0], [0.0, 3f64.ln()]]).unwrap();
        assert_eq!(p.row(0).to_vec(), [1.0, 0.0]);
        assert_eq!(p.row(1).to_vec(), [0.5, 0.5]);
        assert!((p.of(2, Class(1)) - 0.75).abs() < 1e-15);
        assert!(Probabilities::softmax(array![[f64::NAN, 0.0]]).is_err());
    }

    #[test]
    fn ties_go_to_the_earlier_label() {
        let p = Probabilities::new(array![[0.4, 0.4, 0.2], [0.2, 0.4, 0.4]]).unwrap();
        assert_eq!((p.likeliest(0), p.likeliest(1)), (Class(0), Class(1)));
    }
}
