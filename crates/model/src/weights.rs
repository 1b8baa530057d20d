//! Class weights: how much the examples of each class count in the fit.
//!
//! Class weights multiply the weights of the examples. They move the predicted probabilities
//! towards the classes with larger weights; [`crate::calibration`] explains how a calibration
//! counters this.

use crate::error::ModelError;

/// How much each class counts in the fit.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ClassWeights {
    /// No class weights: every example counts its own weight.
    #[default]
    None,
    /// All classes count alike: class k has the weight n / (K nₖ). Here n is the weighted number of
    /// examples, nₖ the weighted number in class k, and K the number of classes with examples.
    /// scikit-learn calls this `balanced`.
    Balanced,
    /// A weight for each class of the label set, each above 0.
    Explicit(Vec<f64>),
}

impl ClassWeights {
    /// Checks that explicit weights are positive finite numbers.
    pub(crate) fn check(&self) -> Result<(), ModelError> {
        let Self::Explicit(weights) = self else { return Ok(()) };
        match weights.iter().find(|weight| !(weight.is_finite() && **weight > 0.0)) {
            None => Ok(()),
            Some(value) => Err(ModelError::InvalidParameter {
                name: "class_weights",
                value: *value,
                needed: "a positive finite number",
            }),
        }
    }

    /// Returns the factor by which the class weights multiply the examples of each class seen;
    /// `None` if there are no class weights. `classes` are the classes seen, and `totals` the
    /// summed sample weights of the examples of each.
    ///
    /// # Errors
    /// The number of explicit weights is not `n_classes`.
    pub(crate) fn factors(
        &self,
        classes: &[usize],
        totals: &[f64],
        n_classes: usize,
    ) -> Result<Option<Vec<f64>>, ModelError> {
        match self {
            Self::None => Ok(None),
            Self::Balanced => {
                let all: f64 = totals.iter().sum();
                Ok(Some(totals.iter().map(|total| all / (totals.len() as f64 * total)).collect()))
            }
            Self::Explicit(weights) if weights.len() != n_classes => {
                Err(ModelError::ClassWeightCount { found: weights.len(), n_classes })
            }
            Self::Explicit(weights) => Ok(Some(classes.iter().map(|class| weights[*class]).collect())),
        }
    }

    /// Returns the text for these weights in the fingerprint of a classifier.
    pub(crate) fn fingerprint(&self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::Balanced => "balanced".to_owned(),
            Self::Explicit(weights) => format!("{weights:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balanced_worked_by_hand() {
        // scikit-learn's example: y = [1, 1, 1, 1, 0, 0] gives 1.5 for class 0 and 0.75 for
        // class 1.
        let factors = ClassWeights::Balanced.factors(&[0, 1], &[2.0, 4.0], 5).unwrap();
        assert_eq!(factors, Some(vec![1.5, 0.75]));
    }

    #[test]
    fn explicit_weights_are_one_a_class_and_above_0() {
        let explicit = ClassWeights::Explicit(vec![1.0, 2.0, 0.5]);
        assert_eq!(explicit.factors(&[0, 2], &[1.0, 1.0], 3), Ok(Some(vec![1.0, 0.5])));
        let error = explicit.factors(&[0, 2], &[1.0, 1.0], 4);
        assert_eq!(error, Err(ModelError::ClassWeightCount { found: 3, n_classes: 4 }));
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(ClassWeights::Explicit(vec![1.0, bad]).check().is_err(), "{bad}");
        }
        assert_eq!(explicit.check(), Ok(()));
    }
}
