//! Label Studio's `JSON_MIN` export: an array of flat objects, one an annotation: the task's data and the answers by control.
//!
//! The answer is the field `label` (the `from_name` of the configuration that Querist writes): a string, or `{"choices": […]}` when
//! several were possible. `annotator` is a number, an address or an object, `lead_time` the seconds, `updated_at` the time. The
//! field `id` is the tool's own. A task without an annotation has a null for its `annotation_id`. Skips are not exported, and so cannot be known.

use super::label_studio::completed_by;
use super::{AnswerFormat, AnswerRow, Context, Found};
use super::{annotator, class, object, one_class, reference, seconds, time};
use crate::error::InputProblem;
use crate::format::row::Row;

/// Label Studio's flat format.
pub(super) struct LabelStudioMin;

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
        found: &mut Vec<Found>,
    ) -> Result<(), InputProblem> {
        // A task that nobody has come to.
        if record.has("annotation_id") && record.take("annotation_id")?.is_none() {
            return Ok(());
        }
        found.push(answer(record, context));
        Ok(())
    }
}

fn answer(mut row: Row<'_>, context: &Context<'_>) -> Found {
    let label = match row.take("label")? {
        None => None,
        Some(value) if value.get().starts_with('{') => {
            let chosen = object("label", value)?.take("choices")?;
            chosen.map(|chosen| one_class(context.labels, "label", chosen)).transpose()?.flatten()
        }
        Some(value) => Some(class(context.labels, "label", value)?),
    };
    let named = row.take("annotator")?.map(completed_by).transpose()?.flatten();
    let annotator = annotator(named, context)?;
    let mut when = row.take("updated_at")?;
    if when.is_none() {
        when = row.take("created_at")?;
    }
    let time = when.map(time).transpose()?;
    let seconds = row.take("lead_time")?.map(seconds).transpose()?;
    let document = reference(&mut row, None, "text")?;
    Ok(AnswerRow { document, annotator, label, rejects: None, time, seconds })
}
