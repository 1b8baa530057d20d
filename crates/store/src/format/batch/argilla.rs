//! Writes batches as Argilla records: a JSON array for `Dataset.records.from_json`. The dataset
//! must have a text field `text` and a label question `label`.
//!
//! - The record's `id` is Querist's id.
//! - The user's own fields become `metadata`. Argilla's metadata has no lists or objects, so these
//!   are written as JSON text.
//! - A suggestion is `suggestions.label`, with its `score` and the agent `querist`.
//!
//! Argilla's flattened export mixes the metadata with the record's own fields. So if a metadata
//! field has the name of such a field, the prefix `meta_` is added to its name.

use querist_core::LabelSet;

use super::{BatchFormat, BatchItem, number};
use crate::format::row::{Row, json_string};

/// The format of Argilla's records.
pub(super) struct Argilla;

/// Whether a record in Argilla's flattened export has a field with this name that is not metadata.
fn is_taken(name: &str) -> bool {
    ["id", "text", "status", "label", "_server_id"].contains(&name) || name.starts_with("label.")
}

impl BatchFormat for Argilla {
    fn name(&self) -> &'static str {
        "argilla"
    }

    fn file_name(&self) -> (&'static str, &'static str) {
        ("argilla", "json")
    }

    fn head(&self) -> &'static str {
        "[\n"
    }

    fn row(&self, item: &BatchItem, _labels: &LabelSet) -> String {
        let (id, text) = (json_string(&item.id), json_string(&item.text));
        let mut metadata = Vec::new();
        // This never fails: stored fields are always an object.
        if let Ok(row) = Row::parse(item.meta.as_deref().unwrap_or("{}")) {
            for (name, value) in row.fields().filter(|(_, value)| value.get() != "null") {
                let value = value.get();
                let flat = if value.starts_with(['{', '[']) { json_string(value) } else { value.to_owned() };
                let mut own = name.to_owned();
                while is_taken(&own) || (own != name && row.has(&own)) {
                    own.insert_str(0, "meta_");
                }
                metadata.push(format!("{}:{flat}", json_string(&own)));
            }
        }
        let suggestions = item.suggestion.as_ref().map_or_else(String::new, |(label, confidence)| {
            let (label, score) = (json_string(label), number(*confidence));
            format!("\"label\":{{\"value\":{label},\"score\":{score},\"agent\":\"querist\"}}")
        });
        format!(
            "{{\"id\":{id},\"fields\":{{\"text\":{text}}},\"metadata\":{{{}}},\"suggestions\":{{{suggestions}}},\
             \"responses\":{{}},\"vectors\":{{}}}}",
            metadata.join(",")
        )
    }

    fn separator(&self) -> &'static str {
        ",\n"
    }

    fn tail(&self) -> &'static str {
        "\n]\n"
    }
}
