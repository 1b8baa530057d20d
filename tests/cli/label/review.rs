//! An expert decides in the terminal what is up for review.

use serde_json::{Value, json};

use super::SIZE;
use super::terminal::Sitting;
use crate::workbench::{Workbench, lines};

/// A workspace with three documents that are tied.
fn tied() -> Workbench {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "9", "--mix", "random=1"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let answers = batch.iter().take(3).flat_map(|row| {
        [("max", "a"), ("ben", "b")]
            .map(|(who, label)| json!({"id": row["id"], "label": label, "annotator": who}))
    });
    bench.write("answers.jsonl", lines(answers));
    bench.ok(&["ingest", "answers.jsonl"]);
    bench
}

#[test]
fn a_decision_takes_one_key_and_its_reason_is_counted() {
    let bench = tied();
    let mut sitting = Sitting::start(&bench, &["label", "--review"], SIZE, &[]);
    sitting.wait_for("0 of 3");
    sitting.wait_for("ben b");
    sitting.keys_until(",", "gap in the guidelines");
    sitting.keys_until("3", "reason: slip");
    sitting.keys_until(";", "comment:");
    sitting.keys_until("wrong key\r", "comment: wrong key");
    sitting.keys_until("1", "1 of 3");
    sitting.keys_until("-", "2 of 3");
    sitting.leave();
    let status = bench.json(&["status"]);
    assert_eq!((&status["documents"]["left_out"], &status["documents"]["tied"]), (&json!(1), &json!(1)));
    bench.ok(&["report"]);
    let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
    assert_eq!(report["remarks"]["by_reason"], json!({"slip": 1}));
    assert!(bench.read("rounds/0001/report.md").contains("Reasons: slip 1."));
    // What is decided is asked no more.
    let mut sitting = Sitting::start(&bench, &["label", "--review"], SIZE, &[]);
    sitting.wait_for("0 of 1");
    sitting.keys_until("2", "1 of 1");
    sitting.leave();
    assert!(bench.refused(&["label", "--review", "--round", "1"]).contains("cannot be used with"));
}

#[test]
fn documents_for_review_go_to_experts_in_their_tool_and_come_back() {
    let bench = tied();
    let written =
        bench.json(&["review", "--format", "prodigy", "--annotators", "eva,max", "--out", "experts"]);
    let files = written["files"].as_array().unwrap();
    let items: Vec<u64> = files.iter().map(|file| file["items"].as_u64().unwrap()).collect();
    assert_eq!((files.len(), items), (2, vec![2, 1]));
    let eva = bench.rows("experts/prodigy-eva.jsonl");
    let decided = eva.iter().map(|row| {
        let mut row = row.clone();
        row["answer"] = json!("accept");
        row["accept"] = json!(["c"]);
        row
    });
    bench.write("decided.jsonl", lines(decided));
    bench.ok(&["ingest", "--as", "expert", "--annotator", "eva", "decided.jsonl"]);
    assert_eq!(bench.json(&["review"])["total"], 1);
    assert!(bench.refused(&["review", "--format", "prodigy"]).contains("--out"));
    assert!(bench.refused(&["review", "--format", "podigy", "--out", "x"]).contains("prodigy"));
}
