//! Classifiers: parameters that can be fitted, and fitted models that can predict.
//!
//! Parameters and models have different types, so nothing unfitted can predict (after linfa). A fit
//! reports whether it converged, and callers must pass that on to the user.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::error::BoxError;
use crate::features::{ColumnWeights, Features, Rows};
use crate::label::Class;
use crate::proba::Probabilities;
use crate::seed::Seed;

/// The examples that a classifier learns from.
#[derive(Clone, Copy)]
pub struct Examples<'a> {
    /// The features of the examples, one row for each of n examples.
    pub features: &'a Features,
    /// The class of each of the n rows. A document that may be of several classes has several
    /// rows.
    pub targets: &'a [Class],
    /// The weight of each of the n rows, above 0; if `None`, each row has weight 1.
    pub weights: Option<&'a [f64]>,
    /// The number of classes K in the whole label set; every target is below it.
    pub n_classes: usize,
}

/// The model that a fit may start from, and the seed of its random draws.
#[derive(Clone, Copy)]
pub struct Start<'a> {
    /// A model of the same features that was fitted to fewer examples. The solver starts from it
    /// and reaches the same optimum.
    pub warm: Option<Linear<'a>>,
    /// The seed for the folds of a cross-validation.
    pub seed: Seed,
}

/// A linear map from features to a logit for each class: x W + b.
#[derive(Debug, Clone, Copy)]
pub struct Linear<'a> {
    /// The weights W, one row for each feature column and one column for each class.
    pub weights: &'a ColumnWeights,
    /// The intercepts b, one for each class.
    pub intercept: &'a [f64],
}

/// The figures that describe a fit: its size, its convergence and its penalty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitReport {
    /// The solver, for example `newton-cg, sparse`.
    pub solver: String,
    /// The number of examples n, weak labels included.
    pub examples: usize,
    /// The number of columns whose weight may differ from 0.
    pub columns: usize,
    /// The number of passes over the examples; `None` if it was not recorded.
    pub iterations: Option<usize>,
    /// Whether the fit started from an earlier model.
    pub warm: bool,
    /// The norm of the objective's gradient at the result, recomputed after the fit; 0 at the
    /// optimum.
    pub gradient_norm: f64,
    /// The bound that `gradient_norm` had to fall below.
    pub tolerance: f64,
    /// Whether `gradient_norm` fell below `tolerance`.
    pub converged: bool,
    /// C, the inverse strength of the penalty; `None` if it was not recorded.
    pub c: Option<f64>,
    /// The scores of each penalty that cross-validation tried; empty if it did not choose the
    /// penalty.
    pub penalties: Vec<PenaltyTried>,
    /// How the probabilities were calibrated; `None` if they were not.
    pub calibration: Option<Calibrated>,
}

/// The scores of one penalty that a cross-validation tried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PenaltyTried {
    /// C, the inverse strength of the penalty.
    pub c: f64,
    /// The mean of -ln p(class) over the held-out examples, in nats.
    pub log_loss: f64,
    /// The share of held-out examples that were classified correctly, in [0, 1].
    pub accuracy: f64,
}

/// How probabilities were calibrated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibrated {
    /// The method: `temperature` or `vector`.
    pub method: String,
    /// The divisors of the logits: one for all classes, or one for each class.
    pub temperatures: Vec<f64>,
    /// The mean of -ln p(class) of the held-out probabilities before calibration, in nats.
    pub log_loss_before: f64,
    /// The mean of -ln p(class) of the held-out probabilities after calibration, in nats.
    pub log_loss_after: f64,
}

/// The result of a fit.
pub struct Fitted {
    /// The model.
    pub model: Box<dyn FittedClassifier>,
    /// How the fit went.
    pub report: FitReport,
    /// The class probabilities of each example by a model that was not trained on it, calibrated
    /// like the fitted model; `None` if no folds were fitted.
    pub out_of_fold: Option<Probabilities>,
}

/// The parameters of a classifier.
pub trait Classifier: Send + Sync {
    /// Fits a model to the examples and returns it with a report.
    ///
    /// # Errors
    /// The targets have fewer than two classes, lengths differ, values are not finite, or the
    /// solver finds no usable result. A fit that did not fully converge is not an error; the report
    /// says so.
    fn fit(&self, examples: Examples<'_>, start: Start<'_>) -> Result<Fitted, BoxError>;

    /// Returns all parameters that change the result, as text, for the hash in the manifest.
    fn fingerprint(&self) -> String;
}

/// A fitted classifier.
pub trait FittedClassifier: Send + Sync {
    /// Returns the class probabilities of the rows with these indices, in the order of `rows`. A
    /// class that had no example in training has probability 0.
    ///
    /// # Errors
    /// The features have another number of columns than in the fit, or the rows cannot be read.
    fn predict(&self, features: &dyn Rows, rows: &[usize]) -> Result<Probabilities, BoxError>;

    /// Returns the model's linear map before calibration; `None` if the model is not linear.
    fn linear(&self) -> Option<Linear<'_>>;

    /// Returns the model as bytes in its documented layout. The same model always has the same
    /// bytes.
    ///
    /// # Errors
    /// The layout cannot hold this model.
    fn to_bytes(&self) -> Result<Vec<u8>, BoxError>;
}

impl Linear<'_> {
    /// Returns the logits x W + b of the rows with these indices, one row each and one column for
    /// each class.
    ///
    /// # Errors
    /// The features have another number of columns than the weights, or the rows cannot be read.
    pub fn logits(&self, features: &dyn Rows, rows: &[usize]) -> Result<Array2<f64>, BoxError> {
        let mut logits = features.product(rows, self.weights)?;
        for mut row in logits.outer_iter_mut() {
            row.iter_mut().zip(self.intercept).for_each(|(logit, intercept)| *logit += intercept);
        }
        Ok(logits)
    }
}
