//! An import or an ingest is taken back, or texts are replaced. Earlier rounds can still be
//! reproduced.

use serde_json::{Value, json};

use crate::workbench::{Workbench, documents, lines};

/// Makes a round of eight random picks and returns their ids.
fn round(bench: &Workbench) -> Vec<String> {
    bench.ok(&["round", "--size", "8", "--mix", "random=1"]);
    let number = bench.json(&["status"])["rounds"].as_array().unwrap().len();
    let batch = bench.rows(&format!("rounds/{number:04}/batch.jsonl"));
    batch.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

fn answer(bench: &Workbench, file: &str, who: &str, label: &str, ids: &[String]) {
    bench.write(file, lines(ids.iter().map(|id| json!({"id": id, "label": label, "annotator": who}))));
    bench.ok(&["ingest", file]);
}

fn counts(bench: &Workbench) -> Value {
    bench.json(&["status"])["documents"].clone()
}

fn labels(bench: &Workbench) -> Vec<(String, String)> {
    bench.ok(&["export", "--labeled", "out.jsonl"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    bench.rows("out.jsonl").iter().map(|row| (text(&row["id"]), text(&row["label"]))).collect()
}

fn is_identical(bench: &Workbench, rounds: &[&str]) {
    for round in rounds {
        assert!(bench.ok(&["reproduce", round]).contains("identical"), "round {round}");
    }
}

#[test]
fn a_wrong_import_goes_and_its_ids_are_free() {
    let bench = Workbench::small();
    let before = counts(&bench);
    bench.write("wrong.jsonl", documents("w", 30, false));
    bench.ok(&["import", "wrong.jsonl"]);
    // The model of this round has learned its features from all documents, including the wrong
    // ones.
    round(&bench);
    bench.ok(&["withdraw", "--all"]);
    let dry = bench.json(&["undo-import", "--dry-run"]);
    assert_eq!(
        (&dry["undone"], &dry["number"], &dry["documents"]),
        (&json!("import"), &json!(5), &json!(30))
    );
    assert_ne!(counts(&bench), before, "a dry run changes nothing");
    let said = bench.ok(&["undo-import", "5"]);
    assert!(said.contains("30 documents removed"), "{said}");
    assert_eq!(counts(&bench), before);
    assert!(bench.refused(&["undo-import", "5"]).contains("has been undone already; `querist log`"));
    assert!(bench.refused(&["undo-import", "99"]).contains("the last one is 5"));
    bench.ok(&["status", "--check"]);
    bench.write("right.jsonl", documents("w", 30, false).replace("number w", "mended w"));
    assert_eq!(bench.json(&["import", "right.jsonl"])["pool"], 30);
    let second = round(&bench);
    answer(&bench, "answers.jsonl", "ana", "a", &second);
    round(&bench);
    is_identical(&bench, &["1", "2", "3"]);
    let batch = bench.read("rounds/0001/batch.jsonl") + &bench.read("rounds/0002/batch.jsonl");
    assert!(!batch.contains("\"text\":\"\""));
    bench.ok(&["report"]);
    bench.ok(&["status", "--check"]);
    let log = bench.ok(&["log"]);
    assert!(log.contains("(undone)") && log.contains("undid import 5: 30 documents"), "{log}");
}

#[test]
fn what_was_done_with_an_import_stands_in_the_way() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 40, false));
    bench.ok(&["import", "pool.jsonl"]);
    let ids = round(&bench);
    let refused = bench.refused_unharmed(&["undo-import", "1"]);
    assert!(
        refused.contains("8 of its documents went out") && refused.contains("querist withdraw"),
        "{refused}"
    );
    answer(&bench, "answers.jsonl", "ana", "a", &ids[..3]);
    bench.ok(&["withdraw", "--all"]);
    let refused = bench.refused_unharmed(&["undo-import", "1"]);
    assert!(refused.contains("3 answers") && refused.contains("undo-import --answers"), "{refused}");
    assert_eq!(bench.json(&["undo-import"])["undone"], "ingest");
    assert_eq!(bench.json(&["status"])["rounds"][0]["answered"], 0);
    bench.ok(&["withdraw", "--all"]);
    assert_eq!(bench.json(&["undo-import"])["documents"], 40);
    is_identical(&bench, &["1"]);
    assert!(bench.refused(&["undo-import"]).contains("there is no import to undo"));
}

#[test]
fn labels_and_roles_of_before_stand_again() {
    let bench = Workbench::small();
    let before = (counts(&bench), labels(&bench));
    round(&bench);
    let row = |id: &str, label: &str| {
        let text = documents(&id[..1], 60, false);
        let text =
            text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).find(|row| row["id"] == id);
        json!({"id": id, "text": text.unwrap()["text"], "label": label})
    };
    bench.write("relabel.jsonl", lines([row("l000", "c"), row("l001", "c")]));
    bench.ok(&["import", "relabel.jsonl", "--relabel"]);
    let out = bench.rows("rounds/0001/batch.jsonl");
    let free =
        (0..60).map(|n| format!("p{n:03}")).find(|id| out.iter().all(|row| row["id"] != **id)).unwrap();
    bench.write("moved.jsonl", lines([row(&free, "b")]));
    bench.ok(&["import", "moved.jsonl", "--as", "test"]);
    assert_eq!(counts(&bench)["test"], json!(13));
    bench.ok(&["withdraw", "--all"]);
    round(&bench);
    let moved = bench.json(&["undo-import"]);
    assert_eq!((&moved["moved"], &moved["labels"], &moved["documents"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(bench.json(&["undo-import"])["labels"], 2);
    assert_eq!(labels(&bench), before.1);
    assert_eq!(counts(&bench)["test"], before.0["test"]);
    bench.ok(&["withdraw", "--all"]);
    assert_eq!(counts(&bench), before.0);
    is_identical(&bench, &["1", "2"]);
    bench.ok(&["import", "moved.jsonl", "--as", "test"]);
    assert_eq!(counts(&bench)["test"], json!(13));
    bench.ok(&["status", "--check"]);
}

#[test]
fn answers_of_a_wrong_file_stop_counting_and_it_may_come_again() {
    let bench = Workbench::small();
    let ids = round(&bench);
    answer(&bench, "first.jsonl", "ana", "a", &ids[..4]);
    let before = labels(&bench);
    answer(&bench, "wrong.jsonl", "ana", "b", &ids[2..6]);
    // All of these answers except one were there already.
    answer(&bench, "later.jsonl", "ana", "b", &ids[2..7]);
    round(&bench);
    let dry = bench.json(&["undo-import", "--answers", "2", "--dry-run"]);
    assert_eq!((&dry["answers"], &dry["reopened"]), (&json!(4), &json!(0)));
    let said = bench.ok(&["undo-import", "--answers", "2"]);
    assert!(said.contains("4 answers no longer counting") && said.contains("later.jsonl"), "{said}");
    let now = labels(&bench);
    assert_eq!(now.len(), before.len() + 1);
    assert!(before.iter().all(|label| now.contains(label)), "{now:?}");
    // The later file brings back the answers that it had only repeated, and overturns nothing.
    let again = bench.json(&["ingest", "later.jsonl"]);
    assert_eq!((&again["new"], &again["changed"], &again["unchanged"]), (&json!(2), &json!(0), &json!(3)));
    let again = bench.json(&["ingest", "wrong.jsonl"]);
    assert_eq!(
        (&again["changed"], &again["unchanged"], &again["known_files"]),
        (&json!(2), &json!(2), &json!(0))
    );
    assert_eq!(bench.json(&["ingest", "later.jsonl"])["known_files"], 1);
    is_identical(&bench, &["1", "2"]);
    bench.ok(&["status", "--check"]);
}

#[test]
fn another_text_takes_the_place_of_the_old_one() {
    let bench = Workbench::small();
    let ids = round(&bench);
    answer(&bench, "answers.jsonl", "ana", "a", &ids[..4]);
    let batch = bench.read("rounds/0001/batch.jsonl");
    let new = |id: &String| json!({"id": id, "text": format!("quite another text of {id}")});
    let known = documents("p", 60, false);
    let rows = lines([&ids[0], &ids[1], &ids[4]].map(new)) + known.lines().last().unwrap_or_default();
    bench.write("new.jsonl", rows);
    let refused = bench.refused_unharmed(&["import", "new.jsonl"]);
    assert!(refused.contains("already belongs to another text"), "{refused}");
    let dry = bench.json(&["import", "new.jsonl", "--update", "--dry-run"]);
    assert_eq!((&dry["updated"], &dry["duplicates"], &dry["dry_run"]), (&json!(3), &json!(1), &json!(true)));
    let before = counts(&bench);
    assert_eq!(bench.json(&["import", "new.jsonl", "--update"])["updated"], 3);
    let status = bench.json(&["status"]);
    // Nobody can answer the other three picks of the round any more.
    assert_eq!(status["rounds"][0]["picks"], 5);
    assert_eq!((&status["rounds"][0]["answered"], &status["rounds"][0]["returned"]), (&json!(2), &json!(0)));
    assert_eq!(status["documents"]["pool"], before["pool"]);
    bench.ok(&["report"]);
    is_identical(&bench, &["1"]);
    // The files of the round stay the same, even if they are made again.
    bench.ok(&["export", "--round", "1"]);
    assert_eq!(bench.read("rounds/0001/batch.jsonl"), batch);
    let second = round(&bench);
    answer(&bench, "more.jsonl", "ana", "b", &second);
    // The same update, but with `--keep-answers`.
    bench.write("again.jsonl", lines([json!({"id": second[0], "text": "a text that was only mended"})]));
    bench.ok(&["import", "again.jsonl", "--update", "--keep-answers"]);
    let status = bench.json(&["status"]);
    assert_eq!((&status["rounds"][1]["answered"], &status["rounds"][1]["returned"]), (&json!(8), &json!(0)));
    let out = labels(&bench);
    assert!(out.contains(&(second[0].clone(), "b".to_owned())), "{out:?}");
    bench.ok(&["ingest", "more.jsonl"]);
    round(&bench);
    is_identical(&bench, &["1", "2", "3"]);
    bench.ok(&["status", "--check"]);
    // Undoing the update brings back the earlier text with its answers.
    bench.ok(&["withdraw", "--all"]);
    let undone = bench.json(&["undo-import", "6"]);
    assert_eq!((&undone["updated"], &undone["documents"]), (&json!(1), &json!(0)));
    assert_eq!(labels(&bench), out);
    is_identical(&bench, &["1", "2", "3"]);
    bench.ok(&["status", "--check"]);
}

#[test]
fn a_held_out_document_needs_the_label_of_its_new_text() {
    let bench = Workbench::small();
    let row = json!({"id": "t000", "text": "another text"});
    bench.write("new.jsonl", lines([&row]));
    assert!(bench.refused_unharmed(&["import", "new.jsonl", "--update"]).contains("--label"));
    let mut row = row;
    row["label"] = json!("b");
    bench.write("new.jsonl", lines([&row]));
    let other = ["import", "new.jsonl", "--update", "--as", "control"];
    assert!(bench.refused_unharmed(&other).contains("it is a test document"));
    bench.ok(&["import", "new.jsonl", "--update"]);
    assert_eq!(counts(&bench)["test"], 12);
    // Two texts for one id in one file are a contradiction.
    bench.write(
        "two.jsonl",
        lines([json!({"id": "p000", "text": "one"}), json!({"id": "p000", "text": "two"})]),
    );
    assert!(bench.refused_unharmed(&["import", "two.jsonl", "--update"]).contains("two.jsonl:2"));
    // An update of other fields with the same text keeps the answers.
    let ids = round(&bench);
    answer(&bench, "answers.jsonl", "ana", "a", &ids[..2]);
    let text = bench.rows("rounds/0001/batch.jsonl")[0]["text"].clone();
    bench.write("meta.jsonl", lines([json!({"id": ids[0], "text": text, "channel": "mail"})]));
    assert_eq!(bench.json(&["import", "meta.jsonl", "--update"])["updated"], 1);
    assert_eq!(bench.json(&["status"])["rounds"][0]["answered"], 2);
    is_identical(&bench, &["1"]);
}

#[test]
fn a_number_that_the_log_does_not_list_takes_nothing_back() {
    let bench = Workbench::small();
    let refused = bench.refused_unharmed(&["undo-import", "2"]);
    assert!(refused.contains("import 2 came together with import 1"), "{refused}");
    let ids = round(&bench);
    for (file, who) in [("a.jsonl", "ana"), ("b.jsonl", "ben")] {
        bench.write(file, lines(ids.iter().map(|id| json!({"id": id, "label": "a", "annotator": who}))));
    }
    bench.ok(&["ingest", "a.jsonl", "b.jsonl"]);
    let refused = bench.refused_unharmed(&["undo-import", "--answers", "2"]);
    assert!(refused.contains("ingest 2 came together with ingest 1"), "{refused}");
    assert_eq!(bench.json(&["undo-import"])["answers"], 16);
    assert!(bench.refused(&["undo-import", "--answers", "9"]).contains("the last one is 1"));
}

#[test]
fn a_round_whose_documents_were_taken_back_is_not_one_without_picks() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 40, false));
    bench.ok(&["import", "pool.jsonl"]);
    round(&bench);
    bench.ok(&["withdraw", "--all"]);
    bench.ok(&["undo-import"]);
    let said = bench.ok(&["status"]);
    assert!(said.contains("round 1: 8 picks, but the documents are gone"), "{said}");
}

#[test]
fn a_label_of_the_new_text_says_nothing_of_the_model_that_predicted_the_old_one() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "10", "--mix", "random=1"]);
    let first: Vec<String> = ids(&bench, 1);
    let new = |id: &String| json!({"id": id, "text": format!("quite another text of {id}")});
    bench.write("new.jsonl", lines(first.iter().map(new)));
    bench.ok(&["import", "new.jsonl", "--update"]);
    bench.ok(&["round", "--size", "60", "--mix", "random=1", "--near-duplicates", "off"]);
    answer(&bench, "answers.jsonl", "ana", "a", &ids(&bench, 2));
    let report: Value = bench.json(&["report", "--round", "2"]);
    let slices = &report["model"]["rounds"];
    assert_eq!(slices[0]["random_slice"]["n"], 0, "{slices}");
    assert_eq!(bench.json(&["documents", "--round", "1", "--limit", "0"])["found"], 0);
    // Every document is labelled; status must not fail because of that.
    bench.ok(&["status"]);
}

#[test]
fn a_control_item_stays_one_under_another_text() {
    let bench = Workbench::small();
    bench.write("c.jsonl", lines([json!({"id": "c000", "text": "a mended control item", "label": "b"})]));
    assert_eq!(bench.json(&["import", "c.jsonl", "--update"])["updated"], 1);
    let status = bench.json(&["status"]);
    assert_eq!((&status["documents"]["control"], &status["documents"]["labeled"]), (&json!(6), &json!(12)));
}

fn ids(bench: &Workbench, round: u32) -> Vec<String> {
    let rows = bench.rows(&format!("rounds/{round:04}/batch.jsonl"));
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}
