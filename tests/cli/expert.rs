//! An expert's decision counts more than annotators' answers and imported labels.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::workbench::{Workbench, lines};

/// Ingests decisions; returns the numbers of new, changed and unchanged ones.
fn settle(bench: &Workbench, rows: &[Value]) -> [u64; 3] {
    bench.write("decisions.jsonl", lines(rows));
    let outcome = bench.json(&["ingest", "--as", "expert", "decisions.jsonl"]);
    ["new", "changed", "unchanged"].map(|name| outcome[name].as_u64().unwrap())
}

/// By label (a, b, c): the number of pool documents that have it.
fn labels(bench: &Workbench) -> [u64; 3] {
    let status = bench.json(&["status"]);
    ["a", "b", "c"].map(|label| status["labels"][label].as_u64().unwrap())
}

fn decision(id: &str, label: Option<&str>) -> Value {
    json!({"id": id, "label": label})
}

#[test]
fn a_tie_is_settled_and_the_same_file_twice_changes_nothing() {
    let bench = Workbench::small();
    let answer = |label: &str, who: &str| json!({"id": "p000", "label": label, "annotator": who});
    bench.write("answers.jsonl", lines([answer("a", "x"), answer("b", "y")]));
    bench.ok(&["ingest", "answers.jsonl"]);
    assert_eq!(labels(&bench), [4, 4, 4]);
    assert_eq!(settle(&bench, &[decision("p000", Some("c"))]), [1, 0, 0]);
    assert_eq!(labels(&bench), [4, 4, 5]);
    assert_eq!(settle(&bench, &[decision("p000", Some("c"))]), [0, 0, 1]);
    // The same decision in other bytes, by the same unnamed expert.
    let named = json!({"id": "p000", "label": "c", "annotator": "expert", "note": 1});
    assert_eq!(settle(&bench, &[named]), [0, 0, 1]);
    // Later answers do not change the decision.
    bench.write("answers.jsonl", lines([answer("a", "y"), answer("a", "z")]));
    bench.ok(&["ingest", "answers.jsonl"]);
    assert_eq!(labels(&bench), [4, 4, 5]);
    let text = bench.ok(&["ingest", "--as", "expert", "decisions.jsonl"]);
    assert!(text.contains("Settled: 0 documents, 0 changed, 1 already there"), "{text}");
}

#[test]
fn an_expert_stands_above_an_imported_label_and_may_change_their_mind() {
    let bench = Workbench::small();
    assert_eq!(settle(&bench, &[decision("l000", Some("b"))]), [1, 0, 0]);
    assert_eq!(labels(&bench), [3, 5, 4]);
    // Another expert decides anew. Then the first expert's file is ingested again; it contains
    // nothing new, so it changes nothing.
    let eve = json!({"id": "l000", "label": "c", "annotator": "eve"});
    assert_eq!(settle(&bench, std::slice::from_ref(&eve)), [0, 1, 0]);
    assert_eq!(labels(&bench), [3, 4, 5]);
    assert_eq!(
        settle(&bench, &[decision("l000", Some("b")), json!({"id": "l001", "label": "b"})]),
        [1, 0, 1]
    );
    assert_eq!(labels(&bench), [3, 4, 5]);
    // If all decisions have a time, the latest one counts.
    let timed =
        |label: &str, time: u64| json!({"id": "l002", "label": label, "annotator": "eve", "time": time});
    assert_eq!(settle(&bench, &[timed("a", 200), timed("b", 100)]), [1, 0, 0]);
    assert_eq!(labels(&bench), [4, 4, 4]);
}

#[test]
fn what_fits_no_class_is_left_out_of_training_and_of_batches() {
    let bench = Workbench::small();
    assert_eq!(settle(&bench, &[decision("l000", None), decision("p007", None)]), [2, 0, 0]);
    assert_eq!(labels(&bench), [3, 4, 4]);
    let documents = bench.json(&["status"])["documents"].clone();
    assert_eq!(
        (&documents["open"], &documents["left_out"], &documents["labeled"]),
        (&json!(59), &json!(2), &json!(11))
    );
    bench.ok(&["round", "--size", "59", "--near-duplicates", "off", "--mix", "random=1"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let ids: BTreeSet<&str> = batch.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 59);
    assert!(!ids.contains("p007"));
    let text = bench.ok(&["ingest", "--as", "expert", "decisions.jsonl"]);
    assert!(text.contains("1 of the files had been ingested before"), "{text}");
}

#[test]
fn the_file_may_have_been_ingested_as_answers_before() {
    let bench = Workbench::small();
    bench.write("rows.jsonl", lines([json!({"id": "l000", "label": "b", "annotator": "eve"})]));
    bench.ok(&["ingest", "rows.jsonl"]);
    assert_eq!(labels(&bench), [4, 4, 4], "an imported label stands above an answer");
    let outcome = bench.json(&["ingest", "--as", "expert", "rows.jsonl"]);
    assert_eq!((&outcome["new"], &outcome["known_files"]), (&json!(1), &json!(0)));
    assert_eq!(labels(&bench), [3, 5, 4]);
}

#[test]
fn decisions_are_part_of_what_a_round_is_made_of() {
    let bench = Workbench::small();
    let settled = bench.copy();
    settle(&settled, &[decision("l000", Some("a"))]);
    let inputs = |bench: &Workbench| {
        bench.ok(&["round", "--size", "6"]);
        let manifest: Value = serde_json::from_str(&bench.read("rounds/0001/manifest.json")).unwrap();
        manifest["inputs"].clone()
    };
    let (before, after) = (inputs(&bench), inputs(&settled));
    assert_ne!(before["annotations"], after["annotations"]);
    assert_eq!((&before["labels"], &before["documents"]), (&after["labels"], &after["documents"]));
}

#[test]
fn bad_decisions_are_refused_with_their_line() {
    let bench = Workbench::small();
    for (row, words) in [
        (json!({"id": "p000", "label": "d"}), "decisions.jsonl:2: unknown label \"d\""),
        (json!({"id": "p000"}), "decisions.jsonl:2: the field \"label\" is missing"),
        (json!({"id": "t000", "label": "a"}), "decisions.jsonl:2: \"t000\" belongs to the test set"),
        (json!({"id": "nobody", "label": "a"}), "decisions.jsonl:2: no document has the id \"nobody\""),
        (
            json!({"id": "p000", "label": "a", "seconds": -2}),
            "decisions.jsonl:2: the field \"seconds\" is -2",
        ),
    ] {
        bench.write("decisions.jsonl", lines([decision("p001", Some("a")), row]));
        let message = bench.refused_unharmed(&["ingest", "--as", "expert", "decisions.jsonl"]);
        assert!(message.contains(words), "{message}");
    }
}
