//! Decides whether a skipped row may be stored in the file of skipped rows. It must not bring back
//! a forgotten document.
//!
//! Querist has only hashes of the forgotten documents, so it does not recognize a changed id or
//! text. Therefore it stores a row only if the row contains the id of an existing document, and if
//! none of its values is a forgotten id or text.

use rusqlite::Connection;
use serde_json::Value;

use super::tombstones::Tombstones;
use crate::error::{AnswerProblem, InputError, InputProblem};
use crate::workspace::ids::entered;

/// The fields in which rows contain a document's id, besides the field that the user named.
const IDS: [&str; 5] = ["id", "querist_id", "document", "item", "task"];
/// The largest number of characters of a label that a message may quote. A longer label may in fact
/// be a text.
const LABEL: usize = 40;

impl Tombstones {
    /// Returns the bytes of a skipped row that may be stored (all or none), and the row's error. If
    /// the bytes may not be stored, the returned error no longer quotes the row's text. `field` is
    /// the id field that the user named, if any.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(in crate::workspace) fn writable<'a>(
        &self,
        mut error: InputError,
        row: &'a [u8],
        field: Option<&str>,
        database: &Connection,
    ) -> Result<(InputError, &'a [u8]), rusqlite::Error> {
        if self.is_empty() {
            return Ok((error, row));
        }
        if !matches!(error.problem, InputProblem::Forgotten)
            && let Ok(value) = serde_json::from_slice(row)
        {
            let mut ids = Vec::new();
            if !self.has_any(&value, field, &mut ids) {
                for id in ids {
                    if entered(database, id)?.is_some() {
                        return Ok((error, row));
                    }
                }
            }
        }
        error.problem = without_text(error.problem);
        Ok((error, b""))
    }

    /// Whether a forgotten id or text occurs in a JSON value, at any depth. If none occurs, `ids`
    /// then contains the values of all id fields.
    fn has_any<'a>(&self, value: &'a Value, field: Option<&str>, ids: &mut Vec<&'a str>) -> bool {
        match value {
            Value::String(text) => self.has(text, text),
            Value::Array(values) => values.iter().any(|value| self.has_any(value, field, ids)),
            Value::Object(fields) => fields.iter().any(|(name, value)| {
                if IDS.contains(&name.as_str()) || field == Some(name) {
                    ids.extend(value.as_str());
                }
                self.has_any(value, field, ids)
            }),
            _ => false,
        }
    }
}

/// Returns the same problem without the text that its message would quote.
fn without_text(problem: InputProblem) -> InputProblem {
    let none = String::new;
    match problem {
        InputProblem::UnknownText { .. } => InputProblem::UnknownText { start: none() },
        InputProblem::Answer(AnswerProblem::TextContradicts { id, owner, .. }) => {
            AnswerProblem::TextContradicts { id, owner, start: none() }.into()
        }
        InputProblem::UnknownLabel { label, known, .. } if label.chars().count() > LABEL => {
            InputProblem::UnknownLabel { label: "…".to_owned(), nearest: None, known }
        }
        InputProblem::Inside { part, problem } => {
            InputProblem::Inside { part, problem: Box::new(without_text(*problem)) }
        }
        other => other,
    }
}
