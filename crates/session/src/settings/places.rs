//! Remembers where each value was set: in a line of querist.toml, or by a caller.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In this line of the file; the first line is 1.
    Line(usize),
    /// By a caller, who calls the setting by this name: a flag, a variable or an argument.
    Caller(String),
}

/// Where each value was set. The key is the value's path: its keys, from the outermost inwards.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(BTreeMap<Vec<String>, Place>);

impl Places {
    /// Finds the line of each value in a TOML document.
    pub(super) fn of(text: &str, document: &DeTable<'_>) -> Self {
        let mut places = Self::default();
        for (path, span) in spans(document) {
            places.0.insert(path, Place::Line(line_of(text, span.start)));
        }
        places
    }

    /// Records that the whole value at `path` was set at `place`.
    pub(super) fn set(&mut self, path: Vec<String>, place: Place) {
        self.0.retain(|known, _| !known.starts_with(&path));
        self.0.insert(path, place);
    }

    /// Returns where the value at `path` was set. If it has no place of its own, returns the place
    /// of the innermost value that contains it.
    pub(super) fn get(&self, path: &[String]) -> Option<&Place> {
        // Tables have no place; only values do.
        (1..=path.len()).rev().find_map(|length| self.0.get(&path[..length]))
    }
}

/// Lists the values in a document, each with its path and its byte range. An inline table or a list
/// is a value, and so is each of its parts. A table with a header is not.
pub(super) fn spans(document: &DeTable<'_>) -> Vec<(Vec<String>, Range<usize>)> {
    let mut found = Vec::new();
    for (key, value) in document {
        let path = vec![key.get_ref().to_string()];
        match value.get_ref() {
            DeValue::Table(table) => {
                for (key, value) in table {
                    inside(&mut found, [path.clone(), vec![key.get_ref().to_string()]].concat(), value);
                }
            }
            _ => inside(&mut found, path, value),
        }
    }
    found
}

/// Adds a value and its parts to `found`, each with its path and its byte range.
fn inside(found: &mut Vec<(Vec<String>, Range<usize>)>, path: Vec<String>, value: &Spanned<DeValue<'_>>) {
    match value.get_ref() {
        DeValue::Table(table) => {
            for (key, value) in table {
                inside(found, [path.clone(), vec![key.get_ref().to_string()]].concat(), value);
            }
        }
        DeValue::Array(list) => {
            for (place, value) in list.iter().enumerate() {
                inside(found, [path.clone(), vec![place.to_string()]].concat(), value);
            }
        }
        _ => {}
    }
    found.push((path, value.span()));
}

/// Returns the number of the line that contains the byte at `offset`; the first line is 1.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_value_has_a_line_of_its_own() {
        let text = "labels = [\"a\",\n\"b\"]\n[stop]\nrules = [\n  \"x\",\n  \"y\"]\nmix = { random = 1 }\n";
        let places = Places::of(text, DeTable::parse(text).unwrap().get_ref());
        let line = |path: &[&str]| {
            let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
            match places.get(&path) {
                Some(Place::Line(line)) => *line,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!((line(&["labels"]), line(&["labels", "1"])), (1, 2));
        assert_eq!((line(&["stop", "rules"]), line(&["stop", "rules", "1"])), (4, 6));
        assert_eq!((line(&["stop", "mix", "random"]), line(&["stop", "mix", "ratio"])), (7, 7));
        assert_eq!(places.get(&["stop".to_owned(), "when".to_owned()]), None);
    }

    #[test]
    fn who_sets_a_value_last_is_its_place() {
        let text = "[batch]\nmix = { random = 1 }\n";
        let mut places = Places::of(text, DeTable::parse(text).unwrap().get_ref());
        let path = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<String>>();
        places.set(path(&["batch", "mix"]), Place::Caller("--mix".to_owned()));
        assert_eq!(places.get(&path(&["batch", "mix", "random"])), Some(&Place::Caller("--mix".to_owned())));
    }
}
