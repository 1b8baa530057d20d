//! The state of a document has the same name everywhere. The tests count documents again and
//! compare the counts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::workbench::{Workbench, answers, documents, lines};

/// An annotator's answer by the number in the id: a label, null for a skip, or `None`. The result
/// has ties, skips, labels and documents without an answer.
fn answer(id: &str, annotator: &str) -> Option<Value> {
    let number: usize = id[1..].parse().unwrap();
    let label = |class: usize| Some(Value::from(["a", "b", "c"][class % 3]));
    match (number % 5, annotator) {
        (0, _) => Some(Value::Null),
        (1, "ana") => label(number),
        (1, _) => label(number + 1),
        (2, _) => None,
        _ => label(number),
    }
}

/// Plays a round with these flags.
fn play(bench: &Workbench, round: usize, flags: &[&str]) {
    bench.ok(&[&["round"][..], flags].concat());
    let rows = bench.rows(&format!("rounds/{round:04}/batch.jsonl"));
    let ids = rows.iter().map(|row| row["id"].as_str().unwrap());
    let given = ids.flat_map(|id| {
        let of = |annotator: &'static str| {
            let label = answer(id, annotator)?;
            Some(json!({"id": id, "label": label, "annotator": annotator}))
        };
        ["ana", "ben"].into_iter().filter_map(of).collect::<Vec<_>>()
    });
    bench.write("answers.jsonl", lines(given));
    bench.ok(&["ingest", "answers.jsonl"]);
}

/// The state of each picked pool document, which depends only on its id.
fn state(id: &str) -> &'static str {
    match id[1..].parse::<usize>().unwrap() % 5 {
        0 => "skipped",
        1 => "tied",
        2 => "out",
        _ => "labeled",
    }
}

/// A workspace after two rounds, with the state of each picked pool document (from [`state`]) and
/// the picked control items.
struct Played {
    bench: Workbench,
    states: BTreeMap<String, &'static str>,
    controls: BTreeSet<String>,
}

impl Played {
    /// Makes a workspace with 60 open documents, 12 labelled ones and 10 control items, and plays
    /// two rounds.
    fn new() -> Self {
        let bench = Workbench::with_labels("a,b,c");
        bench.write("pool.jsonl", documents("p", 60, false));
        bench.write("labeled.jsonl", documents("l", 12, true));
        bench.write("control.jsonl", documents("c", 10, true));
        bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
        bench.ok(&["import", "control.jsonl", "--as", "control"]);
        play(&bench, 1, &["--size", "25", "--mix", "random=0.4,control=0.2"]);
        play(&bench, 2, &["--size", "15", "--mix", "random=0.4,control=0.2"]);
        let (mut states, mut controls) = (BTreeMap::new(), BTreeSet::new());
        for pick in (1..=2).flat_map(|round| bench.rows(&format!("rounds/{round:04}/picks.jsonl"))) {
            let id = pick["id"].as_str().unwrap().to_owned();
            if pick["share"] == "control" {
                controls.insert(id);
            } else {
                let state = state(&id);
                states.insert(id, state);
            }
        }
        Self { bench, states, controls }
    }

    fn count(&self, wanted: &str) -> usize {
        self.states.values().filter(|state| **state == wanted).count()
    }

    fn count_controls(&self, wanted: &[&str]) -> usize {
        self.controls.iter().filter(|id| wanted.contains(&state(id))).count()
    }
}

#[test]
fn status_and_scores_say_what_each_document_is() {
    let played = Played::new();
    let [out, tied, skipped, labeled] = ["out", "tied", "skipped", "labeled"].map(|one| played.count(one));
    assert!([out, tied, skipped, labeled].iter().all(|n| *n > 0), "{:?}", played.states);
    let (open, labeled) = (60 - played.states.len(), labeled + 12);
    let expected = json!({
        "pool": 72, "open": open, "out": out, "tied": tied, "skipped": skipped, "left_out": 0, "labeled": labeled, "control": 10,
        "test": 0,
    });
    assert_eq!(played.bench.json(&["status"])["documents"], expected);
    let text = played.bench.ok(&["status"]);
    let line =
        format!("72 documents: {open} open, {out} out, {tied} tied, {skipped} skipped, {labeled} labelled");
    assert!(text.contains(&line), "{text}");
    scores_say_the_same(&played.bench, &played.states);
}

#[test]
fn the_report_counts_the_pool_and_control_items_apart() {
    let played = Played::new();
    let bench = &played.bench;
    let [tied, skipped, labeled] = ["tied", "skipped", "labeled"].map(|one| played.count(one));
    let (answered, of_controls) = (tied + skipped + labeled, |wanted: &[&str]| played.count_controls(wanted));
    let report = bench.json(&["report"]);
    let conflicts = &report["conflicts"];
    let found = ["answered", "decided", "ties", "left_out", "controls_answered", "controls_skipped"]
        .map(|name| conflicts[name].as_u64().unwrap() as usize);
    let expected = [answered, labeled, tied, 0, of_controls(&["tied", "labeled"]), of_controls(&["skipped"])];
    assert_eq!(found, expected);
    assert_eq!(conflicts["only_skips"].as_array().unwrap().len(), skipped);
    let agreement = &bench.json(&["status"])["agreement"];
    assert_eq!(
        [&agreement["conflicts"], &agreement["control_conflicts"]],
        [&json!(tied), &json!(of_controls(&["tied"]))]
    );
    let markdown = bench.read("rounds/0002/report.md");
    let of = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
    let sentence = format!(
        "Documents of the pool with answers: {answered}, of which {} a label, {} tied, {} only skipped.",
        of(labeled, "has", "have"),
        of(tied, "is", "are"),
        of(skipped, "was", "were")
    );
    assert!(markdown.contains(&sentence), "{markdown}");
    for row in report["yields"]["shares"].as_array().unwrap() {
        let own = picks_of(bench, row);
        let of = |wanted: &[&str]| own.iter().filter(|id| wanted.contains(&state(id))).count();
        let (labels, none): (&[&str], &[&str]) = if row["share"] == "control" {
            (&["labeled", "tied"], &["skipped"])
        } else {
            (&["labeled"], &["skipped", "tied"])
        };
        assert_eq!(
            [&row["sent"], &row["labeled"], &row["undecided"]],
            [&json!(own.len()), &json!(of(labels)), &json!(of(none))],
            "{row}"
        );
    }
}

#[test]
fn each_round_counts_its_documents_and_its_control_items() {
    let Played { bench, .. } = Played::new();
    let (status, report) = (bench.json(&["status"]), bench.json(&["report"]));
    let evidence = report["stopping"]["rounds"].as_array().unwrap();
    for (row, evidence) in status["rounds"].as_array().unwrap().iter().zip(evidence) {
        let own = bench.rows(&format!("rounds/{:04}/picks.jsonl", row["round"].as_u64().unwrap()));
        let of = |control: bool| {
            let share = own.iter().filter(|pick| (pick["share"] == "control") == control);
            share.filter(|pick| state(pick["id"].as_str().unwrap()) != "out").count()
        };
        assert_eq!(
            [&row["picks"], &row["answered"], &row["controls_answered"], &evidence["answered"]],
            [&json!(own.len()), &json!(of(false) + of(true)), &json!(of(true)), &json!(of(false))]
        );
    }
}

/// The ids of the picks of one share of a round.
fn picks_of(bench: &Workbench, row: &Value) -> Vec<String> {
    let picks = bench.rows(&format!("rounds/{:04}/picks.jsonl", row["round"].as_u64().unwrap()));
    let own = picks.iter().filter(|pick| pick["share"] == row["share"]);
    own.map(|pick| pick["id"].as_str().unwrap().to_owned()).collect()
}

/// Checks that `export --scores` has the state of each document, in the words of `status`.
fn scores_say_the_same(bench: &Workbench, states: &BTreeMap<String, &str>) {
    bench.ok(&["export", "--scores", "scores.parquet"]);
    // The only reader of Parquet here is the import, so the scores are imported as documents whose
    // extra field is the state.
    let other = Workbench::with_labels("a,b,c");
    std::fs::copy(bench.path("scores.parquet"), other.path("scores.parquet")).unwrap();
    other.ok(&["import", "scores.parquet", "--as", "pool", "--text", "predicted", "--meta", "status"]);
    other.ok(&["round", "--size", "72", "--near-duplicates", "off", "--mix", "random=1"]);
    let rows = other.rows("rounds/0001/batch.jsonl");
    assert_eq!(rows.len(), 72);
    for row in rows {
        let id = row["id"].as_str().unwrap();
        let usual = if id.starts_with('l') { "labeled" } else { "open" };
        assert_eq!(row["meta"]["status"], *states.get(id).unwrap_or(&usual), "{id}");
    }
}

#[test]
fn a_disagreement_before_any_round_is_tied_and_not_out() {
    let bench = Workbench::with_labels("a,b");
    bench.write("pool.jsonl", documents("p", 3, false));
    bench.ok(&["import", "pool.jsonl"]);
    let batch = [json!({"id": "p000"})];
    bench.write(
        "answers.jsonl",
        answers(&batch, &["ana", "ben"], |_, who| Some(if who == "ana" { "a" } else { "b" }.to_owned())),
    );
    bench.ok(&["ingest", "answers.jsonl"]);
    let text = bench.ok(&["status"]);
    assert!(text.contains("3 documents: 2 open, 0 out, 1 tied, 0 labelled"), "{text}");
}

#[test]
fn control_items_that_were_only_skipped_have_no_answer_and_no_label() {
    let bench = Workbench::with_labels("a,b");
    bench.write("pool.jsonl", documents("p", 6, false));
    bench.write("control.jsonl", documents("c", 6, true).lines().step_by(3).collect::<Vec<_>>().join("\n"));
    bench.ok(&["import", "pool.jsonl"]);
    bench.ok(&["import", "control.jsonl", "--as", "control"]);
    bench.ok(&["round", "--size", "4", "--mix", "control=0.5"]);
    let controls: Vec<Value> = bench
        .rows("rounds/0001/batch.jsonl")
        .into_iter()
        .filter(|row| row["id"].as_str().unwrap().starts_with('c'))
        .collect();
    assert_eq!(controls.len(), 2);
    let skipped = controls[0]["id"].as_str().unwrap();
    bench.write(
        "answers.jsonl",
        answers(&controls, &["ana"], |id, _| (id != skipped).then(|| "b".to_owned())),
    );
    bench.ok(&["ingest", "answers.jsonl"]);
    bench.ok(&["report"]);
    let report = bench.read("rounds/0001/report.md");
    let sentence = "Documents of the pool with answers: 0, of which 0 have a label, 0 are tied, 0 were only skipped. \
                    Control items: 1 has answers, 1 was only skipped.";
    assert!(report.contains(sentence), "{report}");
    assert!(report.contains("| 1 | control | 2 | 1 | 1 |"), "{report}");
    let status = bench.ok(&["status"]);
    assert!(status.contains("round 1: 4 picks, 2 answered (2 of 2 control items)"), "{status}");
    assert!(status.contains("No labels yet from round 1 (only control items were answered)."), "{status}");
    let next = bench.json(&["status"])["next"].clone();
    assert!(next.as_str().unwrap().starts_with("2 picks of round 1 have no answer yet"), "{next}");
}

#[test]
fn what_was_so_when_a_round_was_made_is_not_said_of_now() {
    let bench = Workbench::with_labels("a,b");
    bench.write("pool.jsonl", documents("p", 12, false));
    bench.ok(&["import", "pool.jsonl"]);
    bench.ok(&["round", "--size", "12", "--near-duplicates", "off"]);
    assert!(bench.ok(&["status"]).contains("No model yet: nothing is labelled yet,"));
    let batch = bench.rows("rounds/0001/batch.jsonl");
    bench.write(
        "answers.jsonl",
        answers(&batch, &["q"], |id, _| Some(["a", "b"][id[1..].parse::<usize>().unwrap() % 2].to_owned())),
    );
    bench.ok(&["ingest", "answers.jsonl"]);
    let text = bench.ok(&["status"]);
    let now =
        "Round 1 has no model, because nothing was labelled when it was made; 12 documents are labelled now.";
    assert!(text.contains(now) && !text.contains("No model yet"), "{text}");
    // The final round has no pick that an annotator could answer.
    bench.ok(&["round"]);
    let status = bench.json(&["status"]);
    assert_eq!(status["rounds"][1]["unanswered"], false, "{status}");
    let text = bench.ok(&["status"]);
    assert!(
        text.contains("round 2: no picks (trained the final model)") && !text.contains("No labels yet"),
        "{text}"
    );
}

#[test]
fn an_imported_label_that_everybody_contradicts_is_up_for_review() {
    let bench = Workbench::with_labels("billing,tech");
    bench.write("pool.jsonl", documents("p", 6, false));
    bench.write(
        "known.jsonl",
        json!({"id": "s1", "text": "my invoice is wrong", "label": "billing"}).to_string(),
    );
    bench.ok(&["import", "pool.jsonl", "known.jsonl"]);
    bench.ok(&["round", "--size", "3"]);
    let people = ["a", "b", "c", "d", "e", "f"];
    bench.write("answers.jsonl", answers(&[json!({"id": "s1"})], &people, |_, _| Some("tech".to_owned())));
    bench.ok(&["ingest", "answers.jsonl"]);
    let review = bench.json(&["review"]);
    assert_eq!(review["documents"][0]["id"], "s1", "{review}");
    assert_eq!(review["reasons"], json!({"label-contradicted": 1}));
}

#[test]
fn a_label_that_nobody_gave_is_no_consensus() {
    let bench = Workbench::new();
    bench.write("crowd.csv", "item,annotator,label\n1,p,x\n2,p,x\n3,q,y\n");
    for method in ["mv", "wawa", "ds", "onecoin", "glad", "mace"] {
        bench.ok(&["quality", "crowd.csv", "--method", method, "--out", method]);
        let labels: Vec<Value> =
            bench.rows(&format!("{method}/consensus.jsonl")).iter().map(|row| row["label"].clone()).collect();
        assert_eq!(labels, ["x", "x", "y"], "{method}");
    }
}
