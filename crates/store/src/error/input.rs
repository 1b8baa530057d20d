//! Defines the error for a file of the user: which file, where in it, and what is wrong.

use std::borrow::Cow;
use std::fmt;

use querist_core::visible::visible;

use super::problem::InputProblem;
use crate::os_name::readable;

/// The error for a row or a file that cannot be read.
#[derive(Debug)]
pub struct InputError {
    /// The name of the file, as the user wrote it; `-` for standard input. The name of a file
    /// within a folder or an archive follows after a slash.
    pub file: String,
    /// The place in the file where the error is; `None` if the error concerns the whole file.
    pub place: Option<Place>,
    /// What is wrong.
    pub problem: InputProblem,
}

impl InputError {
    /// Returns an error that concerns a whole file.
    pub fn of_file(file: &str, problem: InputProblem) -> Self {
        Self { file: file.to_owned(), place: None, problem }
    }

    /// Returns an error at a place in a file.
    pub fn at(file: &str, place: Place, problem: InputProblem) -> Self {
        Self { file: file.to_owned(), place: Some(place), problem }
    }

    /// Returns the file and the place as text, such as `a.csv:12`, or `a.xlsx: Sheet1!B7` for a
    /// cell.
    pub fn whereabouts(&self) -> String {
        let file = shown(&self.file);
        match self.place {
            Some(Place::Cells { row, first, last }) => {
                let (file, sheet) = file.rsplit_once('/').unwrap_or(("", &file));
                let is_plain = |c: char| c.is_alphanumeric() || c == '_';
                let sheet = if sheet.chars().all(is_plain) {
                    sheet.to_owned()
                } else {
                    format!("'{}'", sheet.replace('\'', "''"))
                };
                let cells = match (column(first), column(last)) {
                    (first, last) if first == last => format!("{first}{row}"),
                    (first, last) => format!("{first}{row}:{last}{row}"),
                };
                format!("{file}: {sheet}!{cells}")
            }
            Some(Place::Line(line)) => format!("{file}:{line}"),
            Some(place) => format!("{file}: {} {}", place.unit(), place.number()),
            None => file.into_owned(),
        }
    }
}

/// A place in a file, in units of its format. Numbers start at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line of text. For a record over several lines, it is the first of them.
    Line(u64),
    /// An element of a JSON array.
    Item(u64),
    /// A row of a binary table such as Parquet; or a file in a folder, by its position.
    Row(u64),
    /// Neighbouring cells in a row of a workbook's sheet. The sheet's name is part of
    /// [`InputError::file`], after a slash. Columns are counted from 0.
    Cells {
        /// The number of the row.
        row: u64,
        /// The number of the first column.
        first: u32,
        /// The number of the last column.
        last: u32,
    },
}

impl Place {
    /// Returns the number of the line, item or row.
    pub fn number(self) -> u64 {
        match self {
            Self::Line(number) | Self::Item(number) | Self::Row(number) => number,
            Self::Cells { row, .. } => row,
        }
    }

    /// Returns the name of the unit: line, item or row.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Line(_) => "line",
            Self::Item(_) => "item",
            Self::Row(_) | Self::Cells { .. } => "row",
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.whereabouts(), self.problem)
    }
}

impl std::error::Error for InputError {}

/// Returns the letters of the column with this number, counted from 0: A, B, …, Z, AA.
fn column(mut at: u32) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + (at % 26) as u8));
        if at < 26 {
            return letters.into_iter().rev().collect();
        }
        at = at / 26 - 1;
    }
}

/// Returns a file's name in a form for messages, on one line.
pub(crate) fn shown(file: &str) -> Cow<'_, str> {
    if file == "-" {
        return "<stdin>".into();
    }
    match readable(file) {
        Cow::Borrowed(text) => visible(text),
        Cow::Owned(text) => visible(&text).into_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_spreadsheets_name_them() {
        let message = |file: &str, first, last| {
            let place = Place::Cells { row: 7, first, last };
            InputError::at(file, place, InputProblem::NoMatch).to_string()
        };
        assert!(message("a/b.xlsx/Sheet1", 1, 1).starts_with("a/b.xlsx: Sheet1!B7: "));
        assert!(message("b.xlsx/Bob's list", 25, 702).starts_with("b.xlsx: 'Bob''s list'!Z7:AAA7: "));
        assert_eq!((column(26), column(701)), ("AA".to_owned(), "ZZ".to_owned()));
    }
}
