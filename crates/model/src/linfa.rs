//! `linfa-logistic` as a solver on dense rows, and our own model as a part of linfa's interfaces.
//!
//! No other file uses `linfa` or `linfa-logistic` (0.8.1, which runs argmin's L-BFGS). The solver
//! neither counts its iterations nor supports weights.
//!
//! In the other direction, [`LogisticRegression`] implements `Fit` for linfa's data sets, dense
//! (`f32`) and sparse ([`CsrRecords`]), with their sample weights. [`Parameters`] implement
//! `ParamGuard`, and [`LinearModel`] implements `PredictInplace`, from which linfa derives
//! `Predict`. Targets are class numbers, from 0.

use linfa::ParamGuard;
use linfa::dataset::{AsSingleTargets, DatasetBase, Records};
use linfa::traits::{Fit, PredictInplace};
use linfa_logistic::MultiLogisticRegression;
use ndarray::{Array1, Array2, Axis, concatenate};
use querist_core::{Class, Csr, Examples, Features, FittedClassifier, Seed, Start};

use crate::error::ModelError;
use crate::linear::LinearModel;
use crate::logistic::LogisticRegression;
use crate::multinomial::Effort;
use crate::objective::Objective;
use crate::parameters::Parameters;

/// The solver's name in reports.
pub(crate) const SOLVER: &str = "linfa-logistic 0.8.1";

/// The most runs of the solver in one fit.
const RUNS: usize = 8;

/// The solver runs again only if the last run brought the norm of the gradient to less than this
/// share of the norm before.
const WORTHWHILE: f64 = 0.9;

/// Minimises `objective` with `linfa-logistic`. The search starts from `start`, or from zeros if
/// that is `None`. Returns the parameters after the best run: a row for each feature and, last, one
/// for the intercept; a column for each class.
///
/// The solver stops as soon as the objective no longer changes, and does not report whether it
/// converged. So this function recomputes the gradient after every run. It runs the solver again
/// from the result, without the curvature that the earlier run collected, as long as this lowers
/// the gradient. The solver's log-sum-exp subtracts the maximum of the whole matrix instead of each
/// row's maximum. So its result is wrong if logits differ by more than about 34, which the
/// recomputed gradient reveals.
///
/// # Errors
/// The first run fails, or the parameters are not finite.
pub(crate) fn minimise(
    objective: &Objective<'_>,
    start: Option<&Array2<f64>>,
    effort: Effort,
) -> Result<Array2<f64>, ModelError> {
    let mut best = run(objective, effort, start)?;
    let mut norm = objective.gradient_norm(&best);
    for _ in 1..RUNS {
        if norm < effort.tolerance {
            break;
        }
        // If a later run fails, keep the result of the runs before.
        let Ok(next) = run(objective, effort, Some(&best)) else { break };
        let next_norm = objective.gradient_norm(&next);
        let worthwhile = next_norm < WORTHWHILE * norm;
        if next_norm < norm {
            (best, norm) = (next, next_norm);
        }
        if !worthwhile {
            break;
        }
    }
    if norm.is_finite() {
        return Ok(best);
    }
    Err(ModelError::Solver { problem: "its parameters are not finite".to_owned() })
}

/// Runs the solver once. It starts from `start`, or from zeros if that is `None`. Returns the
/// parameters: a row for each feature and, last, one for the intercept; a column for each class.
fn run(
    objective: &Objective<'_>,
    effort: Effort,
    start: Option<&Array2<f64>>,
) -> Result<Array2<f64>, ModelError> {
    let mut solver = MultiLogisticRegression::default()
        .alpha(objective.alpha)
        .max_iterations(effort.max_iterations as u64)
        .gradient_tolerance(effort.tolerance);
    if let Some(parameters) = start {
        solver = solver.initial_params(parameters.clone());
    }
    let targets = Array1::from_vec(objective.targets.to_vec());
    let refused = |problem: String| ModelError::Solver { problem };
    let fitted = solver
        .fit(&DatasetBase::new(objective.design, targets))
        .map_err(|error| refused(error.to_string()))?;
    if fitted.classes().len() != objective.n_classes {
        return Err(refused(format!("it saw {} classes of {}", fitted.classes().len(), objective.n_classes)));
    }
    let intercept = fitted.intercept().view().insert_axis(Axis(0));
    concatenate(Axis(0), &[fitted.params().view(), intercept]).map_err(|error| refused(error.to_string()))
}

/// Sparse rows as the records of a linfa data set.
#[derive(Debug, Clone, PartialEq)]
pub struct CsrRecords(pub Csr);

impl Records for CsrRecords {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.0.n_rows()
    }

    fn nfeatures(&self) -> usize {
        self.0.n_columns()
    }
}

/// Records that a classifier of this crate can read.
pub trait AsFeatures: Records {
    /// Returns these n records as the rows of features with d columns.
    fn to_features(&self) -> Features;
}

impl AsFeatures for CsrRecords {
    fn to_features(&self) -> Features {
        Features::Sparse(self.0.clone())
    }
}

impl AsFeatures for Array2<f32> {
    fn to_features(&self) -> Features {
        Features::Dense(self.clone())
    }
}

impl From<linfa::Error> for ModelError {
    fn from(error: linfa::Error) -> Self {
        Self::Solver { problem: error.to_string() }
    }
}

impl ParamGuard for Parameters {
    type Checked = LogisticRegression;
    type Error = ModelError;

    fn check_ref(&self) -> Result<&LogisticRegression, ModelError> {
        Parameters::check_ref(self)
    }

    fn check(self) -> Result<LogisticRegression, ModelError> {
        Parameters::check(self)
    }
}

impl<R: AsFeatures, T: AsSingleTargets<Elem = usize>> Fit<R, T, ModelError> for LogisticRegression {
    type Object = LinearModel;

    /// Fits a model to the records, their targets and their sample weights. The fit starts from 0,
    /// and seed 0 divides the records into folds if folds are needed.
    fn fit(&self, dataset: &DatasetBase<R, T>) -> Result<LinearModel, ModelError> {
        let mut targets = Vec::new();
        for (row, class) in dataset.targets().as_single_targets().iter().copied().enumerate() {
            let n_classes = usize::from(u16::MAX);
            let index =
                u16::try_from(class).map_err(|_| ModelError::ClassOutOfRange { row, class, n_classes })?;
            targets.push(Class(index));
        }
        let weights: Option<Vec<f64>> =
            dataset.weights().map(|weights| weights.iter().map(|weight| f64::from(*weight)).collect());
        let examples = Examples {
            features: &dataset.records().to_features(),
            targets: &targets,
            weights: weights.as_deref(),
            n_classes: targets.iter().map(|class| class.index() + 1).max().unwrap_or(0),
        };
        Ok(self.fit_linear(&examples, Start { warm: None, seed: Seed(0) })?.model)
    }
}

impl<R: AsFeatures> PredictInplace<R, Array1<usize>> for LinearModel {
    /// Writes the likeliest class of each record into `targets`.
    ///
    /// # Panics
    /// If the records have another number of columns than the records of the fit, or if there are
    /// not as many `targets` as records: linfa's trait cannot return an error.
    fn predict_inplace<'a>(&'a self, records: &'a R, targets: &mut Array1<usize>) {
        assert_eq!(records.nsamples(), targets.len(), "records and targets have to be equally many");
        let rows: Vec<usize> = (0..records.nsamples()).collect();
        let probabilities = FittedClassifier::predict(self, &records.to_features(), &rows);
        match probabilities {
            Ok(p) => targets.iter_mut().zip(&rows).for_each(|(to, row)| *to = p.likeliest(*row).index()),
            Err(error) => panic!("{error}"),
        }
    }

    fn default_target(&self, records: &R) -> Array1<usize> {
        Array1::zeros(records.nsamples())
    }
}

#[cfg(test)]
mod tests {
    use linfa::traits::Predict;
    use ndarray::array;

    use super::*;

    #[test]
    fn without_features_the_intercept_gives_the_class_frequencies() {
        let design = Array2::zeros((4, 0));
        let objective = Objective { design: design.view(), targets: &[0, 1, 1, 1], n_classes: 2, alpha: 1.0 };
        let effort = Effort { max_iterations: 100, tolerance: 1e-8 };
        let parameters = minimise(&objective, None, effort).unwrap();
        assert_eq!(parameters.dim(), (1, 2));
        assert!((parameters[(0, 1)] - parameters[(0, 0)] - 3.0_f64.ln()).abs() < 1e-7);
    }

    #[test]
    fn runs_again_until_the_gradient_is_small() {
        let design = array![[1.0, 0.0], [0.9, 0.3], [0.0, 1.0], [0.2, 0.8], [0.5, 0.5]];
        let objective =
            Objective { design: design.view(), targets: &[0, 0, 1, 1, 2], n_classes: 3, alpha: 0.1 };
        let norm = |max_iterations| {
            let parameters = minimise(&objective, None, Effort { max_iterations, tolerance: 1e-7 }).unwrap();
            objective.gradient_norm(&parameters)
        };
        assert!(norm(100) < 1e-7);
        // Runs of a single step cannot get there, however often they are repeated; runs of six
        // steps get further.
        assert!(norm(1) > 1e-7 && norm(6) < norm(1));
    }

    /// Three rows of class 0 and three of class 2.
    fn rows() -> Array2<f32> {
        array![[1.0, 0.0], [0.9, 0.1], [0.8, 0.0], [0.0, 1.0], [0.1, 0.9], [0.0, 0.8]]
    }

    #[test]
    fn a_sparse_and_a_dense_data_set_of_linfa_fit_and_predict_alike() {
        let targets = array![0_usize, 0, 0, 2, 2, 2];
        let mut csr = Csr::empty(2);
        for row in rows().outer_iter() {
            let entries = (0_u32..).zip(row).filter(|(_, value)| **value != 0.0);
            let (columns, values): (Vec<u32>, Vec<f32>) = entries.unzip();
            csr.push_row(&columns, &values).unwrap();
        }
        let sparse = DatasetBase::new(CsrRecords(csr), targets.clone());
        let dense = DatasetBase::new(rows(), targets.clone());
        // Unchecked parameters fit through their check, checked ones directly: both implement
        // linfa's Fit.
        let parameters = LogisticRegression::parameters().tolerance(1e-7);
        let from_sparse: LinearModel = Fit::fit(&parameters, &sparse).unwrap();
        let from_dense: LinearModel = Fit::fit(&parameters.clone().check().unwrap(), &dense).unwrap();
        assert_eq!((sparse.nsamples(), sparse.nfeatures()), (6, 2));
        let predicted: Array1<usize> = Predict::predict(&from_sparse, &sparse);
        assert_eq!(predicted, targets);
        let predicted: Array1<usize> = Predict::predict(&from_dense, dense.records());
        assert_eq!(predicted, targets);
        let values = |model: &LinearModel| model.map().weights.values().clone();
        assert!((values(&from_sparse) - values(&from_dense)).iter().all(|d| d.abs() < 1e-6));
        let refused: Result<LinearModel, ModelError> = Fit::fit(&parameters.c(-1.0), &sparse);
        assert!(matches!(refused, Err(ModelError::InvalidParameter { name: "c", .. })));
    }

    #[test]
    fn the_weights_of_a_data_set_count() {
        let targets = array![0_usize, 0, 0, 2, 2, 0];
        let plain = DatasetBase::new(rows(), targets);
        let weighted = plain.clone().with_weights(array![1.0, 1.0, 1.0, 1.0, 1.0, 20.0]);
        let parameters = LogisticRegression::parameters();
        let fit = |dataset| -> LinearModel { Fit::fit(&parameters, dataset).unwrap() };
        let last = |model: &LinearModel| {
            let p = FittedClassifier::predict(model, &Features::Dense(rows()), &[5]).unwrap();
            p.of(0, Class(0))
        };
        assert!(last(&fit(&weighted)) > 0.9 && last(&fit(&plain)) < 0.9);
    }
}
