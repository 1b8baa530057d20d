//! Finds the places where people quoted a text to forget, such as the reason for an exclusion.
//! These places are in facts. A fact is never changed, so the quotations are only reported to the
//! user.

use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;

use super::{DOING, ToForget};
use crate::error::{DatabaseContext, StoreError};
use crate::format::same_text::text_key;
use crate::workspace::facts::{Fact, every};

/// A text counts as quoted if its first 200 characters are quoted, or the whole text if it is
/// shorter.
const BEGINNING: usize = 200;

impl ToForget {
    /// Whether `words` quote one of the texts, from its beginning on. Differences in white space do
    /// not matter.
    pub fn is_quoted_in(&self, words: &str) -> bool {
        let words = text_key(words);
        let beginning = |text: &String| text_key(text).chars().take(BEGINNING).collect::<String>();
        self.texts.iter().map(beginning).any(|text| !text.is_empty() && words.contains(&text))
    }
}

/// A place that quotes a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum Quote {
    /// The reason for excluding a person.
    Exclusion {
        /// The person's name.
        person: String,
    },
    /// The name or the value of an attribute of a person.
    Attribute {
        /// The person's name.
        person: String,
        /// The attribute's name.
        key: String,
    },
    /// The old or the new name in a renaming of a person.
    Name {
        /// The person's name before the renaming.
        person: String,
    },
    /// A current or former name of a class, as the log records it.
    Class,
    /// A class's description, as the log records it.
    Description {
        /// The name of the class.
        class: String,
    },
    /// A setting's value, as the log records it.
    Setting {
        /// The name of the setting.
        key: String,
    },
    /// A value in querist.toml.
    Configuration {
        /// The name of the key in querist.toml.
        key: String,
    },
}

/// Returns the places in facts that quote one of the texts, in the order of the facts and without
/// repeats.
pub(super) fn find(database: &Connection, found: &ToForget) -> Result<Vec<Quote>, StoreError> {
    let mut quotes = Vec::new();
    for fact in every(database).doing(DOING)? {
        for quote in quotes_in(&fact, found) {
            if !quotes.contains(&quote) {
                quotes.push(quote);
            }
        }
    }
    Ok(quotes)
}

/// Returns the places in one fact that quote one of the texts.
fn quotes_in(fact: &Fact, found: &ToForget) -> Vec<Quote> {
    let said = |words: &str| found.is_quoted_in(words);
    let of = |quote: Quote, is_said: bool| is_said.then_some(quote).into_iter().collect();
    match fact {
        Fact::Excluded { name, why } => of(Quote::Exclusion { person: name.clone() }, said(why)),
        Fact::Described { name, key, value } => {
            let value = value.as_deref().unwrap_or_default();
            of(Quote::Attribute { person: name.clone(), key: key.clone() }, said(key) || said(value))
        }
        Fact::Renamed { old, new, .. } => of(Quote::Name { person: old.clone() }, said(old) || said(new)),
        Fact::LabelsChanged { to, added } => {
            let names = to.iter().flat_map(|(old, new)| new.iter().chain([old])).chain(added);
            of(Quote::Class, names.into_iter().any(|name| said(name)))
        }
        Fact::Configured { settings } => {
            let quoting = settings.iter().filter(|(_, value)| {
                // The value of a setting is either JSON or a class's description as plain text, so
                // search it in both forms.
                let value = value.as_deref().unwrap_or_default();
                let plain = serde_json::from_str::<Value>(value).ok();
                said(value) || plain.is_some_and(|value| is_quoted_within(&value, &said))
            });
            let quote = |(key, _): (&String, _)| match key.strip_prefix("classes.descriptions.") {
                Some(class) => Quote::Description { class: class.to_owned() },
                None => Quote::Setting { key: key.clone() },
            };
            quoting.map(quote).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether `said` returns true for any string or field name in a JSON value, at any depth.
fn is_quoted_within(value: &Value, said: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => said(text),
        Value::Array(values) => values.iter().any(|value| is_quoted_within(value, said)),
        Value::Object(fields) => fields.iter().any(|(key, value)| said(key) || is_quoted_within(value, said)),
        _ => false,
    }
}
