//! Reads fastText lines: `__label__spam Buy now` becomes `{"label": "spam", "text": "Buy now"}`.
//!
//! Labels come before the text. A line without a label is a text without a label. Several labels
//! are an error, because a document has only one. As in fastText, a label contains no white space.

use super::{Record, RecordReader, Shape};
use crate::error::{InputError, InputProblem, Place};
use crate::format::row::json_string;
use crate::lines::Lines;
use crate::source::Source;

/// The prefix that marks a word as a label.
pub(super) const PREFIX: &str = "__label__";

/// A file that is read line by line.
pub(super) struct FastText {
    lines: Lines,
    json: String,
}

impl FastText {
    /// Returns a reader of the lines of a source.
    pub(super) fn of(source: Source) -> Self {
        Self { lines: Lines::of(source), json: String::new() }
    }
}

/// Returns the labels at the beginning of a line, and the text after them.
fn parts(line: &str) -> (Vec<&str>, &str) {
    let mut labels = Vec::new();
    let mut rest = line.trim_start();
    while let Some(behind) = rest.strip_prefix(PREFIX) {
        let end = behind.find(char::is_whitespace).unwrap_or(behind.len());
        labels.push(&behind[..end]);
        rest = behind[end..].trim_start();
    }
    (labels, rest)
}

/// Returns a line as a JSON object; fails if it has several labels.
fn object(line: &str) -> Result<String, InputProblem> {
    let (labels, text) = parts(line);
    let text = json_string(text);
    match labels[..] {
        [] => Ok(format!("{{\"text\":{text}}}")),
        [label] => Ok(format!("{{\"label\":{},\"text\":{text}}}", json_string(label))),
        _ => Err(InputProblem::SeveralLabels { found: labels.len() }),
    }
}

impl RecordReader for FastText {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        let Some(line) = self.lines.next_line()? else { return Ok(None) };
        let place = Place::Line(line.number);
        let json = line.text.and_then(object).map(|object| {
            self.json = object;
            self.json.as_str()
        });
        Ok(Some(Record { place, shape: Shape::Text, member: None, bytes: line.bytes, json, line: None }))
    }

    fn is_at_hand(&self) -> bool {
        self.lines.has_line_at_hand()
    }

    fn hash(&self) -> String {
        self.lines.hash()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_labels_from_the_front_only() {
        assert_eq!(object("__label__a b c").unwrap(), r#"{"label":"a","text":"b c"}"#);
        assert_eq!(object(" b __label__a").unwrap(), r#"{"text":"b __label__a"}"#);
        assert_eq!(object("__label__a").unwrap(), r#"{"label":"a","text":""}"#);
        let message = object("__label__a __label__b c").unwrap_err().to_string();
        assert_eq!(message, "2 labels; expected one, because a document has only one label");
    }
}
