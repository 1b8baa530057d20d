//! Reads text tables with a header, such as CSV and TSV. A record becomes a JSON object of strings
//! by column, or its cells are read directly.
//!
//! Callers that need all columns, such as an import, read JSON objects. Callers that need a few
//! columns of a long file read cells ([`ByCell`]). That is faster, and the other columns may
//! contain anything and may even have equal names.
//!
//! If the first column has no name, it is left out, because it is an index from pandas or R. In any
//! other column without a name, a value is an error. An apostrophe that keeps a spreadsheet from
//! reading a cell as a formula is removed ([`super::spreadsheet`]).

use super::spreadsheet::unguarded;
use super::{Record, RecordReader, Shape};
use crate::error::{InputError, InputProblem, Place, TableProblem, Told};
use crate::format::cells::Line;
use crate::format::header;
use crate::format::row::json_string;
use crate::format::separated::{Separated, Usual};
use crate::source::Source;

/// A text table whose records are read as JSON objects.
pub(super) struct CommaSeparated {
    records: Separated,
    /// The field names that the caller needs.
    wanted: Vec<String>,
    /// The names of the columns as JSON strings, `None` for a column without a name. The list is
    /// `None` until the header is read.
    columns: Option<Vec<Option<String>>>,
    json: Vec<u8>,
}

impl CommaSeparated {
    /// Opens a table. Its separator is the one that the header shows, or else `usual`. `wanted` has
    /// the field names that the caller needs.
    ///
    /// # Errors
    /// The source cannot be read.
    pub(super) fn of(source: Source, usual: Usual, wanted: &[String]) -> Result<Self, InputError> {
        let records = Separated::of(source, usual)?;
        Ok(Self { records, wanted: wanted.to_vec(), columns: None, json: Vec::new() })
    }

    /// Reads the header and returns the names of the columns as JSON strings; an empty list if the
    /// file is empty.
    fn header(&mut self) -> Result<Vec<Option<String>>, InputError> {
        if !self.records.read()? {
            return Ok(Vec::new());
        }
        let fault = self.records.take_fault();
        let names = fault.map_or_else(|| header::names(self.records.cells(), &self.wanted), Err);
        let names = names.map_err(|problem| {
            InputError::at(self.records.source().file(), Place::Line(self.records.begins_on()), problem)
        })?;
        Ok(names.into_iter().map(|name| name.map(|name| json_string(&name))).collect())
    }
}

/// A text table whose records are read as cells.
pub(super) struct ByCell {
    records: Separated,
    /// The names of the columns and the line number of the header; `None` until the header is read.
    header: Option<(Vec<String>, u64)>,
}

impl ByCell {
    /// Opens a table as [`CommaSeparated::of`] does.
    ///
    /// # Errors
    /// The source cannot be read.
    pub(super) fn of(source: Source, usual: Usual) -> Result<Self, InputError> {
        Ok(Self { records: Separated::of(source, usual)?, header: None })
    }
}

impl RecordReader for ByCell {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        let records = &mut self.records;
        if self.header.is_none() && records.read()? {
            let line = records.begins_on();
            let fault = records.take_fault();
            let names = fault.map_or_else(|| header::as_they_stand(records.cells()), Err);
            let names = names
                .map_err(|problem| InputError::at(records.source().file(), Place::Line(line), problem))?;
            self.header = Some((names, line));
        }
        if !records.read()? {
            return Ok(None);
        }
        let place = Place::Line(records.begins_on());
        let json = records.take_fault().map_or(Ok(""), Err);
        let (names, header) = self.header.as_ref().map_or((&[][..], 0), |(names, line)| (&names[..], *line));
        let line = Some(Line { record: records, names, header });
        let bytes = records.as_it_stands();
        Ok(Some(Record { place, shape: Shape::Cells, member: None, bytes, json, line }))
    }

    fn hash(&self) -> String {
        self.records.source().hash()
    }

    fn remarks(&self) -> Vec<Told> {
        self.records.remarks().into_iter().map(Told::from).collect()
    }
}

/// Replaces the content of `json` by a record, as a JSON object. Fails if a cell is not UTF-8, if a
/// cell without a column name has a value, or if the number of cells is wrong.
fn write(columns: &[Option<String>], record: &Separated, json: &mut Vec<u8>) -> Result<(), InputProblem> {
    json.clear();
    json.push(b'{');
    for (at, (name, bytes)) in columns.iter().zip(record.cells()).enumerate() {
        let Some(name) = name else {
            if at > 0 && !bytes.trim_ascii().is_empty() && record.len() == columns.len() {
                return Err(TableProblem::UnnamedCell { cell: at + 1 }.into());
            }
            continue;
        };
        if json.len() > 1 {
            json.push(b',');
        }
        json.extend_from_slice(name.as_bytes());
        json.push(b':');
        let text = std::str::from_utf8(bytes).map_err(|error| InputProblem::Inside {
            part: format!("column {name}"),
            problem: Box::new(InputProblem::InvalidUtf8 { byte: error.valid_up_to() + 1 }),
        })?;
        // Writing a string into a vector cannot fail.
        let _ = serde_json::to_writer(&mut *json, unguarded(text));
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
        let line = self.records.begins_on();
        let fault = self.records.take_fault();
        let columns = self.columns.as_deref().unwrap_or_default();
        let written = match fault {
            Some(problem) => {
                self.json.clear();
                self.json.extend_from_slice(self.records.as_it_stands());
                Err(problem)
            }
            None => write(columns, &self.records, &mut self.json),
        };
        let json = written.and_then(|()| {
            std::str::from_utf8(&self.json).map_err(|_| InputProblem::InvalidUtf8 { byte: 1 })
        });
        Ok(Some(Record {
            place: Place::Line(line),
            shape: Shape::Cells,
            member: None,
            bytes: &self.json,
            json,
            line: None,
        }))
    }

    fn hash(&self) -> String {
        self.records.source().hash()
    }

    fn remarks(&self) -> Vec<Told> {
        self.records.remarks().into_iter().map(Told::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Encoding;

    fn read(bytes: &[u8]) -> Result<Vec<(u64, String)>, String> {
        let source = Source::of("f", Box::new(std::io::Cursor::new(bytes.to_vec())), Encoding::default());
        let mut rows =
            CommaSeparated::of(source.unwrap(), Usual::Comma, &[]).map_err(|error| error.to_string())?;
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
        assert!(rows[0].1.starts_with("the record has 1 cells, but the header has 2"), "{rows:?}");
        assert!(rows[1].1.starts_with("column \"text\": invalid UTF-8 at byte 1"), "{rows:?}");
        assert!(rows[2].1.starts_with("the record has 3 cells"), "{rows:?}");
        assert_eq!(rows[3], (5, r#"{"id":"f","text":"g"}"#.to_owned()));
        let rows = read(b"id,text,\na,b,\nc,d,e\n").unwrap();
        assert!(
            rows[0].1.ends_with(r#""text":"b"}"#) && rows[1].1.starts_with("cell 3 is not empty"),
            "{rows:?}"
        );
        let rows = read(b"id,text\na,\"b\" c\nd,e\n").unwrap();
        assert!(rows[0].1.starts_with("characters follow the closing quote of cell 2"), "{rows:?}");
        assert_eq!(rows[1], (3, r#"{"id":"d","text":"e"}"#.to_owned()));
        let message = read(b"id,id\na,b\n").unwrap_err();
        assert!(message.starts_with("f:1: the header cannot be used: \"id\" appears twice"), "{message}");
    }
}
