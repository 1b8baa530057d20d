//! Reads the answers to a form in Mechanical Turk's Crowd HTML. All answers of one person are in
//! one cell, such as `[{"category": {"label": "spam"}}]`. Each named control of the form has a
//! value:
//!
//! - A classifier has `{"label": …}`, or `{"labels": […]}` if it allows several choices. Radio
//!   buttons or boxes have an object of booleans. All of these ask for a class.
//! - A text or a number counts as a class only if no other control asks for one.
//!
//! [`Control`] decides which control counts. A text named `reason`, `comment` or `flag` is kept as
//! a remark. Other controls are reported as not read.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::{Control, Remarks, list, object};
use crate::error::{AnswerProblem, InputProblem};
use crate::format::row::{Row, label};

/// The end of the name of the column with such cells, in lower case.
pub(in crate::format) const COLUMN: &str = "taskanswers";

/// The answer in one cell.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::format) struct Chosen {
    /// The label; `None` if nothing is chosen.
    pub(in crate::format) label: Option<String>,
    /// The remarks that the annotator wrote in the form.
    pub(in crate::format) remarks: Remarks,
    /// The names, in quotes, of the form's controls that are not read.
    pub(in crate::format) passed_over: BTreeSet<String>,
}

/// Whether a column with this name contains the answers to a form, one form per cell.
pub(in crate::format) fn is_column(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|end| end.trim().eq_ignore_ascii_case(COLUMN))
}

/// Returns the answer in a cell. `control` decides which control of the form counts.
///
/// # Errors
/// The cell is no list with one object, several controls ask for a class, or the answer to the
/// control that counts is not a single class.
pub(in crate::format) fn read(cell: &str, control: &mut Control) -> Result<Chosen, InputProblem> {
    let value: &RawValue = serde_json::from_str(cell).map_err(|_| not_answers())?;
    let forms = if value.get().starts_with('[') { list(COLUMN, value)? } else { vec![value] };
    let [form] = forms[..] else { return Err(not_answers()) };
    let mut form = object("taskAnswers", form)?;
    let remarks = Remarks::take(&mut form)?;
    for name in form.names() {
        control.note(name);
    }
    let of = |wanted: fn(&RawValue) -> bool| -> BTreeSet<String> {
        form.fields().filter(|(_, value)| wanted(value)).map(|(name, _)| name.to_owned()).collect()
    };
    let mut candidates = of(asks_for_a_class);
    if candidates.is_empty() {
        candidates = of(is_plain);
        if let Some(counts) = control.counts() {
            candidates.retain(|name| *name == counts);
        }
    }
    // The user may name any control, even one that does not ask for a class.
    candidates.extend(control.named.clone().filter(|named| form.has(named)));
    let Some(chosen) = control.choose(&candidates)? else {
        if form.first().is_none() || control.is_settled() {
            return Ok(Chosen { remarks, ..Chosen::default() });
        }
        let found = form.names().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        return Err(AnswerProblem::NoControl { found }.into());
    };
    let label = form.take(&chosen)?.map(|value| class(&chosen, value)).transpose()?.flatten();
    let passed_over = form.names().map(|name| format!("\"{name}\"")).collect();
    Ok(Chosen { label, remarks, passed_over })
}

/// Returns the error for a cell that does not contain the answers to a form.
fn not_answers() -> InputProblem {
    AnswerProblem::NotTaskAnswers.into()
}

/// Returns the options of a control, each as (name, whether it is chosen). Returns `None` if the
/// value is not an object of booleans.
fn options(value: &RawValue) -> Option<Vec<(String, bool)>> {
    let row = Row::parse(value.get()).ok()?;
    let truth = |(name, value): (&str, &RawValue)| match value.get() {
        "true" => Some((name.to_owned(), true)),
        "false" => Some((name.to_owned(), false)),
        _ => None,
    };
    row.fields().map(truth).collect()
}

/// Whether a value is the answer of a classifier, of radio buttons or of boxes.
fn asks_for_a_class(value: &RawValue) -> bool {
    let Ok(row) = Row::parse(value.get()) else { return false };
    row.has("label") || row.has("labels") || options(value).is_some_and(|options| !options.is_empty())
}

/// Whether a value is a text, a number or a boolean.
fn is_plain(value: &RawValue) -> bool {
    !value.get().starts_with(['{', '[']) && value.get() != "null"
}

/// Returns the label in a control's value; `None` if nothing is chosen.
fn class(control: &str, value: &RawValue) -> Result<Option<String>, InputProblem> {
    if !value.get().starts_with('{') {
        return label(control, value);
    }
    if let Some(options) = options(value) {
        let chosen: Vec<String> =
            options.into_iter().filter_map(|(name, chosen)| chosen.then_some(name)).collect();
        return match chosen.len() {
            0 | 1 => Ok(chosen.into_iter().next()),
            found => Err(InputProblem::SeveralLabels { found }),
        };
    }
    let mut fields = object(control, value)?;
    for field in ["label", "labels"] {
        if let Some(inner) = fields.take(field)? {
            return label(control, inner);
        }
    }
    let kind = format!("an object with {}", fields.names().collect::<Vec<_>>().join(", "));
    Err(AnswerProblem::NotAClass { control: control.to_owned(), kind }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label_of(cell: &str, named: Option<&str>) -> Result<Option<String>, String> {
        let mut control = Control::new(named);
        read(cell, &mut control).map(|chosen| chosen.label).map_err(|problem| problem.to_string())
    }

    #[test]
    fn every_element_that_asks_for_a_class_is_read() {
        for cell in [
            r#"[{"category":{"label":"spam"}}]"#,
            r#"[{"category":{"labels":["spam"]}}]"#,
            r#"[{"category":{"spam":true,"ham":false}}]"#,
            r#"[{"category":"spam"}]"#,
            r#"{"category":{"label":"spam"}}"#,
            r#"[{"category":{"label":"spam"},"notes":"odd","comment":"why"}]"#,
        ] {
            assert_eq!(label_of(cell, None), Ok(Some("spam".to_owned())), "{cell}");
        }
        for cell in ["[{}]", r#"[{"category":{"spam":false,"ham":false}}]"#, r#"[{"comment":"why"}]"#] {
            assert_eq!(label_of(cell, None), Ok(None), "{cell}");
        }
        let two = r#"[{"topic":{"label":"a"},"mood":{"good":true}}]"#;
        assert!(label_of(two, None).unwrap_err().contains("\"mood\" and \"topic\" ask for a class"));
        assert_eq!(label_of(two, Some("mood")), Ok(Some("good".to_owned())));
        for (cell, words) in [
            (r#"[{"c":{"labels":["a","b"]}}]"#, "2 labels; expected one"),
            (r#"[{"c":{"a":true,"b":true}}]"#, "2 labels; expected one"),
            (r#"[{"box":{"boundingBoxes":[]}}]"#, "this annotation chooses no class: it has \"box\""),
            (r#"[{"c":{"label":"a"}},{"c":{"label":"b"}}]"#, "expected a JSON list of one object"),
            ("spam", "expected a JSON list of one object"),
        ] {
            let message = label_of(cell, None).unwrap_err();
            assert!(message.contains(words), "{cell}: {message}");
        }
    }

    #[test]
    fn what_stands_beside_the_class_is_kept_or_named() {
        let cell = r#"[{"category":{"label":"spam"},"notes":"odd","comment":"why"}]"#;
        let chosen = read(cell, &mut Control::default()).unwrap();
        assert_eq!(chosen.remarks.comment.as_deref(), Some("why"));
        assert_eq!(chosen.passed_over, BTreeSet::from(["\"notes\"".to_owned()]));
    }
}
