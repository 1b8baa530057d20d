//! CSV and TSV with a header: each record as an object of strings by column.
//!
//! Quoted cells may hold separators, line breaks and doubled quotes. Columns without a name (an index that pandas writes) are
//! left out. Cells are freed of what guards
//! them in spreadsheets ([`super::spreadsheet`]).

use csv::{ByteRecord, Trim};

use super::spreadsheet::unguarded;
use super::{Record, RecordReader};
use crate::error::{InputError, InputProblem, Place};
use crate::format::row::json_string;
use crate::format::separated::Separated;
use crate::source::Source;

/// A file read record by record.
pub(super) struct CommaSeparated {
    records: Separated,
    /// The columns' names as JSON strings, once the header is read; `None` for a column without a name.
    columns: Option<Vec<Option<String>>>,
    json: Vec<u8>,
}

impl CommaSeparated {
    pub(super) fn of(source: Source, separator: u8) -> Self {
        let records = Separated::of(source, separator, Trim::None);
        Self { records, columns: None, json: Vec::new() }
    }

    /// The columns, from the header.
    fn header(&mut self) -> Result<Vec<Option<String>>, InputError> {
        let mut columns = Vec::new();
        if self.records.read()? {
            for (at, name) in self.records.record().iter().enumerate() {
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
        let file = self.records.source().file();
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
        if !self.records.read()? {
            return Ok(None);
        }
        let line = self.records.line();
        let columns = self.columns.as_deref().unwrap_or_default();
        let written = write(columns, self.records.record(), &mut self.json);
        let json = written.and_then(|()| {
            std::str::from_utf8(&self.json).map_err(|_| InputProblem::InvalidUtf8 { byte: 1 })
        });
        Ok(Some(Record { place: Place::Line(line), member: None, bytes: &self.json, json }))
    }

    fn hash(&self) -> String {
        self.records.source().hash()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::LINE_LIMIT;
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
