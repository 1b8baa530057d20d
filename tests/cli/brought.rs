//! The user's own model: its probabilities choose the batch, and Querist trains nothing.

use std::fs;

use serde_json::{Value, json};

use crate::workbench::{Workbench, answers, documents, lines};

/// The model's predictions for the 60 pool documents; the higher the number of a document, the less
/// sure the prediction.
fn predictions(embedding: bool) -> Vec<Value> {
    let row = |i: usize| {
        let doubt = i as f64 / 200.0;
        let mut row = json!({"id": format!("p{i:03}"), "probabilities": [1.0 - doubt, doubt, 0.0]});
        if embedding {
            row["embedding"] = json!([i % 2, (i + 1) % 2, 0.5]);
        }
        row
    };
    (0..60).map(row).collect()
}

fn round(bench: &Workbench, more: &[&str]) -> Value {
    let flags = [
        "round",
        "--size",
        "6",
        "--scores",
        "scores.jsonl",
        "--mix",
        "uncertainty=1",
        "--near-duplicates",
        "off",
    ];
    bench.json(&[&flags[..], more].concat())
}

fn picked(bench: &Workbench, round: usize) -> Vec<String> {
    let picks = bench.rows(&format!("rounds/{round:04}/picks.jsonl"));
    let mut ids: Vec<String> = picks.iter().map(|pick| pick["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn its_probabilities_choose_the_batch_without_a_label_or_a_model() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 60, false));
    bench.ok(&["import", "pool.jsonl"]);
    bench.write("scores.jsonl", lines(predictions(false)));
    let outcome = round(&bench, &["--diversity", "1"]);
    assert_eq!(outcome["batch"]["mode"], "model");
    assert_eq!(picked(&bench, 1), ["p054", "p055", "p056", "p057", "p058", "p059"]);
    assert_eq!(fs::read_dir(bench.path("models")).map_or(0, Iterator::count), 0);
    let manifest: Value = serde_json::from_str(&bench.read("rounds/0001/manifest.json")).unwrap();
    let hash = blake3::hash(bench.read("scores.jsonl").as_bytes()).to_hex().to_string();
    assert_eq!((&manifest["scores"], &manifest["model"]), (&json!(hash), &Value::Null));
    let report = bench.read("rounds/0001/report.md");
    assert!(report.contains("The round used your own model") && report.contains(&hash), "{report}");
    // The probabilities are kept with the picks, so the random slice and the yields can tell how
    // often the model was right.
    let label = |_: &str, _: &str| Some("a".to_owned());
    bench.write("answers.jsonl", answers(&bench.rows("rounds/0001/batch.jsonl"), &["x"], label));
    bench.ok(&["ingest", "answers.jsonl"]);
    let report: Value = serde_json::from_str(&{
        bench.ok(&["report"]);
        bench.read("rounds/0001/report.json")
    })
    .unwrap();
    assert_eq!(report["yields"]["shares"][0]["predicted_right"], 6);
    // The next round with the same file leaves out the documents that were already picked.
    round(&bench, &["--strategy", "badge"]);
    assert!(picked(&bench, 2).iter().all(|id| id.as_str() < "p054"));
}

#[test]
fn embeddings_stand_for_the_features() {
    let bench = Workbench::small();
    bench.write("scores.jsonl", lines(predictions(true)));
    let outcome = round(&bench, &["--strategy", "core-set"]);
    assert_eq!(outcome["batch"]["size"], 6);
    let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
    let brought = &report["model"]["brought"];
    assert_eq!(
        (&brought["vector"], &brought["unplaced"], &brought["open"]),
        (&json!(3), &json!(12), &json!(60))
    );
    // The embeddings have only two distinct places, so a batch of two by distance has one document
    // of each.
    let other = Workbench::small();
    other.write("scores.jsonl", lines(predictions(true)));
    let flags =
        ["--size", "2", "--scores", "scores.jsonl", "--mix", "uncertainty=1", "--strategy", "core-set"];
    other.ok(&[&["round"], &flags[..]].concat());
    let parity: Vec<usize> =
        picked(&other, 1).iter().map(|id| id[1..].parse::<usize>().unwrap() % 2).collect();
    assert_eq!(parity[0] + parity[1], 1);
    // If one row lacks its embedding, no embedding is used.
    let third = Workbench::small();
    let mut rows = predictions(true);
    rows[30].as_object_mut().unwrap().remove("embedding");
    third.write("scores.jsonl", lines(rows));
    round(&third, &[]);
    let report: Value = serde_json::from_str(&third.read("rounds/0001/report.json")).unwrap();
    assert_eq!(report["model"]["brought"]["vector"], Value::Null);
}

#[test]
fn what_is_scaled_or_passed_over_is_said_with_its_number() {
    let bench = Workbench::small();
    let scaled = "2 of 61 rows of scores did not sum to 1 and were divided by their sum";
    let foreign = "1 rows about other documents were skipped.";
    let mut rows = predictions(false);
    let make = |bench: &Workbench, rows: &[Value]| {
        bench.write("scores.jsonl", lines(rows));
        let ran = bench.run(&["round", "--size", "6", "--scores", "scores.jsonl", "--ignore-foreign"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stderr
    };
    let said = make(&bench, &rows);
    assert!(!said.contains("sum to 1"), "{said}");
    assert!(!bench.read("rounds/0001/report.md").contains("were skipped"));

    // Two rows with rounding errors up and down, and a document that is not in the pool.
    rows[3]["probabilities"] = json!([0.5, 0.504, 0]);
    rows[4]["probabilities"] = json!([0.5, 0.495, 0]);
    rows.push(json!({"id": "q", "probabilities": [0.5, 0.5, 0]}));
    let said = make(&bench, &rows);
    assert!(said.contains(scaled), "{said}");
    let report = bench.read("rounds/0002/report.md");
    assert!(report.contains(foreign), "{report}");
    let numbers: Value = serde_json::from_str(&bench.read("rounds/0002/report.json")).unwrap();
    let brought = &numbers["model"]["brought"];
    assert_eq!((&brought["normalized"], &brought["foreign"]), (&json!(2), &json!(1)), "{brought}");
}

#[test]
fn what_does_not_fit_is_said_with_its_place() {
    let bench = Workbench::small();
    let rows = predictions(true);
    let with = |at: usize, row: Value| {
        let mut rows = rows.clone();
        rows[at] = row;
        lines(rows)
    };
    let p = json!([0.5, 0.5, 0]);
    for (content, words) in [
        (
            with(3, json!({"id": "p003", "probabilities": [0.5, 0.6, 0]})),
            "scores.jsonl:4: the probabilities sum to 1.1",
        ),
        (
            with(3, json!({"id": "p003", "probabilities": [1.1, -0.1, 0]})),
            "scores.jsonl:4: the probability of \"a\" is 1.1",
        ),
        (
            with(3, json!({"id": "p003", "probabilities": {"a": 1, "b": 0}})),
            "scores.jsonl:4: the probability of \"c\" is missing",
        ),
        (
            with(3, json!({"id": "p003", "probabilities": p, "embedding": [1]})),
            "scores.jsonl:4: the vector has 1 numbers",
        ),
        (
            with(3, json!({"id": "p002", "probabilities": p, "embedding": [1, 2, 3]})),
            "scores.jsonl:4: the id \"p002\" is already on line 3",
        ),
        (
            with(3, json!({"id": "q", "probabilities": p, "embedding": [1, 2, 3]})),
            "1 of 60 open documents are missing (p003)",
        ),
        (lines(&rows[10..]), "10 of 60 open documents are missing (p000, p001, p002, …)"),
        (
            lines(&rows) + &lines([json!({"id": "q", "probabilities": p, "embedding": [1, 2, 3]})]),
            "1 rows belong to no document in this workspace (q)",
        ),
        (String::new(), "the file has no rows"),
        ("[1]\n".to_owned(), "scores.jsonl:1: this is a list, expected an object"),
    ] {
        bench.write("scores.jsonl", content);
        let message = bench.refused_unharmed(&["round", "--scores", "scores.jsonl"]);
        assert!(message.contains(words), "{words}: {message}");
    }
    bench.write("scores.jsonl", lines(&rows));
    // If only the control items lacked suggestions, annotators could recognise them.
    let message = bench.refused(&["round", "--scores", "scores.jsonl", "--suggest"]);
    assert!(message.contains("6 control items are missing"), "{message}");
    let controls =
        (0..6).map(|i| json!({"id": format!("c{i:03}"), "probabilities": p, "embedding": [1, 2, 3]}));
    let foreign = json!({"id": "q", "probabilities": [0.5, 0.5005, 0], "embedding": [1, 2, 3]});
    bench.write("scores.jsonl", lines(rows.iter().cloned().chain(controls).chain([foreign])));
    bench.ok(&["round", "--size", "20", "--scores", "scores.jsonl", "--suggest", "--ignore-foreign"]);
    assert!(bench.rows("rounds/0001/batch.jsonl").iter().all(|row| !row["suggestion"].is_null()));
}
