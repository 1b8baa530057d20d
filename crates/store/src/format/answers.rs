//! Reads the answers in the exports of annotation tools. Each tool's format has its own file of
//! code; [`recognised`] finds the format from a record's fields.
//!
//! A record may contain no answer, one, or one per annotator. It refers to its document by
//! `querist_id` if the tool kept that field, and otherwise by the exact text.
//!
//! An answer may be a **rejection**, which only says that a class is wrong
//! ([`AnswerRow::rejects`]), as when an annotator answers "no" in Prodigy. With two classes, a
//! rejection chooses the other class; with more, it chooses no class.

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

/// How an answer refers to its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentReference {
    /// The document with this id.
    Id(String),
    /// The document with this text.
    Text(String),
}

/// One answer, as a format read it.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerRow {
    /// The document that the answer is about.
    pub document: DocumentReference,
    /// The document's text, if the record has an id and a text.
    pub text: Option<String>,
    /// Whether the tool may have made up the id. If no document has the id then, the text decides.
    pub may_be_foreign: bool,
    /// The annotator's name.
    pub annotator: String,
    /// The chosen class; `None` for a skip.
    pub label: Option<Class>,
    /// The class that the annotator rejected, if the answer is a rejection.
    pub rejects: Option<Class>,
    /// The time of the answer, if the file has it.
    pub time: Option<Timestamp>,
    /// How long the answer took, in seconds, at least 0; `None` if the file does not say.
    pub seconds: Option<f64>,
    /// The page whose total time is `seconds`, if the tool shows several documents on one page.
    pub page: Option<String>,
    /// The remarks that the annotator wrote with the answer.
    pub remarks: Remarks,
}

impl AnswerRow {
    /// Returns an answer without a rejection, a page or remarks.
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

/// A record's reference to its document. The fields have the same meaning as in [`AnswerRow`].
#[derive(Debug, Clone, PartialEq, Eq)]
struct Identity {
    document: DocumentReference,
    text: Option<String>,
    may_be_foreign: bool,
}

impl Identity {
    /// Returns a reference to the document with this text, for a record without an id.
    fn of_text(text: String) -> Self {
        Self { document: DocumentReference::Text(text), text: None, may_be_foreign: false }
    }
}

/// The remarks that an annotator wrote with an answer, in the annotator's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remarks {
    /// The reason for the answer or the skip.
    pub reason: Option<String>,
    /// Any other comment.
    pub comment: Option<String>,
    /// A mark that somebody should look at the document.
    pub flag: Option<String>,
}

impl Remarks {
    /// Removes the fields `reason`, `comment` and `flag` from a row and returns the remarks.
    fn take(row: &mut Row<'_>) -> Result<Self, InputProblem> {
        Ok(Self {
            reason: comments(row, "reason")?,
            comment: comments(row, "comment")?,
            flag: comments(row, "flag")?.filter(|flag| !matches!(flag.to_lowercase().as_str(), "0" | "no")),
        })
    }

    /// Whether the annotator wrote no remark.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What formats have found in the records so far.
#[derive(Debug, Default)]
pub struct Findings {
    /// The answers of the last record; an error stands for each faulty answer.
    pub answers: Vec<Found>,
    /// The question whose answers are the classes.
    pub control: Control,
    /// The number of records or annotations without an answer, by the reason.
    pub open: BTreeMap<&'static str, u64>,
    /// Descriptions of the parts of records that are not read.
    pub passed_over: BTreeSet<String>,
    /// The number of records with remarks but without an answer.
    pub left_out: u64,
    /// How many times have no time zone.
    pub without_zone: u64,
}

impl Findings {
    /// Counts a record without an answer. `why` is the reason, such as "draft or pending".
    fn open(&mut self, why: &'static str) {
        *self.open.entry(why).or_default() += 1;
    }

    /// Counts a table row without a label. If it has remarks, counts them as left out.
    pub(in crate::format) fn not_labelled(&mut self, remarks: &Remarks) {
        self.open("not labelled yet");
        self.leave_out(remarks);
    }

    /// Counts a record that has remarks but no answer, so that the remarks are lost.
    fn leave_out(&mut self, remarks: &Remarks) {
        self.left_out += u64::from(!remarks.is_empty());
    }

    /// Parses a time: RFC 3339, a date, or seconds since 1970. A time without a zone is read as UTC
    /// and counted.
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

    /// Parses the time in a JSON string or number, as [`Self::moment`] does.
    fn time(&mut self, value: &RawValue) -> Result<Timestamp, InputProblem> {
        match serde_json::from_str::<String>(value.get()) {
            Ok(text) if text.parse::<f64>().is_err() => self.moment(text.trim()),
            Ok(time) => Err(InputProblem::MalformedTime { time }),
            Err(_) => self.moment(value.get()),
        }
    }

    /// Records that a part of the records is not read. `what` describes the part.
    fn pass_over(&mut self, what: &str) {
        self.passed_over.insert(what.to_owned());
    }
}

/// What a format must know, besides the record, to read its answers.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The labels that answers may have.
    pub labels: Labels<'a>,
    /// The annotator whom the user named, for records that do not name one.
    pub unnamed: Option<&'a str>,
    /// The annotator if neither the record, the user nor the file's name names one.
    pub otherwise: Option<&'a str>,
    /// The name of the record's file without folders and suffixes; doccano's is the annotator.
    pub stem: Option<&'a str>,
}

/// An answer, or the reason why it cannot be read.
pub type Found = Result<AnswerRow, InputProblem>;

/// The format in which a tool writes answers.
pub trait AnswerFormat: Send + Sync {
    /// The format's name, for `--format`.
    fn name(&self) -> &'static str;

    /// The format's name in messages.
    fn description(&self) -> &'static str;

    /// Whether a record with these fields certainly has this format.
    fn recognises(&self, fields: &Row<'_>) -> bool;

    /// Adds the answers in a record to `found`; for a faulty answer, its error. The record's other
    /// answers still count.
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

/// Returns the format with this name, if there is one.
pub fn format(name: &str) -> Option<&'static dyn AnswerFormat> {
    // Files for Crowd-Kit have the same columns as tables.
    let name = if name == "crowd-kit" { "csv" } else { name };
    FORMATS.into_iter().find(|format| format.name() == name)
}

/// Returns the first format that recognizes a record, or else Querist's own. `is_table` says that
/// the record is a row of a table, whose values are all text.
pub fn recognised(record: &Row<'_>, is_table: bool) -> &'static dyn AnswerFormat {
    if is_table {
        return if doccano::Doccano.recognises(record) { &doccano::Doccano } else { &table::Table };
    }
    FORMATS.into_iter().find(|format| format.recognises(record)).unwrap_or(&querist::Querist)
}

/// Returns the format that messages name for files of crowdsourcing platforms.
pub fn of_platforms(is_table: bool) -> &'static dyn AnswerFormat {
    if is_table { &table::Table } else { &querist::Querist }
}

/// Returns a record's reference to its document: the id in `querist_id` or in the field `id`, or
/// else the text in the field `text`. `id` is `None` if the tool has ids of its own.
fn identity(row: &mut Row<'_>, id: Option<&str>, text: &str) -> Result<Identity, InputProblem> {
    for field in [Some("querist_id"), id].into_iter().flatten() {
        if let Some(id) = row.optional_name(field)? {
            let text = optional_text(row, text)?;
            return Ok(Identity { document: DocumentReference::Id(id), text, may_be_foreign: false });
        }
    }
    row.text(text, None).map(Identity::of_text)
}

/// Returns the name of the field with the document's text. Without a field `text`, it is the only
/// field with a text that is not among the tool's `own` fields.
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

/// Whether a value is null or an empty text, list or object, and so chooses nothing.
fn is_nothing(value: &RawValue) -> bool {
    let inner = value.get().trim_matches(['"', '[', ']', '{', '}']).trim();
    inner.is_empty() || inner == "null"
}

/// Removes the field `text` from a row of Querist's own format and returns the text, if there is
/// one.
fn own_text(row: &mut Row<'_>) -> Result<Option<String>, InputProblem> {
    optional_text(row, "text")
}

/// Removes a field from the row and returns its text; `None` if it is not a string or is blank.
fn optional_text(row: &mut Row<'_>, field: &str) -> Result<Option<String>, InputProblem> {
    if !row.begins(field, '"') {
        return Ok(None);
    }
    row.text(field, None).map(|text| Some(text).filter(|text| !text.trim().is_empty()))
}

/// Removes a field with remarks from the row and returns them as one text. The field may contain a
/// string, a number, a boolean, or a list of strings or of objects with a `text`.
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

/// Returns the only element of a list with one element, and any other value unchanged.
fn single(value: &RawValue) -> &RawValue {
    let elements = value.get().starts_with('[').then(|| serde_json::from_str::<Vec<&RawValue>>(value.get()));
    match elements {
        Some(Ok(elements)) if elements.len() == 1 => elements[0],
        _ => value,
    }
}

/// Returns the class whose name `value` is. `field` is the field's name for an error message.
fn class(labels: Labels<'_>, field: &str, value: &RawValue) -> Result<Class, InputProblem> {
    labels.class(&name(field, value, "a label")?)
}

/// Returns the class in a list of one label; `None` if the list is empty.
fn one_class(labels: Labels<'_>, field: &str, value: &RawValue) -> Result<Option<Class>, InputProblem> {
    let names: Vec<&RawValue> = list(field, value)?;
    match names[..] {
        [] => Ok(None),
        [name] => class(labels, field, name).map(Some),
        _ => Err(InputProblem::SeveralLabels { found: names.len() }),
    }
}

/// Returns the elements of a list; fails if the value is no list.
fn list<'a>(field: &str, value: &'a RawValue) -> Result<Vec<&'a RawValue>, InputProblem> {
    serde_json::from_str(value.get()).map_err(|_| InputProblem::WrongType {
        field: field.to_owned(),
        found: "not a list",
        expected: "a list",
    })
}

/// Returns the fields of an object; fails if the value is no object.
fn object<'a>(field: &str, value: &'a RawValue) -> Result<Row<'a>, InputProblem> {
    Row::parse(value.get()).map_err(inside(format!("\"{field}\"")))
}

/// Returns a function that adds to an error the part of the record in which it occurred.
fn inside<'a>(part: impl Into<Cow<'a, str>>) -> impl FnOnce(InputProblem) -> InputProblem {
    let part = part.into().into_owned();
    |problem| InputProblem::Inside { part, problem: Box::new(problem) }
}

/// Parses a duration in seconds, at least 0.
fn seconds(value: &RawValue) -> Result<f64, InputProblem> {
    let number =
        serde_json::from_str(value.get()).ok().filter(|seconds| (0.0..f64::INFINITY).contains(seconds));
    number.ok_or_else(|| InputProblem::MalformedSeconds { seconds: value.get().to_owned() })
}

/// Returns the annotator's name, trimmed: `named`, from the record, or else the name in the
/// context.
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
