//! Label Studio's JSON export: an array of tasks, each with the annotations of everybody who answered.
//!
//! Of a task, `data.querist_id` or `data.text` names the document. Of an annotation, `completed_by` is a number or an object
//! (its `email` is the annotator, else its `id`), `was_cancelled` is a skip, `lead_time` the seconds, `updated_at` (else
//! `created_at`) the time, and the result of type `choices` the answer; one with nothing chosen is a skip. Drafts and
//! predictions are no answers, and a task without annotations has none. Other types of results are passed over; of several
//! choices, the one whose `from_name` is `label` counts.

use querist_core::{Class, LabelSet};
use serde_json::value::RawValue;

use super::{AnswerFormat, AnswerRow, Context, DocumentReference, Found};
use super::{annotator, inside, list, object, one_class, reference, seconds, time};
use crate::error::InputProblem;
use crate::format::row::{Row, name};

/// Label Studio's format.
pub(super) struct LabelStudio;

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
        found: &mut Vec<Found>,
    ) -> Result<(), InputProblem> {
        let missing = |field: &str| InputProblem::MissingField { field: field.to_owned(), flag: None };
        let mut data = object("data", record.take("data")?.ok_or_else(|| missing("data"))?)?;
        let document = reference(&mut data, None, "text").map_err(inside("\"data\""))?;
        let annotations = record.take("annotations")?.ok_or_else(|| missing("annotations"))?;
        for (at, value) in list("annotations", annotations)?.into_iter().enumerate() {
            let answer = annotation(value, &document, context);
            found.push(answer.map_err(inside(format!("annotation {}", at + 1))));
        }
        Ok(())
    }
}

fn annotation(value: &RawValue, document: &DocumentReference, context: &Context<'_>) -> Found {
    let mut row = Row::parse(value.get())?;
    let named = row.take("completed_by")?.map(completed_by).transpose()?.flatten();
    let annotator = annotator(named, context)?;
    let cancelled = row.take("was_cancelled")?.is_some_and(|value| value.get() == "true");
    let label = match row.take("result")? {
        Some(results) if !cancelled => chosen(results, context.labels)?,
        _ => None,
    };
    let mut when = row.take("updated_at")?;
    if when.is_none() {
        when = row.take("created_at")?;
    }
    let time = when.map(time).transpose()?;
    let seconds = row.take("lead_time")?.map(seconds).transpose()?;
    Ok(AnswerRow { document: document.clone(), annotator, label, rejects: None, time, seconds })
}

/// Who answered: a number, or an object.
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

/// The class that the results choose; `None` when they choose nothing.
fn chosen(results: &RawValue, labels: &LabelSet) -> Result<Option<Class>, InputProblem> {
    let mut choices = Vec::new();
    for result in list("result", results)? {
        let mut result = object("result", result)?;
        if result.optional_name("type")?.as_deref() != Some("choices") {
            continue;
        }
        let from = result.optional_name("from_name")?;
        let value = result.take("value")?;
        choices.push((from, value.map(|value| object("value", value)).transpose()?));
    }
    if choices.len() > 1 {
        choices.retain(|(from, _)| from.as_deref() == Some("label"));
    }
    match (choices.len(), choices.pop()) {
        (1, Some((_, Some(mut value)))) => {
            let chosen = value.take("choices")?;
            Ok(chosen.map(|chosen| one_class(labels, "choices", chosen)).transpose()?.flatten())
        }
        (0 | 1, _) => Ok(None),
        (found, _) => Err(InputProblem::SeveralLabels { found }),
    }
}
