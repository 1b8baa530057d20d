//! Reads records of Argilla 1. `annotation` is the label, `annotation_agent` is the annotator, and
//! `status` is the record's state.
//!
//! The status `Discarded` means a skip; `Default` without an annotation means that nobody answered.
//! If several labels were allowed, `annotation` is a list. `prediction` is no answer, because a
//! model made it. `event_timestamp` is not read, because it is the time of the record, not of the
//! answer.

use super::control::class_in;
use super::{AnswerRow, Context, Findings, Identity, annotator};
use crate::error::{AnswerProblem, InputProblem};
use crate::format::row::Row;

/// Whether Argilla 1 wrote a record with these fields.
pub(super) fn recognises(fields: &Row<'_>) -> bool {
    let own = ["annotation_agent", "prediction", "prediction_agent", "status", "multi_label"];
    fields.has("annotation") && own.iter().any(|field| fields.has(field)) && !fields.has("annotator")
}

/// Adds the answer in a record to `found`.
///
/// # Errors
/// The status is unknown, or the annotation is not one class.
pub(super) fn answers(
    mut row: Row<'_>,
    document: &Identity,
    context: &Context<'_>,
    found: &mut Findings,
) -> Result<(), InputProblem> {
    let status = row.optional_name("status")?;
    let annotation = row.take("annotation")?;
    let label = annotation.map(|value| class_in(context.labels, "annotation", value)).transpose()?.flatten();
    let label = match status.as_deref().map(str::to_lowercase).as_deref() {
        Some("discarded") => None,
        None | Some("default" | "validated" | "edited") => {
            if label.is_none() {
                found.open("not labelled yet");
                return Ok(());
            }
            label
        }
        Some(_) => {
            return Err(AnswerProblem::UnknownWord {
                field: "status".to_owned(),
                found: status.unwrap_or_default(),
                expected: "Validated, Discarded, Edited or Default",
            }
            .into());
        }
    };
    let annotator = annotator(row.optional_name("annotation_agent")?, context)?;
    found.answers.push(Ok(AnswerRow::of(document, annotator, label, None, None)));
    Ok(())
}
