//! Reads doccano's export of text classification: JSON Lines, JSON or CSV, often in a ZIP archive
//! with one file per annotator.
//!
//! - `label` (older: `labels`) is a list of names. In CSV, it is a text in which `#` joins the
//!   names. If it is empty, nobody answered; doccano has no skips.
//! - `Comments` become a comment. There are no times and no durations.
//! - The file's name is the annotator's name, except for `all` and `unknown`.
//! - `id` is doccano's own number. Querist's id is in `querist_id`; without it, the text identifies
//!   the document.

use querist_core::Class;
use serde_json::value::RawValue;

use super::{AnswerFormat, AnswerRow, Context, Findings, Remarks};
use super::{Labels, annotator, comments, identity, list, one_class};
use crate::error::{AnswerProblem, InputProblem};
use crate::format::row::{Row, name};

/// The format of doccano's exports.
pub(super) struct Doccano;

/// The field with marked parts of the text, in exports of projects that mark parts instead of
/// classifying texts.
const SPANS: &str = "entities";

/// File names that are not annotators' names.
const NOBODY: [&str; 2] = ["all", "unknown"];

impl AnswerFormat for Doccano {
    fn name(&self) -> &'static str {
        "doccano"
    }

    fn description(&self) -> &'static str {
        "doccano"
    }

    fn recognises(&self, fields: &Row<'_>) -> bool {
        if fields.begins(SPANS, '[') && fields.has("relations") {
            return true;
        }
        let labelled = fields.has("label") || fields.has("labels");
        let own = ["Comments", "annotation_approver", "querist_id"].iter().any(|field| fields.has(field))
            || (fields.has("data") && !fields.has("text"));
        // An answered batch in Querist's own format also has a list `labels`. It must not be taken
        // for an export of doccano.
        let ours = fields.has("id")
            && fields.begins("labels", '[')
            && (fields.has("label") || (fields.begins("meta", '{') && !fields.has("annotation_approver")));
        let anonymous =
            !ours && !["annotator", "worker", "performer", "answer"].iter().any(|field| fields.has(field));
        labelled && anonymous && (own || fields.begins("label", '[') || fields.begins("labels", '['))
    }

    fn answers(
        &self,
        mut row: Row<'_>,
        context: &Context<'_>,
        found: &mut Findings,
    ) -> Result<(), InputProblem> {
        if row.begins(SPANS, '[') && !row.has("label") {
            return Err(spans(SPANS));
        }
        let field = ["label", "labels"]
            .into_iter()
            .find(|field| row.has(field))
            .ok_or_else(|| InputProblem::MissingField { field: "label".to_owned(), option: None })?;
        let value = row.take(field)?;
        let Some(class) = value.map(|value| label(context.labels, field, value)).transpose()?.flatten()
        else {
            found.open("not labelled yet");
            let comment = comments(&mut row, "Comments")?;
            found.leave_out(&Remarks { comment, ..Remarks::default() });
            return Ok(());
        };
        let file = context.stem.filter(|stem| !NOBODY.contains(stem)).map(str::to_owned);
        // If the user named an annotator, that name takes precedence over the file's name.
        let annotator = annotator(context.unnamed.map(str::to_owned).or(file), context)?;
        let remarks = Remarks { comment: comments(&mut row, "Comments")?, ..Remarks::default() };
        let text = if row.has("text") { "text" } else { "data" };
        let document = identity(&mut row, None, text)?;
        found
            .answers
            .push(Ok(AnswerRow { remarks, ..AnswerRow::of(&document, annotator, Some(class), None, None) }));
        Ok(())
    }
}

/// Returns the error for a record whose field `field` marks parts of the text instead of naming its
/// class.
fn spans(field: &str) -> InputProblem {
    AnswerProblem::Spans { field: field.to_owned() }.into()
}

/// Returns the class that `value` names; `None` if `value` is empty. `value` is a list of names, or
/// a text in which `#` joins several names. Fails if there are several names.
fn label(labels: Labels<'_>, field: &str, value: &RawValue) -> Result<Option<Class>, InputProblem> {
    if value.get().starts_with('[') {
        if list(field, value)?.iter().any(|mark| mark.get().starts_with(['[', '{'])) {
            return Err(spans(field));
        }
        return one_class(labels, field, value);
    }
    if value.get().trim_matches('"').trim().is_empty() {
        return Ok(None);
    }
    let joined = name(field, value, "a label, or several joined with #")?;
    match joined.matches('#').count() {
        n if n > 0 && !labels.has(&joined) => Err(InputProblem::SeveralLabels { found: n + 1 }),
        _ => labels.class(&joined).map(Some),
    }
}
