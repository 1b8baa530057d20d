//! Classifiers: parameters that can be fitted, and fitted models that can predict.
//!
//! The two are different types, so nothing unfitted can predict (after linfa). A fit reports
//! whether it converged, and callers must pass that on to the user.

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
    /// The features of the examples, (n, d).
    pub features: &'a Features,
    /// The class of each row, n of them. A document that may be of several classes takes several
    /// rows.
    pub targets: &'a [Class],
    /// The weight of each row, above 0, n of them; `None` weighs each row 1.
    pub weights: Option<&'a [f64]>,
    /// K, the number of classes in the whole label set; every target is below it.
    pub n_classes: usize,
}

/// Where a fit may begin, and the seed of its draws.
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
    /// The weights W, (d, K).
    pub weights: &'a ColumnWeights,
    /// The intercepts b, K of them.
    pub intercept: &'a [f64],
}

/// How a fit went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitReport {
    /// The solver, for example `newton-cg, sparse`.
    pub solver: String,
    /// The number of examples n, weak labels included.
    pub examples: usize,
    /// The number of columns whose weight may differ from 0.
    pub columns: usize,
    /// Passes over the examples; `None` if nobody recorded them.
    pub iterations: Option<usize>,
    /// Whether the fit started from an earlier model.
    pub warm: bool,
    /// The norm of the objective's gradient at the result, recomputed by us: 0 at the optimum.
    pub gradient_norm: f64,
    /// The bound that `gradient_norm` had to fall below.
    pub tolerance: f64,
    /// Whether `gradient_norm` fell below `tolerance`.
    pub converged: bool,
    /// C, the inverse strength of the penalty; `None` if nobody recorded it.
    pub c: Option<f64>,
    /// The scores of each penalty that was tried, if cross-validation chose the penalty; else
    /// empty.
    pub penalties: Vec<PenaltyTried>,
    /// How the probabilities were calibrated; `None` if they were not.
    pub calibration: Option<Calibrated>,
}

/// One penalty of a cross-validation.
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
    /// Probabilities (n, K) of the examples by models that did not see them, calibrated like the
    /// fitted model; `None` if no folds were fitted.
    pub out_of_fold: Option<Probabilities>,
}

/// The parameters of a classifier.
pub trait Classifier: Send + Sync {
    /// Fits to the examples.
    ///
    /// # Errors
    /// Fewer than two classes among the targets, lengths that differ, values that are not finite,
    /// or a solver without a usable result. A fit that did not fully converge is not an error; the
    /// report says so.
    fn fit(&self, examples: Examples<'_>, start: Start<'_>) -> Result<Fitted, BoxError>;

    /// Everything that changes the result, as text, for the hash in the manifest.
    fn fingerprint(&self) -> String;
}

/// A fitted classifier.
pub trait FittedClassifier: Send + Sync {
    /// Class probabilities (rows, K) of the rows with these indices. A class never seen in training
    /// has probability 0.
    ///
    /// # Errors
    /// Features of another width than in the fit, or rows that cannot be read.
    fn predict(&self, features: &dyn Rows, rows: &[usize]) -> Result<Probabilities, BoxError>;

    /// The linear map inside, before calibration; `None` if the model has none.
    fn linear(&self) -> Option<Linear<'_>>;

    /// The model as bytes in its documented layout. The same model always has the same bytes.
    ///
    /// # Errors
    /// The layout cannot hold this model.
    fn to_bytes(&self) -> Result<Vec<u8>, BoxError>;
}

impl Linear<'_> {
    /// x W + b of the rows with these indices, (rows, K).
    ///
    /// # Errors
    /// Features of another width, or rows that cannot be read.
    pub fn logits(&self, features: &dyn Rows, rows: &[usize]) -> Result<Array2<f64>, BoxError> {
        let mut logits = features.product(rows, self.weights)?;
        for mut row in logits.outer_iter_mut() {
            row.iter_mut().zip(self.intercept).for_each(|(logit, intercept)| *logit += intercept);
        }
        Ok(logits)
    }
}
