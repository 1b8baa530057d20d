//! Classifiers: parameters that can be fitted, and fitted models that can predict.
//!
//! The two are different types, so nothing unfitted can predict (after linfa). A fit reports
//! whether it converged; a caller that hides that lies to its user.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::error::BoxError;
use crate::features::{ColumnWeights, Features, Rows};
use crate::label::Class;
use crate::proba::Probabilities;
use crate::seed::Seed;

/// What a classifier learns from.
#[derive(Clone, Copy)]
pub struct Examples<'a> {
    /// (n, d).
    pub features: &'a Features,
    /// The class of each row: n of them. A document that may be of several classes comes as several
    /// rows.
    pub targets: &'a [Class],
    /// How much each row counts, above 0: n of them. `None`: 1 each.
    pub weights: Option<&'a [f64]>,
    /// K, over the whole label set; every target is below it.
    pub n_classes: usize,
}

/// Where a fit may begin, and what decides its draws.
#[derive(Clone, Copy)]
pub struct Start<'a> {
    /// A model of the same features fitted to fewer examples: the solver starts from it, and comes
    /// to the same optimum.
    pub warm: Option<Linear<'a>>,
    /// Decides the folds of a cross-validation.
    pub seed: Seed,
}

/// A linear map from features to one logit a class: x W + b.
#[derive(Debug, Clone, Copy)]
pub struct Linear<'a> {
    /// W, (d, K).
    pub weights: &'a ColumnWeights,
    /// b, K of them.
    pub intercept: &'a [f64],
}

/// How a fit went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitReport {
    /// The solver, for example `newton-cg, sparse`.
    pub solver: String,
    /// How many examples it learned from, weak labels included: n.
    pub examples: usize,
    /// Columns with a weight that may differ from 0.
    pub columns: usize,
    /// Passes over the examples; `None` where nobody noted them.
    pub iterations: Option<usize>,
    /// Whether it started from an earlier model.
    pub warm: bool,
    /// Norm of the objective's gradient at the result, recomputed by us: 0 at the optimum.
    pub gradient_norm: f64,
    /// What `gradient_norm` had to come under.
    pub tolerance: f64,
    /// Whether it did.
    pub converged: bool,
    /// The inverse strength of the penalty; `None` where nobody noted it.
    pub c: Option<f64>,
    /// How the penalties that were tried did, when it was chosen by cross-validation.
    pub penalties: Vec<PenaltyTried>,
    /// How the probabilities were calibrated, if they were.
    pub calibration: Option<Calibrated>,
}

/// One penalty of a cross-validation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PenaltyTried {
    /// The inverse strength of the penalty.
    pub c: f64,
    /// Mean of -ln p(class) over the held-out examples, in nats.
    pub log_loss: f64,
    /// Share of the held-out examples that were classified rightly, in [0, 1].
    pub accuracy: f64,
}

/// How probabilities were calibrated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibrated {
    /// `temperature` or `vector`.
    pub method: String,
    /// What the logits are divided by, one for all classes or one a class.
    pub temperatures: Vec<f64>,
    /// Mean of -ln p(class) of the held-out probabilities before, in nats.
    pub log_loss_before: f64,
    /// The same after.
    pub log_loss_after: f64,
}

/// What a fit gives.
pub struct Fitted {
    /// The model.
    pub model: Box<dyn FittedClassifier>,
    /// How the fit went.
    pub report: FitReport,
    /// Probabilities (n, K) of the examples by models that did not see them, as the fitted one is
    /// calibrated; `None` when no folds were fitted.
    pub out_of_fold: Option<Probabilities>,
}

/// Parameters of a classifier.
pub trait Classifier: Sync {
    /// Fits to the examples.
    ///
    /// # Errors
    /// Fewer than two classes among the targets, lengths that differ, values that are not finite,
    /// or a solver that gave no usable result. A result that did not fully converge is not an
    /// error; the report says so.
    fn fit(&self, examples: Examples<'_>, start: Start<'_>) -> Result<Fitted, BoxError>;

    /// Everything that changes the result, as text: the manifest hashes it.
    fn fingerprint(&self) -> String;
}

/// A fitted classifier.
pub trait FittedClassifier: Send + Sync {
    /// Class probabilities (rows, K) of the rows of those indices; a class never seen in training
    /// has probability 0.
    ///
    /// # Errors
    /// Features of another width than those of the fit, or rows that cannot be read.
    fn predict(&self, features: &dyn Rows, rows: &[usize]) -> Result<Probabilities, BoxError>;

    /// The linear map inside, before calibration; `None` for a model that has none.
    fn linear(&self) -> Option<Linear<'_>>;

    /// The model as bytes in its documented layout; the same model always gives the same bytes.
    ///
    /// # Errors
    /// The layout cannot hold this model.
    fn to_bytes(&self) -> Result<Vec<u8>, BoxError>;
}

impl Linear<'_> {
    /// x W + b of the rows of those indices, (rows, K).
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
