//! Parameters of a logistic regression before they are checked.
//!
//! [`Parameters`] can hold any values. [`Parameters::check`] turns them into a
//! [`LogisticRegression`], the type that can be fitted. This follows linfa's `ParamGuard`, which
//! [`crate::linfa`] implements.

use querist_core::Edition;

use crate::calibration::Calibration;
use crate::error::ModelError;
use crate::logistic::LogisticRegression;
use crate::penalty::Penalty;
use crate::solver::Solver;
use crate::weights::ClassWeights;

/// Parameters of a logistic regression, not yet checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters(LogisticRegression);

impl Default for Parameters {
    /// C = 10, no class weights, no calibration, 5 folds, the automatic choice of the solver, 500
    /// iterations, tolerance 1e-4.
    fn default() -> Self {
        Self(LogisticRegression {
            penalty: Penalty::Fixed(10.0),
            class_weights: ClassWeights::None,
            calibration: Calibration::None,
            folds: 5,
            solver: Solver::Auto,
            max_iterations: 500,
            tolerance: 1e-4,
            edition: Edition::CURRENT,
        })
    }
}

impl Parameters {
    /// Sets a fixed C, the inverse strength of the penalty, above 0.
    #[must_use]
    pub fn c(self, c: f64) -> Self {
        self.penalty(Penalty::Fixed(c))
    }

    /// Sets the strength of the penalty, or the way to choose it.
    #[must_use]
    pub fn penalty(mut self, penalty: Penalty) -> Self {
        self.0.penalty = penalty;
        self
    }

    /// Sets the weights of the classes in the fit.
    #[must_use]
    pub fn class_weights(mut self, class_weights: ClassWeights) -> Self {
        self.0.class_weights = class_weights;
        self
    }

    /// Sets the method by which probabilities are calibrated.
    #[must_use]
    pub fn calibration(mut self, calibration: Calibration) -> Self {
        self.0.calibration = calibration;
        self
    }

    /// Sets the largest number of folds for the cross-validation and the calibration, at least 2.
    /// With few examples there may be fewer folds.
    #[must_use]
    pub fn folds(mut self, folds: usize) -> Self {
        self.0.folds = folds;
        self
    }

    /// Sets the solver.
    #[must_use]
    pub fn solver(mut self, solver: Solver) -> Self {
        self.0.solver = solver;
        self
    }

    /// Sets the largest number of iterations of a solver's run, at least 1. `linfa-logistic` may
    /// run up to eight times.
    #[must_use]
    pub fn max_iterations(mut self, max_iterations: usize) -> Self {
        self.0.max_iterations = max_iterations;
        self
    }

    /// Sets the tolerance, above 0: a fit has converged if the norm of the gradient of the
    /// objective (a sum over the examples) is below it.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.0.tolerance = tolerance;
        self
    }

    /// Sets the edition of the rules; a fit by an earlier edition has the same bits as it had then.
    #[must_use]
    pub fn edition(mut self, edition: Edition) -> Self {
        self.0.edition = edition;
        self
    }

    /// Checks the parameters and returns the classifier.
    ///
    /// # Errors
    /// A penalty, class weight or tolerance is not a positive finite number, the grid is empty,
    /// there are fewer than two folds, or no iterations are allowed.
    pub fn check(self) -> Result<LogisticRegression, ModelError> {
        self.check_ref()?;
        Ok(self.0)
    }

    /// Returns the classifier without checking the parameters, for parameters that are known to be
    /// in range.
    pub(crate) fn into_checked(self) -> LogisticRegression {
        self.0
    }

    /// Checks the parameters and returns the classifier by reference.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn check_ref(&self) -> Result<&LogisticRegression, ModelError> {
        let LogisticRegression { penalty, class_weights, folds, max_iterations, tolerance, .. } = &self.0;
        penalty.check()?;
        class_weights.check()?;
        let refuse = |name, value, needed| Err(ModelError::InvalidParameter { name, value, needed });
        if !(tolerance.is_finite() && *tolerance > 0.0) {
            return refuse("tolerance", *tolerance, "a positive finite number");
        }
        if *max_iterations == 0 {
            return refuse("max_iterations", 0.0, "at least 1");
        }
        if *folds < 2 {
            return refuse("folds", *folds as f64, "at least 2");
        }
        Ok(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_parameters_outside_their_range() {
        let name = |parameters: Parameters| match parameters.check() {
            Err(ModelError::InvalidParameter { name, .. }) => name,
            other => panic!("{other:?}"),
        };
        let plain = Parameters::default;
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(name(plain().c(bad)), "c");
            assert_eq!(name(plain().tolerance(bad)), "tolerance");
            assert_eq!(name(plain().class_weights(ClassWeights::Explicit(vec![bad]))), "class_weights");
        }
        assert_eq!(name(plain().penalty(Penalty::CrossValidated { grid: vec![] })), "penalty.grid");
        assert_eq!(name(plain().max_iterations(0)), "max_iterations");
        assert_eq!(name(plain().folds(1)), "folds");
        assert!(plain().check().is_ok());
    }
}
