//! Writes batches for doccano's text classification: JSON Lines with `text` and `label`.
//!
//! Each record also has `querist_id` and `meta`, an object with the user's own fields; doccano
//! keeps these and exports them again. The user's fields cannot be fields of the record: doccano
//! refuses a record that lacks a field of another one, and it reserves some names (`filename`,
//! `data`, `id`). There is no field for a suggestion, because a label would count as an answer.

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
