//! Reads texts for a model to label, from records such as `{"id": "t-1", "text": "…"}`.
//!
//! The id may be missing. A text may be blank, because a model can predict a class for it too.
//! Other fields are ignored.

use super::row::Row;
use crate::error::{FieldOption, InputProblem};

/// A text that a model labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRow {
    /// The id that the user gave, if any.
    pub id: Option<String>,
    /// The text.
    pub text: String,
}

/// Parses one row. `id` and `text` are the names of the fields with the id and the text. If
/// `needs_id` is true, the row must have an id.
///
/// # Errors
/// The row is malformed, or a field is missing or has the wrong type.
pub fn parse(line: &str, id: &str, needs_id: bool, text: &str) -> Result<TextRow, InputProblem> {
    let mut row = Row::parse(line)?;
    if needs_id && !row.has(id) {
        return Err(InputProblem::MissingField { field: id.to_owned(), option: Some(FieldOption::Id) });
    }
    // If `id` and `text` name the same field, the field contains the text. The text is also the id
    // only if the user said so.
    let id = if id == text && !needs_id { None } else { row.optional_name(id)? };
    Ok(TextRow { id, text: row.text(text, Some(FieldOption::Text))? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_text_with_and_without_an_id() {
        let parsed = |line: &str| parse(line, "id", false, "text").map_err(|problem| problem.to_string());
        let row =
            |id: Option<&str>, text: &str| Ok(TextRow { id: id.map(str::to_owned), text: text.to_owned() });
        assert_eq!(parsed(r#"{"id":7,"text":"x","label":"y"}"#), row(Some("7"), "x"));
        assert_eq!(parsed(r#"{"text":" "}"#), row(None, " "));
        assert_eq!(parsed(r#"{"id":null,"text":""}"#), row(None, ""));
        assert!(parsed(r#"{"id":"a"}"#).unwrap_err().contains("\"text\" is missing"));
        let named = parse(r#"{"text":"x"}"#, "key", true, "text").map_err(|problem| problem.to_string());
        assert!(named.unwrap_err().starts_with("the field \"key\" is missing; every row must have it"));
        let only = parse(r#"{"id":"x"}"#, "id", false, "id").map_err(|problem| problem.to_string());
        assert_eq!(only, row(None, "x"));
        assert!(parsed(r#"{"text":3}"#).unwrap_err().contains("\"text\""));
    }
}
