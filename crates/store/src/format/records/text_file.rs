//! Reads a text file in a folder or an archive as one document: `{"id": path, "text": content}`.
//!
//! A line break at the end of the file is not part of the text. The file does not name fields, so
//! field names that the user gave do not apply to it.

use std::io::Read;

use super::{Record, RecordReader, Shape};
use crate::error::{InputError, InputProblem, Place};
use crate::format::row::json_string;
use crate::lines::LINE_LIMIT;
use crate::source::Source;

/// A text file, which is one document.
pub(super) struct TextFile {
    source: Source,
    path: String,
    place: Place,
    is_read: bool,
    bytes: Vec<u8>,
    json: String,
}

impl TextFile {
    /// Returns a reader of the text file `source`. `path` becomes the document's id; `number` is
    /// the file's number among the text files of the folder or archive, from 1.
    pub(super) fn of(source: Source, path: &str, number: u64) -> Self {
        let (bytes, json) = (Vec::new(), String::new());
        Self { source, path: path.to_owned(), place: Place::Row(number), is_read: false, bytes, json }
    }

    /// Returns the document as a JSON object. Fails if the text is too long or not UTF-8.
    fn object(&self) -> Result<String, InputProblem> {
        if self.bytes.len() > LINE_LIMIT {
            return Err(InputProblem::TextTooLong { limit_mib: LINE_LIMIT >> 20 });
        }
        let text = std::str::from_utf8(&self.bytes)
            .map_err(|error| InputProblem::InvalidUtf8 { byte: error.valid_up_to() + 1 })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        Ok(format!("{{\"id\":{},\"text\":{}}}", json_string(&self.path), json_string(text)))
    }
}

impl RecordReader for TextFile {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        if std::mem::replace(&mut self.is_read, true) {
            return Ok(None);
        }
        // Read one byte more than the limit, to notice a file that is too long.
        if let Err(error) = (&mut self.source).take(LINE_LIMIT as u64 + 1).read_to_end(&mut self.bytes) {
            return Err(self.source.fault(&error, None));
        }
        let json = self.object().map(|object| {
            self.json = object;
            self.json.as_str()
        });
        Ok(Some(Record {
            place: self.place,
            shape: Shape::Text,
            member: None,
            bytes: &self.bytes,
            json,
            line: None,
        }))
    }

    fn hash(&self) -> String {
        self.source.hash()
    }
}
