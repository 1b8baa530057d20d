//! Writes batches in Querist's own format: JSON Lines with
//! `{"id", "text", "labels": […], "meta": {…}}`.
//!
//! If suggestions are wanted, a line also has `"suggestion": {"label", "confidence"}`; in a file
//! for one annotator, it also has `"annotator"`. The annotator adds `label` to each line and
//! returns the file.

use std::fmt::Write;

use querist_core::LabelSet;

use super::{BatchFormat, BatchItem, choices, number};
use crate::format::row::json_string;

/// Querist's own format of batches.
pub(super) struct JsonLines;

impl BatchFormat for JsonLines {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn file_name(&self) -> (&'static str, &'static str) {
        ("batch", "jsonl")
    }

    fn row(&self, item: &BatchItem, labels: &LabelSet) -> String {
        let choices = choices(labels).collect::<Vec<_>>().join(",");
        let meta = item.meta.as_deref().unwrap_or("{}");
        let (id, text) = (json_string(&item.id), json_string(&item.text));
        let mut out = format!("{{\"id\":{id},\"text\":{text},\"labels\":[{choices}],\"meta\":{meta}");
        if let Some((label, confidence)) = &item.suggestion {
            let (label, confidence) = (json_string(label), number(*confidence));
            let _ = write!(out, ",\"suggestion\":{{\"label\":{label},\"confidence\":{confidence}}}");
        }
        if let Some(annotator) = &item.annotator {
            let _ = write!(out, ",\"annotator\":{}", json_string(annotator));
        }
        out.push('}');
        out
    }
}
