//! Answers of a crowd as a table of text, with a header that names the columns in any order.
//!
//! What a row must have is said in [`super::crowd`], which columns have it in [`super::columns`]. Records come from
//! [`super::separated`].

use std::borrow::Cow;

use super::answers::{SKIP, is_skip};
use super::columns::{AnswerColumns, Roles, resolve};
use super::crowd::{CrowdFile, CrowdKind, CrowdRow, Packed, Take};
use super::row::listed;
use super::separated::{Separated, Usual};
use crate::error::{AnswerProblem, CrowdProblem, InputError, InputProblem, Place};
use crate::source::Source;

/// Where the columns are, and their names, for messages.
struct Columns {
    roles: Roles,
    names: Vec<String>,
    /// The column that marks skips.
    skip: Option<usize>,
}

/// Reads the rows.
pub(super) fn read(
    source: Source,
    usual: Usual,
    kind: CrowdKind,
    asked: &AnswerColumns,
    packed: &mut Packed,
    take: &mut Take<'_>,
) -> Result<CrowdFile, InputError> {
    let file = source.file().to_owned();
    let at = |line: u64, problem| InputError::at(&file, Place::Line(line), problem);
    let mut records = Separated::of(source, usual)?;
    let (mut columns, mut read): (Option<Columns>, _) = (None, CrowdFile::default());
    while records.read()? {
        let line = records.begins_on();
        if let Some(problem) = records.take_fault() {
            return Err(at(line, problem));
        }
        match &columns {
            None => {
                let found = header(&records, kind, asked).map_err(|problem| at(line, problem))?;
                let names: Vec<&str> = found.names.iter().map(String::as_str).collect();
                read.remarks.extend(found.roles.remark(&names));
                columns = Some(found);
            }
            Some(columns) => {
                read.rows += 1;
                row(&records, columns, kind, (&mut read, &mut *packed), take)
                    .map_err(|problem| at(line, problem))?;
            }
        }
    }
    read.remarks.extend(records.remarks());
    read.hash = records.source().hash();
    Ok(read)
}

fn header(records: &Separated, kind: CrowdKind, asked: &AnswerColumns) -> Result<Columns, InputProblem> {
    let names = records.cells().map(|cell| Ok(text(cell)?.trim().to_owned()));
    let names = names.collect::<Result<Vec<String>, InputProblem>>()?;
    let as_they_are: Vec<&str> = names.iter().map(String::as_str).collect();
    let roles = resolve(&as_they_are, asked, kind.purpose())?;
    let own = kind == CrowdKind::Answers && roles.platform.is_none();
    let skip = as_they_are.iter().position(|name| own && name.eq_ignore_ascii_case(SKIP));
    Ok(Columns { roles, names, skip })
}

fn row(
    record: &Separated,
    columns: &Columns,
    kind: CrowdKind,
    (read, packed): (&mut CrowdFile, &mut Packed),
    take: &mut Take<'_>,
) -> Result<(), InputProblem> {
    let Columns { roles, names, skip } = columns;
    if record.len() != names.len() {
        return Err(CrowdProblem::CellCount { found: record.len(), expected: names.len() }.into());
    }
    let raw = |column: usize| record.cell(column);
    if roles.telling.refuses(raw) {
        read.refused += 1;
        return Ok(());
    }
    if roles.telling.some_gold && raw(roles.label).trim_ascii().is_empty() {
        return Ok(());
    }
    let cell = |column: usize| checked(record.cell(column), &names[column]);
    let filled = |column: usize, expected| {
        let text = cell(column)?;
        if text.is_empty() {
            return Err(InputProblem::EmptyField { field: names[column].clone(), expected });
        }
        Ok(text)
    };
    let item = filled(roles.item, "the name of an item")?;
    let annotator = roles.annotator.map_or(Ok(""), |column| filled(column, "the name of an annotator"))?;
    let label = match kind {
        CrowdKind::Answers => Some(cell(roles.label)?).filter(|label| !label.is_empty()),
        CrowdKind::Gold => Some(filled(roles.label, "a label")?),
    };
    let label = match label {
        Some(cell) if roles.is_packed => packed.label(cell)?.map(Cow::Owned),
        Some(cell) => single(cell)?,
        None => None,
    };
    if let (Some(skip), Some(label)) = (skip, &label)
        && is_skip(cell(*skip)?)?
    {
        return Err(AnswerProblem::SkipWithLabel { label: label.clone().into_owned() }.into());
    }
    if label.is_none() && kind == CrowdKind::Gold {
        return Err(InputProblem::EmptyField { field: names[roles.label].clone(), expected: "a label" });
    }
    read.golden += u64::from(label.is_some() && roles.telling.is_golden(raw));
    take(CrowdRow { item, annotator, label: label.as_deref() }, record.begins_on())
}

/// The label of a cell, which may be a list of one.
fn single(cell: &str) -> Result<Option<Cow<'_, str>>, InputProblem> {
    if !cell.starts_with('[') {
        return Ok(Some(Cow::Borrowed(cell)));
    }
    match listed(cell) {
        Some(labels) if labels.len() > 1 => Err(InputProblem::SeveralLabels { found: labels.len() }),
        Some(labels) => Ok(labels.into_iter().next().map(Cow::Owned)),
        None => Ok(Some(Cow::Borrowed(cell))),
    }
}

/// A cell as text without control characters.
fn checked<'a>(cell: &'a [u8], name: &str) -> Result<&'a str, InputProblem> {
    let text = text(cell)?;
    if text.contains('\0') {
        return Err(InputProblem::Nul { place: format!("the field \"{name}\"") });
    }
    if text.chars().any(char::is_control) {
        return Err(InputProblem::ControlCharacter { field: name.to_owned() });
    }
    Ok(text.trim())
}

fn text(cell: &[u8]) -> Result<&str, InputProblem> {
    std::str::from_utf8(cell).map_err(|error| InputProblem::InvalidUtf8 { byte: error.valid_up_to() + 1 })
}
