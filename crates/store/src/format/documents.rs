//! Reads documents from records such as `{"id": "t-1", "text": "…", "label": "billing", …}`.
//!
//! - `id` is a string or a whole number. If a file has no ids, they are made from the texts
//!   ([`id_of_text`]).
//! - `text` is a string that is not blank.
//! - `label` is optional: if it is missing, null, `""` or `[]`, there is no label. A list with one
//!   element counts as that element.
//! - All other fields are the user's own and are returned with the batch. If there is a field
//!   `meta` that is an object, its fields take its place.

use querist_core::{Document, LabelSet};

use super::row::Row;
use crate::error::{AnswerProblem, FieldOption, InputProblem};

/// The names of the fields with a document's id, text and label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldNames {
    /// The name of the field with the document's id.
    pub id: String,
    /// The name of the field with the text.
    pub text: String,
    /// The name of the field with the label.
    pub label: String,
    /// The names of the user's own fields to keep and return with the batch; `None` to keep all.
    pub meta: Option<Vec<String>>,
}

impl Default for FieldNames {
    fn default() -> Self {
        Self { id: "id".to_owned(), text: "text".to_owned(), label: "label".to_owned(), meta: None }
    }
}

/// A row of an import, with everything that is stored of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// The document.
    pub document: Document,
    /// Whether the row had a label that was ignored because the caller asked for it
    /// (`ignore_label`).
    pub label_left_out: bool,
    /// Whether the id was made from the text.
    pub id_made: bool,
    /// The BLAKE3 hash of the text.
    pub text_hash: [u8; 32],
    /// The BLAKE3 hash of the user's own fields; `None` if there are none.
    pub meta_hash: Option<[u8; 32]>,
}

/// Where the id of a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdSource {
    /// The id field, which the row must have.
    Field,
    /// The id field, if the row has it; otherwise the id is made from the text. If the id field and
    /// the text field are the same, the id is always made from the text.
    FieldOrText,
}

/// Returns the id for a text that has none in its file: the first 32 hexadecimal digits of the
/// text's BLAKE3 hash. Equal texts get the same id.
pub fn id_of_text(text: &str) -> String {
    id_of_hash(&blake3::hash(text.as_bytes()))
}

/// Returns the id that [`id_of_text`] returns for the text with this hash.
fn id_of_hash(hash: &blake3::Hash) -> String {
    hash.to_hex()[..32].to_owned()
}

/// Parses one row of documents.
///
/// If `ignore_label` is true, the label is not checked. It is not kept among the user's own fields
/// either, because annotators would see it there.
///
/// # Errors
/// The row is malformed, a field is missing or has the wrong type, the text is blank, or the label
/// is not in `labels`.
pub fn parse(
    line: &str,
    fields: &FieldNames,
    labels: &LabelSet,
    ignore_label: bool,
    ids: IdSource,
) -> Result<DocumentRow, InputProblem> {
    let mut row = Row::parse(line)?;
    let id = match ids {
        IdSource::FieldOrText if !row.has(&fields.id) || fields.id == fields.text => None,
        _ => Some(row.name(&fields.id, Some(FieldOption::Id))?),
    };
    let text = row.text(&fields.text, Some(FieldOption::Text))?;
    if text.trim().is_empty() {
        return Err(InputProblem::EmptyField { field: fields.text.clone(), expected: "a text to label" });
    }
    let (label, label_left_out) = if ignore_label {
        let left_out = row.take(&fields.label)?.is_some_and(|value| !["\"\"", "[]"].contains(&value.get()));
        (None, left_out)
    } else {
        (row.optional_label(&fields.label)?.map(|label| known(labels, &label)).transpose()?, false)
    };
    if let Some(meta) = &fields.meta {
        row.keep(meta);
    }
    let id_made = id.is_none();
    let text_hash = blake3::hash(text.as_bytes());
    let id = id.unwrap_or_else(|| id_of_hash(&text_hash));
    let meta = row.rest();
    let meta_hash = meta.as_ref().map(|meta| *blake3::hash(meta.as_bytes()).as_bytes());
    let text_hash = *text_hash.as_bytes();
    let document = Document { id, text, label, meta };
    Ok(DocumentRow { document, label_left_out, id_made, text_hash, meta_hash })
}

/// Returns the class with this label.
///
/// # Errors
/// The label is not in `labels`; the error suggests the most similar label.
pub fn known(labels: &LabelSet, label: &str) -> Result<querist_core::Class, InputProblem> {
    labels.class(label).ok_or_else(|| {
        let mut known = labels.names().iter().take(20).cloned().collect::<Vec<_>>().join(", ");
        if labels.len() > 20 {
            known.push_str(", …");
        }
        if let Some(last) = labels.taken_out_as(label).map(str::to_owned) {
            return AnswerProblem::LabelTakenOut { label: label.to_owned(), last, known }.into();
        }
        let nearest = labels.nearest(label).map(str::to_owned);
        InputProblem::UnknownLabel { label: label.to_owned(), nearest, known }
    })
}

#[cfg(test)]
mod tests {
    use querist_core::Class;

    use super::*;

    fn parsed(line: &str) -> Result<Document, String> {
        let labels = LabelSet::new(["spam", "ham"]).unwrap();
        let row = parse(line, &FieldNames::default(), &labels, false, IdSource::Field);
        row.map(|row| row.document).map_err(|problem| problem.to_string())
    }

    #[test]
    fn reads_what_is_there() {
        let document = parsed(r#"{"id":"a","text":"hi","label":"ham","source":"x"}"#).unwrap();
        assert_eq!(document.label, Some(Class(1)));
        assert_eq!(document.meta.as_deref(), Some(r#"{"source":"x"}"#));
        for none in [r#"{"id":"a","text":"hi"}"#, r#"{"id":"a","text":"hi","label":null}"#] {
            assert_eq!(parsed(none).unwrap().label, None);
        }
        assert_eq!(parsed(r#"{"id":"a","text":"hi","label":""}"#).unwrap().label, None);
    }

    #[test]
    fn an_unknown_label_comes_with_the_nearest_one() {
        let message = parsed(r#"{"id":"a","text":"hi","label":"Spam"}"#).unwrap_err();
        assert_eq!(message, "unknown label \"Spam\" (did you mean \"spam\"?); expected one of: spam, ham");
        assert!(parsed(r#"{"id":"a","text":" \n"}"#).unwrap_err().contains("expected a text to label"));
    }

    #[test]
    fn an_ignored_label_does_not_leak_into_the_meta() {
        let labels = LabelSet::new(["spam", "ham"]).unwrap();
        let line = r#"{"id":"a","text":"hi","label":"nonsense"}"#;
        let row = parse(line, &FieldNames::default(), &labels, true, IdSource::Field).unwrap();
        assert_eq!((row.document.label, row.document.meta, row.label_left_out), (None, None, true));
    }

    #[test]
    fn a_text_in_the_field_that_usually_has_the_id_is_the_text() {
        let labels = LabelSet::new(["spam", "ham"]).unwrap();
        let fields = FieldNames { text: "id".to_owned(), ..FieldNames::default() };
        let row = parse(r#"{"id":"hi"}"#, &fields, &labels, false, IdSource::FieldOrText).unwrap();
        assert_eq!((row.document.text.as_str(), row.id_made), ("hi", true));
        assert_eq!(row.document.id, id_of_text("hi"));
    }

    #[test]
    fn an_id_is_made_from_the_text_only_where_that_is_wanted() {
        let labels = LabelSet::new(["spam", "ham"]).unwrap();
        let row = |line: &str, ids| parse(line, &FieldNames::default(), &labels, false, ids);
        let made = row(r#"{"text":"hi"}"#, IdSource::FieldOrText).unwrap();
        assert_eq!((made.document.id.as_str(), made.id_made), ("85052e9aab1b67b6622d94a08441b09f", true));
        assert_eq!((made.text_hash, made.meta_hash), (*blake3::hash(b"hi").as_bytes(), None));
        assert!(!row(r#"{"id":"a","text":"hi"}"#, IdSource::FieldOrText).unwrap().id_made);
        assert!(row(r#"{"text":"hi"}"#, IdSource::Field).is_err());
        let fields = FieldNames { meta: Some(vec!["b".to_owned()]), ..FieldNames::default() };
        let line = r#"{"id":"a","text":"hi","a":1,"b":2}"#;
        let kept = parse(line, &fields, &labels, false, IdSource::Field).unwrap();
        assert_eq!(kept.document.meta.as_deref(), Some(r#"{"b":2}"#));
        assert_eq!(kept.meta_hash, Some(*blake3::hash(br#"{"b":2}"#).as_bytes()));
    }
}
