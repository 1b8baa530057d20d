//! What is known of a document that an import brings again.

use querist_core::Role;
use rusqlite::Connection;
use serde_json::Value;

use crate::error::shown;
use crate::format::same_text::same_text;
use crate::workspace::sheets::role_at;

/// A document that is there already.
pub(super) struct Known {
    /// Its number.
    pub(super) number: i64,
    /// How its text compares with the one that came.
    pub(super) text: TextCompared,
    /// Its own fields, as one JSON object.
    pub(super) meta: Option<String>,
    /// What it is for.
    pub(super) role: Role,
    /// Its label, if one came with it.
    pub(super) label: Option<Gold>,
    /// The file and line that it came from.
    pub(super) from: String,
}

/// How a text that came compares with the stored one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextCompared {
    /// To the letter.
    Same,
    /// But for white space, the form of accents, or the guard against formulas.
    Respelled,
    /// It is another one.
    Other,
}

/// The standing label that came with a document.
pub(super) struct Gold {
    /// Its number among all such labels.
    pub(super) number: i64,
    /// The label.
    pub(super) label: String,
    /// The file and line that it came from.
    pub(super) from: String,
}

/// The document with that number, compared with a text.
pub(super) fn known(database: &Connection, number: i64, text: &str) -> Result<Known, rusqlite::Error> {
    let mut find = database.prepare_cached(
        "SELECT d.text, d.role, i.file, d.line, g.number, g.label, j.file, g.line, d.meta, d.id
         FROM documents d JOIN imports i ON i.number = d.import
         LEFT JOIN gold g ON g.document = d.number AND g.current = 1
         LEFT JOIN imports j ON j.number = g.import WHERE d.number = ?1",
    )?;
    find.query_row([number], |row| {
        let gold = match row.get(4)? {
            Some(number) => {
                Some(Gold { number, label: row.get(5)?, from: place(&row.get::<_, String>(6)?, row.get(7)?) })
            }
            None => None,
        };
        let stored = row.get_ref(0)?.as_str()?;
        Ok(Known {
            number,
            text: match (stored == text, same_text(text, stored)) {
                (true, _) => TextCompared::Same,
                (false, true) => TextCompared::Respelled,
                (false, false) => TextCompared::Other,
            },
            meta: row.get(8)?,
            role: role_at(row, 1, 9)?,
            label: gold,
            from: place(&row.get::<_, String>(2)?, row.get(3)?),
        })
    })
}

/// Whether fields that came say anything that the stored ones do not. Tables have every value as
/// text, which makes no other one.
pub(super) fn says_more(came: Option<&str>, stored: Option<&str>) -> bool {
    let fields = |json: Option<&str>| -> serde_json::Map<String, Value> {
        json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let empty = |value: &Value| value.is_null() || value.as_str().is_some_and(str::is_empty);
    if came == stored {
        return false;
    }
    let stored = fields(stored);
    fields(came).iter().any(|(name, value)| match stored.get(name) {
        Some(known) => text(known) != text(value),
        None => !empty(value),
    })
}

fn place(file: &str, line: i64) -> String {
    format!("{}:{line}", shown(file))
}
