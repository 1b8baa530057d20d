//! Scoring: the model's probabilities for the open pool.

use querist_core::{FittedClassifier, Probabilities, Rows};

use crate::error::{EngineError, StepContext};

/// Probabilities of the given rows of the features, (rows, K), in their order. Each row is computed
/// independently, so the number of threads does not change the result.
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
