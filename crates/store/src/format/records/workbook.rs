//! An Excel workbook (.xlsx): the rows of one sheet below a header, as objects of strings by column, like those of CSV.
//!
//! The first row with a cell is the header. Numbers come as they are, whole ones without ".0", dates and times in ISO form, booleans
//! as true and false; a cell with an error such as #N/A is an error. A value that spans merged cells stands in each row that it
//! spans. The first sheet that is not hidden is read, or the one that is named.
//!
//! The file is checked before the library sees it ([`limits`]), and rows are read in a thread of their own, because the library's
//! reader of cells borrows the workbook. So memory holds the workbook's strings and some rows.

mod limits;
mod rows;
mod values;

use std::fs::File;
use std::io::BufReader;
use std::sync::mpsc::{Receiver, sync_channel};

use calamine::{Reader, SheetType, SheetVisible, Xlsx};

use super::{Reading, Record, RecordReader};
use crate::error::{InputError, InputProblem, Place, TableProblem};

pub(super) use self::limits::{Kind, kind};

/// How many rows may wait to be taken.
const WAITING: usize = 256;

/// A sheet read row by row.
pub(super) struct Workbook {
    file: String,
    sheet: String,
    rows: Receiver<Message>,
    hash: String,
    json: String,
    ended: bool,
}

/// What comes out of the thread.
enum Message {
    /// A row with its place, as an object or what is wrong with it.
    Row(Place, Result<String, InputProblem>),
    /// There is no reading on.
    Failed(InputError),
    /// There are no more.
    End,
}

/// What is wrong with a workbook, in the library's words.
fn broken(detail: &impl ToString) -> InputProblem {
    TableProblem::BrokenWorkbook { detail: detail.to_string() }.into()
}

/// Calls into the library, which may panic over a damaged file.
fn caught<T>(work: impl FnOnce() -> Result<T, InputProblem>) -> Result<T, InputProblem> {
    querist_core::caught(work).unwrap_or_else(|| Err(broken(&"the reader gave up on it")))
}

impl Workbook {
    /// Opens a sheet. Also gives what to say of the choice, where there was one.
    ///
    /// # Errors
    /// The workbook is damaged, breaks a limit, or has no such sheet.
    pub(super) fn open(file: &str, reading: &Reading) -> Result<(Self, Option<String>), InputError> {
        let fault = |problem| InputError::of_file(file, problem);
        let unreadable =
            |error: std::io::Error| fault(InputProblem::Unreadable { detail: error.to_string() });
        let mut hash = blake3::Hasher::new();
        hash.update_reader(File::open(file).map_err(unreadable)?).map_err(unreadable)?;
        let size = limits::check(file)?;
        let source = BufReader::new(File::open(file).map_err(unreadable)?);
        let mut book = caught(|| Xlsx::new(source).map_err(|error| broken(&error))).map_err(fault)?;
        let (sheet, told) = choose(&book, reading.sheet.as_deref()).map_err(fault)?;
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
        let (json, ended) = (String::new(), false);
        Ok((Self { file: file.to_owned(), sheet, rows, hash, json, ended }, told))
    }
}

/// The sheet to read, and what to say if it was one of several.
fn choose(
    book: &Xlsx<BufReader<File>>,
    asked: Option<&str>,
) -> Result<(String, Option<String>), InputProblem> {
    let sheets = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let names: Vec<&str> = sheets.clone().map(|sheet| sheet.name.as_str()).collect();
    if let Some(asked) = asked {
        let found = names.iter().find(|name| **name == asked);
        let found = found.or_else(|| names.iter().find(|name| name.to_lowercase() == asked.to_lowercase()));
        let missing = || -> InputProblem {
            TableProblem::NoSuchSheet { name: asked.to_owned(), known: names.join(", ") }.into()
        };
        return Ok(((*found.ok_or_else(missing)?).to_owned(), None));
    }
    let visible = sheets.clone().find(|sheet| sheet.visible == SheetVisible::Visible);
    let sheet = visible.or_else(|| sheets.clone().next()).ok_or_else(|| broken(&"it has no sheet"))?;
    let others: Vec<&str> = names.into_iter().filter(|name| *name != sheet.name).collect();
    let told = format!(
        "the sheet {:?} is read; choose another with --sheet NAME: {}",
        sheet.name,
        others.join(", ")
    );
    Ok((sheet.name.clone(), (!others.is_empty()).then_some(told)))
}

impl RecordReader for Workbook {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        if self.ended {
            return Ok(None);
        }
        match self.rows.recv() {
            Ok(Message::Row(place, row)) => {
                let json = row.map(|row| {
                    self.json = row;
                    self.json.as_str()
                });
                let bytes = json.as_ref().map_or(&b""[..], |json| json.as_bytes());
                Ok(Some(Record { place, has_named_fields: true, member: Some(&self.sheet), bytes, json }))
            }
            Ok(Message::End) => {
                self.ended = true;
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
