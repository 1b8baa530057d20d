//! Writes the picks of a round (the documents of its batch) as JSON Lines. The file is for the
//! person who leads the annotation, never for annotators.
//!
//! Each line is
//! `{"id", "rank", "share", "reason", "fallback", "score", "probabilities": {label: p}}`. The score
//! and the probabilities are null if there was no model.

use querist_core::{LabelSet, Pick};
use serde_json::{Map, Value, json};

/// Returns picks as JSON Lines. `id` returns a document's id by its index in the snapshot.
pub fn write<'a>(picks: &[Pick], labels: &LabelSet, id: impl Fn(usize) -> &'a str) -> Vec<u8> {
    let mut out = String::new();
    for pick in picks {
        let row = json!({
            "id": id(pick.document),
            "rank": pick.rank,
            "share": pick.share.name(),
            "reason": pick.reason,
            "fallback": pick.fallback,
            "score": pick.score,
            "probabilities": pick.probabilities.as_deref().map(|values| by_label(values, labels)),
        });
        out.push_str(&row.to_string());
        out.push('\n');
    }
    out.into_bytes()
}

/// Returns the probabilities of a document as an object by label. `values` has one probability per
/// class, in label order.
pub fn by_label(values: &[f64], labels: &LabelSet) -> Map<String, Value> {
    labels.names().iter().cloned().zip(values.iter().map(|p| Value::from(*p))).collect()
}

#[cfg(test)]
mod tests {
    use querist_core::{Class, Share};

    use super::*;

    #[test]
    fn writes_every_field_in_a_fixed_order() {
        let labels = LabelSet::new(["z", "a"]).unwrap();
        let pick = Pick {
            document: 0,
            rank: 1,
            share: Share::Ratio,
            quota: Some(Class(0)),
            reason: "ratio:z".into(),
            fallback: true,
            score: Some(0.5),
            probabilities: Some(vec![0.25, 0.75]),
        };
        let line = String::from_utf8(write(&[pick], &labels, |_| "d")).unwrap();
        let expected = r#"{"id":"d","rank":1,"share":"ratio","reason":"ratio:z","fallback":true,"score":0.5,"probabilities":{"z":0.25,"a":0.75}}"#;
        assert_eq!(line.trim_end(), expected);
    }
}
