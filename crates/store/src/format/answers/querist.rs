//! Reads answers in Querist's own format:
//! `{"id": "t-1", "label": "billing", "annotator": "ana", "time": "2026-05-01T12:00:00Z"}`.
//!
//! - `label` is required; null means a skip.
//! - `time` is optional: RFC 3339 or seconds since 1970. So is `seconds`, how long the answer took.
//! - `rejects` names a class that the annotator says is wrong. Then `label` is null or, if there
//!   are two classes, the other class.
//! - `reason`, `comment` and `flag` are the annotator's remarks.
//! - `text`, which rows of a batch have, must be the document's text. Other fields are ignored.

use super::table::skips;
use super::{AnswerFormat, AnswerRow, Context, DocumentReference, Findings, Identity, Remarks};
use super::{annotator, class, own_text, seconds, single};
use crate::error::{AnswerProblem, InputProblem};
use crate::format::row::{Row, name};

/// Querist's own format of answers.
pub(super) struct Querist;

impl AnswerFormat for Querist {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn description(&self) -> &'static str {
        "Querist's own answers"
    }

    fn recognises(&self, fields: &Row<'_>) -> bool {
        fields.has("annotator")
    }

    fn answers(
        &self,
        record: Row<'_>,
        context: &Context<'_>,
        found: &mut Findings,
    ) -> Result<(), InputProblem> {
        let answer = parse(record, context, found);
        found.answers.push(answer);
        Ok(())
    }
}

/// Parses a row and returns its answer.
fn parse(mut row: Row<'_>, context: &Context<'_>, found: &mut Findings) -> Result<AnswerRow, InputProblem> {
    let labels = context.labels;
    let document = DocumentReference::Id(row.name("id", None)?);
    let named = match context.unnamed.or(context.otherwise) {
        None => Some(row.name("annotator", None)?),
        Some(_) => row.optional_name("annotator")?,
    };
    let annotator = annotator(named, context)?;
    if !row.has("label") {
        return Err(InputProblem::MissingField { field: "label".to_owned(), option: None });
    }
    let label = match row.take("label")? {
        None => None,
        Some(value) => Some(labels.class(&name("label", single(value), "a label, or null for a skip")?)?),
    };
    let rejects = row.take("rejects")?.map(|value| class(labels, "rejects", value)).transpose()?;
    labels.check_consistent(label, rejects)?;
    // The user may have a field `skip` with another meaning, so a word in it that says neither yes
    // nor no is no error.
    if let (Some(label), Ok(true)) = (label, skips(&mut row)) {
        return Err(AnswerProblem::SkipWithLabel { label: labels.name(label) }.into());
    }
    let time = row.take("time")?.map(|time| found.time(time)).transpose()?;
    let seconds = row.take("seconds")?.map(seconds).transpose()?;
    let remarks = Remarks::take(&mut row)?;
    let document = Identity { document, text: own_text(&mut row)?, may_be_foreign: false };
    Ok(AnswerRow { rejects, remarks, ..AnswerRow::of(&document, annotator, label, time, seconds) })
}

#[cfg(test)]
mod tests {
    use querist_core::{Class, LabelSet};

    use super::*;

    fn parsed(line: &str) -> Result<AnswerRow, String> {
        let labels = LabelSet::new(["spam", "ham", "1"]).unwrap();
        let context = Context { labels: (&labels).into(), unnamed: None, otherwise: None, stem: None };
        Row::parse(line)
            .and_then(|row| parse(row, &context, &mut Findings::default()))
            .map_err(|problem| problem.to_string())
    }

    #[test]
    fn reads_answers_skips_and_both_kinds_of_time() {
        let with = |rest: &str| parsed(&format!(r#"{{"id":"a","annotator":"x",{rest}}}"#));
        assert_eq!(with(r#""label":"ham""#).unwrap().label, Some(Class(1)));
        assert_eq!(with(r#""label":1"#).unwrap().label, Some(Class(2)));
        assert_eq!(with(r#""label":null"#).unwrap().label, None);
        let text = with(r#""label":null,"time":"2026-05-01T12:00:00+02:00""#).unwrap().time;
        assert_eq!(text, with(r#""label":null,"time":1777629600"#).unwrap().time);
        assert!(text.is_some());
    }

    #[test]
    fn reads_how_long_an_answer_took() {
        let with = |seconds: &str| {
            let line = format!(r#"{{"id":"a","annotator":"x","label":"ham","seconds":{seconds}}}"#);
            parsed(&line).map(|row| row.seconds)
        };
        assert_eq!(with("2.5"), Ok(Some(2.5)));
        assert_eq!(with("0"), Ok(Some(0.0)));
        assert_eq!(with("null"), Ok(None));
        for bad in ["-1", "1e999", r#""2""#, "true", "[1]"] {
            let message = with(bad).unwrap_err();
            assert!(
                message.contains(&format!("the field \"seconds\" is {bad}; expected")),
                "{bad}: {message}"
            );
        }
    }

    #[test]
    fn somebody_may_be_unnamed() {
        let labels = LabelSet::new(["spam", "ham"]).unwrap();
        let context =
            Context { labels: (&labels).into(), unnamed: None, otherwise: Some("expert"), stem: None };
        let who = |line: &str| {
            let row = Row::parse(line).unwrap();
            parse(row, &context, &mut Findings::default()).unwrap().annotator
        };
        assert_eq!(who(r#"{"id":"a","label":"ham"}"#), "expert");
        assert_eq!(who(r#"{"id":"a","label":"ham","annotator":null}"#), "expert");
        assert_eq!(who(r#"{"id":"a","label":"ham","annotator":"eve"}"#), "eve");
    }

    #[test]
    fn says_what_is_missing() {
        for (line, words) in [
            (r#"{"id":"a","label":"ham"}"#, "\"annotator\" is missing"),
            (r#"{"id":"a","annotator":"x"}"#, "\"label\" is missing"),
            (r#"{"annotator":"x","label":"ham"}"#, "\"id\" is missing"),
            (r#"{"id":"a","annotator":"x","label":"hamm"}"#, "did you mean \"ham\"?"),
            (
                r#"{"id":"a","annotator":"x","label":["ham","spam"]}"#,
                "is a list, expected a label, or null for a skip",
            ),
            (r#"{"id":"a","annotator":"x","label":"ham","time":"noon"}"#, "the time \"noon\" cannot be read"),
        ] {
            let message = parsed(line).unwrap_err();
            assert!(message.contains(words), "{line}: {message}");
        }
    }
}
