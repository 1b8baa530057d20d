//! Who gets which documents, over several rounds in which annotators leave, are renamed, and answer
//! documents assigned to others.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::workbench::{Workbench, documents, lines};

/// Makes a workspace with an open pool and `controls` control items.
fn with_controls(controls: usize) -> Workbench {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 60, false));
    bench.write("labeled.jsonl", documents("l", 12, true));
    bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
    if controls > 0 {
        bench.write("control.jsonl", documents("c", controls, true));
        bench.ok(&["import", "control.jsonl", "--as", "control"]);
    }
    bench
}

fn ids(bench: &Workbench, file: &str) -> Vec<String> {
    bench.rows(file).iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

fn answer(bench: &Workbench, ids: &[String], who: &str) {
    bench.write(
        "answers.jsonl",
        lines(ids.iter().map(|id| json!({"id": id, "label": "a", "annotator": who}))),
    );
    bench.ok(&["ingest", "answers.jsonl"]);
}

fn round(bench: &Workbench, size: &str, mix: &str) -> Vec<String> {
    bench.ok(&["round", "--size", size, "--mix", mix]);
    let number = bench.json(&["status"])["rounds"].as_array().unwrap().len();
    ids(bench, &format!("rounds/{number:04}/batch.jsonl"))
}

fn status_of(bench: &Workbench, round: usize) -> Value {
    bench.json(&["status"])["rounds"][round - 1].clone()
}

fn is_control(id: &str) -> bool {
    id.starts_with('c')
}

#[test]
fn control_items_that_go_again_wait_for_an_answer_of_their_own() {
    let bench = with_controls(4);
    let first = round(&bench, "8", "control=0.5,random=0.5");
    answer(&bench, &first, "ana");
    // Now ben is known too, who has seen no control item.
    let second = round(&bench, "4", "random=1");
    answer(&bench, &second, "ben");
    let third = round(&bench, "8", "control=0.5,random=0.5");
    let again: Vec<String> = third.iter().filter(|id| is_control(id.as_str())).cloned().collect();
    assert_eq!(again.len(), 4);
    let counts = status_of(&bench, 3);
    assert_eq!((&counts["answered"], &counts["controls_answered"]), (&json!(0), &json!(0)));
    assert_eq!(bench.json(&["status"])["out"][0]["documents"], 8);
    let text = bench.ok(&["status"]);
    assert!(text.contains("round 3: 8 picks, 0 answered (0 of 4 control items)"), "{text}");
    answer(&bench, &again[..3], "ben");
    let counts = status_of(&bench, 3);
    assert_eq!((&counts["answered"], &counts["controls_answered"]), (&json!(3), &json!(3)));
    // Ana's answers to the first round still count for that round.
    assert_eq!(status_of(&bench, 1)["controls_answered"], 4);
    bench.ok(&["withdraw", "--round", "3"]);
    assert_eq!(status_of(&bench, 3)["returned"], 5);
    for number in ["1", "2", "3"] {
        assert!(bench.ok(&["reproduce", number]).contains("identical"));
    }
}

#[test]
fn control_items_that_are_out_with_one_go_to_another() {
    let bench = with_controls(4);
    round(&bench, "8", "control=0.5,random=0.5");
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana,ben"]);
    let of_ana = ids(&bench, "rounds/0001/batch-ana.jsonl");
    answer(&bench, &of_ana, "ana");
    bench.ok(&["people", "pause", "ben"]);
    let second = round(&bench, "8", "control=0.5,random=0.5");
    let controls: BTreeSet<&String> = second.iter().filter(|id| is_control(id.as_str())).collect();
    assert_eq!(controls.len(), 2, "what ben has");
    assert!(controls.iter().all(|id| !of_ana.contains(id)));
}

#[test]
fn an_answer_to_a_later_batch_is_none_to_the_one_before() {
    let bench = with_controls(4);
    round(&bench, "8", "control=0.5,random=0.5");
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana,ben"]);
    answer(&bench, &ids(&bench, "rounds/0001/batch-ana.jsonl"), "ana");
    bench.ok(&["withdraw", "--all", "--from", "ben"]);
    let before = status_of(&bench, 1);
    assert_eq!((&before["controls_answered"], &before["returned"]), (&json!(2), &json!(4)));
    round(&bench, "8", "control=0.5,random=0.5");
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana,cem"]);
    for name in ["ana", "cem"] {
        answer(&bench, &ids(&bench, &format!("rounds/0002/batch-{name}.jsonl")), name);
    }
    assert_eq!(status_of(&bench, 1)["controls_answered"], 2);
    assert_eq!(status_of(&bench, 2)["controls_answered"], status_of(&bench, 2)["controls"]);
}

#[test]
fn a_batch_is_shared_out_by_what_is_not_answered_yet() {
    let bench = with_controls(0);
    let batch = round(&bench, "10", "random=1");
    answer(&bench, &batch[..4], "ana");
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana,ben"]);
    let (ana, ben) = (ids(&bench, "rounds/0001/batch-ana.jsonl"), ids(&bench, "rounds/0001/batch-ben.jsonl"));
    assert_eq!((ana.len(), ben.len()), (3, 3));
    assert!(ana.iter().chain(&ben).all(|id| !batch[..4].contains(id)));
    // The same annotators get the same files, whatever was answered since.
    answer(&bench, &ana, "ana");
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana,ben"]);
    assert_eq!(ids(&bench, "rounds/0001/batch-ana.jsonl"), ana);
    // A new assignment does not move answered documents.
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ben,cem", "--reassign"]);
    let cem = ids(&bench, "rounds/0001/batch-cem.jsonl");
    assert!(!cem.is_empty() && cem.iter().all(|id| !ana.contains(id) && !batch[..4].contains(id)));
}

#[test]
fn somebody_elses_answer_takes_the_place_of_one_that_is_waited_for() {
    let bench = with_controls(0);
    let batch = round(&bench, "10", "random=1");
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana,ben", "--answers-per-item", "2"]);
    answer(&bench, &ids(&bench, "rounds/0001/batch-ana.jsonl"), "ana");
    assert_eq!(bench.json(&["status"])["out"][0]["with"], json!({"ben": 10}));
    answer(&bench, &batch[..6], "lead");
    assert_eq!(bench.json(&["status"])["out"][0]["with"], json!({"ben": 4}));
    bench.ok(&["withdraw", "--all", "--from", "ben"]);
    let status = bench.json(&["status"]);
    assert_eq!((&status["out"], &status["lacking"]), (&json!([]), &json!(4)));
    assert!(bench.ok(&["status"]).contains("4 answers are missing"));
    round(&bench, "4", "random=1");
    bench.ok(&["export", "--format", "jsonl", "--annotators", "zoe"]);
    let zoe = ids(&bench, "rounds/0002/batch-zoe.jsonl");
    assert_eq!((zoe.len(), zoe.iter().filter(|id| batch[6..].contains(id)).count()), (8, 4));
}

#[test]
fn two_people_who_become_one_leave_gaps() {
    let bench = with_controls(0);
    let batch = round(&bench, "6", "random=1");
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana,ben", "--answers-per-item", "2"]);
    answer(&bench, &batch, "ana");
    answer(&bench, &batch[..5], "ben");
    bench.ok(&["people", "rename", "ben", "ana"]);
    assert_eq!(bench.json(&["status"])["lacking"], 6);
}

#[test]
fn whoever_had_another_name_goes_on_under_it() {
    let bench = with_controls(0);
    round(&bench, "6", "random=1");
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana,ben"]);
    bench.ok(&["people", "rename", "ana", "Anna"]);
    // The earlier name still belongs to Anna, not to a new annotator.
    let before = ids(&bench, "rounds/0001/batch-ana.jsonl");
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana,ben"]);
    assert_eq!(ids(&bench, "rounds/0001/batch-Anna.jsonl"), before);
}

#[test]
fn the_excluded_and_the_counted_become_no_one_person() {
    let bench = with_controls(0);
    let batch = round(&bench, "6", "random=1");
    answer(&bench, &batch, "ana");
    answer(&bench, &batch[..2], "ben");
    bench.ok(&["people", "exclude", "ana", "--why", "spam"]);
    bench.ok(&["people", "set", "ben", "group=x"]);
    bench.ok(&["people", "set", "ana", "site=y"]);
    let why = bench.refused(&["people", "rename", "ana", "ben"]);
    assert!(why.contains("answers by \"ana\" do not count but answers by \"ben\" do"), "{why}");
    bench.ok(&["people", "exclude", "ben", "--why", "spam too"]);
    bench.ok(&["people", "rename", "ana", "ben"]);
    let people = bench.json(&["people"]);
    let ben = &people["people"][0];
    assert_eq!((&ben["excluded"], &ben["answers"]), (&json!("spam too"), &json!(0)));
    assert_eq!(ben["attributes"], json!({"group": "x", "site": "y"}));
    // The output of `ingest` says that the answers come from an annotator who does not count.
    let mut more = batch[2..].to_vec();
    more.truncate(3);
    bench.write(
        "late.jsonl",
        lines(more.iter().map(|id| json!({"id": id, "label": "b", "annotator": "ben"}))),
    );
    assert!(
        bench
            .ok(&["ingest", "late.jsonl"])
            .contains("Answers and decisions by excluded people, which do not count: 3")
    );
}
