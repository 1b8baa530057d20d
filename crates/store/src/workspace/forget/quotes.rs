//! Where people quoted a text that is to be forgotten: in reasons, values and descriptions that facts hold. A fact is never changed, so
//! these are named.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde_json::Value;

use super::{DOING, ToForget};
use crate::error::{DatabaseContext, StoreError};
use crate::format::same_text::text_key;
use crate::workspace::facts::{Fact, every};

/// How much of a text is enough to know a quotation, in characters.
const BEGINNING: usize = 200;

impl ToForget {
    /// Whether words of somebody's quote one of the texts, whatever white space they have.
    pub fn is_quoted_in(&self, words: &str) -> bool {
        let words = text_key(words);
        let beginning = |text: &String| text_key(text).chars().take(BEGINNING).collect::<String>();
        self.texts.iter().map(beginning).any(|text| !text.is_empty() && words.contains(&text))
    }
}

/// What quotes a text, as whoever said it calls it; in the order of the facts.
pub(super) fn find(database: &Connection, found: &ToForget) -> Result<Vec<String>, StoreError> {
    let mut quoting = Vec::new();
    for fact in every(database).doing(DOING)? {
        for what in quoted_in(&fact, found) {
            if !quoting.contains(&what) {
                quoting.push(what);
            }
        }
    }
    Ok(quoting)
}

fn quoted_in(fact: &Fact, found: &ToForget) -> BTreeSet<String> {
    let said = |words: &str| found.is_quoted_in(words);
    let of = |what: String, is_said: bool| is_said.then_some(what).into_iter().collect();
    match fact {
        Fact::Excluded { name, why } => of(format!("the reason of `people exclude {name}`"), said(why)),
        Fact::Described { name, key, value } => {
            let value = value.as_deref().unwrap_or_default();
            of(format!("`people set {name} {key}=…`"), said(key) || said(value))
        }
        Fact::Renamed { old, new, .. } => of(format!("`people rename {old}`"), said(old) || said(new)),
        Fact::LabelsChanged { to, added } => {
            let names = to.iter().flat_map(|(old, new)| new.iter().chain([old])).chain(added);
            of("the name of a class, in the log".to_owned(), names.into_iter().any(|name| said(name)))
        }
        Fact::Configured { settings } => {
            let quoting = settings.iter().filter(|(_, value)| {
                // A value is JSON, or a description as it is.
                let value = value.as_deref().unwrap_or_default();
                let plain = serde_json::from_str::<Value>(value).ok();
                said(value) || plain.is_some_and(|value| is_quoted_within(&value, &said))
            });
            let named = quoting.map(|(key, _)| match key.strip_prefix("classes.descriptions.") {
                Some(class) => format!("the text of `labels describe {class}`, in the log"),
                None => format!("the value of `config set {key}`, in the log"),
            });
            named.collect()
        }
        _ => BTreeSet::new(),
    }
}

fn is_quoted_within(value: &Value, said: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => said(text),
        Value::Array(values) => values.iter().any(|value| is_quoted_within(value, said)),
        Value::Object(fields) => fields.iter().any(|(key, value)| said(key) || is_quoted_within(value, said)),
        _ => false,
    }
}
