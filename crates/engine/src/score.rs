//! Scoring: the model's class probabilities for the open documents.

use querist_core::{FittedClassifier, Probabilities, Rows};

use crate::error::{EngineError, StepContext};

/// Predicts the class probabilities of some rows of the features. Returns shape (rows, classes), in
/// the order of `rows`. Each row is computed on its own, so the number of threads does not change
/// the result.
///
/// # Errors
/// The model cannot predict.
pub fn score(
    model: &dyn FittedClassifier,
    features: &dyn Rows,
    rows: &[usize],
) -> Result<Probabilities, EngineError> {
    model.predict(features, rows).doing("score the pool")
}
