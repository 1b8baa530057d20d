//! Looks up the stored document to which a row of an import belongs.

use querist_core::Role;
use rusqlite::Connection;
use serde_json::Value;

use crate::error::shown;
use crate::format::same_text::same_text;
use crate::workspace::sheets::role_at;

/// A document that is stored already.
pub(super) struct Known {
    /// The document's number.
    pub(super) number: i64,
    /// How the stored text compares with the imported text.
    pub(super) text: TextCompared,
    /// The user's own fields of the document, as one JSON object.
    pub(super) meta: Option<String>,
    /// The document's role.
    pub(super) role: Role,
    /// The label that was imported for the document, if any.
    pub(super) label: Option<Gold>,
    /// The file and the line from which the document was imported.
    pub(super) from: String,
}

/// How an imported text compares with the stored text of its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextCompared {
    /// The texts are identical.
    Same,
    /// The texts differ only in white space, in the encoding of accents, or in the apostrophe that
    /// guards cells against being read as formulas.
    Respelled,
    /// The texts differ.
    Other,
}

/// The current imported label of a document.
pub(super) struct Gold {
    /// The number of the row in the table of imported labels.
    pub(super) number: i64,
    /// The label's name.
    pub(super) label: String,
    /// The file and the line from which the label was imported.
    pub(super) from: String,
}

/// Returns the stored document with this number, and how its text compares with `text`.
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

/// Whether an imported row adds to the stored fields or contradicts them. It does if a field of the
/// row has another value than the stored field, or is not stored and not empty. Values are compared
/// as text, because a table stores every value as text. Both arguments are JSON objects; `came` is
/// the imported one.
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

/// Returns a file and a line as text for a message, such as `a.csv:12`.
fn place(file: &str, line: i64) -> String {
    format!("{}:{line}", shown(file))
}
