//! Answers in: reads the records of annotation tools, one tool per file.
//!
//! A format returns the answers in one record (see [`super::records`]): none, one, or one per
//! annotator. It finds the document by `querist_id`, if the tool kept it, otherwise by its exact
//! text. [`recognised`] tells the format by a record's fields.
//!
//! A **rejection** ("no" to Prodigy's binary question) says that a class is wrong
//! ([`AnswerRow::rejects`]). With two classes it also chooses the other one; with more, it counts
//! as a skip. Only what the tool calls a skip is a skip. Unfinished records are counted in
//! `Findings::open`; anything that is not understood is an error.

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

/// The document that an answer is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentReference {
    /// The document with this id.
    Id(String),
    /// The document with this text.
    Text(String),
}

/// One answer as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerRow {
    /// The document that the answer is about.
    pub document: DocumentReference,
    /// The text that the record has beside an id, if any.
    pub text: Option<String>,
    /// Whether the id may be the tool's own. If so, and no document has the id, the text decides.
    pub may_be_foreign: bool,
    /// The annotator's name.
    pub annotator: String,
    /// The class that was chosen; `None` for a skip.
    pub label: Option<Class>,
    /// The class that the answer says is wrong, if the answer is a rejection.
    pub rejects: Option<Class>,
    /// When the answer was given, if the file says so.
    pub time: Option<Timestamp>,
    /// How many seconds the answer took, at least 0, if the file says so.
    pub seconds: Option<f64>,
    /// The page to which `seconds` refers, if a page may have several answers of one person.
    pub page: Option<String>,
    /// What the annotator wrote beside the answer.
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

/// What a record says about its document.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Identity {
    document: DocumentReference,
    text: Option<String>,
    may_be_foreign: bool,
}

impl Identity {
    /// Identifies a document by its text, for a record without an id.
    fn of_text(text: String) -> Self {
        Self { document: DocumentReference::Text(text), text: None, may_be_foreign: false }
    }
}

/// What an annotator wrote beside an answer, in the annotator's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remarks {
    /// The reason for the answer or the skip.
    pub reason: Option<String>,
    /// Any other comment.
    pub comment: Option<String>,
    /// A sign that somebody should look at the document.
    pub flag: Option<String>,
}

impl Remarks {
    /// Takes the fields `reason`, `comment` and `flag` from a row.
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

/// What has been read from the records so far.
#[derive(Debug, Default)]
pub struct Findings {
    /// The answers of the last record, including faulty ones.
    pub answers: Vec<Found>,
    /// The control that asks for the class.
    pub control: Control,
    /// How many records or annotations hold no answer, by the tool's name for that state.
    pub open: BTreeMap<&'static str, u64>,
    /// Parts of records that were skipped, in words.
    pub passed_over: BTreeSet<String>,
    /// How many records have remarks but no answer to store them with.
    pub left_out: u64,
    /// How many times name no time zone.
    pub without_zone: u64,
}

impl Findings {
    /// Counts a record without an answer.
    fn open(&mut self, why: &'static str) {
        *self.open.entry(why).or_default() += 1;
    }

    /// Counts a table row that nobody has labelled yet, and the remarks in it.
    pub(in crate::format) fn not_labelled(&mut self, remarks: &Remarks) {
        self.open("not labelled yet");
        self.leave_out(remarks);
    }

    /// Counts remarks that have no answer to belong to.
    fn leave_out(&mut self, remarks: &Remarks) {
        self.left_out += u64::from(!remarks.is_empty());
    }

    /// Parses a time: RFC 3339, a date, or seconds since 1970. A time without a zone is counted,
    /// and read as UTC.
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

    /// Parses a time, as [`Self::moment`] does, from a JSON string or number.
    fn time(&mut self, value: &RawValue) -> Result<Timestamp, InputProblem> {
        match serde_json::from_str::<String>(value.get()) {
            Ok(text) if text.parse::<f64>().is_err() => self.moment(text.trim()),
            Ok(time) => Err(InputProblem::MalformedTime { time }),
            Err(_) => self.moment(value.get()),
        }
    }

    /// Records that a part of the records is not read.
    fn pass_over(&mut self, what: &str) {
        self.passed_over.insert(what.to_owned());
    }
}

/// What a format needs besides the record.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The workspace's classes, or the labels that a plain file happens to have.
    pub labels: Labels<'a>,
    /// The annotator whom the user named for records that name nobody.
    pub unnamed: Option<&'a str>,
    /// The annotator if neither the record, the user nor a file's name names anybody.
    pub otherwise: Option<&'a str>,
    /// The name of the record's file without folders and endings, which is doccano's annotator.
    pub stem: Option<&'a str>,
}

/// An answer, or its fault.
pub type Found = Result<AnswerRow, InputProblem>;

/// The format in which a tool writes answers.
pub trait AnswerFormat: Send + Sync {
    /// The format's name, for `--format`.
    fn name(&self) -> &'static str;

    /// The format's name in messages.
    fn description(&self) -> &'static str;

    /// Whether a record with these fields is certainly of this format.
    fn recognises(&self, fields: &Row<'_>) -> bool;

    /// Adds the answers of a record to `found`. A faulty answer is added as its fault, so that the
    /// answers beside it count.
    ///
    /// # Errors
    /// The record does not have this format.
    fn answers(
        &self,
        record: Row<'_>,
        context: &Context<'_>,
        found: &mut Findings,
    ) -> Result<(), InputProblem>;
}

/// All formats. The first one that recognizes a record reads it.
pub const FORMATS: [&dyn AnswerFormat; 7] = [
    &label_studio::LabelStudio,
    &label_studio_min::LabelStudioMin,
    &prodigy::Prodigy,
    &argilla::Argilla,
    &doccano::Doccano,
    &table::Table,
    &querist::Querist,
];

/// The format with this name.
pub fn format(name: &str) -> Option<&'static dyn AnswerFormat> {
    // Crowd-Kit's files have the same columns.
    let name = if name == "crowd-kit" { "csv" } else { name };
    FORMATS.into_iter().find(|format| format.name() == name)
}

/// Recognizes the format of a record. `is_table` says that the record comes from a table, whose
/// cells are all text. If no format recognizes it, it is Querist's own.
pub fn recognised(record: &Row<'_>, is_table: bool) -> &'static dyn AnswerFormat {
    if is_table {
        return if doccano::Doccano.recognises(record) { &doccano::Doccano } else { &table::Table };
    }
    FORMATS.into_iter().find(|format| format.recognises(record)).unwrap_or(&querist::Querist)
}

/// The format under which rows of crowd platforms are listed; `is_table` says that the rows have
/// cells.
pub fn of_platforms(is_table: bool) -> &'static dyn AnswerFormat {
    if is_table { &table::Table } else { &querist::Querist }
}

/// Identifies the document of a record: by `querist_id`, otherwise by the field `id` (if it holds
/// Querist's ids), otherwise by the text.
fn identity(row: &mut Row<'_>, id: Option<&str>, text: &str) -> Result<Identity, InputProblem> {
    for field in [Some("querist_id"), id].into_iter().flatten() {
        if let Some(id) = row.optional_name(field)? {
            let text = optional_text(row, text)?;
            return Ok(Identity { document: DocumentReference::Id(id), text, may_be_foreign: false });
        }
    }
    row.text(text, None).map(Identity::of_text)
}

/// The field that holds the document's text: `text`, otherwise the only field that holds a text and
/// is not one of the tool's `own` fields.
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

/// Whether a value chooses nothing: null, or an empty text, list or object.
fn is_nothing(value: &RawValue) -> bool {
    let inner = value.get().trim_matches(['"', '[', ']', '{', '}']).trim();
    inner.is_empty() || inner == "null"
}

/// The text beside the id in a row of Querist's own format.
fn own_text(row: &mut Row<'_>) -> Result<Option<String>, InputProblem> {
    optional_text(row, "text")
}

/// The document's text, if the field holds a string that is not blank.
fn optional_text(row: &mut Row<'_>, field: &str) -> Result<Option<String>, InputProblem> {
    if !row.begins(field, '"') {
        return Ok(None);
    }
    row.text(field, None).map(|text| Some(text).filter(|text| !text.trim().is_empty()))
}

/// What people wrote in a field, as one text. The field may hold a string, a number, a boolean, or
/// a list of strings or of objects with a `text`.
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

/// The only element of a list with one element; any other value as it is.
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

/// The one class that a list of labels names; `None` for an empty list.
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

/// Adds the name of a record's part to the part's problem.
fn inside<'a>(part: impl Into<Cow<'a, str>>) -> impl FnOnce(InputProblem) -> InputProblem {
    let part = part.into().into_owned();
    |problem| InputProblem::Inside { part, problem: Box::new(problem) }
}

/// A duration in seconds, at least 0.
fn seconds(value: &RawValue) -> Result<f64, InputProblem> {
    let number =
        serde_json::from_str(value.get()).ok().filter(|seconds| (0.0..f64::INFINITY).contains(seconds));
    number.ok_or_else(|| InputProblem::MalformedSeconds { seconds: value.get().to_owned() })
}

/// The annotator's name: the one that the record names, otherwise the one from the context.
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
