//! Writes batches as Prodigy tasks: JSON Lines. There are two kinds of tasks:
//!
//! - **choice**, for the interface `choice`: one option per class. A suggestion is selected in
//!   advance (`accept`), with its confidence in `meta.score`.
//! - **binary**, for the interface `classification`: asks whether the model's suggestion, `label`,
//!   is right. So every task has a suggestion.
//!
//! Both have `querist_id`, and the user's own fields in `meta`, which Prodigy shows to annotators.

use querist_core::LabelSet;

use super::{BatchFormat, BatchItem, choices, number};
use crate::format::row::{Row, json_string};

/// The format of tasks with one option per class.
pub(super) struct Choice;
/// The format of tasks that ask whether the model's suggestion is right.
pub(super) struct Binary;

/// Returns the beginning of a task, with the fields that both kinds have.
fn task(item: &BatchItem, score: Option<f64>) -> String {
    let (id, text) = (json_string(&item.id), json_string(&item.text));
    format!("{{\"text\":{text},\"querist_id\":{id},\"meta\":{}", meta(item.meta.as_deref(), score))
}

/// Returns the user's own fields as one JSON object. If there is a score, adds it as the field
/// `score`, in place of a field of the user with this name.
fn meta(own: Option<&str>, score: Option<f64>) -> String {
    let Some(score) = score else { return own.unwrap_or("{}").to_owned() };
    let mut fields = Vec::new();
    // This never fails: stored fields are always an object.
    if let Ok(row) = Row::parse(own.unwrap_or("{}")) {
        let own = row.fields().filter(|(name, _)| *name != "score");
        fields.extend(own.map(|(name, value)| format!("{}:{}", json_string(name), value.get())));
    }
    fields.push(format!("\"score\":{}", number(score)));
    format!("{{{}}}", fields.join(","))
}

impl BatchFormat for Choice {
    fn name(&self) -> &'static str {
        "prodigy"
    }

    fn file_name(&self) -> (&'static str, &'static str) {
        ("prodigy", "jsonl")
    }

    fn row(&self, item: &BatchItem, labels: &LabelSet) -> String {
        let options: Vec<String> =
            choices(labels).map(|name| format!("{{\"id\":{name},\"text\":{name}}}")).collect();
        let suggestion = item.suggestion.as_ref();
        let mut out = task(item, suggestion.map(|(_, confidence)| *confidence));
        out.push_str(&format!(",\"options\":[{}]", options.join(",")));
        if let Some((label, _)) = suggestion {
            out.push_str(&format!(",\"accept\":[{}]", json_string(label)));
        }
        out.push('}');
        out
    }
}

impl BatchFormat for Binary {
    fn name(&self) -> &'static str {
        "prodigy-binary"
    }

    fn file_name(&self) -> (&'static str, &'static str) {
        ("prodigy-binary", "jsonl")
    }

    fn row(&self, item: &BatchItem, _labels: &LabelSet) -> String {
        let suggestion = item.suggestion.as_ref();
        let label = suggestion.map_or_else(|| "null".to_owned(), |(label, _)| json_string(label));
        format!("{},\"label\":{label}}}", task(item, suggestion.map(|(_, confidence)| *confidence)))
    }

    fn asks_about_guess(&self) -> bool {
        true
    }
}
