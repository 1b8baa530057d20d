//! Classifiers: parameters that can be fitted, and fitted models that can predict.
//!
//! The two are different types, so nothing unfitted can predict (after linfa). A fit reports whether it converged; a
//! caller that hides that lies to its user.

use serde::{Deserialize, Serialize};

use crate::error::BoxError;
use crate::features::Features;
use crate::label::Class;
use crate::proba::Probabilities;

/// How a fit went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitReport {
    /// The solver, for example `linfa-logistic, n × n`.
    pub solver: String,
    /// How many labelled documents it learned from: n.
    pub n_examples: usize,
    /// How many of the classes they cover.
    pub n_classes_seen: usize,
    /// Columns with a weight that may differ from 0.
    pub n_columns: usize,
    /// Norm of the objective's gradient at the result, recomputed by us: 0 at the optimum.
    pub gradient_norm: f64,
    /// What `gradient_norm` had to come under.
    pub tolerance: f64,
    /// Whether it did.
    pub converged: bool,
}

/// Parameters of a classifier.
pub trait Classifier: Sync {
    /// Fits to `features` (n, d) and `targets` (n), of classes below `n_classes`.
    ///
    /// # Errors
    /// Fewer than two classes among the targets, lengths that differ, values that are not finite, or a solver that gave
    /// no usable result. A result that did not fully converge is not an error; the report says so.
    fn fit(
        &self,
        features: &Features,
        targets: &[Class],
        n_classes: usize,
    ) -> Result<(Box<dyn FittedClassifier>, FitReport), BoxError>;

    /// Everything that changes the result, as text: the manifest hashes it.
    fn fingerprint(&self) -> String;
}

/// A fitted classifier.
pub trait FittedClassifier: Send + Sync {
    /// Class probabilities (n, K) of the rows of `features`; a class never seen in training has probability 0.
    ///
    /// # Errors
    /// Features of another width than those of the fit.
    fn predict(&self, features: &Features) -> Result<Probabilities, BoxError>;

    /// The model as bytes in its documented layout; the same model always gives the same bytes.
    ///
    /// # Errors
    /// The layout cannot hold this model.
    fn to_bytes(&self) -> Result<Vec<u8>, BoxError>;
}
