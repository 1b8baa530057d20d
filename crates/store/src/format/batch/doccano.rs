//! doccano's import for text classification: JSON Lines with `text` and `label`.
//!
//! `querist_id` and the user's own fields stand beside them; doccano keeps such columns and exports them again. A field of the
//! user that is called like one of doccano's own (`id`, `text`, `label`, `Comments`, `querist_id`) gets `meta_` in front.
//! There is no field for a suggestion: a label would count as an answer.

use querist_core::LabelSet;

use super::{BatchFormat, BatchItem};
use crate::format::row::{Row, json_string};

/// doccano's format.
pub(super) struct Doccano;

const TAKEN: [&str; 5] = ["id", "text", "label", "Comments", "querist_id"];

impl BatchFormat for Doccano {
    fn name(&self) -> &'static str {
        "doccano"
    }

    fn file_name(&self) -> (&'static str, &'static str) {
        ("doccano", "jsonl")
    }

    fn row(&self, item: &BatchItem, _labels: &LabelSet) -> String {
        let (id, text) = (json_string(&item.id), json_string(&item.text));
        let mut out = format!("{{\"text\":{text},\"label\":[],\"querist_id\":{id}");
        // What is stored is an object.
        if let Ok(row) = Row::parse(item.meta.as_deref().unwrap_or("{}")) {
            for (name, value) in row.fields() {
                let prefix = if TAKEN.contains(&name) { "meta_" } else { "" };
                out.push_str(&format!(",{}:{}", json_string(&format!("{prefix}{name}")), value.get()));
            }
        }
        out.push('}');
        out
    }

    fn leaves_out(&self) -> Option<&'static str> {
        Some("suggestions")
    }
}
