//! Reads summaries of the first layout, which had no version. It was the layout of the report
//! itself, and fields were added to it over time.
//!
//! A field that a round did not record gets the value that was in force at that time:
//! - no near-duplicate was skipped;
//! - blocks of features had weight 1;
//! - training did not start from an earlier model and tried no penalties.
//!
//! Optional fields stay unknown.

use serde_json::{Map, Value};

use super::Summary;

/// Reads a summary of the first layout.
pub(super) fn first(json: &str) -> Result<Summary, serde_json::Error> {
    let mut kept: Value = serde_json::from_str(json)?;
    for share in all(&mut kept, "/batch/shares") {
        share.entry("near_duplicates").or_insert(0.into());
    }
    for block in all(&mut kept, "/features/blocks") {
        block.entry("weight").or_insert(1.0.into());
    }
    if let Some(fit) = kept.pointer_mut("/model/fit").and_then(Value::as_object_mut) {
        fit.entry("warm").or_insert(false.into());
        fit.entry("penalties").or_insert(Value::Array(Vec::new()));
    }
    serde_json::from_value(kept)
}

/// Returns the objects in the list at the JSON pointer `place`. Without such a list, there are
/// none.
fn all<'a>(kept: &'a mut Value, place: &str) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    let list = kept.pointer_mut(place).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The summary of the third round of the bundled support tickets by the first version, cut out
    /// of its report, since both had one layout.
    const FIRST: &str = include_str!("../../tests/stored/summary-1.json");

    #[test]
    fn a_summary_of_the_first_version_is_read() {
        let summary = first(FIRST).unwrap();
        let fit = summary.model.fit.as_ref().unwrap();
        assert_eq!((fit.examples, fit.iterations, fit.warm, fit.c), (204, None, false, None));
        assert!(fit.penalties.is_empty() && fit.calibration.is_none());
        assert_eq!((&summary.features, &summary.rules, &summary.stop), (&None, &None, &None));
        assert_eq!((&summary.learned, &summary.model.reliability), (&None, &None));
        let batch = summary.batch.as_ref().unwrap();
        let given: Vec<_> = batch.shares.iter().map(|share| (share.share.name(), share.given)).collect();
        assert_eq!(given, [("uncertainty", 50), ("ratio", 30), ("random", 15), ("control", 5)]);
        assert!(batch.shares.iter().all(|share| share.near_duplicates == 0));
        assert_eq!(batch.quotas[5].by_fallback, 20);
        assert_eq!(summary.model.test.unwrap().accuracy.correct, 769);
    }

    #[test]
    fn nothing_of_it_is_lost_when_it_is_written_again() {
        let before: Value = serde_json::from_str(FIRST).unwrap();
        let again = first(FIRST).unwrap().to_json().unwrap();
        assert_held("summary", &before, &serde_json::from_str(&again).unwrap());
        assert_eq!(Summary::from_json(&again).unwrap(), first(FIRST).unwrap());
    }

    /// Asserts that every field and value of `before` is in `after`, which may have more fields.
    /// The field "rounds" belongs to the report and is skipped.
    fn assert_held(path: &str, before: &Value, after: &Value) {
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => {
                for (field, value) in before.iter().filter(|(field, _)| *field != "rounds") {
                    let path = format!("{path}.{field}");
                    assert_held(&path, value, after.get(field).unwrap_or_else(|| panic!("{path} is lost")));
                }
            }
            (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
                for (place, (before, after)) in before.iter().zip(after).enumerate() {
                    assert_held(&format!("{path}[{place}]"), before, after);
                }
            }
            _ => assert_eq!(before, after, "{path}"),
        }
    }

    #[test]
    fn blocks_of_features_without_a_weight_weigh_one() {
        let features = r#"{"kind":"lsa","chosen_by":"auto","blocks":[{"name":"lsa","columns":9,"learned_from":4}],"note":null}"#;
        let json = format!(r#"{{"model":{{"labeled":[1],"unseen":[],"rounds":[]}},"features":{features}}}"#);
        let features = first(&json).unwrap().features.unwrap();
        assert!((features.blocks[0].weight - 1.0).abs() < f64::EPSILON);
    }
}
