//! Reads Label Studio's JSON export: an array of tasks, each with the annotations of all
//! annotators. (Before version 1, annotations were called `completions`.)
//!
//! - `data.querist_id`, or else the text in `data`, identifies the document.
//! - In an annotation, `completed_by` is the annotator, `was_cancelled` marks a skip, `lead_time`
//!   is the seconds, and `updated_at` or `created_at` is the time.
//! - The label is the answer to the only control that asks for a class: `choices`, or a `taxonomy`
//!   of one level. The user may also name a control with a rating, a number, a pair or a text.
//! - The answer to any other text control is a comment. An annotation without a label is no answer.

use std::collections::BTreeSet;

use querist_core::Class;
use serde_json::value::RawValue;

use super::control::class_in;
use super::{AnswerFormat, AnswerRow, Context, Findings, Identity, Labels, Remarks};
use super::{annotator, comments, identity, inside, list, object, seconds, text_field};
use crate::error::{AnswerProblem, InputProblem};
use crate::format::row::{Row, name};

/// The format of Label Studio's JSON export.
pub(super) struct LabelStudio;

/// The reason why an annotation without a label is no answer.
pub(super) const NOTHING_CHOSEN: &str = "submitted with nothing chosen";

impl AnswerFormat for LabelStudio {
    fn name(&self) -> &'static str {
        "label-studio"
    }

    fn description(&self) -> &'static str {
        "Label Studio"
    }

    fn recognises(&self, fields: &Row<'_>) -> bool {
        fields.has("data") && (fields.has("annotations") || fields.has("completions"))
    }

    fn answers(
        &self,
        mut record: Row<'_>,
        context: &Context<'_>,
        found: &mut Findings,
    ) -> Result<(), InputProblem> {
        let missing = |field: &str| InputProblem::MissingField { field: field.to_owned(), option: None };
        let mut data = object("data", record.take("data")?.ok_or_else(|| missing("data"))?)?;
        let text = text_field(&data, &["querist_id"]);
        let document = identity(&mut data, None, &text).map_err(inside("\"data\""))?;
        let mut annotations = record.take("annotations")?;
        if annotations.is_none() {
            annotations = record.take("completions")?;
        }
        let annotations = annotations.ok_or_else(|| missing("annotations"))?;
        let annotations = list("annotations", annotations)?;
        if annotations.is_empty() {
            found.open("not labelled yet");
        }
        for (at, value) in annotations.into_iter().enumerate() {
            let answer = annotation(value, &document, context, found);
            let answer = answer.map_err(inside(format!("annotation {}", at + 1)));
            found.answers.extend(answer.transpose());
        }
        Ok(())
    }
}

/// Returns the answer in one annotation; `None` if the annotator chose nothing.
fn annotation(
    value: &RawValue,
    document: &Identity,
    context: &Context<'_>,
    found: &mut Findings,
) -> Result<Option<AnswerRow>, InputProblem> {
    let mut row = Row::parse(value.get())?;
    let named = row.take("completed_by")?.map(completed_by).transpose()?.flatten();
    let annotator = annotator(named, context)?;
    let cancelled = truth(&mut row, "was_cancelled")? || truth(&mut row, "skipped")?;
    let results = row.take("result")?;
    let mut remarks = Remarks { comment: comments(&mut row, "comments")?, ..Remarks::default() };
    let label = if cancelled {
        None
    } else {
        let missing = || InputProblem::MissingField { field: "result".to_owned(), option: None };
        let results = Results::read(results.ok_or_else(missing)?)?;
        let label = results.class(context.labels, found)?;
        results.comment(found, &mut remarks)?;
        if label.is_none() {
            found.open(NOTHING_CHOSEN);
            found.leave_out(&remarks);
            return Ok(None);
        }
        label
    };
    let mut when = row.take("updated_at")?;
    if when.is_none() {
        when = row.take("created_at")?;
    }
    let time = when.map(|time| found.time(time)).transpose()?;
    let seconds = row.take("lead_time")?.map(seconds).transpose()?;
    Ok(Some(AnswerRow { remarks, ..AnswerRow::of(document, annotator, label, time, seconds) }))
}

/// Returns whether a field is true; a missing field counts as false.
fn truth(row: &mut Row<'_>, field: &str) -> Result<bool, InputProblem> {
    match row.take(field)?.map(RawValue::get) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(AnswerProblem::UnknownWord {
            field: field.to_owned(),
            found: other.trim_matches('"').to_owned(),
            expected: "true, false",
        }
        .into()),
    }
}

/// Returns the annotator's name from the field `completed_by`: a number, a name, or an object. In
/// an object, `email` takes precedence over `id`.
pub(super) fn completed_by(value: &RawValue) -> Result<Option<String>, InputProblem> {
    if !value.get().starts_with('{') {
        return name("completed_by", value, "a number, a name or an object").map(Some);
    }
    let mut person = object("completed_by", value)?;
    for field in ["email", "id"] {
        if let Some(name) = person.optional_name(field)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// The result of one control in an annotation.
struct OneResult<'a> {
    control: String,
    kind: String,
    value: Option<&'a RawValue>,
}

/// The results of all controls in an annotation.
struct Results<'a>(Vec<OneResult<'a>>);

impl<'a> Results<'a> {
    /// Parses the list of results in an annotation.
    fn read(results: &'a RawValue) -> Result<Self, InputProblem> {
        let read = |result: &'a RawValue| {
            let mut result = object("result", result)?;
            let kind = result.optional_name("type")?.unwrap_or_default();
            let control = result.optional_name("from_name")?.unwrap_or_else(|| "(without a name)".to_owned());
            Ok(OneResult { control, kind, value: result.take("value")? })
        };
        list("result", results)?.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Returns the class that the annotation chooses; `None` if it chooses none.
    fn class(&self, labels: Labels<'_>, found: &mut Findings) -> Result<Option<Class>, InputProblem> {
        for result in &self.0 {
            found.control.note(&result.control);
        }
        let asks =
            |result: &&OneResult<'_>| matches!(result.kind.to_lowercase().as_str(), "choices" | "taxonomy");
        let classes: BTreeSet<String> =
            self.0.iter().filter(asks).map(|result| result.control.clone()).collect();
        let named = found.control.named.clone().filter(|named| !classes.contains(named));
        let chosen = match named {
            // The user may name any control, even one that does not ask for a class.
            Some(named) => Some(named),
            None => found.control.choose(&classes)?,
        };
        let Some(chosen) = chosen else {
            if self.0.is_empty() || found.control.is_settled() {
                return Ok(None);
            }
            let of = |result: &OneResult<'_>| format!("\"{}\" ({})", result.control, shown(&result.kind));
            let found: BTreeSet<String> = self.0.iter().map(of).collect();
            let found = found.into_iter().collect::<Vec<_>>().join(", ");
            return Err(AnswerProblem::NoControl { found }.into());
        };
        let mut of_it = self.0.iter().filter(|result| result.control == chosen);
        let Some(result) = of_it.next() else { return Ok(None) };
        if of_it.next().is_some() {
            return Err(InputProblem::SeveralLabels { found: 2 + of_it.count() });
        }
        result.class(labels)
    }

    /// Reads the results of all controls whose answers are not the labels. The text of a text
    /// control is added to the comment; any other result is reported as not read.
    fn comment(&self, found: &mut Findings, remarks: &mut Remarks) -> Result<(), InputProblem> {
        let counts = found.control.counts();
        for result in self.0.iter().filter(|result| Some(result.control.as_str()) != counts.as_deref()) {
            if result.kind.eq_ignore_ascii_case("textarea")
                && let Some(value) = result.value
            {
                let text = comments(&mut object("value", value)?, "text")?;
                remarks.comment =
                    [remarks.comment.take(), text].into_iter().flatten().reduce(|a, b| a + "\n" + &b);
            } else {
                found.pass_over(&format!("\"{}\" ({})", result.control, shown(&result.kind)));
            }
        }
        Ok(())
    }
}

impl OneResult<'_> {
    /// Returns the class in this result; `None` if nothing is chosen. Fails if the result is not
    /// one class for the whole text.
    fn class(&self, labels: Labels<'_>) -> Result<Option<Class>, InputProblem> {
        let not_a_class = |kind: String| {
            InputProblem::from(AnswerProblem::NotAClass { control: self.control.clone(), kind })
        };
        let value = self.value.ok_or_else(|| not_a_class("a result without a value".to_owned()))?;
        let mut fields = object("value", value)?;
        let holder = match self.kind.to_lowercase().as_str() {
            kind @ ("choices" | "taxonomy" | "rating" | "number") => kind.to_owned(),
            "pairwise" => "selected".to_owned(),
            "textarea" => "text".to_owned(),
            other => return Err(not_a_class(format!("of the type {}", shown(other)))),
        };
        if fields.has("start") || fields.has("end") {
            return Err(not_a_class(format!("of a part of the text ({})", shown(&self.kind))));
        }
        let there = fields.has(&holder);
        match fields.take(&holder)? {
            Some(chosen) => class_in(labels, &self.control, chosen),
            None if there => Ok(None),
            None => Err(not_a_class(format!("of the type {} without \"{holder}\"", shown(&self.kind)))),
        }
    }
}

/// Returns the words for a result's type in messages: `kind`, or "of no type" if it is empty.
fn shown(kind: &str) -> &str {
    if kind.is_empty() { "of no type" } else { kind }
}
