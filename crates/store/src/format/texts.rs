//! Texts in, out of a record, for a model to label: `{"id": "t-1", "text": "…"}`.
//!
//! The id may be left out. A text may be blank: a model has a prediction for it all the same. Other
//! fields are passed over.

use super::row::Row;
use crate::error::{FieldOption, InputProblem};

/// A text to label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRow {
    /// The user's id, if there is one.
    pub id: Option<String>,
    /// The text.
    pub text: String,
}

/// Parses one row; `id` and `text` are the fields that hold them, and `needs_id` says whether that
/// of the id must be there.
///
/// # Errors
/// A malformed row, or a missing or mistyped field.
pub fn parse(line: &str, id: &str, needs_id: bool, text: &str) -> Result<TextRow, InputProblem> {
    let mut row = Row::parse(line)?;
    if needs_id && !row.has(id) {
        return Err(InputProblem::MissingField { field: id.to_owned(), option: Some(FieldOption::Id) });
    }
    // The field that holds the text holds no id, unless somebody says so.
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
