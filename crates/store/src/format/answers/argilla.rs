//! Argilla's export of records, nested (`to_json`) and flattened (`to_datasets` and tables made of it): a JSON array or JSON Lines.
//!
//! Nested: `responses.label` is a list of `{"value", "user_id"}`, and the status of a response is lost, so a discarded one looks
//! like an answer. Flattened: `label.responses`, `label.responses.users` and `label.responses.status` are lists in step; a
//! submitted response is an answer, a discarded one a skip, a draft or a pending one nothing. The question is `label`, or the
//! only one there is. `id` is Querist's own, as it was handed in. There are no times and no durations.

use querist_core::LabelSet;
use serde_json::value::RawValue;

use super::{AnswerFormat, AnswerRow, Context, DocumentReference, Found};
use super::{annotator, class, inside, list, object};
use crate::error::InputProblem;
use crate::format::row::{Row, name};

/// Argilla's format.
pub(super) struct Argilla;

/// The end of the name of the flattened field that has the responses.
const RESPONSES: &str = ".responses";

impl AnswerFormat for Argilla {
    fn name(&self) -> &'static str {
        "argilla"
    }

    fn description(&self) -> &'static str {
        "Argilla"
    }

    fn recognises(&self, fields: &Row<'_>) -> bool {
        fields.has("responses") || fields.names().any(|name| name.ends_with(RESPONSES))
    }

    fn answers(
        &self,
        mut row: Row<'_>,
        context: &Context<'_>,
        found: &mut Vec<Found>,
    ) -> Result<(), InputProblem> {
        let document = document(&mut row)?;
        if let Some(responses) = row.take("responses")? {
            return nested(responses, &document, context, found);
        }
        flattened(row, &document, context, found)
    }
}

fn document(row: &mut Row<'_>) -> Result<DocumentReference, InputProblem> {
    if let Some(id) = row.optional_name("id")? {
        return Ok(DocumentReference::Id(id));
    }
    match row.take("fields")? {
        Some(fields) => object("fields", fields)?.text("text", None).map_err(inside("\"fields\"")),
        None => row.text("text", None),
    }
    .map(DocumentReference::Text)
}

/// The name of the question: `label`, or the only one.
fn question<'a>(names: impl Iterator<Item = &'a str>) -> Result<Option<String>, InputProblem> {
    let names: Vec<&str> = names.collect();
    match names[..] {
        _ if names.contains(&"label") => Ok(Some("label".to_owned())),
        [] => Ok(None),
        [only] => Ok(Some(only.to_owned())),
        _ => Err(InputProblem::MissingField { field: "label".to_owned(), flag: None }),
    }
}

fn nested(
    responses: &RawValue,
    document: &DocumentReference,
    context: &Context<'_>,
    found: &mut Vec<Found>,
) -> Result<(), InputProblem> {
    let mut questions = object("responses", responses)?;
    let Some(question) = question(questions.names())? else { return Ok(()) };
    let Some(given) = questions.take(&question)? else { return Ok(()) };
    for (at, response) in list(&question, given)?.into_iter().enumerate() {
        let read = || -> Result<Option<AnswerRow>, InputProblem> {
            let mut response = Row::parse(response.get())?;
            let status = response.optional_name("status")?;
            let user = response.optional_name("user_id")?;
            answer(response.take("value")?, user, status.as_deref(), document, context)
        };
        found.extend(read().map_err(inside(format!("response {}", at + 1))).transpose());
    }
    Ok(())
}

fn flattened(
    mut row: Row<'_>,
    document: &DocumentReference,
    context: &Context<'_>,
    found: &mut Vec<Found>,
) -> Result<(), InputProblem> {
    let Some(question) = question(row.names().filter_map(|name| name.strip_suffix(RESPONSES)))? else {
        return Ok(());
    };
    let mut column = |end: &str| -> Result<Option<Vec<&RawValue>>, InputProblem> {
        let field = format!("{question}{RESPONSES}{end}");
        row.take(&field)?.map(|value| list(&field, value)).transpose()
    };
    let values = column("")?.unwrap_or_default();
    let (users, statuses) = (column(".users")?, column(".status")?);
    for at in 0..values.len() {
        let text = |column: &Option<Vec<&RawValue>>, field: &str| -> Result<Option<String>, InputProblem> {
            let value =
                column.as_ref().and_then(|values| values.get(at)).filter(|value| value.get() != "null");
            value.map(|value| name(field, value, "a name")).transpose()
        };
        let read = || -> Result<Option<AnswerRow>, InputProblem> {
            let status = text(&statuses, "status")?;
            let value = Some(values[at]).filter(|value| value.get() != "null");
            answer(value, text(&users, "users")?, status.as_deref(), document, context)
        };
        found.extend(read().map_err(inside(format!("response {}", at + 1))).transpose());
    }
    Ok(())
}

/// One response; `None` when it is not an answer yet.
fn answer(
    value: Option<&RawValue>,
    user: Option<String>,
    status: Option<&str>,
    document: &DocumentReference,
    context: &Context<'_>,
) -> Result<Option<AnswerRow>, InputProblem> {
    let labels: &LabelSet = context.labels;
    let label = match status {
        Some("draft" | "pending") => return Ok(None),
        Some("discarded") => None,
        _ => value.map(|value| class(labels, "value", value)).transpose()?,
    };
    let annotator = annotator(user, context)?;
    let document = document.clone();
    Ok(Some(AnswerRow { document, annotator, label, rejects: None, time: None, seconds: None }))
}
