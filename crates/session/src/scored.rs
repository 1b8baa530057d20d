//! The scores of documents by a model, computed alike for the step `score` and for the export of
//! the whole pool. In every score, a higher value means that the document should be labelled
//! sooner.

use ndarray::ArrayView1;
use querist_core::{FittedClassifier, Rows};
use querist_engine::score;
use querist_query::{Measure, entropy, normalized_entropy};

use crate::error::SessionError;

/// Number of documents that are scored at once, at most, so that memory does not grow with the
/// pool.
const CHUNK: usize = 1 << 14;

/// The scores of one document.
pub(crate) struct Scored<'a> {
    /// The document's row in the features.
    pub(crate) row: usize,
    /// Entropy in nats.
    pub(crate) entropy: f64,
    /// Entropy divided by the natural logarithm of the number of classes, from 0 to 1.
    pub(crate) normalized_entropy: f64,
    /// 1 minus the largest probability.
    pub(crate) least_confidence: f64,
    /// 1 minus the difference of the two largest probabilities.
    pub(crate) margin: f64,
    /// Index of the most probable class in the label list.
    pub(crate) predicted: usize,
    /// Probability of each class, in the order of the label list.
    pub(crate) probabilities: ArrayView1<'a, f64>,
}

/// Scores the given rows of the features, and calls `take` with the scores of each row, in the
/// order of `rows`.
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
