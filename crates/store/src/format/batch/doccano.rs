//! Writes batches for doccano's text classification: JSON Lines with `text` and `label`.
//!
//! Each record also has `querist_id`, and `meta` with the user's own fields as an object. doccano
//! keeps both and exports them again. The user's fields cannot be fields of the record itself:
//! doccano refuses a file whose records have different fields. It also reserves some names
//! (`filename`, `data`, `id`). Suggestions are not written, because doccano would count them as
//! answers.

use querist_core::LabelSet;

use super::{BatchFormat, BatchItem};
use crate::format::row::json_string;

/// The format that doccano imports.
pub(super) struct Doccano;

impl BatchFormat for Doccano {
    fn name(&self) -> &'static str {
        "doccano"
    }

    fn file_name(&self) -> (&'static str, &'static str) {
        ("doccano", "jsonl")
    }

    fn row(&self, item: &BatchItem, _labels: &LabelSet) -> String {
        let (id, text) = (json_string(&item.id), json_string(&item.text));
        let meta = item.meta.as_deref().unwrap_or("{}");
        format!("{{\"text\":{text},\"label\":[],\"querist_id\":{id},\"meta\":{meta}}}")
    }

    fn leaves_out(&self) -> Option<&'static str> {
        Some("suggestions")
    }
}
