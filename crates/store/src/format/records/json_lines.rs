//! Reads JSON Lines, with one object per line. Blank lines are skipped.

use super::{Record, RecordReader, Shape};
use crate::error::{InputError, Place};
use crate::lines::Lines;
use crate::source::Source;

/// A file that is read line by line.
pub(super) struct JsonLines(Lines);

impl JsonLines {
    /// Returns a reader of the objects in a source.
    pub(super) fn of(source: Source) -> Self {
        Self(Lines::of(source))
    }
}

impl RecordReader for JsonLines {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        let line = self.0.next_line()?;
        Ok(line.map(|line| Record {
            shape: Shape::Object,
            place: Place::Line(line.number),
            member: None,
            bytes: line.bytes,
            json: line.text,
            line: None,
        }))
    }

    fn is_at_hand(&self) -> bool {
        self.0.has_line_at_hand()
    }

    fn hash(&self) -> String {
        self.0.hash()
    }
}
