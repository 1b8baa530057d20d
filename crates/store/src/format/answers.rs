//! Answers in: what a record of each annotation tool says, one file a tool.
//!
//! A format reads one record (see [`super::records`]) and gives the answers in it: none, one, or
//! one an annotator. The document is named by Querist's own id where the tool carried it along, in
//! `querist_id`, else by its text, to the letter. What a format cannot say stays unknown: a time, a
//! duration. [`recognised`] tells the format by the fields of a record.
//!
//! A **rejection** (Prodigy's binary question, answered "no") says of a class that it is wrong. It
//! is kept as that, [`AnswerRow::rejects`]; where there are two classes it is an answer for the
//! other one as well, and where there are more it counts as a skip, because it chooses none.
//!
//! A skip is what the tool calls one. What is not understood is an error, and what the tool calls
//! open is counted (`Findings::open`).

mod argilla;
mod argilla_one;
mod control;
mod doccano;
mod label_studio;
mod label_studio_min;
mod labels;
mod prodigy;
mod querist;
mod table;
mod task_answers;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use querist_core::Class;
use serde_json::value::RawValue;

pub use self::control::Control;
pub use self::labels::{Labels, SeenLabels};
pub(in crate::format) use self::table::{SKIP, is_skip};
pub(in crate::format) use self::task_answers::{is_column as is_task_answers, read as read_task_answers};
use super::row::{Row, name};
use crate::error::InputProblem;

/// Which document an answer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentReference {
    /// The document with this id.
    Id(String),
    /// The document with this text.
    Text(String),
}

/// One answer as it came in.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerRow {
    /// The document.
    pub document: DocumentReference,
    /// The text that the record has beside an id.
    pub text: Option<String>,
    /// Whether the id may be the tool's own, so that the text tells the document when no document
    /// has the id.
    pub may_be_foreign: bool,
    /// Who answered.
    pub annotator: String,
    /// The answer; `None` is a skip.
    pub label: Option<Class>,
    /// The class that the answer says is wrong, if it is a rejection.
    pub rejects: Option<Class>,
    /// When it was given, if the file says so.
    pub time: Option<Timestamp>,
    /// How many seconds it took, at least 0, if the file says so.
    pub seconds: Option<f64>,
    /// The page that the seconds are of, where a page may have several answers of one person.
    pub page: Option<String>,
    /// What the annotator wrote beside it.
    pub remarks: Remarks,
}

impl AnswerRow {
    /// An answer without a rejection and without remarks.
    fn of(
        identity: &Identity,
        annotator: String,
        label: Option<Class>,
        time: Option<Timestamp>,
        seconds: Option<f64>,
    ) -> Self {
        let Identity { document, text, may_be_foreign } = identity.clone();
        let (rejects, page, remarks) = (None, None, Remarks::default());
        Self { document, text, may_be_foreign, annotator, label, rejects, time, seconds, page, remarks }
    }
}

/// What a record says of its document.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Identity {
    document: DocumentReference,
    /// The text beside an id.
    text: Option<String>,
    may_be_foreign: bool,
}

impl Identity {
    /// Of a record without an id.
    fn of_text(text: String) -> Self {
        Self { document: DocumentReference::Text(text), text: None, may_be_foreign: false }
    }
}

/// What an annotator wrote beside an answer, in the annotator's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Why this answer, or why a skip.
    pub reason: Option<String>,
    /// Anything else.
    pub comment: Option<String>,
    /// That somebody should look at the document.
    pub flag: Option<String>,
}

impl Remarks {
    /// Takes the fields `reason`, `comment` and `flag` out of a row.
    fn take(row: &mut Row<'_>) -> Result<Self, InputProblem> {
        Ok(Self {
            reason: comments(row, "reason")?,
            comment: comments(row, "comment")?,
            flag: comments(row, "flag")?.filter(|flag| !matches!(flag.to_lowercase().as_str(), "0" | "no")),
        })
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What the records of a file come to.
#[derive(Debug, Default)]
pub struct Findings {
    /// The answers of the record read last, bad ones among them.
    pub answers: Vec<Found>,
    /// Which control has the class.
    pub control: Control,
    /// How many records or annotations hold no answer, by what the tool calls that.
    pub open: BTreeMap<&'static str, u64>,
    /// What was passed over, in words.
    pub passed_over: BTreeSet<String>,
    /// How many records have something written in them, and no answer that it could be kept with.
    pub left_out: u64,
    /// How many times say no zone.
    pub without_zone: u64,
}

impl Findings {
    /// Counts a record without an answer.
    fn open(&mut self, why: &'static str) {
        *self.open.entry(why).or_default() += 1;
    }

    /// Counts a row of a table that nobody has come to, and what was written in it.
    pub(in crate::format) fn not_labelled(&mut self, remarks: &Remarks) {
        self.open("not labelled yet");
        self.leave_out(remarks);
    }

    /// Counts what was written beside an answer that is not there.
    fn leave_out(&mut self, remarks: &Remarks) {
        self.left_out += u64::from(!remarks.is_empty());
    }

    /// A time: RFC 3339, a date, or seconds since 1970. One that says no zone is counted, and taken
    /// for UTC.
    fn moment(&mut self, text: &str) -> Result<Timestamp, InputProblem> {
        let fault = || InputProblem::MalformedTime { time: text.to_owned() };
        if let Ok(seconds) = text.parse::<f64>() {
            return Timestamp::from_microsecond((seconds * 1e6).round() as i64).map_err(|_| fault());
        }
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(time);
        }
        let local: civil::DateTime = text.parse().map_err(|_| fault())?;
        self.without_zone += 1;
        local.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).map_err(|_| fault())
    }

    /// As [`Self::moment`], of a JSON string or number.
    fn time(&mut self, value: &RawValue) -> Result<Timestamp, InputProblem> {
        match serde_json::from_str::<String>(value.get()) {
            Ok(text) if text.parse::<f64>().is_err() => self.moment(text.trim()),
            Ok(time) => Err(InputProblem::MalformedTime { time }),
            Err(_) => self.moment(value.get()),
        }
    }

    /// Notes a part of records that is not read.
    fn pass_over(&mut self, what: &str) {
        self.passed_over.insert(what.to_owned());
    }
}

/// What a format needs beside the record.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The workspace's classes, or whatever a plain file has.
    pub labels: Labels<'a>,
    /// Who answered, by the user's word, where the record does not say.
    pub unnamed: Option<&'a str>,
    /// Who answered where neither the record, the user nor a file's name says.
    pub otherwise: Option<&'a str>,
    /// The name of the record's file, without folders and endings: doccano's annotator.
    pub stem: Option<&'a str>,
}

/// An answer, or why it is none.
pub type Found = Result<AnswerRow, InputProblem>;

/// A tool's way to write answers.
pub trait AnswerFormat: Sync {
    /// Its name, for `--format`.
    fn name(&self) -> &'static str;

    /// What people call it.
    fn description(&self) -> &'static str;

    /// Whether a record with these fields is certainly of this format.
    fn recognises(&self, fields: &Row<'_>) -> bool;

    /// Adds the answers of a record. A bad answer is added as such, so that those beside it count.
    ///
    /// # Errors
    /// The record is none of this format.
    fn answers(
        &self,
        record: Row<'_>,
        context: &Context<'_>,
        found: &mut Findings,
    ) -> Result<(), InputProblem>;
}

/// Every format; the first that recognises a record has it.
pub const FORMATS: [&dyn AnswerFormat; 7] = [
    &label_studio::LabelStudio,
    &label_studio_min::LabelStudioMin,
    &prodigy::Prodigy,
    &argilla::Argilla,
    &doccano::Doccano,
    &table::Table,
    &querist::Querist,
];

/// The format of that name.
pub fn format(name: &str) -> Option<&'static dyn AnswerFormat> {
    // Another name for the same columns.
    let name = if name == "crowd-kit" { "csv" } else { name };
    FORMATS.into_iter().find(|format| format.name() == name)
}

/// The format of a record. `is_table` says that it comes from a table, whose cells are all text.
/// Querist's own is what is left.
pub fn recognised(record: &Row<'_>, is_table: bool) -> &'static dyn AnswerFormat {
    if is_table {
        return if doccano::Doccano.recognises(record) { &doccano::Doccano } else { &table::Table };
    }
    FORMATS.into_iter().find(|format| format.recognises(record)).unwrap_or(&querist::Querist)
}

/// What the rows of platforms count as: tables, if they have cells.
pub fn of_platforms(is_table: bool) -> &'static dyn AnswerFormat {
    if is_table { &table::Table } else { &querist::Querist }
}

/// The document that a record is for: by `querist_id`, then by the field `id` (if that is
/// Querist's), then by the text.
fn identity(row: &mut Row<'_>, id: Option<&str>, text: &str) -> Result<Identity, InputProblem> {
    for field in [Some("querist_id"), id].into_iter().flatten() {
        if let Some(id) = row.optional_name(field)? {
            let text = optional_text(row, text)?;
            return Ok(Identity { document: DocumentReference::Id(id), text, may_be_foreign: false });
        }
    }
    row.text(text, None).map(Identity::of_text)
}

/// The field that holds the document's text: `text`, else the only one that holds a text and is
/// none of the tool's own.
fn text_field(row: &Row<'_>, own: &[&str]) -> String {
    let is_text = |(name, value): &(&str, &RawValue)| {
        !own.contains(name) && value.get().starts_with('"') && !is_nothing(value)
    };
    let mut texts = row.fields().filter(is_text).map(|(name, _)| name);
    match (row.has("text"), texts.next(), texts.next()) {
        (false, Some(only), None) => only.to_owned(),
        _ => "text".to_owned(),
    }
}

/// Whether nothing is chosen: null, or an empty text, list or object.
fn is_nothing(value: &RawValue) -> bool {
    let inner = value.get().trim_matches(['"', '[', ']', '{', '}']).trim();
    inner.is_empty() || inner == "null"
}

/// The text that a row of Querist's own has beside its id.
fn own_text(row: &mut Row<'_>) -> Result<Option<String>, InputProblem> {
    optional_text(row, "text")
}

/// A field that may hold the document's text. One that is blank, or no string, holds none.
fn optional_text(row: &mut Row<'_>, field: &str) -> Result<Option<String>, InputProblem> {
    if !row.begins(field, '"') {
        return Ok(None);
    }
    row.text(field, None).map(|text| Some(text).filter(|text| !text.trim().is_empty()))
}

/// What people wrote in a field, as one text: a string, a number, a truth, or a list of strings or
/// of objects with a `text`.
fn comments(row: &mut Row<'_>, field: &str) -> Result<Option<String>, InputProblem> {
    let Some(value) = row.take(field)? else { return Ok(None) };
    let mut texts = Vec::new();
    let parts = if value.get().starts_with('[') { list(field, value)? } else { vec![value] };
    for part in parts {
        let text = match part.get().as_bytes().first() {
            Some(b'{') => object(field, part)?.take("text")?.map_or_else(|| part.get(), RawValue::get),
            _ => part.get(),
        };
        let text = serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned());
        let text = text.trim();
        if !text.is_empty() && text != "false" {
            texts.push(text.to_owned());
        }
    }
    Ok(Some(texts.join("\n")).filter(|text| !text.is_empty()))
}

/// The only element of a list of one; anything else as it is.
fn single(value: &RawValue) -> &RawValue {
    let elements = value.get().starts_with('[').then(|| serde_json::from_str::<Vec<&RawValue>>(value.get()));
    match elements {
        Some(Ok(elements)) if elements.len() == 1 => elements[0],
        _ => value,
    }
}

/// The class that a value names.
fn class(labels: Labels<'_>, field: &str, value: &RawValue) -> Result<Class, InputProblem> {
    labels.class(&name(field, value, "a label")?)
}

/// The one class that a list of labels names; `None` when it is empty.
fn one_class(labels: Labels<'_>, field: &str, value: &RawValue) -> Result<Option<Class>, InputProblem> {
    let names: Vec<&RawValue> = list(field, value)?;
    match names[..] {
        [] => Ok(None),
        [name] => class(labels, field, name).map(Some),
        _ => Err(InputProblem::SeveralLabels { found: names.len() }),
    }
}

/// The values of a list.
fn list<'a>(field: &str, value: &'a RawValue) -> Result<Vec<&'a RawValue>, InputProblem> {
    serde_json::from_str(value.get()).map_err(|_| InputProblem::WrongType {
        field: field.to_owned(),
        found: "not a list",
        expected: "a list",
    })
}

/// The fields of an object.
fn object<'a>(field: &str, value: &'a RawValue) -> Result<Row<'a>, InputProblem> {
    Row::parse(value.get()).map_err(inside(format!("\"{field}\"")))
}

/// Says which part of a record has a problem.
fn inside<'a>(part: impl Into<Cow<'a, str>>) -> impl FnOnce(InputProblem) -> InputProblem {
    let part = part.into().into_owned();
    |problem| InputProblem::Inside { part, problem: Box::new(problem) }
}

/// A duration in seconds.
fn seconds(value: &RawValue) -> Result<f64, InputProblem> {
    let number =
        serde_json::from_str(value.get()).ok().filter(|seconds| (0.0..f64::INFINITY).contains(seconds));
    number.ok_or_else(|| InputProblem::MalformedSeconds { seconds: value.get().to_owned() })
}

/// Who answered, where the record may name somebody and need not.
pub(in crate::format) fn annotator(
    named: Option<String>,
    context: &Context<'_>,
) -> Result<String, InputProblem> {
    let name = match named {
        Some(name) => name,
        None => context.unnamed.or(context.otherwise).ok_or(InputProblem::NoAnnotator)?.to_owned(),
    };
    let trimmed = name.trim();
    match trimmed.len() {
        0 => Err(InputProblem::NoAnnotator),
        length if length == name.len() => Ok(name),
        _ => Ok(trimmed.to_owned()),
    }
}

#[cfg(test)]
mod tests;
