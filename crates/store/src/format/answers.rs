//! Answers in, as JSON Lines: `{"id": "t-1", "label": "billing", "annotator": "ana", "time": "2026-05-01T12:00:00Z"}`.
//!
//! `label` must be there; null is a skip. `time` is optional: RFC 3339 or seconds since 1970. `seconds`, how long the answer
//! took, is optional too. Other fields (a batch's own, handed back) are passed over.

use jiff::Timestamp;
use querist_core::{Class, LabelSet};
use serde_json::value::RawValue;

use super::documents::known;
use super::row::{Row, name};
use crate::error::InputProblem;

/// One answer as it came in.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerRow {
    /// The document's id.
    pub id: String,
    /// Who answered.
    pub annotator: String,
    /// The answer; `None` is a skip.
    pub label: Option<Class>,
    /// When it was given, if the file says so.
    pub time: Option<Timestamp>,
    /// How many seconds it took, at least 0, if the file says so.
    pub seconds: Option<f64>,
}

/// Parses one row; `unnamed` is who answered where the row does not say.
///
/// # Errors
/// A malformed row, a missing or mistyped field, an unknown label, or a time in neither form.
pub fn parse(line: &str, labels: &LabelSet, unnamed: Option<&str>) -> Result<AnswerRow, InputProblem> {
    let mut row = Row::parse(line)?;
    let id = row.name("id", None)?;
    let annotator = match unnamed {
        None => row.name("annotator", None)?,
        Some(unnamed) => row.optional_name("annotator")?.unwrap_or_else(|| unnamed.to_owned()),
    };
    if !row.has("label") {
        return Err(InputProblem::MissingField { field: "label".to_owned(), flag: None });
    }
    let label = match row.take("label")? {
        None => None,
        Some(value) => Some(known(labels, &name("label", value, "a label, or null for a skip")?)?),
    };
    let time = row.take("time")?.map(time).transpose()?;
    let seconds = row.take("seconds")?.map(seconds).transpose()?;
    Ok(AnswerRow { id, annotator, label, time, seconds })
}

fn seconds(value: &RawValue) -> Result<f64, InputProblem> {
    let number =
        serde_json::from_str(value.get()).ok().filter(|seconds| (0.0..f64::INFINITY).contains(seconds));
    number.ok_or_else(|| InputProblem::MalformedSeconds { seconds: value.get().to_owned() })
}

fn time(value: &RawValue) -> Result<Timestamp, InputProblem> {
    let fault = || InputProblem::MalformedTime { time: value.get().trim_matches('"').to_owned() };
    if let Ok(text) = serde_json::from_str::<String>(value.get()) {
        return text.parse().map_err(|_| fault());
    }
    let seconds: f64 = serde_json::from_str(value.get()).map_err(|_| fault())?;
    Timestamp::from_microsecond((seconds * 1e6).round() as i64).map_err(|_| fault())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<AnswerRow, String> {
        let labels = LabelSet::new(["spam", "ham", "1"]).unwrap();
        parse(line, &labels, None).map_err(|problem| problem.to_string())
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
        let who = |line: &str| parse(line, &labels, Some("expert")).unwrap().annotator;
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
                r#"{"id":"a","annotator":"x","label":["ham"]}"#,
                "is a list, expected a label, or null for a skip",
            ),
            (
                r#"{"id":"a","annotator":"x","label":"ham","time":"noon"}"#,
                "the time \"noon\" is not understood",
            ),
        ] {
            let message = parsed(line).unwrap_err();
            assert!(message.contains(words), "{line}: {message}");
        }
    }
}
