//! Batches are taken back; annotators are excluded, renamed and paused. No answer is lost, and
//! earlier rounds can be reproduced.

use serde_json::{Value, json};

use crate::workbench::{Workbench, lines};

/// Makes a round of twelve picks; each annotator in `people` answers the first `answered` of them.
/// Returns the ids.
fn round(bench: &Workbench, people: &[&str], answered: usize) -> Vec<String> {
    bench.ok(&["round", "--size", "12", "--mix", "random=1"]);
    let number = bench.json(&["status"])["rounds"].as_array().unwrap().len();
    let batch = bench.rows(&format!("rounds/{number:04}/batch.jsonl"));
    let ids: Vec<String> = batch.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    let rows = ids
        .iter()
        .take(answered)
        .flat_map(|id| people.iter().map(move |who| json!({"id": id, "label": "a", "annotator": who})));
    bench.write("answers.jsonl", lines(rows));
    if answered > 0 {
        bench.ok(&["ingest", "answers.jsonl"]);
    }
    ids
}

fn open(bench: &Workbench) -> i64 {
    bench.json(&["status"])["documents"]["open"].as_i64().unwrap()
}

fn person(bench: &Workbench, name: &str) -> Value {
    let people = bench.json(&["people"]);
    let people = people["people"].as_array().unwrap();
    people.iter().find(|person| person["name"] == name).unwrap_or(&Value::Null).clone()
}

#[test]
fn what_nobody_answered_goes_back_and_a_late_answer_counts() {
    let bench = Workbench::small();
    let ids = round(&bench, &["ana"], 5);
    let before = open(&bench);
    let dry = bench.json(&["withdraw", "--round", "1", "--dry-run"]);
    assert_eq!((&dry["rounds"][0]["documents"], &dry["reopened"]), (&json!(7), &json!(7)));
    assert_eq!(open(&bench), before, "a dry run changes nothing");
    let out = &bench.json(&["status"])["out"][0];
    assert_eq!((&out["round"], &out["documents"]), (&json!(1), &json!(7)));
    bench.ok(&["withdraw", "--all"]);
    assert_eq!(open(&bench), before + 7);
    let status = bench.json(&["status"]);
    assert_eq!((&status["out"], &status["rounds"][0]["returned"]), (&json!([]), &json!(7)));
    assert!(bench.ok(&["withdraw", "--round", "1"]).contains("nothing to withdraw"));
    // A late answer, to one document only.
    bench.write("late.jsonl", lines([json!({"id": ids[11], "label": "b", "annotator": "ana"})]));
    bench.ok(&["ingest", "late.jsonl"]);
    assert_eq!(open(&bench), before + 6);
    assert_eq!(bench.json(&["status"])["rounds"][0]["answered"], 6);
    assert!(bench.ok(&["reproduce", "1"]).contains("identical"));
    assert!(bench.refused(&["withdraw", "--round", "9"]).contains("round 9"));
}

#[test]
fn the_documents_of_somebody_who_left_go_to_others() {
    let bench = Workbench::small();
    round(&bench, &[], 0);
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana,ben"]);
    let before = open(&bench);
    let went = bench.json(&["withdraw", "--all", "--from", "ben"]);
    assert_eq!((&went["rounds"][0]["assignments"], &went["reopened"]), (&json!(6), &json!(6)));
    assert_eq!(open(&bench), before + 6);
    assert_eq!(bench.json(&["status"])["out"][0]["with"], json!({"ana": 6}));
    assert!(
        bench
            .refused(&["withdraw", "--all", "--from", "bem"])
            .contains("nobody in this workspace is called \"bem\"")
    );
}

#[test]
fn somebody_who_is_excluded_stays_and_does_not_count() {
    let bench = Workbench::small();
    let ids = round(&bench, &["ben"], 4);
    bench.write("ana.jsonl", lines([json!({"id": ids[0], "label": "a", "annotator": "ana"})]));
    bench.ok(&["ingest", "ana.jsonl"]);
    let labelled = |bench: &Workbench| bench.json(&["status"])["documents"]["labeled"].as_i64().unwrap();
    let (before, was_open) = (labelled(&bench), open(&bench));
    let said = bench.json(&["people", "exclude", "ben", "--why", "clicked at random"]);
    assert_eq!((&said["answers"], &said["reopened"]), (&json!([5, 1]), &json!(3)));
    assert_eq!((labelled(&bench), open(&bench)), (before - 3, was_open + 3));
    let ben = person(&bench, "ben");
    assert_eq!((&ben["excluded"], &ben["left_out"]), (&json!("clicked at random"), &json!(4)));
    assert_eq!(ben["verdict"], "excluded");
    bench.ok(&["report"]);
    let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
    assert_eq!(report["annotators"]["left_out"][0]["why"], "clicked at random");
    assert!(
        bench
            .read("rounds/0001/report.md")
            .contains("The 4 answers and decisions by ben do not count: clicked at random")
    );
    // The documents that the next round asks again stay with annotators until they are withdrawn.
    let again = round(&bench, &[], 0);
    assert_eq!(bench.json(&["status"])["out"][1]["documents"], json!(again.len()));
    assert!(
        bench.refused(&["export", "--format", "jsonl", "--annotators", "ana,ben"]).contains("people include")
    );
    bench.ok(&["people", "include", "ben"]);
    assert_eq!(person(&bench, "ben")["excluded"], Value::Null);
    for number in ["1", "2"] {
        assert!(bench.ok(&["reproduce", number]).contains("identical"));
    }
}

#[test]
fn two_names_become_one_person_whose_later_answer_stands() {
    let bench = Workbench::small();
    let ids = round(&bench, &["ana"], 2);
    let other = json!({"id": ids[0], "label": "b", "annotator": "ana@mail.example"});
    bench.write("other.jsonl", lines([other]));
    bench.ok(&["ingest", "other.jsonl"]);
    let said = bench.json(&["people", "rename", "ana@mail.example", "ana"]);
    assert_eq!((&said["merged"], &said["answers"]), (&json!(true), &json!([3, 2])));
    assert_eq!(bench.json(&["people"])["people"].as_array().unwrap().len(), 1);
    bench.ok(&["people", "rename", "ana", "Ana Maria"]);
    assert_eq!(person(&bench, "Ana Maria")["answers"], 2);
    // A tool may keep using either name.
    bench.write("old.jsonl", lines([json!({"id": ids[1], "label": "c", "annotator": "ana@mail.example"})]));
    bench.ok(&["ingest", "old.jsonl"]);
    assert_eq!(bench.json(&["people"])["people"].as_array().unwrap().len(), 1);
    bench.ok(&["export", "--labeled", "labeled.jsonl"]);
    let labels = bench.rows("labeled.jsonl");
    let label = |id: &String| labels.iter().find(|row| row["id"] == **id).unwrap()["label"].clone();
    assert_eq!([label(&ids[0]), label(&ids[1])], [json!("b"), json!("c")]);
    assert!(bench.ok(&["reproduce", "1"]).contains("identical"));
}

#[test]
fn somebody_who_pauses_gets_nothing_new_and_groups_are_kept() {
    let bench = Workbench::small();
    round(&bench, &["ana", "ben"], 2);
    bench.ok(&["people", "pause", "ben"]);
    assert!(
        bench.refused(&["export", "--format", "jsonl", "--annotators", "ana,ben"]).contains("people resume")
    );
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana"]);
    bench.ok(&["people", "resume", "ben"]);
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana,ben", "--reassign"]);
    bench.ok(&["people", "set", "ana", "group=experts"]);
    assert_eq!(person(&bench, "ana")["attributes"], json!({"group": "experts"}));
    assert_eq!(bench.json(&["people", "set", "ana", "group=experts"])["already"], true);
    bench.ok(&["people", "set", "ana", "group="]);
    assert_eq!(person(&bench, "ana")["attributes"], json!({}));
    for wrong in [&["people", "set", "ana", "group"][..], &["people", "exclude", "ana", "--why", " "]] {
        bench.refused(wrong);
    }
}

#[test]
fn the_log_says_who_did_what() {
    let bench = Workbench::small();
    round(&bench, &["ana"], 2);
    bench.ok(&["withdraw", "--all"]);
    bench.ok(&["people", "exclude", "ana", "--why", "left the team"]);
    let log = bench.json(&["log"]);
    let deeds: Vec<&str> =
        log["entries"].as_array().unwrap().iter().map(|entry| entry["deed"].as_str().unwrap()).collect();
    assert_eq!(deeds.iter().filter(|deed| **deed == "fact").count(), 3, "{log}");
    assert_eq!(log["entries"][0]["kind"], "created");
    assert_eq!(&deeds[deeds.len() - 4..], ["round", "ingest", "fact", "fact"]);
    let text = bench.ok(&["log"]);
    assert!(text.contains("excluded ana: left the team") && text.contains("withdrew 10 documents"), "{text}");
}

#[test]
fn a_withdrawal_follows_the_person_to_another_name() {
    let bench = Workbench::small();
    round(&bench, &[], 0);
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana,ben"]);
    bench.ok(&["withdraw", "--all", "--from", "ana"]);
    bench.write("ana.jsonl", lines([json!({"id": "p000", "label": "a", "annotator": "ana"})]));
    bench.ok(&["ingest", "ana.jsonl"]);
    let before = open(&bench);
    let said = bench.json(&["people", "rename", "ana", "Ana Maria"]);
    assert_eq!((&said["reopened"], &said["closed"], open(&bench)), (&json!(0), &json!(0), before));
    assert_eq!(person(&bench, "Ana Maria")["waiting"], 0);
    // Either name works. A new name with a comma is refused, because a list would split it.
    assert_eq!(bench.json(&["people", "pause", "ana"])["name"], "Ana Maria");
    assert!(bench.refused(&["people", "rename", "ana", "Maria, Ana"]).contains("comma"));
    let nothing = bench.ok(&["withdraw", "--all", "--from", "ana"]);
    assert!(nothing.contains("Nothing is waiting for ana"), "{nothing}");
}

#[test]
fn documents_are_listed_whatever_is_no_longer_there() {
    let bench = Workbench::small();
    let listed =
        |bench: &Workbench| bench.json(&["documents", "--search", "number", "--limit", "1"])["found"].clone();
    assert_eq!(listed(&bench), 90);
    bench.write("changed.jsonl", "{\"id\":\"p001\",\"text\":\"another number altogether\"}\n");
    bench.ok(&["import", "--update", "changed.jsonl"]);
    assert_eq!(listed(&bench), 90);
    bench.ok(&["forget", "p002", "--yes"]);
    bench.write("wrong.jsonl", "{\"id\":\"w\",\"text\":\"wrong number\"}\n");
    bench.ok(&["import", "wrong.jsonl"]);
    bench.ok(&["undo-import"]);
    bench.write("more.jsonl", "{\"id\":\"m\",\"text\":\"one number more\"}\n");
    bench.ok(&["import", "more.jsonl"]);
    assert_eq!(listed(&bench), 90);
}

#[test]
fn the_log_names_people_rounds_and_labels() {
    let bench = Workbench::small();
    round(&bench, &[], 0);
    bench.ok(&["export", "--format", "jsonl", "--annotators", "ana,ben"]);
    bench.ok(&["withdraw", "--all", "--from", "ben"]);
    bench.ok(&["withdraw", "--all"]);
    bench.write(
        "late.jsonl",
        lines(["ana", "ben"].map(|name| json!({"id": "p000", "label": "a", "annotator": name}))),
    );
    bench.ok(&["ingest", "late.jsonl"]);
    bench.ok(&["people", "rename", "ben", "ana"]);
    bench.ok(&["people", "rename", "ana", "Ana"]);
    let free = bench.rows("pool.jsonl").into_iter().find(|row| row["id"] == "p001").unwrap();
    bench.write("labels.jsonl", lines([json!({"id": "p001", "text": free["text"], "label": "b"})]));
    bench.ok(&["import", "labels.jsonl"]);
    let log = bench.ok(&["log"]);
    for said in [
        "assignments from ben, of round 1",
        "documents of round 1; ",
        "assignments of ana ended",
        "merged ben into ana (one person)",
        "renamed ana to Ana",
        "labels.jsonl as auto: 1 label",
        "test.jsonl as test: 12 new documents, 12 labels",
    ] {
        assert!(log.contains(said), "{said} in {log}");
    }
    bench.ok(&["undo-import", "5"]);
    assert!(bench.ok(&["log"]).contains("undid import 5: 1 label\n"), "{log}");
}

#[test]
fn a_name_that_no_file_can_have_and_a_value_that_nobody_can_read_are_refused() {
    let bench = Workbench::small();
    round(&bench, &["ana"], 2);
    for name in ["a/b", "..", "a:b", "x\u{202e}y"] {
        let refused = bench.refused_unharmed(&["people", "rename", "ana", name]);
        assert!(refused.contains("NEW: "), "{refused}");
    }
    for pair in ["group=x\u{202e}y", "gr\u{202e}oup=x"] {
        assert!(bench.refused_unharmed(&["people", "set", "ana", pair]).contains("U+202E"));
    }
}
