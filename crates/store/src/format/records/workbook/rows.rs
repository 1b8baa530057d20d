//! Collects the cells of a sheet into rows, and writes the rows as JSON objects.

use std::sync::mpsc::SyncSender;

use calamine::{DataRef, Dimensions};

use super::values::text;
use super::{Book, Message, broken};
use crate::error::{InputError, InputProblem, Place, TableProblem};
use crate::format::header;
use crate::format::records::unguarded;
use crate::format::row::json_string;
use crate::lines::LINE_LIMIT;
use crate::source::{RATIO_FROM, RATIO_LIMIT};

/// Nobody receives the rows any more.
struct NotWanted;

/// The state of reading a sheet.
pub(super) struct Rows {
    /// The name of the file and the sheet for an error message, such as `a.xlsx/Sheet1`.
    place: String,
    /// The field names that the caller needs.
    wanted: Vec<String>,
    /// The groups of merged cells whose first row was not read yet. The last in the list begins
    /// furthest up.
    merged: Vec<Dimensions>,
    /// The groups of merged cells that continue in later rows, each as (last row, column, value).
    spanning: Vec<(u32, u32, String)>,
    /// The names of the columns, as JSON strings; `None` until the header is read.
    columns: Option<Vec<Option<String>>>,
    /// The largest number of bytes that all rows may have together as JSON.
    most: u64,
    /// The number of bytes that the rows have had so far.
    made: u64,
    sender: SyncSender<Message>,
}

/// The cells of one row, starting with the first column.
#[derive(Default)]
struct Cells {
    /// The row's number, from 0.
    row: u32,
    /// The text of each cell; `None` for an empty cell.
    texts: Vec<Option<String>>,
    /// The column and the error of the first cell that cannot be used.
    fault: Option<(u32, InputProblem)>,
}

impl Rows {
    /// Returns the state at the start of a sheet. `size` is the size of the workbook's file in
    /// bytes; `sender` receives the rows.
    pub(super) fn new(
        place: String,
        wanted: Vec<String>,
        mut merged: Vec<Dimensions>,
        size: u64,
        sender: SyncSender<Message>,
    ) -> Self {
        merged.sort_unstable_by_key(|merged| std::cmp::Reverse(merged.start));
        let most = RATIO_LIMIT.saturating_mul(size).max(RATIO_FROM);
        Self { place, wanted, merged, spanning: Vec::new(), columns: None, most, made: 0, sender }
    }

    /// Sends a message, if the receiver is still there.
    pub(super) fn send(&self, message: Message) {
        let _ = self.sender.send(message);
    }

    /// Reads the sheet and sends its rows, to the end of the sheet or until nobody receives the
    /// rows any more.
    pub(super) fn read(&mut self, book: &mut Book, sheet: &str) -> Result<(), InputError> {
        let fault = |place: &str, error: calamine::XlsxError| InputError::of_file(place, broken(&error));
        let mut reader = book.worksheet_cells_reader(sheet).map_err(|error| fault(&self.place, error))?;
        let mut cells = Cells::default();
        while let Some(cell) =
            reader.next_cell_with_formula_metadata().map_err(|error| fault(&self.place, error))?
        {
            let (row, column) = cell.pos;
            if row != cells.row {
                if row < cells.row {
                    return Err(InputError::of_file(&self.place, broken(&"its rows are not in order")));
                }
                let finished = std::mem::replace(&mut cells, Cells { row, ..Cells::default() });
                if self.finish(finished)?.is_err() {
                    return Ok(());
                }
            }
            let at = column as usize;
            if cells.texts.len() <= at {
                cells.texts.resize(at + 1, None);
            }
            let found = match cell.value {
                // The program that wrote the file did not compute the formula, so its value is
                // unknown.
                DataRef::Empty if cell.formula.is_some() => Err(TableProblem::NotComputed.into()),
                value => text(value),
            };
            match found {
                Ok(text) => cells.texts[at] = text.filter(|text| !text.is_empty()),
                Err(problem) => {
                    cells.texts[at] = Some(String::new());
                    cells.fault.get_or_insert((column, problem));
                }
            }
        }
        self.finish(cells).map(|_| ())
    }

    /// Handles a complete row. A blank row is skipped. The first row that is not blank is the
    /// header; every later row is sent. Returns `NotWanted` if nobody receives the row.
    fn finish(&mut self, mut cells: Cells) -> Result<Result<(), NotWanted>, InputError> {
        if self.columns.is_some() {
            self.span(&mut cells);
        }
        let is_blank = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
        if cells.fault.is_none() && cells.texts.iter().all(is_blank) {
            return Ok(Ok(()));
        }
        let row = u64::from(cells.row) + 1;
        let last = cells.texts.len().saturating_sub(1) as u32;
        let (mut place, mut written) = (Place::Cells { row, first: 0, last }, Ok(String::new()));
        if let Some((column, problem)) = cells.fault.take() {
            place = Place::Cells { row, first: column, last: column };
            written = Err(problem);
        }
        let Some(columns) = &self.columns else {
            let names = written.and_then(|_| {
                let names = cells.texts.iter().map(|text| text.as_deref().unwrap_or_default().as_bytes());
                header::names(names, &self.wanted)
            });
            let names = names.map_err(|problem| InputError::at(&self.place, place, problem))?;
            self.columns = Some(names.into_iter().map(|name| name.map(|name| json_string(&name))).collect());
            return Ok(Ok(()));
        };
        let unnamed = |(at, text): (usize, &Option<String>)| {
            let is_named = columns.get(at).is_some_and(|name| name.is_some() || at == 0);
            (!is_named && !is_blank(text)).then_some(at as u32)
        };
        if let (true, Some(column)) = (written.is_ok(), cells.texts.iter().enumerate().find_map(unnamed)) {
            place = Place::Cells { row, first: column, last: column };
            written = Err(TableProblem::UnnamedCell { cell: column as usize + 1 }.into());
        }
        let written = written.and_then(|_| object(columns, &cells.texts));
        self.made += written.as_ref().map_or(0, String::len) as u64;
        if self.made > self.most {
            return Err(InputError::at(&self.place, place, InputProblem::Bomb { ratio: RATIO_LIMIT }));
        }
        Ok(self.sender.send(Message::Row(place, written)).map_err(|_| NotWanted))
    }

    /// Fills in the values of merged cells that began in earlier rows. Remembers the merged cells
    /// that begin in this row and continue in later rows.
    fn span(&mut self, cells: &mut Cells) {
        self.spanning.retain(|(last, ..)| *last >= cells.row);
        for (_, column, text) in &self.spanning {
            let at = *column as usize;
            if cells.texts.len() <= at {
                cells.texts.resize(at + 1, None);
            }
            cells.texts[at].get_or_insert_with(|| text.clone());
        }
        while let Some(merged) = self.merged.pop_if(|merged| merged.start.0 <= cells.row) {
            let (row, column) = merged.start;
            let text = cells.texts.get(column as usize).cloned().flatten();
            if let (true, true, Some(text)) = (row == cells.row, merged.end.0 > row, text) {
                self.spanning.push((merged.end.0, column, text));
            }
        }
    }
}

/// Returns a row as a JSON object of strings. Fails if the object is longer than the limit.
fn object(columns: &[Option<String>], texts: &[Option<String>]) -> Result<String, InputProblem> {
    let mut json = String::from("{");
    for (at, name) in columns.iter().enumerate() {
        let Some(name) = name else { continue };
        if json.len() > 1 {
            json.push(',');
        }
        let text = texts.get(at).and_then(Option::as_deref).unwrap_or_default();
        json += name;
        json.push(':');
        json += &json_string(unguarded(text));
        if json.len() > LINE_LIMIT {
            return Err(InputProblem::RecordTooLong { limit_mib: LINE_LIMIT >> 20 });
        }
    }
    json.push('}');
    Ok(json)
}
