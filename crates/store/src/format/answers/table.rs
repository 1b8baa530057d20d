//! Answers in a table: CSV, TSV or Parquet with a row an answer, Querist's own and those of crowd-kit and cleanlab; and JSON with
//! their columns for fields.
//!
//! The document is in `querist_id`, `id`, `task` or `item`, else its text in `text`; the annotator in `annotator`, `worker` or
//! `performer`; the answer in `label`. A blank label is no answer yet, because a sheet comes back with rows that nobody has come
//! to; a row with `true`, `yes` or `1` in `skip` is a skip. `time`, `seconds` and `rejects` are as in Querist's own
//! format; Label Studio's table, which has an `annotation_id`, calls the former `updated_at` and `lead_time`.

use super::{AnswerFormat, AnswerRow, Context, DocumentReference, Found, annotator};
use crate::error::InputProblem;
use crate::format::documents::known;
use crate::format::row::Row;

/// A table.
pub(super) struct Table;

const IDS: [&str; 4] = ["querist_id", "id", "task", "item"];
const ANNOTATORS: [&str; 3] = ["annotator", "worker", "performer"];

impl AnswerFormat for Table {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn description(&self) -> &'static str {
        "a table of answers"
    }

    /// Of records that are no table's: crowd-kit's columns, or an item under another name than Querist's own format has.
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
        found: &mut Vec<Found>,
    ) -> Result<(), InputProblem> {
        if !row.has("label") {
            return Err(InputProblem::MissingField { field: "label".to_owned(), flag: None });
        }
        let skip = cell(&mut row, "skip")?.map(|skip| skip.to_lowercase());
        let skip = matches!(skip.as_deref(), Some("true" | "yes" | "1"));
        let rejects = row.optional_name("rejects")?;
        let label = row.optional_name("label")?.filter(|label| !label.trim().is_empty());
        if label.is_none() && !skip && rejects.is_none() {
            return Ok(());
        }
        let label = label.filter(|_| !skip).map(|label| known(context.labels, &label)).transpose()?;
        let rejects = rejects.map(|rejects| known(context.labels, &rejects)).transpose()?;
        let document = match first(&mut row, &IDS, Row::optional_name)? {
            Some(id) => DocumentReference::Id(id),
            None => DocumentReference::Text(row.text("text", None)?),
        };
        let annotator = annotator(first(&mut row, &ANNOTATORS, Row::optional_name)?, context)?;
        let (times, durations): (&[&str], &[&str]) = if row.has("annotation_id") {
            (&["updated_at", "created_at"], &["lead_time"])
        } else {
            (&["time"], &["seconds"])
        };
        let time = first(&mut row, times, cell)?.map(|time| moment(&time)).transpose()?;
        let seconds = first(&mut row, durations, cell)?.map(|seconds| duration(&seconds)).transpose()?;
        found.push(Ok(AnswerRow { document, annotator, label, rejects, time, seconds }));
        Ok(())
    }
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
    let value = row.take(field)?.map(serde_json::value::RawValue::get);
    Ok(value.map(|value| value.trim_matches('"').trim().to_owned()).filter(|value| !value.is_empty()))
}

fn moment(time: &str) -> Result<jiff::Timestamp, InputProblem> {
    let fault = || InputProblem::MalformedTime { time: time.to_owned() };
    if let Ok(seconds) = time.parse::<f64>() {
        return jiff::Timestamp::from_microsecond((seconds * 1e6).round() as i64).map_err(|_| fault());
    }
    time.parse().map_err(|_| fault())
}

fn duration(seconds: &str) -> Result<f64, InputProblem> {
    let number = seconds.parse().ok().filter(|number| (0.0..f64::INFINITY).contains(number));
    number.ok_or_else(|| InputProblem::MalformedSeconds { seconds: seconds.to_owned() })
}
