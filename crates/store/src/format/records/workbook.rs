//! Reads one sheet of an Excel workbook (.xlsx). Each row below the header becomes a JSON object of
//! strings by column. The sheet is the one that the user named, or else the first visible one.
//!
//! The header is the first row that is not empty. Whole numbers have no ".0", and dates and times
//! are in ISO format. An error value such as #N/A is an error. If cells of several rows are merged,
//! each of the rows has their value.
//!
//! The file is checked before the library reads it ([`limits`]). Another thread reads the rows,
//! because the library's reader of cells borrows the workbook.

mod limits;
mod rows;
mod values;

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::sync::mpsc::{Receiver, sync_channel};

use calamine::{Reader, SheetType, SheetVisible, Xlsx};

use super::{Reading, Record, RecordReader, Shape};
use crate::error::{Choice, InputError, InputProblem, Place, TableProblem, Told};
use crate::os_name::path_of;

/// The largest number of rows that wait to be taken from the other thread.
const WAITING: usize = 256;

/// The bytes of a workbook, in a file or in memory.
pub(super) trait Bytes: Read + Seek + Send {}

impl<T: Read + Seek + Send> Bytes for T {}

/// A workbook in the library's representation.
type Book = Xlsx<BufReader<Box<dyn Bytes>>>;

/// A sheet of a workbook that is read row by row.
pub(super) struct Workbook {
    file: String,
    sheet: String,
    /// The names of the other sheets; empty if the user named this one.
    others: Vec<String>,
    /// Whether no row has been read yet.
    is_empty: bool,
    rows: Receiver<Message>,
    hash: String,
    json: String,
    ended: bool,
}

/// A message from the thread that reads the sheet.
enum Message {
    /// The place of a row, and the row as a JSON object or its error.
    Row(Place, Result<String, InputProblem>),
    /// Reading failed with this error.
    Failed(InputError),
    /// The sheet was read to its end.
    End,
}

/// Returns the error for a damaged workbook. `detail` is the library's description.
fn broken(detail: &impl ToString) -> InputProblem {
    TableProblem::BrokenWorkbook { detail: detail.to_string() }.into()
}

/// Calls `work`, which uses the library. A damaged file can make the library panic; then this
/// function returns an error.
fn caught<T>(work: impl FnOnce() -> Result<T, InputProblem>) -> Result<T, InputProblem> {
    querist_core::caught(work).unwrap_or_else(|| Err(broken(&"the reader failed on it")))
}

impl Workbook {
    /// Opens a sheet of a workbook. If the workbook has several sheets and the user named none,
    /// also returns a remark that says which sheet is read.
    ///
    /// # Errors
    /// The workbook cannot be read, is damaged, exceeds a limit, or has no sheet with the name.
    pub(super) fn open(file: &str, reading: &Reading) -> Result<(Self, Option<Told>), InputError> {
        let unreadable = |error: std::io::Error| unreadable(file, &error);
        let source = File::open(path_of(file)).map_err(unreadable)?;
        let mut hash = blake3::Hasher::new();
        hash.update_reader(&source).map_err(unreadable)?;
        Self::of(file, Box::new(source), &hash, reading)
    }

    /// Opens a sheet of a workbook in memory, as [`Self::open`] does for a file. `file` is the
    /// workbook's name in messages.
    ///
    /// # Errors
    /// The errors of [`Self::open`].
    pub(super) fn of_bytes(
        file: &str,
        bytes: Vec<u8>,
        reading: &Reading,
    ) -> Result<(Self, Option<Told>), InputError> {
        let mut hash = blake3::Hasher::new();
        hash.update(&bytes);
        Self::of(file, Box::new(Cursor::new(bytes)), &hash, reading)
    }

    /// Opens a sheet of the workbook in `source`. `hash` has hashed the workbook's bytes already.
    fn of(
        file: &str,
        mut source: Box<dyn Bytes>,
        hash: &blake3::Hasher,
        reading: &Reading,
    ) -> Result<(Self, Option<Told>), InputError> {
        let fault = |problem| InputError::of_file(file, problem);
        let unreadable = |error: std::io::Error| unreadable(file, &error);
        let size = limits::check(file, &mut source)?;
        source.rewind().map_err(unreadable)?;
        let source = BufReader::new(source);
        let mut book: Book = caught(|| Xlsx::new(source).map_err(|error| broken(&error))).map_err(fault)?;
        let (sheet, others) = choose(&book, reading.sheet.as_deref()).map_err(fault)?;
        let merged = caught(|| book.merge_cells_by_sheet_name(&sheet).map_err(|error| broken(&error)))
            .map_err(fault)?;
        let (sender, rows) = sync_channel(WAITING);
        let place = format!("{file}/{sheet}");
        let (name, wanted) = (sheet.clone(), reading.fields.clone());
        let work = move || {
            let mut rows = rows::Rows::new(place.clone(), wanted, merged, size, sender);
            let read = caught(|| Ok(rows.read(&mut book, &name)));
            let end = match read.unwrap_or_else(|problem| Err(InputError::of_file(&place, problem))) {
                Ok(()) => Message::End,
                Err(error) => Message::Failed(error),
            };
            rows.send(end);
        };
        std::thread::Builder::new().spawn(work).map_err(unreadable)?;
        let hash = hash.finalize().to_hex().to_string();
        let told = (!others.is_empty()).then(|| {
            let text = format!("the sheet {sheet:?} is read; the others are: {}", others.join(", "));
            Told { text, choice: Some(Choice::Sheet) }
        });
        let (file, json, ended, is_empty) = (file.to_owned(), String::new(), false, true);
        Ok((Self { file, sheet, others, is_empty, rows, hash, json, ended }, told))
    }
}

/// Returns the error for a file that the system cannot read.
fn unreadable(file: &str, error: &std::io::Error) -> InputError {
    InputError::of_file(file, InputProblem::Unreadable { detail: error.to_string() })
}

/// Returns the name of the sheet to read, and the names of the other sheets if the user named none.
fn choose(book: &Book, asked: Option<&str>) -> Result<(String, Vec<String>), InputProblem> {
    let sheets = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let names: Vec<&str> = sheets.clone().map(|sheet| sheet.name.as_str()).collect();
    if let Some(asked) = asked {
        let found = names.iter().find(|name| **name == asked);
        let found = found.or_else(|| names.iter().find(|name| name.to_lowercase() == asked.to_lowercase()));
        let missing = || -> InputProblem {
            TableProblem::NoSuchSheet { name: asked.to_owned(), known: names.join(", ") }.into()
        };
        return Ok(((*found.ok_or_else(missing)?).to_owned(), Vec::new()));
    }
    let visible = sheets.clone().find(|sheet| sheet.visible == SheetVisible::Visible);
    let sheet = visible.or_else(|| sheets.clone().next()).ok_or_else(|| broken(&"it has no sheet"))?;
    let others = names.into_iter().filter(|name| *name != sheet.name).map(str::to_owned).collect();
    Ok((sheet.name.clone(), others))
}

impl RecordReader for Workbook {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        if self.ended {
            return Ok(None);
        }
        match self.rows.recv() {
            Ok(Message::Row(place, row)) => {
                self.is_empty = false;
                let json = row.map(|row| {
                    self.json = row;
                    self.json.as_str()
                });
                let bytes = json.as_ref().map_or(&b""[..], |json| json.as_bytes());
                Ok(Some(Record {
                    place,
                    shape: Shape::Cells,
                    member: Some(&self.sheet),
                    bytes,
                    json,
                    line: None,
                }))
            }
            Ok(Message::End) => {
                self.ended = true;
                if self.is_empty && !self.others.is_empty() {
                    let (sheet, others) = (self.sheet.clone(), self.others.join(", "));
                    let problem = TableProblem::EmptySheet { sheet, others };
                    return Err(InputError::of_file(&self.file, problem.into()));
                }
                Ok(None)
            }
            Ok(Message::Failed(error)) => {
                self.ended = true;
                Err(error)
            }
            Err(_) => {
                self.ended = true;
                Err(InputError::of_file(&self.file, broken(&"reading broke off")))
            }
        }
    }

    fn hash(&self) -> String {
        self.hash.clone()
    }
}

#[cfg(test)]
mod tests;
