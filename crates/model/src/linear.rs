//! The fitted model: a weight for every column seen in training and every class.
//!
//! Class probabilities of a row x are softmax(x W + b) over the classes that training saw; every other class of the
//! workspace has probability 0. W is (d', K) over the d' columns seen, in double precision; columns that training never
//! saw have weight 0 and take no memory.
//!
//! Invariants: at least two classes seen; columns strictly ascend; every number is finite. Rows are predicted
//! independently and summed in column order, so threads change nothing.

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{Features, FittedClassifier, Probabilities};
use rayon::prelude::*;

use crate::error::ModelError;
use crate::layout;
use crate::rows::places;

/// The widest features a model can look its columns up in.
const MOST_COLUMNS: usize = 1 << 28;

/// How many rows one task of a thread pool predicts.
const ROWS_A_TASK: usize = 256;

/// The numbers of a [`LinearModel`], not yet checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// Width of the features: d.
    pub n_columns: usize,
    /// The columns seen in training, strictly ascending: d' of them.
    pub columns: Vec<u32>,
    /// W, (d', K).
    pub weights: Array2<f64>,
    /// b, K of them.
    pub intercept: Vec<f64>,
    /// Whether training saw each class, K of them.
    pub seen: Vec<bool>,
}

/// A fitted linear classifier.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearModel {
    parts: Parts,
    /// W, row by row.
    weights: Vec<f64>,
    /// The row of W of each column; `u32::MAX` for none.
    places: Vec<u32>,
}

impl LinearModel {
    /// Checks the parts of a model.
    ///
    /// # Errors
    /// Shapes that do not fit together, columns that do not ascend or lie outside, a number that is not finite, fewer
    /// than two classes seen, or features wider than 2^28.
    pub fn new(parts: Parts) -> Result<Self, ModelError> {
        if let Some(problem) = fault(&parts) {
            return Err(ModelError::MalformedModel { problem });
        }
        let weights = parts.weights.iter().copied().collect();
        let places = places(&parts.columns, parts.n_columns);
        Ok(Self { parts, weights, places })
    }

    /// The numbers of the model.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// K, over the whole label set.
    pub fn n_classes(&self) -> usize {
        self.parts.seen.len()
    }

    /// Logits (n, K) of the rows of `features`: x W + b; minus infinity for a class that training never saw.
    ///
    /// # Errors
    /// Features of another width than those of the fit.
    pub fn logits(&self, features: &Features) -> Result<Array2<f64>, ModelError> {
        let expected = self.parts.n_columns;
        if features.n_columns() != expected {
            return Err(ModelError::WidthMismatch { found: features.n_columns(), expected });
        }
        let (n, k) = (features.n_rows(), self.n_classes());
        let mut logits = vec![0.0; n * k];
        let rows = logits.par_chunks_mut(k).enumerate().with_min_len(ROWS_A_TASK);
        rows.for_each(|(row, out)| self.row_logits(features, row, out));
        let fits = |error: ndarray::ShapeError| ModelError::MalformedModel { problem: error.to_string() };
        Array2::from_shape_vec((n, k), logits).map_err(fits)
    }

    fn row_logits(&self, features: &Features, row: usize, out: &mut [f64]) {
        out.copy_from_slice(&self.parts.intercept);
        features.for_each_entry(row, |column, value| {
            let place = self.places[column];
            if place != u32::MAX {
                let start = place as usize * out.len();
                for (logit, weight) in out.iter_mut().zip(&self.weights[start..]) {
                    *logit += value * weight;
                }
            }
        });
        for (logit, seen) in out.iter_mut().zip(&self.parts.seen) {
            if !seen {
                *logit = f64::NEG_INFINITY;
            }
        }
    }

    /// The model from the bytes that [`FittedClassifier::to_bytes`] gave.
    ///
    /// # Errors
    /// Bytes that are no linear model, that break its invariants, or of a later version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        Self::new(layout::read(bytes)?)
    }
}

impl FittedClassifier for LinearModel {
    fn predict(&self, features: &Features) -> Result<Probabilities, BoxError> {
        Ok(Probabilities::softmax(self.logits(features)?)?)
    }

    fn to_bytes(&self) -> Result<Vec<u8>, BoxError> {
        Ok(layout::write(&self.parts)?)
    }
}

/// What is wrong with the parts, if something is.
fn fault(parts: &Parts) -> Option<String> {
    let Parts { n_columns, columns, weights, intercept, seen } = parts;
    let classes = seen.len();
    if *n_columns > MOST_COLUMNS {
        return Some(format!("features of {n_columns} columns are wider than {MOST_COLUMNS}"));
    }
    if weights.dim() != (columns.len(), classes) || intercept.len() != classes {
        let shape = weights.dim();
        return Some(format!(
            "{} columns and {classes} classes with weights of {shape:?} and {} intercepts",
            columns.len(),
            intercept.len()
        ));
    }
    if seen.iter().filter(|seen| **seen).count() < 2 {
        return Some("fewer than two classes were seen in training".to_owned());
    }
    if !columns.is_sorted_by(|a, b| a < b) || columns.last().is_some_and(|last| *last as usize >= *n_columns)
    {
        return Some("the columns do not ascend or lie outside the features".to_owned());
    }
    if weights.iter().chain(intercept).any(|number| !number.is_finite()) {
        return Some("a number is not finite".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::Csr;

    use super::*;

    fn parts() -> Parts {
        Parts {
            n_columns: 6,
            columns: vec![1, 4],
            weights: array![[1.0, -1.0, 0.0], [0.5, 2.0, 0.0]],
            intercept: vec![0.0, 0.25, 0.0],
            seen: vec![true, true, false],
        }
    }

    #[test]
    fn probabilities_worked_by_hand() {
        let model = LinearModel::new(parts()).unwrap();
        let mut csr = Csr::empty(6);
        csr.push_row(&[1, 2, 4], &[1.0, 7.0, 0.5]).unwrap();
        csr.push_row(&[], &[]).unwrap();
        // Row 0: logits 1 + 0.25 = 1.25 and -1 + 1 + 0.25 = 0.25; column 2 was never seen. Row 1: the intercept.
        let sparse = Features::Sparse(csr);
        let p = model.predict(&sparse).unwrap();
        let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
        assert!((p.row(0)[0] - sigmoid(1.0)).abs() < 1e-15);
        assert!((p.row(1)[1] - sigmoid(0.25)).abs() < 1e-15);
        assert_eq!(p.view().column(2).to_vec(), [0.0, 0.0]);
        let dense = Features::Dense(array![[0.0, 1.0, 7.0, 0.0, 0.5, 0.0], [0.0; 6]]);
        assert_eq!(model.predict(&dense).unwrap(), p);
    }

    #[test]
    fn refuses_features_of_another_width() {
        let model = LinearModel::new(parts()).unwrap();
        let error = model.predict(&Features::Sparse(Csr::empty(7))).unwrap_err();
        let expected = ModelError::WidthMismatch { found: 7, expected: 6 };
        assert_eq!(error.downcast_ref::<ModelError>(), Some(&expected));
        assert_eq!(model.predict(&Features::Sparse(Csr::empty(6))).unwrap().len(), 0);
    }

    #[test]
    fn refuses_parts_that_do_not_fit_together() {
        let broken = |change: fn(&mut Parts)| {
            let mut parts = parts();
            change(&mut parts);
            assert!(matches!(LinearModel::new(parts), Err(ModelError::MalformedModel { .. })));
        };
        broken(|parts| parts.columns = vec![4, 1]);
        broken(|parts| parts.columns = vec![1, 6]);
        broken(|parts| parts.columns = vec![1]);
        broken(|parts| parts.intercept.truncate(2));
        broken(|parts| parts.intercept[0] = f64::NAN);
        broken(|parts| parts.weights[(0, 0)] = f64::INFINITY);
        broken(|parts| parts.seen = vec![true, false, false]);
        broken(|parts| parts.n_columns = usize::MAX);
    }
}
