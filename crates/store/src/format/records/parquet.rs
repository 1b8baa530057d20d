//! Reads the rows of a Parquet file as JSON objects, so that all code that reads JSON Lines also
//! reads Parquet, with the same checks.
//!
//! Structs and maps become objects, and lists become lists; [`values`] has the rules for other
//! types. Rows are read one at a time. Memory is bounded, even if a malicious file claims false
//! sizes ([`pages`], [`groups`]). A row's place is its number, from 1.

mod cells;
mod groups;
mod levels;
mod pages;
mod texts;
mod values;

use std::fs::File;
use std::io::{ErrorKind, Read};

use parquet::errors::ParquetError;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::Row;

pub(in crate::format) use self::cells::Cell;
use self::groups::{Groups, LongRow};
use self::values::Columns;
use super::{Record, RecordReader, Shape};
use crate::error::{InputError, InputProblem, Place};
use crate::lines::LINE_LIMIT;
use crate::os_name::path_of;
use crate::source::{RATIO_FROM, RATIO_LIMIT};

/// The first bytes of every Parquet file.
const MAGIC: &[u8; 4] = b"PAR1";

/// A Parquet file that is read row by row.
pub struct ParquetRows {
    file: String,
    rows: Groups,
    columns: Columns,
    /// The number of the row that was read last, from 1; 0 before the first.
    number: u64,
    hash: String,
    json: String,
    /// The length of the file, in bytes.
    length: u64,
    /// The total length of the rows so far, in bytes.
    produced: u64,
    /// Whether reading has failed. If so, the library must not be called again.
    broken: bool,
}

/// The number of a row, from 1, and the row or its error.
pub(in crate::format) type NumberedRow<T> = (u64, Result<Taken<T>, InputProblem>);

impl ParquetRows {
    /// Opens a Parquet file. Returns `None` for standard input, for a folder, and for a file whose
    /// first four bytes are not those of Parquet. `fields` lists the names of the columns that the
    /// caller needs; if it is empty, the caller needs all.
    ///
    /// # Errors
    /// The file cannot be read, is a damaged Parquet file, has two columns with the same name, or
    /// has an unsupported compression.
    pub fn open(file: &str, fields: &[String]) -> Result<Option<Self>, InputError> {
        let fault = |problem| InputError::of_file(file, problem);
        let unreadable =
            |error: std::io::Error| fault(InputProblem::Unreadable { detail: error.to_string() });
        let path = path_of(file);
        if file == "-" || path.is_dir() {
            return Ok(None);
        }
        let mut source = File::open(&path).map_err(unreadable)?;
        let mut magic = [0; MAGIC.len()];
        match source.read_exact(&mut magic) {
            Ok(()) if &magic == MAGIC => {}
            Err(error) if error.kind() != ErrorKind::UnexpectedEof => return Err(unreadable(error)),
            _ => return Ok(None),
        }
        let mut hash = blake3::Hasher::new();
        hash.update_reader(File::open(&path).map_err(unreadable)?).map_err(unreadable)?;
        let length = source.metadata().map_err(unreadable)?.len();
        let sizes = source.try_clone().map_err(unreadable)?;
        let reader = caught(|| SerializedFileReader::new(source)).map_err(fault)?;
        let reader = reader.map_err(|error| fault(broken(&error)))?;
        let sizes = caught(|| pages::check(&sizes, reader.metadata())).and_then(|checked| checked);
        let sizes = sizes.map_err(fault)?;
        let columns = caught(|| Columns::of(reader.metadata(), fields));
        let columns = columns.and_then(|columns| columns).map_err(fault)?;
        Ok(Some(Self {
            file: file.to_owned(),
            rows: Groups::new(reader, sizes),
            columns,
            number: 0,
            hash: hash.finalize().to_hex().to_string(),
            json: String::new(),
            length,
            produced: 0,
            broken: false,
        }))
    }

    /// Opens a Parquet file. Fails if the file is not a Parquet file.
    ///
    /// # Errors
    /// The errors of [`Self::open`], or the file is not a Parquet file.
    pub fn open_surely(file: &str, fields: &[String]) -> Result<Self, InputError> {
        let detail = "it does not begin like a Parquet file".to_owned();
        Self::open(file, fields)?
            .ok_or_else(|| InputError::of_file(file, InputProblem::BrokenParquet { detail }))
    }

    /// Returns the number of the next row, and the row as a JSON object; `None` at the end.
    ///
    /// # Errors
    /// The file is damaged or exceeds a limit, or a column that should contain text has bytes that
    /// are not UTF-8.
    pub fn next_row(&mut self) -> Result<Option<(u64, String)>, InputError> {
        let Some(row) = self.read_row()? else { return Ok(None) };
        let row = row.map_err(|problem| InputError::at(&self.file, Place::Row(self.number), problem));
        row.map(|row| Some((self.number, row)))
    }

    /// Calls `take` with the cells of the next row, each with its column's name. Returns the row's
    /// number and the result of `take`. If `take` returns `None`, returns the row as JSON instead.
    /// Returns `None` at the end of the file.
    ///
    /// # Errors
    /// The file cannot be read any further. A bad row is no error here: the result contains the
    /// row's error.
    pub(in crate::format) fn next_taken<T>(
        &mut self,
        take: impl FnOnce(&[(&str, Cell<'_>)]) -> Option<T>,
    ) -> Result<Option<NumberedRow<T>>, InputError> {
        let taken = self.read(|columns, row| {
            if let Some(taken) = take(&cells::cells(columns, &row)) {
                return (cells::length(&row), Ok(Taken::Row(taken)));
            }
            let json = columns.object(row);
            (json.iter().map(String::len).sum(), json.map(Taken::Json))
        })?;
        Ok(taken.map(|taken| (self.number, taken)))
    }

    /// Returns the next row as JSON, or its error; `None` at the end of the file. Fails if the file
    /// cannot be read any further.
    fn read_row(&mut self) -> Result<Option<Result<String, InputProblem>>, InputError> {
        self.read(|columns, row| {
            let json = columns.object(row);
            (json.iter().map(String::len).sum(), json)
        })
    }

    /// Calls `make` with the next row. `make` returns the row's length in bytes, and a value, which
    /// this function returns. Returns `None` at the end of the file.
    fn read<T>(&mut self, make: impl FnOnce(&Columns, Row) -> (usize, T)) -> Result<Option<T>, InputError> {
        if self.broken {
            return Ok(None);
        }
        self.number += 1;
        let (rows, columns) = (&mut self.rows, &self.columns);
        // A page contains many rows, so the error may be about a later row. The message must then
        // name that row.
        let mut number = self.number;
        let row = caught(|| match rows.next_row() {
            Ok(Some(row)) if cells::length(&row) > LINE_LIMIT => Err(too_long()),
            Ok(row) => Ok(row.map(|row| make(columns, row))),
            Err(error) => Err(LongRow::of(&error).map_or_else(
                || broken(&error),
                |long| {
                    number = long.row;
                    InputProblem::RowListsTooLong { limit_mib: groups::ROW >> 20 }
                },
            )),
        });
        let row = row.and_then(|row| row).and_then(|row| match row {
            Some((length, row)) => self.within_limit(length).map(|()| Some(row)),
            None => Ok(None),
        });
        row.map_err(|problem| {
            self.broken = true;
            InputError::at(&self.file, Place::Row(number), problem)
        })
    }

    /// Fails if a row is too long, or if all rows together are too long for the size of the file. A
    /// small file can contain very many rows: six million empty rows fit into 11 KB, and thousands
    /// of rows can share one long text.
    fn within_limit(&mut self, length: usize) -> Result<(), InputProblem> {
        if length > LINE_LIMIT {
            return Err(too_long());
        }
        self.produced += length as u64;
        if self.produced > RATIO_FROM && self.produced / RATIO_LIMIT > self.length {
            return Err(InputProblem::Bomb { ratio: RATIO_LIMIT });
        }
        Ok(())
    }

    /// Returns the BLAKE3 hash of the file, in hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

/// The result of reading a row's cells, or the row as JSON.
#[derive(Debug)]
pub(in crate::format) enum Taken<T> {
    /// The result of `take` for the row's cells.
    Row(T),
    /// The row as a JSON object, because `take` returned `None`.
    Json(String),
}

impl RecordReader for ParquetRows {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        let Some(row) = self.read_row()? else { return Ok(None) };
        self.json.clear();
        let json = row.map(|row| self.json = row).map(|()| self.json.as_str());
        let place = Place::Row(self.number);
        let bytes = json.as_ref().map_or(&b""[..], |json| json.as_bytes());
        Ok(Some(Record { place, shape: Shape::Cells, member: None, bytes, json, line: None }))
    }

    fn hash(&self) -> String {
        self.hash.clone()
    }
}

/// Calls `work`, which uses the library. On some damaged files, the library panics; then this
/// function returns an error.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, InputProblem> {
    let gave_up = || InputProblem::BrokenParquet { detail: "the reader failed on it".to_owned() };
    querist_core::caught(work).ok_or_else(gave_up)
}

/// Returns the error for a row that is too long.
fn too_long() -> InputProblem {
    InputProblem::RowTooLong { limit_mib: LINE_LIMIT >> 20 }
}

/// Returns the error for a damaged file.
fn broken(error: &ParquetError) -> InputProblem {
    InputProblem::BrokenParquet { detail: error.to_string() }
}

#[cfg(test)]
mod tests;
