//! Reads the predictions of the user's own model for documents. A row gives the probability of each
//! class in one of three ways:
//! - By label: `{"id": "t-1", "probabilities": {"fraud": 0.9, "other": 0.1}}`.
//! - As a list in label order: `"probabilities": [0.9, 0.1]`.
//! - In a field for each class: `"p_fraud": 0.9, "p_other": 0.1`. This suits tables, and
//!   `querist export --scores` writes it.
//!
//! Numbers may be strings. The probabilities must sum to 1 within [`TOLERANCE`]; they are divided
//! by their sum. `"vector": [0.1, …]` is optional; it was called `embedding` before, and this name
//! is still read. Other fields are ignored.
//!
//! [`PredictionFile`] reads such rows. It does not check whether the documents exist.

#[cfg(feature = "parquet")]
mod cells;
mod file;

use querist_core::LabelSet;
use serde_json::value::RawValue;

pub use self::file::{Prediction, PredictionFile};
use super::documents::known;
use super::row::Row;
use crate::error::{InputProblem, PredictionProblem};

/// The largest allowed difference between 1 and the sum of a row's probabilities, which may have
/// been rounded.
pub const TOLERANCE: f64 = 0.01;

/// The prefix of a field's name if each class has a field of its own, as in `p_fraud`.
const FLAT: &str = "p_";

/// The names of the field with the vector. Earlier versions knew only the second.
const VECTOR: [&str; 2] = ["vector", "embedding"];

/// If a sum differs from 1 by at most this much, it counts as 1.
const EXACT: f64 = 1e-9;

/// A model's prediction for one document.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictionRow {
    /// The document's id.
    pub id: String,
    /// The probability of each class, in label order; they sum to 1.
    pub probabilities: Vec<f64>,
    /// Whether the probabilities did not sum to 1 and so were divided by their sum.
    pub normalized: bool,
    /// The document's vector, if the file has one: at least one number, all finite.
    pub vector: Option<Vec<f32>>,
}

/// Parses one row of predictions.
///
/// # Errors
/// The row is malformed, or a field is missing or has the wrong type. Or a class is missing,
/// unknown or repeated, a value is not a probability, or the sum is too far from 1.
pub fn parse(line: &str, labels: &LabelSet) -> Result<PredictionRow, InputProblem> {
    let mut row = Row::parse(line)?;
    let id = row.name("id", None)?;
    let given = match row.take("probabilities")? {
        Some(value) => nested(value, labels)?,
        None => flat(&row, labels)?,
    };
    check(&given, labels)?;
    let (mut found, mut name) = (None, VECTOR[0]);
    for field in VECTOR {
        if let Some(value) = row.take(field)? {
            if found.is_some() {
                return Err(PredictionProblem::TwoVectors.into());
            }
            (found, name) = (Some(value), field);
        }
    }
    let vector = found.map(|value| vector(name, value)).transpose()?;
    Ok(PredictionRow::of(id, &given, vector))
}

/// Checks that each value is a probability and that they sum to 1, within [`TOLERANCE`]. `given`
/// has one value per class.
fn check(given: &[f64], labels: &LabelSet) -> Result<(), InputProblem> {
    for (class, p) in labels.classes().zip(given) {
        if !(0.0..=1.0 + TOLERANCE).contains(p) {
            let label = labels.name(class).to_owned();
            return Err(PredictionProblem::NotAProbability { label, value: *p }.into());
        }
    }
    let sum: f64 = given.iter().sum();
    if (sum - 1.0).abs() > TOLERANCE {
        return Err(PredictionProblem::ProbabilitySum { sum }.into());
    }
    Ok(())
}

impl PredictionRow {
    /// Returns the prediction for the document `id`, from probabilities that [`check`] has
    /// accepted.
    fn of(id: String, given: &[f64], vector: Option<Vec<f32>>) -> Self {
        let sum: f64 = given.iter().sum();
        let normalized = (sum - 1.0).abs() > EXACT;
        Self { id, probabilities: given.iter().map(|p| p / sum).collect(), normalized, vector }
    }
}

/// Returns the probabilities, in label order, from a field that contains all of them. In a table,
/// the field is a text that contains JSON.
fn nested(value: &RawValue, labels: &LabelSet) -> Result<Vec<f64>, InputProblem> {
    let text: Option<String> = serde_json::from_str(value.get()).ok();
    let inner: Option<Box<RawValue>> = text.and_then(|text| serde_json::from_str(&text).ok());
    let value = inner.as_deref().unwrap_or(value);
    if value.get().starts_with('{') { by_label(value, labels) } else { in_order(value, labels) }
}

/// Returns the probabilities, in label order, from the fields of a row with one field per class.
fn flat(row: &Row<'_>, labels: &LabelSet) -> Result<Vec<f64>, InputProblem> {
    let fields: Vec<(&str, &str, &RawValue)> =
        row.fields().filter_map(|(field, value)| Some((field.strip_prefix(FLAT)?, field, value))).collect();
    if !fields.iter().any(|(label, ..)| labels.class(label).is_some()) {
        let example = format!("{FLAT}{}", labels.names()[0]);
        return Err(PredictionProblem::NoProbabilities { example }.into());
    }
    of_classes(fields.into_iter(), labels)
}

/// Returns the probabilities in label order. Each of `fields` is (label, field's name for an error,
/// value). Fails if a class is missing or repeated.
fn of_classes<'a>(
    fields: impl Iterator<Item = (&'a str, &'a str, &'a RawValue)>,
    labels: &LabelSet,
) -> Result<Vec<f64>, InputProblem> {
    let mut given: Vec<Option<f64>> = vec![None; labels.len()];
    for (label, field, value) in fields {
        let place = &mut given[known(labels, label)?.index()];
        if place.is_some() {
            return Err(InputProblem::RepeatedField { field: field.to_owned() });
        }
        if !matches!(value.get(), "null" | "\"\"") {
            let wrong = || InputProblem::WrongType {
                field: field.to_owned(),
                found: "not a number",
                expected: "a number",
            };
            *place = Some(number(value).ok_or_else(wrong)?);
        }
    }
    let missing = |label: &String| PredictionProblem::MissingProbability { label: label.clone() }.into();
    given.into_iter().zip(labels.names()).map(|(value, label)| value.ok_or_else(|| missing(label))).collect()
}

/// Parses a number, which may be a string; `None` if it is no number.
fn number(value: &RawValue) -> Option<f64> {
    match serde_json::from_str::<String>(value.get()) {
        Ok(text) => text.trim().parse().ok(),
        Err(_) => serde_json::from_str(value.get()).ok(),
    }
}

/// Returns the probabilities, in label order, from an object by label.
fn by_label(value: &RawValue, labels: &LabelSet) -> Result<Vec<f64>, InputProblem> {
    let object = Row::parse(value.get())?;
    let fields: Vec<(&str, String, &RawValue)> =
        object.fields().map(|(label, value)| (label, format!("probabilities.{label}"), value)).collect();
    of_classes(fields.iter().map(|(label, field, value)| (*label, field.as_str(), *value)), labels)
}

/// Returns the probabilities from a list in label order.
fn in_order(value: &RawValue, labels: &LabelSet) -> Result<Vec<f64>, InputProblem> {
    let wrong = |_| InputProblem::WrongType {
        field: "probabilities".to_owned(),
        found: "something else",
        expected: "an object of numbers by label, or a list of numbers in label order",
    };
    let values: Vec<Option<f64>> = serde_json::from_str(value.get()).map_err(wrong)?;
    if values.len() != labels.len() {
        return Err(
            PredictionProblem::ProbabilityCount { found: values.len(), expected: labels.len() }.into()
        );
    }
    let missing = |label: &String| PredictionProblem::MissingProbability { label: label.clone() }.into();
    values.into_iter().zip(labels.names()).map(|(value, label)| value.ok_or_else(|| missing(label))).collect()
}

/// Parses a vector, a list of at least one finite number. In a table, it is a text with such a
/// list.
fn vector(field: &str, value: &RawValue) -> Result<Vec<f32>, InputProblem> {
    let text: Option<String> = serde_json::from_str(value.get()).ok();
    let numbers: Option<Vec<f32>> = serde_json::from_str(text.as_deref().unwrap_or(value.get())).ok();
    let usable = numbers.filter(|numbers| !numbers.is_empty() && numbers.iter().all(|x| x.is_finite()));
    usable.ok_or_else(|| InputProblem::WrongType {
        field: field.to_owned(),
        found: "something else",
        expected: "a list of finite numbers, at least one",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(rest: &str) -> Result<PredictionRow, String> {
        let labels = LabelSet::new(["spam", "ham"]).unwrap();
        parse(&format!("{{\"id\":7,{rest}}}"), &labels).map_err(|problem| problem.to_string())
    }

    #[test]
    fn both_forms_mean_the_same() {
        let by_label = parsed(r#""probabilities":{"ham":0.25,"spam":0.75},"text":"passed over""#).unwrap();
        assert_eq!(by_label, parsed(r#""probabilities":[0.75,0.25]"#).unwrap());
        assert_eq!((by_label.id.as_str(), &by_label.probabilities[..]), ("7", &[0.75, 0.25][..]));
        assert!(!by_label.normalized && by_label.vector.is_none());
        let row = parsed(r#""probabilities":[0.75,0.2505],"vector":[1,-2.5]"#).unwrap();
        assert_eq!(row, parsed(r#""probabilities":[0.75,0.2505],"embedding":[1,-2.5]"#).unwrap());
        assert!(row.normalized && (row.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(row.vector, Some(vec![1.0, -2.5]));
    }

    #[test]
    fn a_field_a_class_means_the_same() {
        let nested = parsed(r#""probabilities":[0.75,0.25]"#).unwrap();
        for flat in [
            r#""status":"open","p_ham":0.25,"p_spam":0.75,"margin":0.5"#,
            r#""p_ham":"0.25","p_spam":" .75 ""#,
            r#""probabilities":"[0.75,0.25]""#,
            r#""probabilities":"{\"spam\":0.75,\"ham\":0.25}""#,
            r#""probabilities":{"spam":"0.75","ham":"0.25"}"#,
        ] {
            assert_eq!(parsed(flat).unwrap(), nested, "{flat}");
        }
        for (flat, words) in [
            (r#""p_ham":1"#, "the probability of \"spam\" is missing"),
            (r#""p_ham":"","p_spam":1"#, "the probability of \"ham\" is missing"),
            (r#""p_ham":"0,5","p_spam":1"#, "\"p_ham\" is not a number"),
            (r#""p_ham":0.5,"p_spam":0.5,"p_spamm":0"#, "unknown label \"spamm\" (did you mean \"spam\"?)"),
            (r#""p_ham":0.5,"p_spam":"NaN""#, "the probability of \"spam\" is NaN"),
        ] {
            let message = parsed(flat).unwrap_err();
            assert!(message.contains(words), "{flat}: {message}");
        }
    }

    #[test]
    fn classes_are_compared_like_labels() {
        let labels = LabelSet::new(["caf\u{e9}", "other"]).unwrap();
        for row in [
            "{\"id\":1,\"probabilities\":{\"cafe\u{301}\":0.25,\" other \":0.75}}",
            "{\"id\":1,\"p_cafe\u{301}\":\"0.25\",\"p_ other\":0.75}",
        ] {
            assert_eq!(parse(row, &labels).unwrap().probabilities, [0.25, 0.75], "{row}");
        }
        let twice = "{\"id\":1,\"p_caf\u{e9}\":0.25,\"p_cafe\u{301}\":0.25,\"p_other\":0.75}";
        assert!(parse(twice, &labels).unwrap_err().to_string().contains("appears twice"));
    }

    #[test]
    fn sums_near_one_are_scaled_and_others_refused() {
        for (ham, fits) in [(0.2501, true), (0.2599, true), (0.2401, true), (0.2601, false), (0.2399, false)]
        {
            match parsed(&format!(r#""probabilities":[0.75,{ham}]"#)) {
                Ok(row) => {
                    assert!(fits && row.normalized, "{ham}");
                    assert!((row.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                }
                Err(message) => assert!(!fits && message.contains("expected 1, within 0.01"), "{message}"),
            }
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (rest, words) in [
            (r#""p":[1,0]"#, "expected a field \"probabilities\", or one for each class, such as \"p_spam\""),
            (r#""probabilities":[1]"#, "1 probabilities for 2 classes"),
            (r#""probabilities":[1,null]"#, "the probability of \"ham\" is missing"),
            (r#""probabilities":{"spam":1}"#, "the probability of \"ham\" is missing"),
            (
                r#""probabilities":{"spam":0.5,"ham":0.5,"hamm":0}"#,
                "unknown label \"hamm\" (did you mean \"ham\"?)",
            ),
            (r#""probabilities":{"spam":0.5,"ham":0.5,"ham":0.5}"#, "\"probabilities.ham\" appears twice"),
            (r#""probabilities":{"spam":"x","ham":0}"#, "\"probabilities.spam\" is not a number"),
            (r#""probabilities":[1.5,-0.5]"#, "the probability of \"spam\" is 1.5"),
            (r#""probabilities":[1,-0.1]"#, "the probability of \"ham\" is -0.1"),
            (r#""probabilities":[0.5,0.512]"#, "sum to 1.012"),
            (r#""probabilities":"spam""#, "an object of numbers by label, or a list"),
            (r#""probabilities":[1,0],"embedding":[]"#, "a list of finite numbers"),
            (
                r#""probabilities":[1,0],"vector":[]"#,
                "\"vector\" is something else, expected a list of finite",
            ),
            (r#""probabilities":[1,0],"vector":[1],"embedding":[1]"#, "\"vector\" and \"embedding\""),
            (r#""probabilities":[1,0],"embedding":[1e99]"#, "a list of finite numbers"),
        ] {
            let message = parsed(rest).unwrap_err();
            assert!(message.contains(words), "{rest}: {message}");
        }
    }
}
