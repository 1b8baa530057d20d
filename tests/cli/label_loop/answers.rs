//! Answers are ingested: skips, times, changed answers and several answers to one document.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::workbench::{Workbench, answers, lines as as_lines};

/// One answer as a line.
fn answer(id: &str, label: Option<&str>, annotator: &str) -> String {
    format!("{}\n", json!({"id": id, "label": label, "annotator": annotator}))
}

fn timed(id: &str, label: &str, annotator: &str, time: &Value) -> String {
    format!("{}\n", json!({"id": id, "label": label, "annotator": annotator, "time": time}))
}

/// Ingests these lines; returns the numbers of new, changed and unchanged answers.
fn ingest(bench: &Workbench, lines: &str) -> [u64; 3] {
    bench.write("answers.jsonl", lines);
    let outcome = bench.json(&["ingest", "answers.jsonl"]);
    ["new", "changed", "unchanged"].map(|name| outcome[name].as_u64().unwrap())
}

/// By label (a, b, c): the number of pool documents that have it.
fn labels(bench: &Workbench) -> [u64; 3] {
    let status = bench.json(&["status"]);
    ["a", "b", "c"].map(|label| status["labels"][label].as_u64().unwrap())
}

#[test]
fn the_same_answers_twice_change_nothing() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "12"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let lines = answers(&batch, &["x", "y"], |id, annotator| {
        (id.len() + annotator.len() > 4).then(|| if id.ends_with('4') { "a" } else { "b" }.to_owned())
    });
    assert_eq!(ingest(&bench, &lines), [24, 0, 0]);
    let report = bench.json(&["report"]);
    let before = (bench.json(&["status"]), bench.artifacts());
    assert_eq!(ingest(&bench, &lines), [0, 0, 24]);
    let text = bench.ok(&["ingest", "answers.jsonl"]);
    assert!(text.contains("1 of the files had been ingested before and changes nothing"), "{text}");
    // The same answers in another order in another file: different bytes, but nothing new.
    let backwards: Vec<&str> = lines.lines().rev().collect();
    assert_eq!(ingest(&bench, &backwards.join("\n\n")), [0, 0, 24]);
    assert_eq!(bench.json(&["report"]), report);
    bench.write("answers.jsonl", &lines);
    assert!(before == (bench.json(&["status"]), bench.artifacts()));
}

#[test]
fn a_changed_answer_counts_and_the_old_one_is_kept() {
    let bench = Workbench::small();
    let (a, b) = (answer("p000", Some("a"), "x"), answer("p000", Some("b"), "x"));
    assert_eq!(ingest(&bench, &a), [1, 0, 0]);
    assert_eq!(labels(&bench), [5, 4, 4]);
    assert_eq!(ingest(&bench, &b), [0, 1, 0]);
    assert_eq!(labels(&bench), [4, 5, 4]);
    // The earlier answer is kept, so an export that contains both answers brings nothing new.
    assert_eq!(ingest(&bench, &[a.as_str(), &b].concat()), [0, 0, 2]);
    assert_eq!(labels(&bench), [4, 5, 4]);
    // The answer changes back.
    assert_eq!(ingest(&bench, &[a.as_str(), &b, &a].concat()), [0, 1, 2]);
    assert_eq!(labels(&bench), [5, 4, 4]);
    // The answer is withdrawn.
    assert_eq!(ingest(&bench, &answer("p000", None, "x")), [0, 1, 0]);
    assert_eq!(labels(&bench), [4, 4, 4]);
    assert_eq!(bench.json(&["status"])["agreement"], Value::Null, "there is no round to report on");
}

#[test]
fn a_cumulative_export_adds_only_what_is_new() {
    let bench = Workbench::small();
    let mut lines = String::new();
    for (i, id) in ["p000", "p001", "p002", "p003"].into_iter().enumerate() {
        lines += &answer(id, Some("a"), "x");
        lines += &answer(id, Some("b"), "y");
        assert_eq!(ingest(&bench, &lines), [2, 0, 2 * i as u64]);
    }
    assert_eq!(labels(&bench), [4, 4, 4], "four ties");
    // Two overlapping files in one command.
    bench.write("one.jsonl", &lines);
    bench.write("two.jsonl", lines + &answer("p000", Some("a"), "z"));
    let outcome = bench.json(&["ingest", "one.jsonl", "two.jsonl"]);
    assert_eq!((&outcome["new"], &outcome["unchanged"]), (&json!(1), &json!(16)));
    assert_eq!(labels(&bench), [5, 4, 4]);
}

#[test]
fn the_latest_time_stands_whatever_the_order_of_the_files() {
    let late = timed("p000", "a", "x", &json!("2026-05-01T12:00:00Z"));
    let early = timed("p000", "b", "x", &json!("2026-05-01T11:59:59Z"));
    let bench = Workbench::small();
    assert_eq!(ingest(&bench, &late), [1, 0, 0]);
    bench.write("early.jsonl", &early);
    let outcome = bench.json(&["ingest", "early.jsonl"]);
    assert_eq!((&outcome["older"], &outcome["new"], &outcome["changed"]), (&json!(1), &json!(0), &json!(0)));
    assert_eq!(labels(&bench), [5, 4, 4], "the earlier answer came in late and changes nothing");
    // The early answer is stored too, so the same times in one file bring nothing new.
    assert_eq!(ingest(&bench, &[early.as_str(), &late, "\n"].concat()), [0, 0, 2]);
    // The same moment in another time zone, and as seconds since 1970.
    let zone = timed("p000", "a", "x", &json!("2026-05-01T14:00:00+02:00"));
    assert_eq!(ingest(&bench, &zone), [0, 0, 1]);
    assert_eq!(ingest(&bench, &timed("p000", "a", "x", &json!(1_777_636_800))), [0, 0, 1]);
    assert_eq!(ingest(&bench, &timed("p000", "c", "x", &json!(1_777_636_800.5))), [0, 1, 0]);
    assert_eq!(labels(&bench), [4, 4, 5]);
}

#[test]
fn ids_are_the_same_as_numbers_and_as_strings() {
    let bench = Workbench::with_labels("1,2");
    bench.write("pool.jsonl", "{\"id\":7,\"text\":\"seven\"}\n{\"id\":\"8\",\"text\":\"eight\"}\n");
    bench.ok(&["import", "pool.jsonl"]);
    bench.ok(&["round"]);
    let rows = [
        json!({"id": 7, "label": 1, "annotator": 3}),
        json!({"id": "7", "label": "1", "annotator": 4}),
        json!({"id": 8, "label": 2, "annotator": "3"}),
    ];
    assert_eq!(ingest(&bench, &as_lines(rows)), [3, 0, 0]);
    let status = bench.json(&["status"]);
    assert_eq!(status["labels"], json!({"1": 1, "2": 1}));
    assert_eq!(status["agreement"]["overlap"], 1);
    let names: Vec<&Value> =
        status["agreement"]["annotators"].as_array().unwrap().iter().map(|one| &one["annotator"]).collect();
    assert_eq!(names, ["3", "4"]);
}

#[test]
fn what_a_tool_hands_back_with_the_answer_is_passed_over() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "4", "--mix", "uncertainty=1"]);
    let handed_back = bench.rows("rounds/0001/batch.jsonl").into_iter().map(|mut row| {
        row["label"] = json!("c");
        row["annotator"] = json!("x");
        row["lead_time"] = json!(3.5);
        row
    });
    assert_eq!(ingest(&bench, &as_lines(handed_back)), [4, 0, 0]);
    assert_eq!(labels(&bench), [4, 4, 8]);
}

#[test]
fn skips_and_unasked_answers_are_counted() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "10", "--mix", "uncertainty=1"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let asked: BTreeSet<&str> = batch.iter().map(|row| row["id"].as_str().unwrap()).collect();
    let unasked = (0..60).map(|i| format!("p{i:03}")).find(|id| !asked.contains(id.as_str())).unwrap();
    let (skipped, mixed) = (batch[0]["id"].as_str().unwrap(), batch[1]["id"].as_str().unwrap());
    let lines = [
        answer(skipped, None, "x"),
        answer(skipped, None, "y"),
        answer(mixed, None, "x"),
        answer(mixed, Some("b"), "y"),
        answer(&unasked, Some("c"), "x"),
    ];
    bench.write("answers.jsonl", lines.concat());
    let outcome = bench.json(&["ingest", "answers.jsonl"]);
    let expected = json!({
        "new": 5, "changed": 0, "older": 0, "unchanged": 0, "skips": 3, "known_files": 0, "remarked": 0, "unasked": 1, "excluded": 0, "rejected": 0, "rejections": 0,
        "warnings": [],
    });
    assert_eq!(outcome, expected);
    assert_eq!(labels(&bench), [4, 5, 5], "one answer decides, skips do not count against it");
    let report = bench.json(&["report"]);
    assert_eq!(report["conflicts"]["only_skips"], json!([skipped]));
    assert_eq!(report["conflicts"]["answered"], 3);
    assert_eq!(report["annotators"]["annotators"][0]["skips"], 2);
    let documents = &bench.json(&["status"])["documents"];
    assert_eq!(
        [&documents["open"], &documents["out"], &documents["skipped"], &documents["labeled"]],
        [&json!(49), &json!(8), &json!(1), &json!(14)]
    );
    // An annotator who skipped a document is not asked about it again.
    bench.ok(&["round", "--size", "49", "--mix", "uncertainty=1"]);
    let second = bench.rows("rounds/0002/batch.jsonl");
    assert!(
        second.len() == 49 && second.iter().all(|row| row["id"] != skipped && row["id"] != unasked.as_str())
    );
}

#[test]
fn what_somebody_has_seen_unasked_is_not_asked_for() {
    let bench = Workbench::small();
    assert_eq!(
        ingest(&bench, &[answer("p000", None, "x"), answer("c000", Some("a"), "x")].concat()),
        [2, 0, 0]
    );
    let status = bench.ok(&["status"]);
    assert!(status.contains("72 documents: 59 open, 0 out, 1 skipped, 12 labelled"), "{status}");
    assert!(status.contains("6 items, 5 for the next batches"), "{status}");
    bench.ok(&["round", "--size", "100", "--mix", "control=0.1"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    assert_eq!(batch.len(), 64);
    assert!(batch.iter().all(|row| row["id"] != "p000" && row["id"] != "c000"));
}

#[test]
fn a_file_that_comes_again_for_its_bad_rows_overturns_nothing() {
    let bench = Workbench::small();
    let lines = answer("p000", Some("a"), "x") + &answer("late", Some("b"), "x");
    bench.write("first.jsonl", &lines);
    assert_eq!(bench.json(&["ingest", "first.jsonl", "--skip-bad-rows"])["new"], 1);
    assert_eq!(ingest(&bench, &answer("p000", Some("b"), "x")), [0, 1, 0], "a correction");
    assert_eq!(labels(&bench), [4, 5, 4]);
    bench.write("late.jsonl", json!({"id": "late", "text": "a late document"}).to_string());
    bench.ok(&["import", "late.jsonl"]);
    assert_eq!(ingest(&bench, &lines), [1, 0, 1], "the row that was passed over is new, the other is old");
    assert_eq!(labels(&bench), [4, 6, 4], "the correction stands");
}
