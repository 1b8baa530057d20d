//! Reads answers of a crowd from records of any layout, such as
//! `{"item": "t-1", "annotator": "ana", "label": "billing"}`.
//!
//! An item, an annotator or a label may be a string or a whole number; a label may also be a list
//! with one element. [`super::columns`] finds the fields. If a record lacks them, an annotation
//! tool may have written it. Then the tool's format reads it, as for `ingest` ([`super::answers`]),
//! but any label is accepted.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::answers::{AnswerFormat, Context, DocumentReference, Findings, Labels, SeenLabels, recognised};
use super::cells::{Cells, Fields, Line};
use super::columns::{ANNOTATOR, AnswerColumns, ITEM, LABEL, Outcome, Roles, resolve};
use super::crowd::{CrowdFile, CrowdKind, CrowdRow, Take};
use super::documents::id_of_text;
use super::file_name::stem;
use super::records::{Opened, Shape};
use super::row::Row;
use crate::error::{CrowdProblem, InputError, InputProblem, Place, shown};

/// The largest number of files that one remark names.
const EXAMPLES: usize = 5;

/// The state of reading a file.
#[derive(Default)]
pub(super) struct Progress {
    /// The counts and remarks so far.
    pub(super) read: CrowdFile,
    /// What the formats of annotation tools have found.
    pub(super) findings: Findings,
}

/// The field names of the last row, and which of the fields are the item, the annotator and the
/// label. Most rows of a file have the same fields, so the roles are found only once.
#[derive(Default)]
struct Names {
    names: Vec<String>,
    roles: Option<Roles>,
}

/// Reads all rows of a file and passes their answers or true labels to `take`. Adds counts and
/// remarks to `progress`. `asked` has the columns that the user named.
pub(super) fn read(
    (file, opened): (&str, Opened),
    kind: CrowdKind,
    asked: &AnswerColumns,
    progress: &mut Progress,
    take: &mut Take<'_>,
) -> Result<(), InputError> {
    let Opened { mut reader, told, .. } = opened;
    let mut passed_over = BTreeSet::new();
    let (mut fields, mut tools) = (Names::default(), BTreeSet::new());
    while let Some(record) = reader.next_record()? {
        // A text in a folder or an archive, such as a readme, contains no answers.
        if record.shape == Shape::Text && record.member.is_some() {
            passed_over.insert(record.file_name(file));
            continue;
        }
        progress.read.rows += 1;
        let is_table = record.shape == Shape::Cells;
        let (name, place) = (record.member, record.place);
        if let (Some(line), None) = (&record.line, &fields.roles) {
            let at_header =
                |problem: CrowdProblem| InputError::at(file, Place::Line(line.header), problem.into());
            fields.of_header(line, kind, asked).map_err(at_header)?;
        }
        let taken = record.json.and_then(|json| {
            let take = &mut |row: CrowdRow<'_>| take(row, place.number());
            if let (Some(line), Some(roles)) = (&record.line, &fields.roles) {
                line.is_whole()?;
                return take_row(line, roles, progress, take);
            }
            let parsed = Row::parse(json)?;
            if let Err(problem) = fields.find(&parsed, kind, asked, is_table) {
                let format = tool(&parsed, is_table, &progress.findings);
                let format = format.filter(|_| kind == CrowdKind::Answers).ok_or(problem)?;
                tools.insert(format.description());
                let stem = stem(name.unwrap_or(file));
                return take_answers(parsed, (format, stem), &mut progress.findings, take);
            }
            let Some(roles) = &fields.roles else { return Ok(()) };
            take_row(&Fields { row: &parsed, names: &fields.names }, roles, progress, take)
        });
        taken.map_err(|problem| {
            let file = name.map_or_else(|| file.to_owned(), |member| format!("{file}/{member}"));
            InputError { file, place: Some(place), problem }
        })?;
    }
    let read = &mut progress.read;
    let names: Vec<&str> = fields.names.iter().map(String::as_str).collect();
    // The caller puts the file's name before each remark, so it is removed here.
    let name = format!("{}: ", shown(file));
    read.remarks.extend(told.into_iter().map(|told| told.map(|text| text.replacen(&name, "", 1))));
    read.remarks.extend(reader.remarks());
    passed_over.extend(reader.passed_over().iter().map(|passed| passed.file.clone()));
    if !passed_over.is_empty() {
        let (n, shown) = (passed_over.len(), passed_over.iter().take(EXAMPLES).map(|file| shown(file)));
        let more = if n > EXAMPLES { ", …" } else { "" };
        let shown = shown.collect::<Vec<_>>().join(", ");
        read.remarks.push(format!("{n} files inside are not read: {shown}{more}").into());
    }
    read.remarks.extend(fields.roles.as_ref().and_then(|roles| roles.remark(&names)));
    if !tools.is_empty() {
        read.remarks.push(format!("read as {}", tools.into_iter().collect::<Vec<_>>().join(" and ")).into());
    }
    read.hash = reader.hash();
    Ok(())
}

/// Passes the answer or the true label in a row to `take`, or counts it in `read` if it does not
/// count.
fn take_row(
    cells: &impl Cells,
    roles: &Roles,
    Progress { read, findings }: &mut Progress,
    take: &mut dyn FnMut(CrowdRow<'_>) -> Result<(), InputProblem>,
) -> Result<(), InputProblem> {
    let given = match roles.read(cells, findings)? {
        Outcome::Given(given) => given,
        Outcome::Refused => {
            read.refused += 1;
            return Ok(());
        }
        Outcome::NoTruth => return Ok(()),
    };
    read.golden += u64::from(given.is_golden);
    let item = given.item.as_deref().unwrap_or_default().trim();
    let annotator = given.annotator.as_deref().unwrap_or_default().trim();
    take(CrowdRow { item, annotator, label: given.label.as_deref().map(str::trim) })
}

impl Names {
    /// Finds out which columns of a text table are the item, the annotator and the label.
    fn of_header(
        &mut self,
        line: &Line<'_>,
        kind: CrowdKind,
        asked: &AnswerColumns,
    ) -> Result<(), CrowdProblem> {
        let names: Vec<&str> = line.names.iter().map(String::as_str).collect();
        self.roles = Some(resolve(&names, asked, kind.purpose())?);
        self.names = line.names.to_vec();
        Ok(())
    }

    /// Finds out which fields of a row are the item, the annotator and the label. Does nothing if
    /// the last row had the same fields.
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

/// Rewords an error about a header as an error about a row, for files without a header.
fn of_a_row(problem: CrowdProblem) -> InputProblem {
    match problem {
        CrowdProblem::MissingColumn { what, option, .. } => {
            let field = match what {
                "the item" => ITEM[0],
                "the annotator" => ANNOTATOR[0],
                _ => LABEL[0],
            };
            InputProblem::MissingField { field: field.to_owned(), option: Some(option) }
        }
        CrowdProblem::NoSuchColumn { option, name, .. } => {
            InputProblem::MissingField { field: name, option: Some(option) }
        }
        CrowdProblem::TwoColumns { first, second, .. } => CrowdProblem::TwoNames { first, second }.into(),
        other => other.into(),
    }
}

/// Returns the format of the annotation tool that wrote the record. Returns `None` if no tool wrote
/// it; then the record should have an item, an annotator and a label.
fn tool(row: &Row<'_>, is_table: bool, findings: &Findings) -> Option<&'static dyn AnswerFormat> {
    let format = recognised(row, is_table);
    match format.name() {
        // These formats have the same columns as a plain file, so an error about a column describes
        // best what is wrong.
        "csv" | "jsonl" => None,
        // In this format, any field may have the label, so the user must name the field.
        "label-studio-min" => findings.control.named.is_some().then_some(format),
        _ => Some(format),
    }
}

/// Reads a record with a tool's format and passes its answers to `take`.
fn take_answers(
    row: Row<'_>,
    (format, stem): (&dyn AnswerFormat, &str),
    findings: &mut Findings,
    take: &mut dyn FnMut(CrowdRow<'_>) -> Result<(), InputProblem>,
) -> Result<(), InputProblem> {
    let labels = SeenLabels::default();
    let context =
        Context { labels: Labels::AsTheyCome(&labels), unnamed: None, otherwise: None, stem: Some(stem) };
    format.answers(row, &context, findings)?;
    for answer in std::mem::take(&mut findings.answers) {
        let answer = answer?;
        let item = match &answer.document {
            DocumentReference::Id(id) => Cow::Borrowed(id.as_str()),
            // An import gives the same id to a document without an id.
            DocumentReference::Text(text) => Cow::Owned(id_of_text(text)),
        };
        let label = answer.label.map(|class| labels.name(class));
        let annotator = answer.annotator.trim();
        take(CrowdRow { item: item.trim(), annotator, label: label.as_deref().map(str::trim) })?;
    }
    Ok(())
}
