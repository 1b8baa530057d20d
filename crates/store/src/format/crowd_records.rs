//! Answers of a crowd as records of any layout but a table of text: `{"item": "t-1", "annotator": "ana", "label": "billing"}`.
//!
//! An item, an annotator or a label may be a string or a whole number, a label also a list of one. What a row must have is said
//! in [`super::crowd`], which fields have it in [`super::columns`].

use std::collections::BTreeSet;

use super::answers::{SKIP, is_skip};
use super::columns::{ANNOTATOR, AnswerColumns, ITEM, LABEL, Roles, resolve};
use super::crowd::{CrowdFile, CrowdKind, CrowdRow, Packed, Take};
use super::records::{Opened, Shape};
use super::row::{Row, label, name};
use crate::error::{AnswerProblem, CrowdProblem, InputError, InputProblem, shown};

/// How many files a remark names.
const EXAMPLES: usize = 5;

/// The fields of the last row, and what they are: rows of one file mostly have the same.
#[derive(Default)]
struct Fields {
    names: Vec<String>,
    roles: Option<Roles>,
}

/// Reads the rows.
pub(super) fn read(
    (file, opened): (&str, Opened),
    kind: CrowdKind,
    asked: &AnswerColumns,
    packed: &mut Packed,
    take: &mut Take<'_>,
) -> Result<CrowdFile, InputError> {
    let Opened { mut reader, told, .. } = opened;
    let mut passed_over = BTreeSet::new();
    let (mut read, mut fields) = (CrowdFile::default(), Fields::default());
    while let Some(record) = reader.next_record()? {
        // A text beside files of answers.
        if record.shape == Shape::Text && record.member.is_some() {
            passed_over.insert(record.file_name(file));
            continue;
        }
        read.rows += 1;
        let is_table = record.shape == Shape::Cells;
        let (name, place) = (record.member, record.place);
        let taken = record.json.and_then(|json| {
            let parsed = Row::parse(json)?;
            fields.find(&parsed, kind, asked, is_table)?;
            let Some(roles) = &fields.roles else { return Ok(()) };
            row(&parsed, roles, kind, (&mut read, &mut *packed), &mut |row| take(row, place.number()))
        });
        taken.map_err(|problem| {
            let file = name.map_or_else(|| file.to_owned(), |member| format!("{file}/{member}"));
            InputError { file, place: Some(place), problem }
        })?;
    }
    let names: Vec<&str> = fields.names.iter().map(String::as_str).collect();
    // Whoever shows the remarks names the file.
    let name = format!("{}: ", shown(file));
    read.remarks = told.into_iter().map(|told| told.replacen(&name, "", 1)).collect();
    read.remarks.extend(reader.remarks());
    passed_over.extend(reader.passed_over().iter().map(|passed| passed.file.clone()));
    if !passed_over.is_empty() {
        let (n, shown) = (passed_over.len(), passed_over.iter().take(EXAMPLES).map(|file| shown(file)));
        let more = if n > EXAMPLES { ", …" } else { "" };
        read.remarks
            .push(format!("{n} files in it are not read: {}{more}", shown.collect::<Vec<_>>().join(", ")));
    }
    read.remarks.extend(fields.roles.as_ref().and_then(|roles| roles.remark(&names)));
    read.hash = reader.hash();
    Ok(read)
}

impl Fields {
    /// Finds what the fields of a row are, unless they are those of the last row.
    fn find(
        &mut self,
        row: &Row<'_>,
        kind: CrowdKind,
        asked: &AnswerColumns,
        is_table: bool,
    ) -> Result<(), InputProblem> {
        if self.roles.is_some() && row.names().eq(self.names.iter().map(String::as_str)) {
            return Ok(());
        }
        let names: Vec<&str> = row.names().collect();
        if let Some(field) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(*name)) {
            return Err(InputProblem::RepeatedField { field: (*field.1).to_owned() });
        }
        let roles = resolve(&names, asked, kind.purpose());
        let roles = roles.map_err(|problem| if is_table { problem.into() } else { of_a_row(problem) })?;
        self.names = names.into_iter().map(str::to_owned).collect();
        self.roles = Some(roles);
        Ok(())
    }
}

/// What is wrong with a header, said of a row that has none.
fn of_a_row(problem: CrowdProblem) -> InputProblem {
    match problem {
        CrowdProblem::MissingColumn { what, flag, .. } => {
            let field = match what {
                "the item" => ITEM[0],
                "the annotator" => ANNOTATOR[0],
                _ => LABEL[0],
            };
            InputProblem::MissingField { field: field.to_owned(), flag: Some(flag) }
        }
        CrowdProblem::NoSuchColumn { flag, name, .. } => {
            InputProblem::MissingField { field: name, flag: Some(flag) }
        }
        CrowdProblem::TwoColumns { first, second, .. } => CrowdProblem::TwoNames { first, second }.into(),
        other => other.into(),
    }
}

fn row(
    row: &Row<'_>,
    roles: &Roles,
    kind: CrowdKind,
    (read, packed): (&mut CrowdFile, &mut Packed),
    take: &mut dyn FnMut(CrowdRow<'_>) -> Result<(), InputProblem>,
) -> Result<(), InputProblem> {
    let value = |at: usize| row.at(at).1.get();
    let cell = |at: usize| value(at).trim_matches('"').as_bytes();
    if roles.telling.refuses(cell) {
        read.refused += 1;
        return Ok(());
    }
    let named = |at: usize| {
        let (field, value) = row.at(at);
        name(field, value, "a string or a whole number")
    };
    let item = named(roles.item)?;
    let annotator = roles.annotator.map_or(Ok(String::new()), named)?;
    let (field, answer) = row.at(roles.label);
    let blank = answer.get() == "null" || is_blank(answer.get());
    // An empty label is one that was not given.
    let answer = match blank {
        true => None,
        false if roles.is_packed => {
            let cell: String = serde_json::from_str(answer.get()).unwrap_or_else(|_| answer.get().to_owned());
            packed.label(&cell)?
        }
        false => label(field, answer)?,
    };
    if let (Some(label), Some(skip), CrowdKind::Answers) = (&answer, row.value(SKIP), kind)
        && matches!(is_skip(skip.get().trim_matches('"')), Ok(true))
    {
        return Err(AnswerProblem::SkipWithLabel { label: label.clone() }.into());
    }
    if answer.is_none() && kind == CrowdKind::Gold {
        if roles.telling.some_gold {
            return Ok(());
        }
        return Err(InputProblem::EmptyField { field: field.to_owned(), expected: "a label" });
    }
    read.golden += u64::from(answer.is_some() && roles.telling.is_golden(cell));
    take(CrowdRow { item: item.trim(), annotator: annotator.trim(), label: answer.as_deref().map(str::trim) })
}

/// Whether a JSON value is a string of nothing or only blanks.
fn is_blank(value: &str) -> bool {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).is_some_and(|text| text.trim().is_empty())
}
