//! Writes the scores of the documents that are not labelled yet, as JSON Lines: one row per
//! document, sorted by id.
//!
//! The fields are `id`, `entropy` (in nats), `normalized_entropy`, `least_confidence`, `margin` and
//! `probabilities` (an object by label). In every score, a higher value means that the model is
//! less certain, so that the document should be labelled sooner.

use querist_core::LabelSet;
use serde_json::json;

use super::picks::by_label;

/// The scores of one document. K is the number of classes.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow<'a> {
    /// The document's id.
    pub id: &'a str,
    /// The entropy in nats, in [0, ln K].
    pub entropy: f64,
    /// The entropy divided by ln K, in [0, 1].
    pub normalized_entropy: f64,
    /// 1 minus the largest probability, in [0, 1 - 1/K].
    pub least_confidence: f64,
    /// 1 minus the difference between the two largest probabilities, in [0, 1].
    pub margin: f64,
    /// The probability of each class, in label order.
    pub probabilities: &'a [f64],
}

/// Returns the scores of a document as one JSON line, with its line break.
pub fn line(row: &ScoreRow<'_>, labels: &LabelSet) -> Vec<u8> {
    let line = json!({
        "id": row.id,
        "entropy": row.entropy,
        "normalized_entropy": row.normalized_entropy,
        "least_confidence": row.least_confidence,
        "margin": row.margin,
        "probabilities": by_label(row.probabilities, labels),
    });
    format!("{line}\n").into_bytes()
}
