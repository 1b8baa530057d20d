//! Scores documents with a model. The step `score` and the export of the whole pool both use this
//! code, so their scores agree. In every score, a higher value means that the document should be
//! labelled sooner.

use ndarray::ArrayView1;
use querist_core::{FittedClassifier, Rows};
use querist_engine::score;
use querist_query::{Measure, entropy, normalized_entropy};

use crate::error::SessionError;

/// At most this many documents are scored at once, so that memory does not grow with the pool.
const CHUNK: usize = 1 << 14;

/// The scores of one document.
pub(crate) struct Scored<'a> {
    /// The document's row in the features.
    pub(crate) row: usize,
    /// Entropy of the class probabilities, in nats.
    pub(crate) entropy: f64,
    /// This entropy divided by the natural logarithm of the number of classes, from 0 to 1.
    pub(crate) normalized_entropy: f64,
    /// 1 minus the largest probability.
    pub(crate) least_confidence: f64,
    /// 1 minus the difference between the two largest probabilities.
    pub(crate) margin: f64,
    /// Index of the most probable class.
    pub(crate) predicted: usize,
    /// Probability of each class, by class index.
    pub(crate) probabilities: ArrayView1<'a, f64>,
}

/// Scores the given rows of the features. Calls `take` with the scores of each row, in the order of
/// `rows`.
///
/// # Errors
/// The model cannot predict, or `take` fails.
pub(crate) fn each_scored<E: From<SessionError>>(
    model: &dyn FittedClassifier,
    features: &dyn Rows,
    rows: &[usize],
    mut take: impl FnMut(Scored<'_>) -> Result<(), E>,
) -> Result<(), E> {
    for chunk in rows.chunks(CHUNK) {
        let all = score(model, features, chunk).map_err(SessionError::from)?;
        for (at, row) in chunk.iter().enumerate() {
            let probabilities = all.row(at);
            take(Scored {
                row: *row,
                entropy: entropy(probabilities),
                normalized_entropy: normalized_entropy(probabilities),
                least_confidence: Measure::LeastConfidence.score(probabilities),
                margin: Measure::Margin.score(probabilities),
                predicted: all.likeliest(at).index(),
                probabilities,
            })?;
        }
    }
    Ok(())
}
