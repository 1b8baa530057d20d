//! Reads answers in a table with one row per answer, with the column names of Querist, Crowd-Kit or
//! cleanlab. Also reads JSON records with these names as fields.
//!
//! - Document: the id in `querist_id`, `id`, `task` or `item`, or else the text in `text`.
//! - Annotator: `annotator`, `worker` or `performer`.
//! - Answer: `label`. If it is blank, nobody has answered yet; people often return partly labelled
//!   tables. `true`, `yes` or `1` in `skip` marks a skip.
//! - The other columns have the names of Querist's own format. Label Studio's table, which has the
//!   column `annotation_id`, has `updated_at` for the time and `lead_time` for the seconds.

use serde_json::value::RawValue;

use super::{AnswerFormat, AnswerRow, Context, DocumentReference, Findings, Identity, Remarks};
use super::{annotator, label_studio_min, own_text};
use crate::error::{AnswerProblem, FieldOption, InputProblem};
use crate::format::row::{self, Row};

/// The format of tables of answers.
pub(super) struct Table;

/// The name of the column that marks skips.
pub(in crate::format) const SKIP: &str = "skip";
/// The names of the column with the document's id.
const IDS: [&str; 4] = ["querist_id", "id", "task", "item"];
/// The names of the column with the annotator.
const ANNOTATORS: [&str; 3] = ["annotator", "worker", "performer"];

impl AnswerFormat for Table {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn description(&self) -> &'static str {
        "a table of answers"
    }

    /// Recognizes JSON records with Crowd-Kit's column names, or with another name for the item
    /// than in Querist's own format.
    fn recognises(&self, fields: &Row<'_>) -> bool {
        let has = |names: &[&str]| names.iter().any(|name| fields.has(name));
        // A record with `id` and `annotator` has Querist's own format, even if the user has a field
        // `task`.
        let named = has(&["task", "item"]) && has(&ANNOTATORS) && !fields.has("id");
        named || (fields.has("id") && has(&["worker", "performer"]) && !fields.has("annotator"))
    }

    fn answers(
        &self,
        mut row: Row<'_>,
        context: &Context<'_>,
        found: &mut Findings,
    ) -> Result<(), InputProblem> {
        let skip = skips(&mut row)?;
        let label = answer(&mut row, found)?;
        let rejects = row.optional_name("rejects")?;
        if label.is_none() && !skip && rejects.is_none() {
            found.not_labelled(&Remarks::take(&mut row)?);
            return Ok(());
        }
        if let Some(label) = label.clone().filter(|_| skip) {
            return Err(AnswerProblem::SkipWithLabel { label }.into());
        }
        let label = label.map(|label| context.labels.class(&label)).transpose()?;
        let rejects = rejects.map(|rejects| context.labels.class(&rejects)).transpose()?;
        context.labels.check_consistent(label, rejects)?;
        let annotator = annotator(first(&mut row, &ANNOTATORS, Row::optional_name)?, context)?;
        let (times, durations): (&[&str], &[&str]) = if row.has("annotation_id") {
            (&["updated_at", "created_at"], &["lead_time"])
        } else {
            (&["time"], &["seconds"])
        };
        let time = first(&mut row, times, cell)?.map(|time| found.moment(&time)).transpose()?;
        let seconds = first(&mut row, durations, cell)?.map(|seconds| duration(&seconds)).transpose()?;
        let remarks = Remarks::take(&mut row)?;
        let document = document(&mut row)?;
        let answer = AnswerRow::of(&document, annotator, label, time, seconds);
        found.answers.push(Ok(AnswerRow { rejects, remarks, ..answer }));
        Ok(())
    }
}

/// Returns a row's reference to its document. In Label Studio's table, the column `id` has the
/// tool's own id, so it is not used.
fn document(row: &mut Row<'_>) -> Result<Identity, InputProblem> {
    if row.has("annotation_id") {
        return label_studio_min::document(row);
    }
    let Some(id) = first(row, &IDS, Row::optional_name)? else {
        return row.text("text", None).map(Identity::of_text);
    };
    Ok(Identity { document: DocumentReference::Id(id), text: own_text(row)?, may_be_foreign: false })
}

/// Returns the label of a row; `None` if it is blank.
fn answer(row: &mut Row<'_>, found: &mut Findings) -> Result<Option<String>, InputProblem> {
    // In Label Studio's table, the column with the answer has the name of the control.
    let field = found.control.named.clone().unwrap_or_else(|| "label".to_owned());
    if !row.has(&field) {
        return Err(missing(field, row));
    }
    found.control.note(&field);
    let label = row.take(&field)?.filter(|value| !is_blank(value));
    label.map_or(Ok(None), |value| row::label(&field, value))
}

/// Returns the error for a row without the column of the label. The error names the option with
/// which the user can choose the column.
fn missing(field: String, row: &Row<'_>) -> InputProblem {
    let option = if row.has("annotation_id") { FieldOption::Control } else { FieldOption::Answer };
    InputProblem::MissingField { field, option: Some(option) }
}

/// Whether the column `skip` marks the row as a skip.
pub(super) fn skips(row: &mut Row<'_>) -> Result<bool, InputProblem> {
    let Some(word) = cell(row, SKIP)? else { return Ok(false) };
    is_skip(&word)
}

/// Whether this word in the column `skip` marks a skip. Fails if it says neither yes nor no.
pub(in crate::format) fn is_skip(word: &str) -> Result<bool, InputProblem> {
    match word.trim().to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "x" => Ok(true),
        "false" | "no" | "n" | "0" | "" => Ok(false),
        _ => Err(AnswerProblem::UnknownWord {
            field: SKIP.to_owned(),
            found: word.to_owned(),
            expected: "true, yes or 1 for a skip; false, no, 0 or nothing for none",
        }
        .into()),
    }
}

/// Whether a value is an empty string or only white space.
fn is_blank(value: &RawValue) -> bool {
    value.get().trim_matches('"').trim().is_empty()
}

/// Calls `read` for each field until it returns a value, and returns this value; `None` if no field
/// has one.
fn first<'a>(
    row: &mut Row<'a>,
    fields: &[&str],
    read: impl Fn(&mut Row<'a>, &str) -> Result<Option<String>, InputProblem>,
) -> Result<Option<String>, InputProblem> {
    for field in fields {
        if let Some(found) = read(row, field)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Returns a cell's text, which may be a number or a boolean; `None` if it is blank.
fn cell(row: &mut Row<'_>, field: &str) -> Result<Option<String>, InputProblem> {
    let value = row.take(field)?.map(RawValue::get);
    Ok(value.map(|value| value.trim_matches('"').trim().to_owned()).filter(|value| !value.is_empty()))
}

/// Parses a duration in seconds, at least 0.
fn duration(seconds: &str) -> Result<f64, InputProblem> {
    let number = seconds.parse().ok().filter(|number| (0.0..f64::INFINITY).contains(number));
    number.ok_or_else(|| InputProblem::MalformedSeconds { seconds: seconds.to_owned() })
}
