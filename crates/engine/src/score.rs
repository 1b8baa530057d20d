//! Scoring: the model's probabilities for the open pool, in chunks on all threads.

use ndarray::{Array2, s};
use querist_core::error::BoxError;
use querist_core::{Features, FittedClassifier, Probabilities};
use rayon::prelude::*;

use crate::error::{EngineError, StepContext};

/// Rows scored at a time: enough to keep a thread busy, few enough to stay in its cache.
const CHUNK: usize = 1_024;

/// Probabilities of those rows of the features, (rows, K), in their order. Each row is computed on its own, so the
/// number of threads changes nothing.
///
/// # Errors
/// The model cannot predict.
pub fn score(
    model: &dyn FittedClassifier,
    features: &Features,
    rows: &[usize],
    n_classes: usize,
) -> Result<Probabilities, EngineError> {
    let chunks: Result<Vec<Probabilities>, BoxError> =
        rows.par_chunks(CHUNK).map(|rows| model.predict(&features.select(rows))).collect();
    let chunks = chunks.doing("score the pool")?;
    let mut all = Array2::zeros((rows.len(), n_classes));
    for (chunk, probabilities) in chunks.iter().enumerate() {
        let start = chunk * CHUNK;
        all.slice_mut(s![start..start + probabilities.len(), ..]).assign(&probabilities.view());
    }
    Ok(Probabilities::new(all)?)
}
