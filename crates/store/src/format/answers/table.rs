//! Answers in a table: CSV, TSV or Parquet with one row per answer, in the columns of Querist,
//! crowd-kit or cleanlab; and JSON with these columns as fields.
//!
//! The document is in `querist_id`, `id`, `task` or `item`, otherwise its text is in `text`; the
//! annotator in `annotator`, `worker` or `performer`; the answer in `label`. A blank label is no
//! answer yet, because people return sheets with rows that nobody has labelled. `true`, `yes` or
//! `1` in `skip` marks a skip. All other columns are as in Querist's own format, but Label Studio's
//! table, which has an `annotation_id`, has `updated_at` and `lead_time`.

use serde_json::value::RawValue;

use super::{AnswerFormat, AnswerRow, Context, DocumentReference, Findings, Identity, Remarks};
use super::{annotator, label_studio_min, own_text};
use crate::error::{AnswerProblem, FieldOption, InputProblem};
use crate::format::row::{self, Row};

/// The format of tables.
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

    /// Recognizes JSON records that have crowd-kit's columns, or an item under another name than in
    /// Querist's own format.
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

/// Identifies the document of a row. The id in Label Studio's table is the tool's own.
fn document(row: &mut Row<'_>) -> Result<Identity, InputProblem> {
    if row.has("annotation_id") {
        return label_studio_min::document(row);
    }
    let Some(id) = first(row, &IDS, Row::optional_name)? else {
        return row.text("text", None).map(Identity::of_text);
    };
    Ok(Identity { document: DocumentReference::Id(id), text: own_text(row)?, may_be_foreign: false })
}

/// The label of a row; `None` if it is blank.
fn answer(row: &mut Row<'_>, found: &mut Findings) -> Result<Option<String>, InputProblem> {
    // In Label Studio's table, the answer's column has the control's name.
    let field = found.control.named.clone().unwrap_or_else(|| "label".to_owned());
    if !row.has(&field) {
        return Err(missing(field, row));
    }
    found.control.note(&field);
    let label = row.take(&field)?.filter(|value| !is_blank(value));
    label.map_or(Ok(None), |value| row::label(&field, value))
}

/// The problem of a row without the label's column. In Label Studio's table, that column has the
/// control's name.
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

/// The result of `read` for the first of the fields that exists and is not blank.
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

/// A cell's text, also for a number or a boolean; `None` if it is blank.
fn cell(row: &mut Row<'_>, field: &str) -> Result<Option<String>, InputProblem> {
    let value = row.take(field)?.map(RawValue::get);
    Ok(value.map(|value| value.trim_matches('"').trim().to_owned()).filter(|value| !value.is_empty()))
}

fn duration(seconds: &str) -> Result<f64, InputProblem> {
    let number = seconds.parse().ok().filter(|number| (0.0..f64::INFINITY).contains(number));
    number.ok_or_else(|| InputProblem::MalformedSeconds { seconds: seconds.to_owned() })
}
