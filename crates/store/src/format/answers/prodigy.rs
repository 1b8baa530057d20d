//! Prodigy's answers, as `prodigy db-out` writes them: JSON Lines, one task a line.
//!
//! **choice**: `"accept": ["A"]` has the chosen option, in a list though there is one; **binary**: `"label": "A"` is the question,
//! and `answer` says yes (`accept`) or no (`reject`). `ignore` is a skip, as is a choice task that was rejected or accepted with
//! nothing chosen. Who answered is `_annotator_id`, else `_session_id`; the time is `_timestamp`; older files have none of
//! them. There are no durations. `versions` of reviewed tasks are passed over: the reviewer's answer counts.

use querist_core::{Class, LabelSet};

use super::{AnswerFormat, AnswerRow, Context, Found, annotator, class, one_class, reference, time};
use crate::error::InputProblem;
use crate::format::row::Row;

/// Prodigy's format.
pub(super) struct Prodigy;

impl AnswerFormat for Prodigy {
    fn name(&self) -> &'static str {
        "prodigy"
    }

    fn description(&self) -> &'static str {
        "Prodigy"
    }

    fn recognises(&self, fields: &Row<'_>) -> bool {
        fields.has("answer") && (fields.has("accept") || fields.has("label") || fields.has("_task_hash"))
    }

    fn answers(
        &self,
        record: Row<'_>,
        context: &Context<'_>,
        found: &mut Vec<Found>,
    ) -> Result<(), InputProblem> {
        found.push(answer(record, context));
        Ok(())
    }
}

/// The labels that an answer gives and rejects.
fn verdict(row: &mut Row<'_>, labels: &LabelSet) -> Result<(Option<Class>, Option<Class>), InputProblem> {
    let answer = row.name("answer", None)?;
    let is_choice = row.has("options") || row.has("accept");
    let chosen = if is_choice {
        row.take("accept")?.map(|value| one_class(labels, "accept", value)).transpose()?.flatten()
    } else {
        let value = row.take("label")?;
        let missing = || InputProblem::MissingField { field: "label".to_owned(), flag: None };
        Some(class(labels, "label", value.ok_or_else(missing)?)?)
    };
    match answer.as_str() {
        "accept" => Ok((chosen, None)),
        "reject" if !is_choice => Ok((chosen.and_then(|class| other_of_two(labels, class)), chosen)),
        "reject" | "ignore" => Ok((None, None)),
        _ => Err(InputProblem::WrongType {
            field: "answer".to_owned(),
            found: "something else",
            expected: "accept, reject or ignore",
        }),
    }
}

/// The class that is left when there are two and this one is wrong.
fn other_of_two(labels: &LabelSet, wrong: Class) -> Option<Class> {
    let mut left = labels.classes().filter(|class| *class != wrong);
    left.next().filter(|_| left.next().is_none())
}

fn answer(mut row: Row<'_>, context: &Context<'_>) -> Found {
    let (label, rejects) = verdict(&mut row, context.labels)?;
    let mut named = row.optional_name("_annotator_id")?;
    if named.is_none() {
        named = row.optional_name("_session_id")?;
    }
    let annotator = annotator(named, context)?;
    let time = row.take("_timestamp")?.map(time).transpose()?;
    let document = reference(&mut row, Some("id"), "text")?;
    Ok(AnswerRow { document, annotator, label, rejects, time, seconds: None })
}
