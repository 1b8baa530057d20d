//! Reads Label Studio's `JSON_MIN` export: an array of flat objects, one per annotation. Each has
//! the task's data, and one field for each control that was answered. Skips are not exported.
//!
//! Nothing says which fields are controls. In tasks that Querist made, the answer is in `label`.
//! Otherwise it is in the field that the user names, or in the only field that contains one of the
//! workspace's labels. If the first record has its answer in a field, later records must have a
//! label or nothing in that field.
//!
//! `annotator`, `lead_time` (seconds) and `updated_at` describe the annotation. If `annotation_id`
//! is null, nobody has answered. `id` is the tool's own; see [`document`] for Querist's.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::control::class_in;
use super::label_studio::{NOTHING_CHOSEN, completed_by};
use super::{AnswerFormat, AnswerRow, Context, Findings, Identity, Labels};
use super::{annotator, identity, is_nothing, seconds, text_field};
use crate::error::{AnswerProblem, FieldOption, InputProblem};
use crate::format::row::Row;

/// The format of Label Studio's `JSON_MIN` export.
pub(super) struct LabelStudioMin;

/// The names of Label Studio's and Querist's own fields, which are never controls.
const OWN: [&str; 10] = [
    "id",
    "text",
    "querist_id",
    "meta",
    "annotator",
    "annotation_id",
    "created_at",
    "updated_at",
    "lead_time",
    "agreement",
];

/// The name of the control in the configuration that Querist writes for Label Studio.
const LABEL: &str = "label";

impl AnswerFormat for LabelStudioMin {
    fn name(&self) -> &'static str {
        "label-studio-min"
    }

    fn description(&self) -> &'static str {
        "Label Studio's JSON_MIN"
    }

    fn recognises(&self, fields: &Row<'_>) -> bool {
        fields.has("annotation_id") && fields.has("annotator")
    }

    fn answers(
        &self,
        mut record: Row<'_>,
        context: &Context<'_>,
        found: &mut Findings,
    ) -> Result<(), InputProblem> {
        // Nobody has labelled this task yet.
        if record.has("annotation_id") && record.take("annotation_id")?.is_none() {
            found.open("not labelled yet");
            return Ok(());
        }
        let answer = answer(record, context, found);
        found.answers.extend(answer.transpose());
        Ok(())
    }
}

/// Returns the answer in a record; `None` if nothing is chosen.
fn answer(
    mut row: Row<'_>,
    context: &Context<'_>,
    found: &mut Findings,
) -> Result<Option<AnswerRow>, InputProblem> {
    let field = control(&mut row, context.labels, found)?;
    let value = field.as_deref().map(|field| row.take(field)).transpose()?.flatten();
    let label = match (&field, value.filter(|value| !is_nothing(value))) {
        (Some(field), Some(value)) => class_in(context.labels, field, value)?,
        _ => None,
    };
    let Some(label) = label else {
        found.open(NOTHING_CHOSEN);
        return Ok(None);
    };
    let named = row.take("annotator")?.map(completed_by).transpose()?.flatten();
    let annotator = annotator(named, context)?;
    let mut when = row.take("updated_at")?;
    if when.is_none() {
        when = row.take("created_at")?;
    }
    let time = when.map(|time| found.time(time)).transpose()?;
    let seconds = row.take("lead_time")?.map(seconds).transpose()?;
    let document = document(&mut row)?;
    Ok(Some(AnswerRow::of(&document, annotator, Some(label), time, seconds)))
}

/// Returns a flat record's reference to its document: by `querist_id`, or else by the text. The
/// answer must have been removed from the row, so that it is not taken for the text.
pub(super) fn document(row: &mut Row<'_>) -> Result<Identity, InputProblem> {
    let text = text_field(row, &OWN);
    identity(row, None, &text)
}

/// Returns the field with the answer; `None` if this record has no answer.
fn control(
    row: &mut Row<'_>,
    labels: Labels<'_>,
    found: &mut Findings,
) -> Result<Option<String>, InputProblem> {
    if found.control.named.is_some() {
        let others = row.names().filter(|name| !OWN.contains(name));
        return found.control.choose(&others.map(str::to_owned).collect());
    }
    let mut candidates: BTreeSet<String> = if row.has("querist_id") && row.has(LABEL) {
        BTreeSet::from([LABEL.to_owned()])
    } else {
        let holds = |(name, value): &(&str, &RawValue)| {
            !OWN.contains(name) && !is_nothing(value) && (*name == LABEL || holds_class(labels, value))
        };
        row.fields().filter(holds).map(|(name, _)| name.to_owned()).collect()
    };
    // All records of a file have their answers in the same field. So if earlier records have shown
    // the field, it counts even if its value in this record is no label.
    candidates.extend(found.control.counts().filter(|control| row.has(control)));
    let field = found.control.choose(&candidates)?;
    if field.is_some() || found.control.is_settled() || row.has(LABEL) {
        return Ok(field);
    }
    let fields = row.names().filter(|name| !OWN.contains(name)).map(str::to_owned).collect();
    let expected = "one of the workspace's labels in a field of its own";
    let option = Some(FieldOption::Control);
    Err(AnswerProblem::NoAnswerField { expected, option, fields }.into())
}

/// Whether a value is one or several of the workspace's classes. Returns `false` if there is no
/// workspace, because then any value could be a label.
fn holds_class(labels: Labels<'_>, value: &RawValue) -> bool {
    if matches!(labels, Labels::AsTheyCome(_)) {
        return false;
    }
    match class_in(labels, "", value) {
        Ok(class) => class.is_some(),
        Err(problem) => matches!(problem, InputProblem::SeveralLabels { .. }),
    }
}
