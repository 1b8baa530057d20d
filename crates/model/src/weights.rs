//! Class weights: how much the examples of each class count in the fit.
//!
//! They multiply the weights of the examples. A weighted fit moves the probabilities towards the
//! classes that weigh more; what a calibration does with that is said there.

use crate::error::ModelError;

/// How much each class counts.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ClassWeights {
    /// Every class as much as its examples.
    #[default]
    None,
    /// All classes alike: n / (K nₖ), with the weighted number of examples n, those of the class
    /// nₖ, and the number K of classes that have any. This is what scikit-learn calls `balanced`.
    Balanced,
    /// A weight a class of the label set, each above 0.
    Explicit(Vec<f64>),
}

impl ClassWeights {
    /// Refuses weights that are not positive finite numbers.
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

    /// The factor of each class seen; `None` where every one is 1. `classes` are those seen,
    /// `totals` the summed weights of their examples.
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

    /// The choice as a fingerprint names it.
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
