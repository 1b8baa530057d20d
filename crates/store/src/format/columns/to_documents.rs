//! Reads answers to documents from the records of a file, whatever its columns are called.
//!
//! In a crowdsourcing platform's file, the answers and their times are in the platform's own
//! columns ([`super::Roles`]). Answers that the platform refused are skipped and counted. In any
//! other file, the file's format reads the records. Before that, the fields that the user named get
//! the names that the formats know.

use std::collections::BTreeSet;

use super::super::answers::{AnswerFormat, AnswerRow, Context, DocumentReference, Findings, annotator};
use super::super::cells::{Cells, Fields};
use super::super::row::Row;
use super::clock::Times;
use super::given::{Given, Outcome};
use super::platform::Platform;
use super::{ANNOTATOR, AnswerColumns, Header, LABEL, Purpose, Roles, counted, resolve};
use crate::error::{CrowdProblem, FieldOption, InputError, InputProblem, Told};

/// Reads the answers in a file, record by record.
pub struct AnswersToDocuments<'a> {
    asked: &'a AnswerColumns,
    /// Whether the file may be a platform's. It may not if the user named the format of an
    /// annotation tool.
    may_be_platform: bool,
    /// How the records of the current file are read; in an archive, of the current file within it.
    /// The first record decides.
    way: Option<Way>,
    /// The options with which the user named a field that some record has.
    seen: BTreeSet<FieldOption>,
    /// Whether any record was read with the fields that the user named.
    is_named: bool,
    /// The remarks on the platforms that were recognized.
    platforms: BTreeSet<Told>,
    /// The number of answers that do not count, because the platform refused them.
    refused: u64,
    /// The number of answers to test questions.
    golden: u64,
    /// The number of rows with a time that cannot be parsed, and the first such time.
    odd_times: (u64, Option<String>),
}

/// The reason why a record's answers cannot be read.
pub enum Fault {
    /// The file lacks a column or has several candidates for one, so none of its records can be
    /// read.
    OfColumns(CrowdProblem),
    /// This record is bad; other records may be good.
    OfRecord(InputProblem),
}

impl From<InputProblem> for Fault {
    fn from(problem: InputProblem) -> Self {
        Self::OfRecord(problem)
    }
}

/// How the records of a file are read.
enum Way {
    /// The format reads them unchanged.
    Plain,
    /// The format reads them after the fields that the user named were renamed.
    Named,
    /// They are rows of a platform's file, with these roles and names of columns.
    Platform(Box<Roles>, Vec<String>),
}

impl<'a> AnswersToDocuments<'a> {
    /// Returns the state at the start of a file. `format` is the format that the user named, if
    /// any.
    pub fn of(asked: &'a AnswerColumns, format: Option<&dyn AnswerFormat>) -> Self {
        Self {
            asked,
            may_be_platform: format.is_none_or(|format| ["csv", "jsonl"].contains(&format.name())),
            way: None,
            seen: BTreeSet::new(),
            is_named: false,
            platforms: BTreeSet::new(),
            refused: 0,
            golden: 0,
            odd_times: (0, None),
        }
    }

    /// Forgets the columns of the current file. Call this before the first record of another file
    /// in an archive.
    pub fn next_member(&mut self) {
        self.way = None;
    }

    /// Adds the answers in a record to `found`. `is_cells` says that the record is a row of a
    /// table. `format` returns the format of a record. It is called with `None` if the file is a
    /// platform's.
    ///
    /// # Errors
    /// The record is bad ([`Fault::OfRecord`]), or the file's columns are unusable, so that none of
    /// its records can be read ([`Fault::OfColumns`]).
    pub fn take(
        &mut self,
        (json, is_cells): (&str, bool),
        format: &mut dyn FnMut(Option<&Row<'_>>) -> &'static dyn AnswerFormat,
        context: &Context<'_>,
        found: &mut Findings,
    ) -> Result<(), Fault> {
        let mut row = Row::parse(json)?;
        if self.way.is_none() {
            let way = self.way(&row, is_cells).map_err(Fault::OfColumns)?;
            self.way = Some(way);
        }
        match &self.way {
            Some(Way::Platform(roles, names)) => {
                format(None);
                let cells = Fields { row: &row, names };
                let outcome = roles.read(&cells, found)?;
                let Outcome::Given(given) = outcome else {
                    self.refused += 1;
                    return Ok(());
                };
                self.golden += u64::from(given.is_golden);
                let times = roles.clock.read(|name| cell(&row, name));
                if let Some(odd) = &times.odd {
                    self.odd_times.0 += 1;
                    self.odd_times.1.get_or_insert_with(|| odd.clone());
                }
                Ok(answer(roles, &cells, given, times, context, found)?)
            }
            Some(Way::Named) => {
                self.is_named = true;
                let named = named(self.asked);
                self.seen
                    .extend(named.iter().filter(|(name, ..)| row.has(name)).map(|(_, option, _)| *option));
                let names: Vec<_> = named.iter().map(|(name, _, known)| (*name, *known)).collect();
                row.rename(&names)?;
                Ok(format(Some(&row)).answers(row, context, found)?)
            }
            Some(Way::Plain) | None => Ok(format(Some(&row)).answers(row, context, found)?),
        }
    }

    /// Decides from the first record of a file how all its records are read.
    fn way(&mut self, row: &Row<'_>, is_cells: bool) -> Result<Way, CrowdProblem> {
        let names: Vec<&str> = row.names().collect();
        let is_platform = Platform::of(&Header::of(&names), Purpose::Documents).is_some();
        if is_platform && self.may_be_platform {
            let roles = resolve(&names, self.asked, Purpose::Documents)?;
            self.platforms.extend(roles.remark(&names));
            return Ok(Way::Platform(Box::new(roles), names.into_iter().map(str::to_owned).collect()));
        }
        let named = named(self.asked);
        let missing = |(name, _, _): &&(&str, _, _)| !names.contains(name);
        match named.iter().find(missing) {
            // In a table, a column that the first row lacks is missing from every row.
            Some((name, option, _)) if is_cells => Err(CrowdProblem::NoSuchColumn {
                option: *option,
                name: (*name).to_owned(),
                known: names.join(", "),
            }),
            _ if named.is_empty() => Ok(Way::Plain),
            _ => Ok(Way::Named),
        }
    }

    /// Returns the remarks on a file, after all its records have been read.
    ///
    /// # Errors
    /// No record had a field that the user named.
    pub fn finish(self, file: &str) -> Result<Vec<Told>, InputError> {
        let unseen = |(_, option, _): &&(&str, FieldOption, _)| !self.seen.contains(option);
        if let (true, Some((name, option, _))) = (self.is_named, named(self.asked).iter().find(unseen)) {
            let problem = CrowdProblem::NoSuchField { option: *option, name: (*name).to_owned() };
            return Err(InputError::of_file(file, problem.into()));
        }
        let mut remarks: Vec<Told> = self.platforms.into_iter().collect();
        remarks.extend(counted(self.refused, self.golden));
        if let (count, Some(first)) = &self.odd_times {
            remarks.push(
                format!(
                    "{count} answers have a time that cannot be read (the first is {first:?}); they count, \
                 but without a time"
                )
                .into(),
            );
        }
        Ok(remarks)
    }
}

/// Returns the fields that the user named, each with its option and the names by which the formats
/// know such a field. The field is renamed to the first of these names.
fn named(asked: &AnswerColumns) -> Vec<(&str, FieldOption, &'static [&'static str])> {
    const IDS: [&str; 4] = ["id", "querist_id", "item", "task"];
    let fields = [
        (&asked.item, FieldOption::Item, &IDS[..]),
        (&asked.annotator, FieldOption::Annotator, &ANNOTATOR),
        (&asked.label, FieldOption::Answer, &LABEL),
    ];
    fields.into_iter().filter_map(|(name, option, known)| Some((name.as_deref()?, option, known))).collect()
}

/// Returns the text in a field, without white space at the ends; empty if the field is null or
/// missing.
fn cell(row: &Row<'_>, name: &str) -> String {
    let value = row.value(name).map_or("null", |value| value.get());
    let text = serde_json::from_str(value).unwrap_or_else(|_| value.replace("null", ""));
    text.trim().to_owned()
}

/// Adds the answer in a platform's row to `found`.
fn answer(
    roles: &Roles,
    cells: &Fields<'_>,
    Given { item, annotator: named, label, remarks, .. }: Given<'_>,
    Times { given: time, seconds, page, .. }: Times,
    context: &Context<'_>,
    found: &mut Findings,
) -> Result<(), InputProblem> {
    let Some(label) = label else {
        found.not_labelled(&remarks);
        return Ok(());
    };
    let label = Some(context.labels.class(&label)?);
    let annotator = annotator(named.map(std::borrow::Cow::into_owned), context)?;
    let beside = roles.text.filter(|_| !roles.is_text).map_or(Ok(None), |at| cells.text(at))?;
    let own = |text: std::borrow::Cow<'_, str>| text.into_owned();
    let (document, text) = match (item, beside) {
        (Some(text), _) if roles.is_text => (DocumentReference::Text(own(text)), None),
        (Some(id), text) => (DocumentReference::Id(own(id)), text.map(own)),
        // The row has no id, so its text identifies the document.
        (None, Some(text)) => (DocumentReference::Text(own(text)), None),
        (None, None) => {
            let field = cells.name(roles.item).to_owned();
            return Err(InputProblem::EmptyField { field, expected: "the id of a document, or its text" });
        }
    };
    let (may_be_foreign, rejects) = (false, None);
    found.answers.push(Ok(AnswerRow {
        document,
        text,
        may_be_foreign,
        annotator,
        label,
        rejects,
        time,
        seconds,
        page,
        remarks,
    }));
    Ok(())
}
