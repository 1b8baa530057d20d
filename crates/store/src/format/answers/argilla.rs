//! Reads records that Argilla exports (a JSON array or JSON Lines), in one of two layouts:
//! - Nested (`to_json`): `responses.label` is a list of `{"value", "user_id"}`. It has no status,
//!   so a discarded response looks like an answer.
//! - Flattened (`to_datasets`): `label.responses`, `label.responses.users` and
//!   `label.responses.status` are parallel lists. A submitted response is an answer, a discarded
//!   one is a skip, and a draft or pending one is neither.
//!
//! The question is the only one with responses, or the one that the user names. `id` is Querist's
//! id. There are no times.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::control::class_in;
use super::label_studio::NOTHING_CHOSEN;
use super::{AnswerFormat, AnswerRow, Context, DocumentReference, Findings, Identity};
use super::{annotator, argilla_one, inside, list, object, text_field};
use crate::error::{AnswerProblem, InputProblem};
use crate::format::row::{Row, name};

/// The format of Argilla's exports.
pub(super) struct Argilla;

/// In the flattened layout, the suffix of the name of the field with a question's responses.
const RESPONSES: &str = ".responses";

impl AnswerFormat for Argilla {
    fn name(&self) -> &'static str {
        "argilla"
    }

    fn description(&self) -> &'static str {
        "Argilla"
    }

    fn recognises(&self, fields: &Row<'_>) -> bool {
        fields.has("responses")
            || fields.names().any(|name| name.ends_with(RESPONSES))
            || argilla_one::recognises(fields)
    }

    fn answers(
        &self,
        mut row: Row<'_>,
        context: &Context<'_>,
        found: &mut Findings,
    ) -> Result<(), InputProblem> {
        let document = document(&mut row)?;
        if argilla_one::recognises(&row) {
            return argilla_one::answers(row, &document, context, found);
        }
        if !row.has("responses") {
            return flattened(row, &document, context, found);
        }
        match row.take("responses")? {
            Some(responses) if responses.get().starts_with('[') => {
                feedback(responses, &document, context, found)
            }
            Some(responses) => nested(responses, &document, context, found),
            None => {
                found.open("without a response");
                Ok(())
            }
        }
    }
}

/// Returns the record's reference to its document: its id, if it has one, and its text. If the
/// record has an object `fields` or `inputs`, the text is in the object's field `text` or in its
/// only field with a text. Otherwise, the text is in the record's field `text`.
fn document(row: &mut Row<'_>) -> Result<Identity, InputProblem> {
    let id = match row.optional_name("id")? {
        Some(id) => Some(id),
        None => row.optional_name("external_id")?,
    };
    let mut text = None;
    for holder in ["fields", "inputs"] {
        if let Some(fields) = row.take(holder)?.filter(|fields| fields.get().starts_with('{')) {
            let mut fields = object(holder, fields)?;
            text = fields.take(&text_field(&fields, &[]))?;
        }
    }
    if text.is_none() {
        text = row.take("text")?;
    }
    let text = text.map(|text| name_of_text(text).map_err(inside("\"text\""))).transpose()?;
    match (id, text) {
        (Some(id), text) => Ok(Identity { document: DocumentReference::Id(id), text, may_be_foreign: true }),
        (None, Some(text)) => Ok(Identity::of_text(text)),
        (None, None) => Err(InputProblem::MissingField { field: "id".to_owned(), option: None }),
    }
}

/// Returns the text in a field that must be a string.
fn name_of_text(text: &RawValue) -> Result<String, InputProblem> {
    serde_json::from_str(text.get()).map_err(|_| InputProblem::WrongType {
        field: "text".to_owned(),
        found: "something else",
        expected: "a string",
    })
}

/// Returns the question whose answers are the labels; `None` if the record has no response to it.
/// `names` are the questions to which the record has responses.
fn question<'a>(
    names: impl Iterator<Item = &'a str>,
    found: &mut Findings,
) -> Result<Option<String>, InputProblem> {
    found.control.choose(&names.map(str::to_owned).collect::<BTreeSet<String>>())
}

/// Adds the answers in `responses`, an object of the nested layout, to `found`.
fn nested(
    responses: &RawValue,
    document: &Identity,
    context: &Context<'_>,
    found: &mut Findings,
) -> Result<(), InputProblem> {
    let mut questions = object("responses", responses)?;
    let question = question(questions.names(), found)?;
    let given = match &question {
        Some(question) => questions.take(question)?.map(|given| list(question, given)).transpose()?,
        None => None,
    };
    let given = given.unwrap_or_default();
    if given.is_empty() {
        found.open("without a response");
    }
    for (at, response) in given.into_iter().enumerate() {
        let mut read = || -> Result<Option<AnswerRow>, InputProblem> {
            let mut response = Row::parse(response.get())?;
            let status = response.optional_name("status")?;
            let user = response.optional_name("user_id")?;
            let question = question.as_deref().unwrap_or_default();
            answer((question, response.take("value")?), user, status.as_deref(), document, context, found)
        };
        let read = read().map_err(inside(format!("response {}", at + 1)));
        found.answers.extend(read.transpose());
    }
    Ok(())
}

/// Reads the responses of a feedback record of version 1 and adds their answers to `found`. Each
/// response belongs to one person and has the values for all questions.
fn feedback(
    responses: &RawValue,
    document: &Identity,
    context: &Context<'_>,
    found: &mut Findings,
) -> Result<(), InputProblem> {
    let responses = list("responses", responses)?;
    if responses.is_empty() {
        found.open("without a response");
    }
    for (at, response) in responses.into_iter().enumerate() {
        let mut read = || -> Result<Option<AnswerRow>, InputProblem> {
            let mut response = Row::parse(response.get())?;
            let status = response.optional_name("status")?;
            let user = response.optional_name("user_id")?;
            let values = response.take("values")?.map(|values| object("values", values)).transpose()?;
            let mut value = None;
            let mut asked = String::new();
            if let Some(mut values) = values
                && let Some(question) = question(values.names(), found)?
            {
                value = values
                    .take(&question)?
                    .map(|inner| object(&question, inner)?.take("value"))
                    .transpose()?
                    .flatten();
                asked = question;
            }
            answer((&asked, value), user, status.as_deref(), document, context, found)
        };
        let read = read().map_err(inside(format!("response {}", at + 1)));
        found.answers.extend(read.transpose());
    }
    Ok(())
}

/// Adds the answers in a record of the flattened layout to `found`.
fn flattened(
    mut row: Row<'_>,
    document: &Identity,
    context: &Context<'_>,
    found: &mut Findings,
) -> Result<(), InputProblem> {
    let answered = |(name, value): (&str, &RawValue)| {
        name.strip_suffix(RESPONSES).filter(|_| value.get() != "null").map(str::to_owned)
    };
    let names: BTreeSet<String> = row.fields().filter_map(|(name, value)| answered((name, value))).collect();
    let Some(question) = question(names.iter().map(String::as_str), found)? else {
        if !row.names().any(|name| name.ends_with(RESPONSES)) {
            let fields = row.names().map(str::to_owned).collect();
            let expected = "\"responses\", or a field that ends in \".responses\"";
            return Err(AnswerProblem::NoAnswerField { expected, option: None, fields }.into());
        }
        found.open("without a response");
        return Ok(());
    };
    let mut column = |end: &str| -> Result<Option<Vec<&RawValue>>, InputProblem> {
        let field = format!("{question}{RESPONSES}{end}");
        row.take(&field)?.map(|value| list(&field, value)).transpose()
    };
    let values = column("")?.unwrap_or_default();
    let (users, statuses) = (column(".users")?, column(".status")?);
    if values.is_empty() {
        found.open("without a response");
    }
    for at in 0..values.len() {
        let text = |column: &Option<Vec<&RawValue>>, field: &str| -> Result<Option<String>, InputProblem> {
            let value =
                column.as_ref().and_then(|values| values.get(at)).filter(|value| value.get() != "null");
            value.map(|value| name(field, value, "a name")).transpose()
        };
        let mut read = || -> Result<Option<AnswerRow>, InputProblem> {
            let status = text(&statuses, "status")?;
            let value = Some(values[at]).filter(|value| value.get() != "null");
            let user = text(&users, "users")?;
            answer((&question, value), user, status.as_deref(), document, context, found)
        };
        let read = read().map_err(inside(format!("response {}", at + 1)));
        found.answers.extend(read.transpose());
    }
    Ok(())
}

/// Returns the answer in one response to `question`; `None` if the response is no answer.
fn answer(
    (question, value): (&str, Option<&RawValue>),
    user: Option<String>,
    status: Option<&str>,
    document: &Identity,
    context: &Context<'_>,
    found: &mut Findings,
) -> Result<Option<AnswerRow>, InputProblem> {
    let label = match status {
        Some("draft" | "pending") => {
            found.open("draft or pending");
            return Ok(None);
        }
        Some("discarded") => None,
        None | Some("submitted") => {
            let class = value.map(|value| class_in(context.labels, question, value)).transpose()?.flatten();
            if class.is_none() {
                found.open(NOTHING_CHOSEN);
                return Ok(None);
            }
            class
        }
        Some(other) => {
            return Err(AnswerProblem::UnknownWord {
                field: "status".to_owned(),
                found: other.to_owned(),
                expected: "submitted, discarded, draft or pending",
            }
            .into());
        }
    };
    let annotator = annotator(user, context)?;
    Ok(Some(AnswerRow::of(document, annotator, label, None, None)))
}
