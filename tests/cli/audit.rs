//! `querist audit` finds wrong labels that the test planted, and experts' decisions about them are
//! kept.

use serde_json::{Value, json};

use crate::workbench::{Workbench, documents, lines};

/// Makes 150 labelled documents, of which ten have a wrong label; returns their ids too.
pub(crate) fn planted() -> (Workbench, Vec<String>) {
    let bench = Workbench::with_labels("a,b,c");
    let mut wrong = Vec::new();
    let rows: Vec<Value> = documents("l", 150, true)
        .lines()
        .enumerate()
        .map(|(place, line)| {
            let mut row: Value = serde_json::from_str(line).unwrap();
            if place % 15 == 4 {
                row["label"] = json!(["a", "b", "c"][(place + 1) % 3]);
                wrong.push(row["id"].as_str().unwrap().to_owned());
            }
            row
        })
        .collect();
    bench.write("labeled.jsonl", lines(rows));
    bench.ok(&["import", "labeled.jsonl"]);
    (bench, wrong)
}

fn ids(audit: &Value) -> Vec<&str> {
    audit["documents"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

#[test]
fn planted_errors_come_first() {
    let (bench, wrong) = planted();
    let audit = bench.json(&["audit"]);
    assert_eq!(audit["labeled"], 150);
    let found = ids(&audit);
    let hits = found.iter().filter(|id| wrong.iter().any(|wrong| wrong == *id)).count();
    println!("{} suspects, {hits} of {} planted errors among them", audit["suspects"], wrong.len());
    // The other suspects have words of both classes, or of the wrong class.
    assert!(hits >= 3 && hits * 4 >= found.len() * 3, "{found:?}");
    assert!(wrong.iter().any(|wrong| wrong == found[0]), "{found:?}");
    let first = &audit["documents"][0];
    assert_ne!(first["given"], first["suggested"]);
    assert!(first["margin"].as_f64().unwrap() < 0.0);
    // 150 labels are too few to say how many are wrong.
    assert_eq!((&audit["estimated"], &audit["estimate_needs"]), (&Value::Null, &json!(200)));
    for one in audit["documents"].as_array().unwrap() {
        let p = |label: &Value| one["probabilities"][label.as_str().unwrap()].as_f64().unwrap();
        let most = one["probabilities"]
            .as_object()
            .unwrap()
            .values()
            .map(|p| p.as_f64().unwrap())
            .fold(0.0, f64::max);
        assert!(p(&one["suggested"]) >= most && p(&one["given"]) < most, "{one}");
        assert_eq!(
            (p(&one["given"]), true),
            (one["self_confidence"].as_f64().unwrap(), one["wrong"].as_f64().unwrap() > 0.5)
        );
    }
    let all = bench.json(&["audit", "--all"]);
    let ranked: Vec<f64> = all["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["self_confidence"].as_f64().unwrap())
        .collect();
    assert_eq!(ranked.len(), 150);
    assert!(ranked.windows(2).all(|pair| pair[0] <= pair[1]));
    let sum: f64 = first["probabilities"].as_object().unwrap().values().map(|p| p.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    // A second audit gives the same bytes, and neither audit stores anything.
    assert_eq!(bench.json(&["audit"]), audit);
    assert_eq!(bench.json(&["status"])["rounds"], json!([]));
    let text = bench.ok(&["audit", "--top", "3"]);
    assert!(text.contains(" of 150 labels are suspected of being wrong; "), "{text}");
    assert_eq!(text.matches(", model predicts ").count(), 3, "{text}");
}

#[test]
fn what_an_expert_confirms_is_not_suspected_again() {
    let (bench, _) = planted();
    bench.ok(&["audit", "--all", "--top", "5", "--out", "suspects.jsonl"]);
    let rows = bench.rows("suspects.jsonl");
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| row.get("label").is_none() && row.get("suggestion").is_none()));
    let before = bench.json(&["audit", "--all"]);
    let given = |id: &Value| {
        let all = before["documents"].as_array().unwrap();
        all.iter().find(|one| one["id"] == *id).unwrap()["given"].clone()
    };
    let confirmed = rows.iter().map(|row| json!({"id": row["id"], "label": given(&row["id"])}));
    bench.write("confirmed.jsonl", lines(confirmed));
    bench.ok(&["ingest", "--as", "expert", "confirmed.jsonl"]);
    let after = bench.json(&["audit", "--all"]);
    assert!(rows.iter().all(|row| !ids(&after).contains(&row["id"].as_str().unwrap())), "{after}");
    assert_eq!(after["labeled"], 150);
}

#[test]
fn it_works_without_calibration_and_says_when_labels_are_too_few() {
    let (bench, _) = planted();
    let toml = bench.read("querist.toml").replace("calibration = \"temperature\"", "calibration = \"none\"");
    bench.write("querist.toml", toml);
    assert!(bench.json(&["audit"])["suspects"].as_u64().unwrap() > 0);
    let few = Workbench::small();
    let message = few.refused(&["audit"]);
    assert!(message.contains("the labels cannot be audited: 12 labelled documents are too few"), "{message}");
}
