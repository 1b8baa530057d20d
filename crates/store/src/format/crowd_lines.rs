//! Answers of a crowd as JSON Lines: `{"item": "t-1", "annotator": "ana", "label": "billing"}`.
//!
//! Names and numbers: an item, an annotator or a label may be a string or a whole number. What a row must have is said in
//! [`super::crowd`].

use super::crowd::{ANNOTATOR, CrowdFile, CrowdKind, CrowdRow, ITEM, LABEL, Take};
use super::row::{Row, name};
use crate::error::{CrowdProblem, InputError, InputProblem, Place};
use crate::lines::Lines;

/// Reads the rows.
pub(super) fn read(mut lines: Lines, kind: CrowdKind, take: &mut Take<'_>) -> Result<CrowdFile, InputError> {
    let file = lines.file().to_owned();
    let mut rows = 0;
    while let Some(line) = lines.next_line()? {
        let number = line.number;
        rows += 1;
        let taken = line.text.and_then(|text| row(text, kind, &mut |row| take(row, number)));
        taken.map_err(|problem| InputError::at(&file, Place::Line(number), problem))?;
    }
    Ok(CrowdFile { hash: lines.hash(), rows })
}

fn row(
    text: &str,
    kind: CrowdKind,
    take: &mut dyn FnMut(CrowdRow<'_>) -> Result<(), InputProblem>,
) -> Result<(), InputProblem> {
    let mut row = Row::parse(text)?;
    let item = named(&mut row, &ITEM)?;
    let annotator = match kind {
        CrowdKind::Answers => named(&mut row, &ANNOTATOR)?,
        CrowdKind::Gold => String::new(),
    };
    let field = LABEL[0];
    if !row.has(field) {
        return Err(InputProblem::MissingField { field: field.to_owned(), flag: None });
    }
    let expected = "a label";
    let label = match row.take(field)? {
        // An empty label is one that was not given.
        Some(value) if is_blank(value.get()) => None,
        Some(value) => Some(name(field, value, expected)?),
        None => None,
    };
    if label.is_none() && kind == CrowdKind::Gold {
        return Err(InputProblem::EmptyField { field: field.to_owned(), expected });
    }
    take(CrowdRow { item: &item, annotator: &annotator, label: label.as_deref().map(str::trim) })
}

/// Whether a JSON value is a string of nothing or only blanks.
fn is_blank(value: &str) -> bool {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).is_some_and(|text| text.trim().is_empty())
}

/// The name under whichever of the fields the row has.
fn named(row: &mut Row<'_>, fields: &[&str]) -> Result<String, InputProblem> {
    let mut there = fields.iter().copied().filter(|field| row.has(field));
    let first = there.next().unwrap_or(fields[0]);
    if let Some(second) = there.next() {
        return Err(CrowdProblem::TwoNames { first: first.to_owned(), second: second.to_owned() }.into());
    }
    row.name(first, None)
}
