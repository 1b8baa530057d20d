//! Reads Prodigy's answers, as `prodigy db-out` writes them: JSON Lines, one task per line.
//! - **choice**: `"accept": ["A"]` lists the chosen option. An accepted task with nothing chosen is
//!   no answer; a rejected one is a skip.
//! - **binary**: asks whether `"label": "A"` is right. `answer` is `accept` for yes and `reject`
//!   for no.
//!
//! In both kinds of tasks, the answer `ignore` is a skip. `_annotator_id`, or else `_session_id`,
//! is the annotator; `_timestamp` is the time; older files have none of the three. `flagged` is a
//! flag. In a reviewed task, only the reviewer's answer counts, not the `versions`.

use querist_core::Class;
use serde_json::value::RawValue;

use super::label_studio::NOTHING_CHOSEN;
use super::{AnswerFormat, AnswerRow, Context, Findings, Remarks};
use super::{Labels, annotator, class, identity, one_class};
use crate::error::{AnswerProblem, InputProblem};
use crate::format::row::Row;

/// The format of Prodigy's answers.
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
        found: &mut Findings,
    ) -> Result<(), InputProblem> {
        let answer = answer(record, context, found);
        found.answers.extend(answer.transpose());
        Ok(())
    }
}

/// The meaning of an answer.
enum Verdict {
    /// The annotator says that this class is right.
    Label(Class),
    /// The annotator says that this class is wrong.
    Rejects(Class),
    /// The annotator skipped the task.
    Skip,
    /// The annotator accepted the task and chose nothing.
    Nothing,
}

/// Removes the answer from a task and returns its meaning.
fn verdict(row: &mut Row<'_>, labels: Labels<'_>) -> Result<Verdict, InputProblem> {
    let answer = row.name("answer", None)?;
    let is_choice = row.has("options") || row.has("accept");
    let asked = |row: &mut Row<'_>| -> Result<Class, InputProblem> {
        match row.take("label")? {
            Some(label) => class(labels, "label", label),
            None => Err(nothing_asked(row)),
        }
    };
    match answer.as_str() {
        "ignore" => Ok(Verdict::Skip),
        "reject" if is_choice => Ok(Verdict::Skip),
        "reject" => asked(row).map(Verdict::Rejects),
        "accept" if is_choice => match row.take("accept")? {
            Some(chosen) => Ok(one_class(labels, "accept", chosen)?.map_or(Verdict::Nothing, Verdict::Label)),
            None => Err(nothing_asked(row)),
        },
        "accept" => asked(row).map(Verdict::Label),
        _ => Err(AnswerProblem::UnknownWord {
            field: "answer".to_owned(),
            found: answer,
            expected: "accept, reject or ignore",
        }
        .into()),
    }
}

/// Returns the error for a task that does not ask for a class.
fn nothing_asked(row: &Row<'_>) -> InputProblem {
    let fields = row.names().filter(|name| !name.starts_with('_')).map(str::to_owned).collect();
    AnswerProblem::NoAnswerField {
        expected: "\"accept\" with the chosen option, or a \"label\"",
        option: None,
        fields,
    }
    .into()
}

/// Returns the answer in a task; `None` if the annotator chose nothing.
fn answer(
    mut row: Row<'_>,
    context: &Context<'_>,
    found: &mut Findings,
) -> Result<Option<AnswerRow>, InputProblem> {
    let (label, rejects) = match verdict(&mut row, context.labels)? {
        Verdict::Label(class) => (Some(class), None),
        Verdict::Rejects(class) => (context.labels.other_of_two(class), Some(class)),
        Verdict::Skip => (None, None),
        Verdict::Nothing => {
            found.open(NOTHING_CHOSEN);
            return Ok(None);
        }
    };
    let mut named = row.optional_name("_annotator_id")?;
    if named.is_none() {
        named = row.optional_name("_session_id")?;
    }
    let annotator = annotator(named, context)?;
    let time = row.take("_timestamp")?.map(|time| found.time(time)).transpose()?;
    let mut remarks = Remarks::take(&mut row)?;
    if remarks.flag.is_none() && row.take("flagged")?.map(RawValue::get) == Some("true") {
        remarks.flag = Some("true".to_owned());
    }
    let document = identity(&mut row, Some("id"), "text")?;
    Ok(Some(AnswerRow { rejects, remarks, ..AnswerRow::of(&document, annotator, label, time, None) }))
}
