//! Scores of the open pool out, as JSON Lines, one row a document, by id.
//!
//! `{"id", "entropy" (nats), "normalized_entropy", "least_confidence", "margin", "probabilities": {label: p}}`;
//! in every score, higher means "ask sooner".

use querist_core::LabelSet;
use serde_json::json;

use super::picks::by_label;

/// One document's scores.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow<'a> {
    /// The document's id.
    pub id: &'a str,
    /// Entropy in nats.
    pub entropy: f64,
    /// Entropy divided by ln K.
    pub normalized_entropy: f64,
    /// 1 minus the largest probability.
    pub least_confidence: f64,
    /// 1 minus the distance of the two largest probabilities.
    pub margin: f64,
    /// In label order.
    pub probabilities: &'a [f64],
}

/// The line of a document, with its line end.
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
