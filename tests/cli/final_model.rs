//! The final model: when no document is open, a round still trains a model, which can be used and
//! kept.

use serde_json::{Value, json};

use crate::workbench::{Workbench, documents, lines};

/// Makes a workspace with 30 labelled documents and no others.
fn labelled() -> Workbench {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("labeled.jsonl", documents("l", 30, true));
    bench.write("test.jsonl", documents("t", 12, true));
    bench.ok(&["import", "labeled.jsonl"]);
    bench.ok(&["import", "test.jsonl", "--as", "test"]);
    bench
}

/// Checks that predict, model export, report and reproduce know the model of round 1, which learned
/// from `labels` labels.
fn is_kept(bench: &Workbench, labels: u64) {
    let predicted = bench.ok(&["predict", "test.jsonl"]);
    assert_eq!(predicted.lines().count(), 12);
    assert_eq!(bench.json(&["model", "export", "a.model"])["round"], 1);
    let elsewhere = bench.ok(&["predict", "--model", "a.model", "test.jsonl"]);
    assert_eq!(elsewhere, predicted);
    assert_eq!(bench.json(&["reproduce", "1"])["identical"], true);
    let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
    assert_eq!(report["model"]["fit"]["examples"], labels);
    assert_eq!((&report["batch"]["mode"], &report["batch"]["size"]), (&json!("final"), &json!(0)));
    let words = "No document was open, so this round picks nothing. Its model is the final model.";
    assert!(bench.read("rounds/0001/report.md").contains(words));
    assert!(bench.read("rounds/0001/report.html").contains("Its model is the final model"));
    assert_eq!(bench.read("rounds/0001/batch.jsonl"), "");
}

#[test]
fn a_round_with_nothing_open_makes_the_final_model() {
    let bench = labelled();
    assert_eq!(bench.json(&["status"])["next"], "train the final model with `querist round`");
    let made = bench.json(&["round"]);
    assert_eq!((&made["final"], &made["labeled"]), (&json!(true), &json!(30)));
    is_kept(&bench, 30);
    let next = bench.json(&["status"])["next"].as_str().unwrap().to_owned();
    assert!(next.starts_with("no document is open: `querist import FILE`"), "{next}");
    // Nothing is new, so no second model is made.
    for command in ["round", "train"] {
        let message = bench.refused_unharmed(&[command]);
        assert!(message.contains("the model of round 1 was trained on all of them"), "{message}");
    }
}

#[test]
fn training_with_nothing_open_makes_it_too() {
    let bench = labelled();
    let trained = bench.json(&["train"]);
    assert_eq!((&trained["final"], &trained["round"]), (&json!(true), &json!(1)));
    assert!(bench.path(trained["model_file"].as_str().unwrap()).is_file());
    is_kept(&bench, 30);
    // The same labels give the same model with either command.
    let other = labelled();
    other.ok(&["round"]);
    assert_eq!(other.read("rounds/0001/manifest.json"), bench.read("rounds/0001/manifest.json"));
}

#[test]
fn new_labels_make_another_one_and_new_documents_a_batch() {
    let bench = labelled();
    bench.ok(&["round"]);
    bench.write("more.jsonl", documents("m", 6, true));
    bench.ok(&["import", "more.jsonl"]);
    assert_eq!(bench.json(&["status"])["next"], "train the final model with `querist round`");
    let second = bench.json(&["round"]);
    assert_eq!(
        (&second["round"], &second["final"], &second["labeled"]),
        (&json!(2), &json!(true), &json!(36))
    );
    bench.write("pool.jsonl", documents("p", 20, false));
    bench.ok(&["import", "pool.jsonl"]);
    let third = bench.json(&["round", "--size", "5", "--mix", "adaptive"]);
    assert_eq!(
        (&third["round"], &third["final"], &third["batch"]["size"]),
        (&json!(3), &json!(false), &json!(5))
    );
    for round in ["1", "2", "3"] {
        assert_eq!(bench.json(&["reproduce", round])["identical"], true, "round {round}");
    }
}

#[test]
fn the_last_batch_answered_is_learned_from() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("labeled.jsonl", documents("l", 12, true));
    bench.write("pool.jsonl", documents("p", 6, false));
    bench.ok(&["import", "labeled.jsonl", "pool.jsonl"]);
    bench.ok(&["round", "--size", "6", "--mix", "uncertainty=1"]);
    // All documents are with annotators and nothing is new, so there is nothing to train on yet.
    assert!(bench.refused_unharmed(&["round"]).contains("no document is open: 6 are out"));
    let answers = bench.rows("rounds/0001/batch.jsonl");
    let answers = answers.iter().map(|row| json!({"id": row["id"], "label": "a", "annotator": "ann"}));
    bench.write("answers.jsonl", lines(answers));
    bench.ok(&["ingest", "answers.jsonl"]);
    let last = bench.json(&["round"]);
    assert_eq!((&last["round"], &last["final"], &last["labeled"]), (&json!(2), &json!(true), &json!(18)));
    assert_eq!(bench.json(&["model", "export", "a.model"])["round"], 2);
}

#[test]
fn labels_of_one_class_make_none() {
    let bench = Workbench::with_labels("a,b");
    let rows = (0..5).map(|n| json!({"id": format!("x{n}"), "text": format!("word{n} and"), "label": "a"}));
    bench.write("labeled.jsonl", lines(rows));
    bench.ok(&["import", "labeled.jsonl"]);
    for command in ["round", "train"] {
        let message = bench.refused(&[command]);
        assert!(message.contains("a model needs two classes"), "{message}");
    }
    assert_eq!(bench.json(&["status"])["rounds"], json!([]));
}

#[test]
fn labels_of_one_class_are_no_final_model_and_the_next_step_is_another() {
    let bench = Workbench::with_labels("a,b");
    bench.write(
        "pool.jsonl",
        "{\"id\":\"1\",\"text\":\"one\",\"label\":\"a\"}\n{\"id\":\"2\",\"text\":\"two\"}\n",
    );
    bench.ok(&["import", "pool.jsonl"]);
    bench.write("skip.jsonl", "{\"id\":\"2\",\"annotator\":\"x\",\"label\":null}\n");
    bench.ok(&["ingest", "skip.jsonl"]);
    let next = bench.json(&["status"])["next"].as_str().unwrap().to_owned();
    assert!(next.starts_with("no document is open (1 was only skipped): `querist review`"), "{next}");
    bench.refused(&["round"]);
}
