//! Answers in a table: CSV, TSV or Parquet with a row an answer, Querist's own and those of
//! crowd-kit and cleanlab; and JSON with their columns for fields.
//!
//! The document is in `querist_id`, `id`, `task` or `item`, else its text in `text`; the annotator
//! in `annotator`, `worker` or `performer`; the answer in `label`. A blank label is no answer yet,
//! because a sheet comes back with rows that nobody has come to; a row with `true`, `yes` or `1` in
//! `skip` is a skip. `reason`, `comment` and `flag` are what the annotator wrote beside the answer.
//! `time`, `seconds` and `rejects` are as in Querist's own format; Label Studio's table, which has
//! an `annotation_id`, calls the former `updated_at` and `lead_time`.

use serde_json::value::RawValue;

use super::{AnswerFormat, AnswerRow, Context, DocumentReference, Findings, Identity, Remarks};
use super::{annotator, label_studio_min, own_text};
use crate::error::{AnswerProblem, FieldOption, InputProblem};
use crate::format::row::{self, Row};

/// A table.
pub(super) struct Table;

/// The column that marks a skip.
pub(in crate::format) const SKIP: &str = "skip";
const IDS: [&str; 4] = ["querist_id", "id", "task", "item"];
const ANNOTATORS: [&str; 3] = ["annotator", "worker", "performer"];

impl AnswerFormat for Table {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn description(&self) -> &'static str {
        "a table of answers"
    }

    /// Of records that are no table's: crowd-kit's columns, or an item under another name than
    /// Querist's own format has.
    fn recognises(&self, fields: &Row<'_>) -> bool {
        let has = |names: &[&str]| names.iter().any(|name| fields.has(name));
        // Querist's own format has both `id` and `annotator`; other fields are the user's.
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
        context.labels.contradictory(label, rejects)?;
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

/// The document of a row. The id in a table of Label Studio is the tool's own.
fn document(row: &mut Row<'_>) -> Result<Identity, InputProblem> {
    if row.has("annotation_id") {
        return label_studio_min::document(row);
    }
    let Some(id) = first(row, &IDS, Row::optional_name)? else {
        return row.text("text", None).map(Identity::of_text);
    };
    Ok(Identity { document: DocumentReference::Id(id), text: own_text(row)?, may_be_foreign: false })
}

/// The label of a row.
fn answer(row: &mut Row<'_>, found: &mut Findings) -> Result<Option<String>, InputProblem> {
    // Label Studio's table calls the answer's column like its control.
    let field = found.control.named.clone().unwrap_or_else(|| "label".to_owned());
    if !row.has(&field) {
        return Err(missing(field, row));
    }
    found.control.note(&field);
    let label = row.take(&field)?.filter(|value| !is_blank(value));
    label.map_or(Ok(None), |value| row::label(&field, value))
}

/// What to say of a row without a label's column. Label Studio's table has its control's name
/// there.
fn missing(field: String, row: &Row<'_>) -> InputProblem {
    let option = if row.has("annotation_id") { FieldOption::Control } else { FieldOption::Answer };
    InputProblem::MissingField { field, option: Some(option) }
}

/// Whether a row is marked as a skip.
pub(super) fn skips(row: &mut Row<'_>) -> Result<bool, InputProblem> {
    let Some(word) = cell(row, SKIP)? else { return Ok(false) };
    is_skip(&word)
}

/// Whether a cell marks its row as a skip.
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

fn is_blank(value: &RawValue) -> bool {
    value.get().trim_matches('"').trim().is_empty()
}

/// What `read` makes of the first of the fields that is there and not blank.
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

/// A cell as text, whether it is text, a number or true; `None` when it is blank.
fn cell(row: &mut Row<'_>, field: &str) -> Result<Option<String>, InputProblem> {
    let value = row.take(field)?.map(RawValue::get);
    Ok(value.map(|value| value.trim_matches('"').trim().to_owned()).filter(|value| !value.is_empty()))
}

fn duration(seconds: &str) -> Result<f64, InputProblem> {
    let number = seconds.parse().ok().filter(|number| (0.0..f64::INFINITY).contains(number));
    number.ok_or_else(|| InputProblem::MalformedSeconds { seconds: seconds.to_owned() })
}
