//! CSV and TSV with a header: each record as an object of strings by column.
//!
//! Quoted cells may hold separators, line breaks and doubled quotes. Columns without a name (an index that pandas writes) are
//! left out. A record may not be longer than [`LINE_LIMIT`], so that a quote that is never closed does not fill the memory; a
//! record that is ends the reading, because nobody can tell where the next one would begin. Cells are freed of what guards
//! them in spreadsheets ([`super::spreadsheet`]).

use std::io::Read;

use csv::{ByteRecord, ReaderBuilder};

use super::spreadsheet::unguarded;
use super::{Record, RecordReader};
use crate::error::{InputError, InputProblem, Place};
use crate::format::row::json_string;
use crate::lines::LINE_LIMIT;
use crate::source::Source;

/// How much is read at once, in bytes.
const BLOCK: usize = 1 << 16;

/// A file read record by record.
pub(super) struct CommaSeparated {
    reader: csv::Reader<Fence>,
    /// The columns' names as JSON strings, once the header is read; `None` for a column without a name.
    columns: Option<Vec<Option<String>>>,
    record: ByteRecord,
    json: Vec<u8>,
}

/// Lets so many bytes through and then fails. Remembers the last block, because `csv` counts line breaks and does not say
/// whether it has passed that at the end of a record yet.
struct Fence {
    source: Source,
    left: usize,
    /// The last byte before the last block, and that block.
    last: Vec<u8>,
    /// How many bytes came before the last block.
    before: u64,
}

impl Fence {
    /// Whether the byte before this place of the file is a line break.
    fn is_behind_line_break(&self, place: u64) -> bool {
        let at = place.checked_sub(self.before).and_then(|at| self.last.get(at as usize));
        at == Some(&b'\n')
    }
}

impl Read for Fence {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        let length = self.source.read(into)?;
        self.left = self.left.saturating_sub(length);
        if length > 0 {
            self.before += self.last.len().saturating_sub(1) as u64;
            let end = self.last.last().copied().unwrap_or_default();
            self.last.clear();
            self.last.push(end);
            self.last.extend_from_slice(&into[..length]);
        }
        Ok(length)
    }
}

impl CommaSeparated {
    pub(super) fn of(source: Source, separator: u8) -> Self {
        let reader = ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BLOCK)
            .from_reader(Fence { source, left: LINE_LIMIT, last: Vec::new(), before: 0 });
        Self { reader, columns: None, record: ByteRecord::new(), json: Vec::new() }
    }

    /// Reads the next record. `false` at the end.
    fn read(&mut self) -> Result<bool, InputError> {
        self.reader.get_mut().left = LINE_LIMIT;
        self.reader.read_byte_record(&mut self.record).map_err(|error| {
            let source = &self.reader.get_ref().source;
            let place = Some(Place::Line(self.reader.position().line()));
            match error.into_kind() {
                csv::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                    let problem = InputProblem::RecordTooLong { limit_mib: LINE_LIMIT >> 20 };
                    InputError { file: source.file().to_owned(), place, problem }
                }
                csv::ErrorKind::Io(error) => source.fault(&error, place),
                other => {
                    let problem = InputProblem::Unreadable { detail: format!("{other:?}") };
                    InputError { file: source.file().to_owned(), place, problem }
                }
            }
        })
    }

    /// The line that the record just read begins on.
    fn line(&self) -> u64 {
        let (position, fence) = (self.reader.position(), self.reader.get_ref());
        let within: usize =
            self.record.iter().map(|cell| cell.split(|byte| *byte == b'\n').count() - 1).sum();
        let behind = u64::from(fence.is_behind_line_break(position.byte()));
        position.line().saturating_sub(within as u64 + behind).max(1)
    }

    /// The columns, from the header.
    fn header(&mut self) -> Result<Vec<Option<String>>, InputError> {
        let mut columns = Vec::new();
        if self.read()? {
            for (at, name) in self.record.iter().enumerate() {
                let name = cell(name, &format!("column {} of the header", at + 1));
                let name = name.map_err(|problem| self.bad_header(problem.to_string()))?.trim();
                let name = (!name.is_empty()).then(|| json_string(name));
                if name.is_some() && columns.contains(&name) {
                    let detail = format!("{} stands twice", name.unwrap_or_default());
                    return Err(self.bad_header(detail));
                }
                columns.push(name);
            }
        }
        Ok(columns)
    }

    fn bad_header(&self, detail: String) -> InputError {
        let file = self.reader.get_ref().source.file();
        InputError::at(file, Place::Line(1), InputProblem::BadHeader { detail })
    }
}

/// A cell as text.
fn cell<'a>(bytes: &'a [u8], column: &str) -> Result<&'a str, InputProblem> {
    std::str::from_utf8(bytes).map(unguarded).map_err(|error| InputProblem::Inside {
        part: column.to_owned(),
        problem: Box::new(InputProblem::InvalidUtf8 { byte: error.valid_up_to() + 1 }),
    })
}

/// Writes a record as an object.
fn write(columns: &[Option<String>], record: &ByteRecord, json: &mut Vec<u8>) -> Result<(), InputProblem> {
    json.clear();
    json.push(b'{');
    for (name, bytes) in columns.iter().zip(record) {
        let Some(name) = name else { continue };
        if json.len() > 1 {
            json.push(b',');
        }
        json.extend_from_slice(name.as_bytes());
        json.push(b':');
        // A string always has a JSON form.
        let _ = serde_json::to_writer(&mut *json, cell(bytes, &format_args!("column {name}").to_string())?);
    }
    json.push(b'}');
    if record.len() == columns.len() {
        return Ok(());
    }
    Err(InputProblem::CellCount { found: record.len(), expected: columns.len() })
}

impl RecordReader for CommaSeparated {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        if self.columns.is_none() {
            self.columns = Some(self.header()?);
        }
        if !self.read()? {
            return Ok(None);
        }
        let line = self.line();
        let columns = self.columns.as_deref().unwrap_or_default();
        let written = write(columns, &self.record, &mut self.json);
        let json = written.and_then(|()| {
            std::str::from_utf8(&self.json).map_err(|_| InputProblem::InvalidUtf8 { byte: 1 })
        });
        Ok(Some(Record { place: Place::Line(line), member: None, bytes: &self.json, json }))
    }

    fn hash(&self) -> String {
        self.reader.get_ref().source.hash()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Encoding;

    fn read(bytes: &[u8]) -> Result<Vec<(u64, String)>, String> {
        let source = Source::of("f", Box::new(std::io::Cursor::new(bytes.to_vec())), Encoding::default());
        let mut rows = CommaSeparated::of(source.unwrap(), b',');
        let mut out = Vec::new();
        while let Some(record) = rows.next_record().map_err(|error| error.to_string())? {
            let row = record.json.map_or_else(|problem| problem.to_string(), str::to_owned);
            out.push((record.place.number(), row));
        }
        Ok(out)
    }

    #[test]
    fn records_are_objects_with_the_line_that_they_begin_on() {
        let rows = read(b"\xef\xbb\xbf,id,text\r\n0,a,\"two\nlines, \"\"x\"\"\"\r\n\r\n1,b,'=1\n").unwrap();
        let first = (2, r#"{"id":"a","text":"two\nlines, \"x\""}"#.to_owned());
        assert_eq!(rows, [first, (5, r#"{"id":"b","text":"=1"}"#.to_owned())]);
        assert!(read(b"").unwrap().is_empty() && read(b"id,text\n").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_with_a_record_is_the_record_s_problem() {
        let rows = read(b"id,text\na\nb,\xff\nc,d,e\nf,g\n").unwrap();
        assert!(rows[0].1.starts_with("the record has 1 cells, the header names 2"), "{rows:?}");
        assert!(rows[1].1.starts_with("column \"text\": invalid UTF-8 at byte 1"), "{rows:?}");
        assert!(rows[2].1.starts_with("the record has 3 cells"), "{rows:?}");
        assert_eq!(rows[3], (5, r#"{"id":"f","text":"g"}"#.to_owned()));
        let message = read(b"id,id\na,b\n").unwrap_err();
        assert!(message.starts_with("f:1: the header is not usable: \"id\" stands twice"), "{message}");
    }

    #[test]
    fn a_quote_that_is_never_closed_ends_it() {
        let mut bytes = b"id,text\na,b\nc,\"".to_vec();
        bytes.resize(LINE_LIMIT + (1 << 20), b'\n');
        let message = read(&bytes).unwrap_err();
        assert!(message.contains("the record is longer than 16 MiB"), "{message}");
    }
}
