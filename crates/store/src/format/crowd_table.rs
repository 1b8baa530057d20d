//! Answers of a crowd as a table of text, with a header that names the columns in any order.
//!
//! What becomes of a row is said in [`super::crowd_rows`], which columns have it in [`super::columns`]. Records come from
//! [`super::separated`].

use std::borrow::Cow;

use super::columns::{AnswerColumns, Roles, resolve};
use super::crowd::{CrowdKind, Take};
use super::crowd_rows::{self, Cells, Progress};
use super::row::listed;
use super::separated::{Separated, Usual};
use crate::error::{CrowdProblem, InputError, InputProblem, Place};
use crate::source::Source;

/// Where the columns are, and their names, for messages.
struct Columns {
    roles: Roles,
    names: Vec<String>,
}

/// A record below its header.
struct Record<'a>(&'a Separated, &'a [String]);

/// Reads the rows.
pub(super) fn read(
    source: Source,
    usual: Usual,
    kind: CrowdKind,
    asked: &AnswerColumns,
    progress: &mut Progress,
    take: &mut Take<'_>,
) -> Result<(), InputError> {
    let file = source.file().to_owned();
    let at = |line: u64, problem| InputError::at(&file, Place::Line(line), problem);
    let mut records = Separated::of(source, usual)?;
    let mut columns: Option<Columns> = None;
    while records.read()? {
        let line = records.begins_on();
        if let Some(problem) = records.take_fault() {
            return Err(at(line, problem));
        }
        match &columns {
            None => {
                let found = header(&records, kind, asked).map_err(|problem| at(line, problem))?;
                let names: Vec<&str> = found.names.iter().map(String::as_str).collect();
                progress.read.remarks.extend(found.roles.remark(&names));
                columns = Some(found);
            }
            Some(Columns { roles, names }) => {
                progress.read.rows += 1;
                let (found, expected) = (records.len(), names.len());
                if found != expected {
                    return Err(at(line, CrowdProblem::CellCount { found, expected }.into()));
                }
                crowd_rows::take(&Record(&records, names), roles, kind, progress, &mut |row| take(row, line))
                    .map_err(|problem| at(line, problem))?;
            }
        }
    }
    progress.read.remarks.extend(records.remarks());
    progress.read.hash = records.source().hash();
    Ok(())
}

fn header(records: &Separated, kind: CrowdKind, asked: &AnswerColumns) -> Result<Columns, InputProblem> {
    let names = records.cells().map(|cell| Ok(text(cell)?.trim().to_owned()));
    let names = names.collect::<Result<Vec<String>, InputProblem>>()?;
    let as_they_are: Vec<&str> = names.iter().map(String::as_str).collect();
    let roles = resolve(&as_they_are, asked, kind.purpose())?;
    Ok(Columns { roles, names })
}

impl Record<'_> {
    /// A cell as text without control characters.
    fn checked(&self, at: usize) -> Result<&str, InputProblem> {
        let (text, name) = (text(self.0.cell(at))?, &self.1[at]);
        if text.contains('\0') {
            return Err(InputProblem::Nul { place: format!("the field \"{name}\"") });
        }
        if text.chars().any(char::is_control) {
            return Err(InputProblem::ControlCharacter { field: name.clone() });
        }
        Ok(text.trim())
    }
}

impl Cells for Record<'_> {
    fn name(&self, at: usize) -> &str {
        &self.1[at]
    }

    fn raw(&self, at: usize) -> &[u8] {
        self.0.cell(at)
    }

    fn named(&self, at: usize, expected: &'static str) -> Result<Cow<'_, str>, InputProblem> {
        let text = self.checked(at)?;
        if text.is_empty() {
            return Err(InputProblem::EmptyField { field: self.1[at].clone(), expected });
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

fn text(cell: &[u8]) -> Result<&str, InputProblem> {
    std::str::from_utf8(cell).map_err(|error| InputProblem::InvalidUtf8 { byte: error.valid_up_to() + 1 })
}
