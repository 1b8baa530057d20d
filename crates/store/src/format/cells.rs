//! Reads the cells of a row by their position in the header. A row is either a line of a text table
//! ([`Line`]) or a record with named fields ([`Fields`]).

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;

use super::records::unguarded;
use super::row::{Row, label, listed, name};
use super::separated::Separated;
use crate::error::{CrowdProblem, InputProblem};

/// A row whose cells can be read by their position in the header.
pub(super) trait Cells {
    /// Returns the name of the column at this position.
    fn name(&self, at: usize) -> &str;

    /// Returns the cell without quotes and otherwise unchanged, to compare it with fixed words such
    /// as "rejected".
    fn raw(&self, at: usize) -> &[u8];

    /// Returns the cell as the name of an item or an annotator. Fails if it is blank. `expected`
    /// says, for the error, what the cell should contain.
    fn named(&self, at: usize, expected: &'static str) -> Result<Cow<'_, str>, InputProblem>;

    /// Returns the cell's text; `None` if it is blank.
    fn text(&self, at: usize) -> Result<Option<Cow<'_, str>>, InputProblem>;

    /// Returns the label in a cell that is not blank; `None` if the cell is an empty list.
    fn label(&self, at: usize) -> Result<Option<Cow<'_, str>>, InputProblem>;

    /// Whether the file may also contain fields of the user. If so, a field `skip` may be the
    /// user's, and unknown words in it are no error.
    fn has_fields_of_the_users(&self) -> bool;
}

/// A line of a text table below the header.
pub(super) struct Line<'a> {
    /// The cells of the line.
    pub(super) record: &'a Separated,
    /// The names of the columns; empty for a column without a name.
    pub(super) names: &'a [String],
    /// The line number of the header.
    pub(super) header: u64,
}

impl fmt::Debug for Line<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.record.cells().map(String::from_utf8_lossy)).finish()
    }
}

impl Line<'_> {
    /// Checks that the line has one cell for each column.
    pub(super) fn is_whole(&self) -> Result<(), InputProblem> {
        let (found, expected) = (self.record.len(), self.names.len());
        if found == expected { Ok(()) } else { Err(CrowdProblem::CellCount { found, expected }.into()) }
    }

    /// Returns the cell's text, trimmed. Fails if it is not UTF-8 or has control characters.
    fn checked(&self, at: usize) -> Result<&str, InputProblem> {
        let (cell, name) = (self.record.cell(at), &self.names[at]);
        let text = std::str::from_utf8(cell)
            .map_err(|error| InputProblem::InvalidUtf8 { byte: error.valid_up_to() + 1 })?;
        // Nearly all cells of a long file are printable ASCII. Such cells need no further checks,
        // so return early.
        if cell.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            return Ok(unguarded(text).trim_ascii());
        }
        if text.contains('\0') {
            return Err(InputProblem::Nul { place: format!("the field \"{name}\"") });
        }
        if text.chars().any(char::is_control) {
            return Err(InputProblem::ControlCharacter { field: name.clone() });
        }
        Ok(unguarded(text).trim())
    }
}

impl Cells for Line<'_> {
    fn name(&self, at: usize) -> &str {
        &self.names[at]
    }

    fn raw(&self, at: usize) -> &[u8] {
        self.record.cell(at)
    }

    fn named(&self, at: usize, expected: &'static str) -> Result<Cow<'_, str>, InputProblem> {
        let text = self.checked(at)?;
        if text.is_empty() {
            return Err(InputProblem::EmptyField { field: self.names[at].clone(), expected });
        }
        Ok(Cow::Borrowed(text))
    }

    fn text(&self, at: usize) -> Result<Option<Cow<'_, str>>, InputProblem> {
        Ok(Some(self.checked(at)?).filter(|text| !text.is_empty()).map(Cow::Borrowed))
    }

    fn label(&self, at: usize) -> Result<Option<Cow<'_, str>>, InputProblem> {
        let cell = self.checked(at)?;
        if !cell.starts_with('[') {
            return Ok(Some(Cow::Borrowed(cell)));
        }
        match listed(cell) {
            Some(labels) if labels.len() > 1 => Err(InputProblem::SeveralLabels { found: labels.len() }),
            Some(labels) => Ok(labels.into_iter().next().map(Cow::Owned)),
            None => Ok(Some(Cow::Borrowed(cell))),
        }
    }

    fn has_fields_of_the_users(&self) -> bool {
        false
    }
}

/// The fields of a record, in the order of the header's names. Most records of a file have their
/// fields in the same order, so a field is first looked up at the position of its name.
pub(super) struct Fields<'a> {
    /// The record.
    pub(super) row: &'a Row<'a>,
    /// The names in the header.
    pub(super) names: &'a [String],
}

impl Fields<'_> {
    /// Returns the value of the field at this position of the header; null if the record lacks it.
    fn value(&self, at: usize) -> &RawValue {
        let name = self.names[at].as_str();
        let value = self.row.at(at).filter(|(found, _)| *found == name).map(|(_, value)| value);
        value.or_else(|| self.row.value(name)).unwrap_or(RawValue::NULL)
    }
}

impl Cells for Fields<'_> {
    fn name(&self, at: usize) -> &str {
        &self.names[at]
    }

    fn raw(&self, at: usize) -> &[u8] {
        self.value(at).get().trim_matches('"').as_bytes()
    }

    fn named(&self, at: usize, _: &'static str) -> Result<Cow<'_, str>, InputProblem> {
        name(self.name(at), self.value(at), "a string or a whole number").map(Cow::Owned)
    }

    fn text(&self, at: usize) -> Result<Option<Cow<'_, str>>, InputProblem> {
        let value = self.value(at).get();
        let text = serde_json::from_str(value).map_or(Cow::Borrowed(value), Cow::<str>::Owned);
        Ok(Some(text).filter(|text| value != "null" && !text.trim().is_empty()))
    }

    fn label(&self, at: usize) -> Result<Option<Cow<'_, str>>, InputProblem> {
        Ok(label(self.name(at), self.value(at))?.map(Cow::Owned))
    }

    fn has_fields_of_the_users(&self) -> bool {
        true
    }
}
