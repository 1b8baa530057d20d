//! The fitted model: a weight for every class and every column seen in training, and a calibration.
//!
//! The class probabilities of a row x are softmax(s ∘ (x W + b) + o) over the classes that training
//! saw, with the scales s and offsets o of the calibration. Every other class of the workspace has
//! probability 0. W is (d', K) over the d' columns seen, in double precision; other columns have
//! weight 0 and take no memory.
//!
//! Invariants: training saw at least two classes; every number is finite; scales are above 0. Rows
//! are predicted independently. A prediction of n rows needs one matrix of n × K × 8 bytes, in
//! which probabilities replace the logits.

use querist_core::error::BoxError;
use querist_core::{ColumnWeights, FittedClassifier, Linear, Probabilities, Rows};
use rayon::prelude::*;

use crate::calibration::{Calibration, Scaling};
use crate::error::ModelError;
use crate::layout;

/// The most columns that the features of a model may have.
const MOST_COLUMNS: usize = 1 << 28;

/// The number of rows that one task of the thread pool turns from logits into probabilities.
const ROWS_A_TASK: usize = 1024;

/// The numbers of a [`LinearModel`], not yet checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// The weights W, (d, K) for d columns and K classes, of which only the rows of the d' columns
    /// seen in training are stored.
    pub weights: ColumnWeights,
    /// The intercepts b, K of them.
    pub intercept: Vec<f64>,
    /// Whether training saw each class, K of them.
    pub seen: Vec<bool>,
    /// The calibration, with a scale and an offset for each of the K classes.
    pub scaling: Scaling,
    /// The inverse strength C of the penalty of the fit; `None` if it is not known.
    pub c: Option<f64>,
}

/// A fitted linear classifier.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearModel {
    parts: Parts,
}

impl LinearModel {
    /// Checks the parts of a model and makes the model from them.
    ///
    /// # Errors
    /// The shapes do not fit together, a number is not finite, a scale or C is not above 0, fewer
    /// than two classes were seen, or the features have more than 2^28 columns.
    pub fn new(parts: Parts) -> Result<Self, ModelError> {
        match fault(&parts) {
            Some(problem) => Err(ModelError::MalformedModel { problem }),
            None => Ok(Self { parts }),
        }
    }

    /// The numbers of the model.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The number of classes K of the whole label set.
    pub fn n_classes(&self) -> usize {
        self.parts.seen.len()
    }

    /// The method by which the model's probabilities are calibrated.
    pub fn calibration(&self) -> Calibration {
        self.parts.scaling.calibration
    }

    /// Returns the linear map x W + b. Its results are logits, which are not calibrated.
    pub fn map(&self) -> Linear<'_> {
        Linear { weights: &self.parts.weights, intercept: &self.parts.intercept }
    }

    /// Reads a model from the bytes that [`FittedClassifier::to_bytes`] returned.
    ///
    /// # Errors
    /// The bytes are not a linear model, are damaged, or have an unknown layout version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        Self::new(layout::read(bytes)?)
    }

    /// Replaces the K products x W of one row x by the calibrated class probabilities of the row; a
    /// class that training did not see gets 0.
    fn probabilities_in_place(&self, row: &mut [f64]) {
        for ((logit, intercept), seen) in row.iter_mut().zip(&self.parts.intercept).zip(&self.parts.seen) {
            *logit = if *seen { *logit + intercept } else { f64::NEG_INFINITY };
        }
        self.parts.scaling.softmax_in_place(row);
    }
}

impl FittedClassifier for LinearModel {
    fn predict(&self, features: &dyn Rows, rows: &[usize]) -> Result<Probabilities, BoxError> {
        let (found, expected) = (features.n_columns(), self.parts.weights.n_columns());
        if found != expected {
            return Err(ModelError::WidthMismatch { found, expected }.into());
        }
        let products = features.product(rows, &self.parts.weights)?;
        let mut values =
            if products.is_standard_layout() { products } else { products.as_standard_layout().into_owned() };
        // An array in standard layout is contiguous, so `as_slice_mut` returns all its values.
        let rows = values.as_slice_mut().unwrap_or_default().par_chunks_mut(self.n_classes());
        rows.with_min_len(ROWS_A_TASK).for_each(|row| self.probabilities_in_place(row));
        Ok(Probabilities::new(values)?)
    }

    fn linear(&self) -> Option<Linear<'_>> {
        Some(self.map())
    }

    fn to_bytes(&self) -> Result<Vec<u8>, BoxError> {
        Ok(layout::write(&self.parts)?)
    }
}

/// Returns what is wrong with the parts, as a fragment for an error message; `None` if they are
/// valid.
fn fault(parts: &Parts) -> Option<String> {
    let Parts { weights, intercept, seen, scaling, c } = parts;
    let (n_columns, classes) = (weights.n_columns(), seen.len());
    if n_columns > MOST_COLUMNS {
        return Some(format!("features of {n_columns} columns are wider than {MOST_COLUMNS}"));
    }
    if [weights.n_outputs(), intercept.len(), scaling.scales.len(), scaling.offsets.len()] != [classes; 4] {
        return Some(format!(
            "{classes} classes with weights of {}, {} intercepts, {} scales and {} offsets",
            weights.n_outputs(),
            intercept.len(),
            scaling.scales.len(),
            scaling.offsets.len()
        ));
    }
    if seen.iter().filter(|seen| **seen).count() < 2 {
        return Some("fewer than two classes were seen in training".to_owned());
    }
    let positive = |number: &f64| number.is_finite() && *number > 0.0;
    if !scaling.scales.iter().all(positive) || !c.iter().all(positive) {
        return Some("a scale or C is not a positive finite number".to_owned());
    }
    if intercept.iter().chain(&scaling.offsets).any(|number| !number.is_finite()) {
        return Some("a number is not finite".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use querist_core::{Csr, Features};

    use super::*;

    fn parts() -> Parts {
        Parts {
            weights: ColumnWeights::new(6, vec![1, 4], array![[1.0, -1.0, 0.0], [0.5, 2.0, 0.0]]).unwrap(),
            intercept: vec![0.0, 0.25, 0.0],
            seen: vec![true, true, false],
            scaling: Scaling::identity(3),
            c: Some(1.0),
        }
    }

    fn rows() -> Features {
        let mut csr = Csr::empty(6);
        csr.push_row(&[1, 2, 4], &[1.0, 7.0, 0.5]).unwrap();
        csr.push_row(&[], &[]).unwrap();
        Features::Sparse(csr)
    }

    fn sigmoid(z: f64) -> f64 {
        1.0 / (1.0 + (-z).exp())
    }

    #[test]
    fn probabilities_worked_by_hand() {
        let model = LinearModel::new(parts()).unwrap();
        // Row 0: logits 1 + 0.25 = 1.25 and -1 + 1 + 0.25 = 0.25; column 2 was never seen. Row 1
        // has only the intercept.
        let p = model.predict(&rows(), &[0, 1, 0]).unwrap();
        assert!((p.row(0)[0] - sigmoid(1.0)).abs() < 1e-15);
        assert!((p.row(1)[1] - sigmoid(0.25)).abs() < 1e-15);
        assert_eq!(p.row(2), p.row(0));
        assert_eq!(p.view().column(2).to_vec(), [0.0, 0.0, 0.0]);
        let dense = Features::Dense(array![[0.0, 1.0, 7.0, 0.0, 0.5, 0.0], [0.0; 6]]);
        assert_eq!(model.predict(&dense, &[0, 1, 0]).unwrap(), p);
    }

    #[test]
    fn calibrated_probabilities_worked_by_hand() {
        let scaling = Scaling {
            calibration: Calibration::Vector,
            scales: vec![2.0, 0.5, 1.0],
            offsets: vec![0.0, 0.25, 0.0],
        };
        let model = LinearModel::new(Parts { scaling, ..parts() }).unwrap();
        // Row 0: 2 · 1.25 = 2.5 and 0.5 · 0.25 + 0.25 = 0.375.
        let p = model.predict(&rows(), &[0]).unwrap();
        assert!((p.row(0)[0] - sigmoid(2.125)).abs() < 1e-15);
        assert_eq!(p.row(0)[2].to_bits(), 0);
        // The linear map is still the uncalibrated one.
        let logits = model.linear().unwrap().logits(&rows(), &[0]).unwrap();
        assert_eq!(logits, array![[1.25, 0.25, 0.0]]);
    }

    #[test]
    fn refuses_features_of_another_width() {
        let model = LinearModel::new(parts()).unwrap();
        let error = model.predict(&Features::Sparse(Csr::empty(7)), &[]).unwrap_err();
        let expected = ModelError::WidthMismatch { found: 7, expected: 6 };
        assert_eq!(error.downcast_ref::<ModelError>(), Some(&expected));
        assert_eq!(model.predict(&Features::Sparse(Csr::empty(6)), &[]).unwrap().len(), 0);
    }

    #[test]
    fn refuses_parts_that_do_not_fit_together() {
        let broken = |change: fn(&mut Parts)| {
            let mut parts = parts();
            change(&mut parts);
            assert!(matches!(LinearModel::new(parts), Err(ModelError::MalformedModel { .. })));
        };
        broken(|parts| parts.intercept.truncate(2));
        broken(|parts| parts.intercept[0] = f64::NAN);
        broken(|parts| parts.seen = vec![true, false, false]);
        broken(|parts| parts.scaling.scales[1] = 0.0);
        broken(|parts| parts.scaling.offsets[1] = f64::INFINITY);
        broken(|parts| parts.scaling = Scaling::identity(2));
        broken(|parts| parts.c = Some(-1.0));
        broken(|parts| parts.weights = ColumnWeights::new(1 << 29, vec![], Array2::zeros((0, 3))).unwrap());
    }
}
