//! Probabilities: rows that sum to 1, checked once where they are made.

use ndarray::{Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;

use crate::error::CoreError;
use crate::label::Class;

/// How far a row's sum may differ from 1: rounding errors of a few hundred classes are far smaller.
const TOLERANCE: f64 = 1e-9;

/// The number of rows that one task of a thread pool checks, at least.
const ROWS_A_TASK: usize = 1 << 14;

/// Class probabilities, (n, K): every value in [0, 1], every row summing to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Probabilities(Array2<f64>);

impl Probabilities {
    /// Checks the rows of an (n, K) matrix.
    ///
    /// # Errors
    /// The first row that has a value outside [0, 1] or not finite, or a sum that differs from 1 by
    /// more than 1e-9.
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

    /// Softmax of logits (n, K): `p[i][k] = exp(z[i][k] - m) / sum exp(z[i][j] - m)` with m the
    /// row's own maximum, so that no logit over- or underflows a whole row.
    ///
    /// # Errors
    /// A logit that is NaN or infinite.
    pub fn softmax(mut logits: Array2<f64>) -> Result<Self, CoreError> {
        for mut row in logits.outer_iter_mut() {
            let max = row.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
            row.mapv_inplace(|z| (z - max).exp());
            let sum = row.sum();
            row /= sum;
        }
        Self::new(logits)
    }

    /// The number of rows, n.
    pub fn len(&self) -> usize {
        self.0.nrows()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.0.nrows() == 0
    }

    /// The number of classes, K.
    pub fn n_classes(&self) -> usize {
        self.0.ncols()
    }

    /// One row, (K). `row` must be below [`Self::len`].
    pub fn row(&self, row: usize) -> ArrayView1<'_, f64> {
        self.0.row(row)
    }

    /// All rows, (n, K).
    pub fn view(&self) -> ArrayView2<'_, f64> {
        self.0.view()
    }

    /// The likeliest class of a row; on a tie, the first in label order.
    pub fn likeliest(&self, row: usize) -> Class {
        likeliest(self.0.row(row))
    }

    /// The probability of a class in a row. `row` must be below [`Self::len`].
    pub fn of(&self, row: usize, class: Class) -> f64 {
        self.0[(row, class.index())]
    }
}

/// The likeliest class of one row of probabilities; on a tie, the first in label order.
pub fn likeliest(row: ArrayView1<'_, f64>) -> Class {
    let mut best = 0;
    for (class, p) in row.iter().enumerate() {
        if *p > row[best] {
            best = class;
        }
    }
    Class::from_index(best)
}

/// What is wrong with a row; `None` if nothing is.
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
