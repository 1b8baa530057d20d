//! An expert decides in the terminal which label a document gets.

use serde_json::{Value, json};

use super::SIZE;
use super::terminal::Sitting;
use crate::workbench::{Workbench, lines};

/// Makes a workspace with three tied documents.
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
    // A decided document is not asked again.
    let mut sitting = Sitting::start(&bench, &["label", "--review"], SIZE, &[]);
    sitting.wait_for("0 of 1");
    sitting.keys_until("2", "1 of 1");
    sitting.leave();
    assert!(bench.refused(&["label", "--review", "--round", "1"]).contains("cannot be used with"));
}

#[test]
fn a_decision_that_is_taken_back_was_never_made() {
    let bench = tied();
    let mut sitting = Sitting::start(&bench, &["label", "--review"], SIZE, &[]);
    sitting.wait_for("0 of 3");
    sitting.keys_until("1", "1 of 3");
    sitting.keys_until("-", "2 of 3");
    sitting.keys_until("\x7f", "undone; decide again");
    sitting.wait_for("1 of 3");
    sitting.keys_until("\x7f", "0 of 3");
    let counts = |bench: &Workbench| {
        let documents = bench.json(&["status"])["documents"].clone();
        (documents["left_out"].clone(), documents["tied"].clone())
    };
    assert_eq!(counts(&bench), (json!(0), json!(3)));
    sitting.keys_until("2", "1 of 3");
    sitting.leave();
    assert_eq!(counts(&bench), (json!(0), json!(2)));
    let said = String::from_utf8_lossy(&sitting.bytes).into_owned();
    assert!(said.contains("ana: 1 of 3 documents decided (1 just now)"), "{said}");
    assert!(said.contains("`querist label --review` continues where you left off"), "{said}");
}

#[test]
fn two_experts_at_once_do_not_overwrite_each_other_unseen() {
    let bench = tied();
    let expert = |name: &str| Sitting::start(&bench, &["label", "--review", "--annotator", name], SIZE, &[]);
    let (mut e1, mut e2) = (expert("e1"), expert("e2"));
    e1.wait_for("0 of 3");
    e2.wait_for("0 of 3");
    e1.keys_until("1", "1 of 3");
    e1.keys_until("1", "2 of 3");
    e2.keys_until("2", "e1 has decided 'a' in the meantime; press again to replace it");
    let labels = || bench.json(&["status"])["labels"].clone();
    let before = labels();
    e2.keys("2");
    // The second document was decided by the other expert meanwhile, so it is skipped.
    e2.wait_for("\n3. ");
    let after = labels();
    let moved = |label: &str| after[label].as_i64().unwrap() - before[label].as_i64().unwrap();
    assert_eq!([moved("a"), moved("b")], [-1, 1]);
    e2.keys_until("2", "3 of 3");
    e2.leave();
    e1.leave();
}

#[test]
fn the_smallest_terminal_shows_what_is_decided() {
    let bench = tied();
    let mut sitting = Sitting::start(&bench, &["label", "--review"], (9, 20), &[]);
    sitting.wait_for("said: ben b · max a");
    for seen in ["1 a", "2 b", "3 c"] {
        sitting.wait_for(seen);
    }
    sitting.leave();
    let id = bench.rows("rounds/0001/batch.jsonl")[0]["id"].clone();
    bench.write("more.jsonl", lines([json!({"id": id, "label": null, "annotator": "somebody else"})]));
    bench.ok(&["ingest", "more.jsonl"]);
    let mut sitting = Sitting::start(&bench, &["label", "--review"], (9, 20), &[]);
    let settled = || std::thread::sleep(std::time::Duration::from_millis(700));
    settled();
    // The other two documents fit, and may come first.
    for _ in 0..2 {
        if !sitting.screen().contains("too small") {
            sitting.keys("3");
            settled();
        }
    }
    sitting.wait_for("needs 20 columns, 10");
    let tied = || bench.json(&["status"])["documents"]["tied"].clone();
    let before = tied();
    sitting.keys("3 -1,");
    settled();
    assert_eq!(tied(), before, "nothing is decided that is not seen");
    sitting.leave();
}

#[test]
fn the_audit_is_called_so_and_shows_the_model_that_it_asked() {
    let (bench, _) = crate::audit::planted();
    let mut sitting = Sitting::start(&bench, &["label", "--audit"], SIZE, &[]);
    sitting.wait_for("ana · audit");
    sitting.keys_until("?", "the model: ");
    assert!(sitting.screen().contains(" %, "), "{}", sitting.screen());
    sitting.leave();
    let said = String::from_utf8_lossy(&sitting.bytes).into_owned();
    assert!(said.contains("`querist label --audit` continues where you left off"), "{said}");
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
