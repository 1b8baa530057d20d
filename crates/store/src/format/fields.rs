//! Records which fields the rows of a file have, to find two mistakes. The user may have named a
//! field that no row has. Or a field may look like the label, but the user has not named it as the
//! label.

use std::collections::{BTreeMap, BTreeSet};

use querist_core::{LabelSet, nearest_name};
use serde_json::value::RawValue;

use super::row::Row;

/// The number of rows that are examined in full. Later rows are only searched for fields that the
/// user named.
const ROWS: u64 = 1_000;
/// The largest number of field names that are kept.
const NAMES: usize = 200;

/// Names of fields that often contain labels, in lower case.
const LABEL_LIKE: [&str; 18] = [
    "label",
    "labels",
    "class",
    "classes",
    "category",
    "categories",
    "target",
    "gold",
    "gold_label",
    "annotation",
    "answer",
    "intent",
    "sentiment",
    "topic",
    "tag",
    "tags",
    "accept",
    "y",
];

/// The fields that the rows of a file have.
#[derive(Debug, Clone, Default)]
pub struct SeenFields {
    /// The number of rows that were examined.
    rows: u64,
    /// The fields that the user named and that some row has.
    found: BTreeSet<String>,
    /// For each field name: the number of rows with a value in the field, and the number of these
    /// values that are labels.
    columns: BTreeMap<String, (u64, u64)>,
}

impl SeenFields {
    /// Examines the fields of a row. `json` is the row as a JSON object; `wanted` lists the fields
    /// that the user named.
    pub fn look(&mut self, json: &str, wanted: &[String], labels: &LabelSet) {
        let settled = wanted.iter().all(|field| self.found.contains(field));
        if self.rows >= ROWS && settled {
            return;
        }
        // If the row is malformed, the code that reads its document reports the error.
        let Ok(row) = Row::parse(json) else { return };
        let detailed = self.rows < ROWS;
        self.rows += 1;
        for (name, value) in row.fields() {
            if wanted.iter().any(|field| field == name) {
                self.found.insert(name.to_owned());
            }
            let room = self.columns.len() < NAMES || self.columns.contains_key(name);
            if detailed && room && !is_blank(value) {
                let (rows, hits) = self.columns.entry(name.to_owned()).or_default();
                *rows += 1;
                *hits += u64::from(is_label(value, labels));
            } else if detailed && room {
                self.columns.entry(name.to_owned()).or_default();
            }
        }
    }

    /// Adds the fields that were found in another file to the fields found so far.
    pub fn add(&mut self, other: &Self) {
        self.found.extend(other.found.iter().cloned());
        for (name, (rows, hits)) in &other.columns {
            if self.columns.len() < NAMES || self.columns.contains_key(name) {
                let known = self.columns.entry(name.clone()).or_default();
                *known = (known.0 + rows, known.1 + hits);
            }
        }
    }

    /// Whether some row has this field, which must be one that the user named.
    pub fn has(&self, field: &str) -> bool {
        self.found.contains(field)
    }

    /// Returns the names of the fields, at most 200.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// Returns the field whose name is most similar to `name`, if any is similar.
    pub fn nearest(&self, name: &str) -> Option<String> {
        nearest_name(name, self.names()).map(str::to_owned)
    }

    /// Returns the fields that look like the label: their name is a usual one, or all their values
    /// are labels. Fields in `but` are left out.
    pub fn label_like(&self, but: &[&str]) -> Vec<&str> {
        let like = |(name, (rows, hits)): &(&String, &(u64, u64))| {
            let by_name = LABEL_LIKE.contains(&name.trim().to_lowercase().as_str());
            !but.contains(&name.as_str()) && *rows > 0 && (by_name || rows == hits)
        };
        self.columns.iter().filter(like).map(|(name, _)| name.as_str()).collect()
    }
}

/// Whether a value is null, an empty string or an empty list.
fn is_blank(value: &RawValue) -> bool {
    matches!(value.get(), "null" | "\"\"" | "[]")
}

/// Whether a value is a label, or a list with a label as its only element.
fn is_label(value: &RawValue, labels: &LabelSet) -> bool {
    let text = serde_json::from_str::<String>(value.get()).ok();
    let text = text.or_else(|| serde_json::from_str::<[String; 1]>(value.get()).ok().map(|[only]| only));
    text.is_some_and(|text| labels.class(&text).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rows: &[&str]) -> SeenFields {
        let labels = LabelSet::new(["spam", "ham"]).unwrap();
        let mut seen = SeenFields::default();
        for row in rows {
            seen.look(row, &["category".to_owned()], &labels);
        }
        seen
    }

    #[test]
    fn a_field_looks_like_the_label_by_its_name_or_its_values() {
        let but = ["id", "text", "label"];
        assert_eq!(seen(&[r#"{"id":"1","Label":"x"}"#]).label_like(&but), ["Label"]);
        assert_eq!(seen(&[r#"{"id":"1","labels":["spam"]}"#]).label_like(&but), ["labels"]);
        assert_eq!(seen(&[r#"{"kind":"spam"}"#, r#"{"kind":" ham"}"#]).label_like(&but), ["kind"]);
        assert!(seen(&[r#"{"kind":"spam"}"#, r#"{"kind":"other"}"#]).label_like(&but).is_empty());
        assert!(seen(&[r#"{"id":"1","label":"spam","labels":null}"#]).label_like(&but).is_empty());
    }

    #[test]
    fn what_was_named_is_found_in_any_row() {
        let late: Vec<String> =
            (0..1_500).map(|n| if n == 1_400 { r#"{"category":1}"# } else { "{}" }.to_owned()).collect();
        let late: Vec<&str> = late.iter().map(String::as_str).collect();
        assert!(seen(&late).has("category"));
        let without = seen(&[r#"{"Category":1,"id":2}"#]);
        assert!(!without.has("category"));
        assert_eq!(without.nearest("category").as_deref(), Some("Category"));
    }
}
