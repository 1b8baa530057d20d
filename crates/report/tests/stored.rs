//! Reports that earlier versions stored as JSON can still be read and shown.
//!
//! `stored/report-format-1.json` is a report as the first version wrote it, of the bundled support tickets; all but three of its
//! conflicts are cut out.

use querist_report::RoundReport;
use serde_json::Value;

const FIRST: &str = include_str!("stored/report-format-1.json");

#[test]
fn a_report_of_the_first_version_loads() {
    let report: RoundReport = serde_json::from_str(FIRST).unwrap();
    assert_eq!((report.format, report.round), (1, 3));
    assert_eq!((&report.features, &report.rules, &report.model.reliability), (&None, &None, &None));
    let fit = report.model.fit.as_ref().unwrap();
    assert_eq!((fit.examples, fit.iterations, fit.warm, fit.c), (204, None, false, None));
    assert!(fit.penalties.is_empty() && fit.calibration.is_none());
    let markdown = String::from_utf8(report.to_markdown()).unwrap();
    assert!(markdown.contains("Trained on 204 examples"));
    assert!(!markdown.contains("## Rules") && !markdown.contains("## Features"));
}

#[test]
fn nothing_of_it_is_lost_when_it_is_written_again() {
    let before: Value = serde_json::from_str(FIRST).unwrap();
    let report: RoundReport = serde_json::from_str(FIRST).unwrap();
    let after: Value = serde_json::from_slice(&report.to_json().unwrap()).unwrap();
    assert_held("report", &before, &after);
}

/// Every field and value of `before` is in `after`, which may have more fields.
fn assert_held(path: &str, before: &Value, after: &Value) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (field, value) in before {
                // The label that stands is the aggregator's; it was called after the majority.
                let field = if field == "majority" { "label" } else { field };
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
