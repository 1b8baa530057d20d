//! Prodigy tasks: JSON Lines, for its interface `choice` or for the binary `classification`.
//!
//! Both carry `querist_id` through, and the user's own fields as `meta`, which Prodigy shows.
//! **choice** has one option a class; a suggestion is chosen beforehand (`accept`) with its
//! confidence as `meta.score`. **binary** asks whether the model's guess, `label`, is right, and so
//! shows it always; `meta.score` is there only when suggestions are wanted.

use querist_core::LabelSet;

use super::{BatchFormat, BatchItem, choices, number};
use crate::format::row::{Row, json_string};

/// One option a class.
pub(super) struct Choice;
/// A question about the model's guess.
pub(super) struct Binary;

/// The fields that both have.
fn task(item: &BatchItem, score: Option<f64>) -> String {
    let (id, text) = (json_string(&item.id), json_string(&item.text));
    format!("{{\"text\":{text},\"querist_id\":{id},\"meta\":{}", meta(item.meta.as_deref(), score))
}

/// The user's own fields, with the score in the place of one that they have.
fn meta(own: Option<&str>, score: Option<f64>) -> String {
    let Some(score) = score else { return own.unwrap_or("{}").to_owned() };
    let mut fields = Vec::new();
    // What is stored is an object.
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
