//! Reads plain text with one document per line. A line becomes `{"text": line}`; blank lines are
//! skipped. There are no ids, labels or other fields.

use super::{Record, RecordReader, Shape};
use crate::error::{InputError, Place};
use crate::format::row::json_string;
use crate::lines::Lines;
use crate::source::Source;

/// A file that is read line by line.
pub(super) struct PlainText {
    lines: Lines,
    json: String,
}

impl PlainText {
    /// Returns a reader of the lines of a source.
    pub(super) fn of(source: Source) -> Self {
        Self { lines: Lines::of(source), json: String::new() }
    }
}

impl RecordReader for PlainText {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        let Some(line) = self.lines.next_line()? else { return Ok(None) };
        let place = Place::Line(line.number);
        let json = line.text.map(|text| {
            self.json = format!("{{\"text\":{}}}", json_string(text));
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
