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

/// Writes scores.
pub fn write<'a>(rows: impl IntoIterator<Item = ScoreRow<'a>>, labels: &LabelSet) -> Vec<u8> {
    let mut out = String::new();
    for row in rows {
        let line = json!({
            "id": row.id,
            "entropy": row.entropy,
            "normalized_entropy": row.normalized_entropy,
            "least_confidence": row.least_confidence,
            "margin": row.margin,
            "probabilities": by_label(row.probabilities, labels),
        });
        out.push_str(&line.to_string());
        out.push('\n');
    }
    out.into_bytes()
}
