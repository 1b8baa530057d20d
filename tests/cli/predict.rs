//! `querist predict` and the portable model: the very probabilities that the round gave, here and elsewhere.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::features::embedding;
use crate::workbench::{Workbench, documents, lines};

/// The scores of a round's open documents, by id: label → probability.
fn scored(bench: &Workbench) -> BTreeMap<String, Value> {
    bench.ok(&["train"]);
    bench.ok(&["score"]);
    let scores =
        bench.files("rounds/").into_iter().find(|(name, _)| name.ends_with("scores.jsonl")).unwrap().1;
    let rows = String::from_utf8(scores).unwrap();
    let rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| (row["id"].as_str().unwrap().to_owned(), row["probabilities"].clone())).collect()
}

fn predicted(text: &str) -> BTreeMap<String, Value> {
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| (row["id"].as_str().unwrap().to_owned(), row["probabilities"].clone())).collect()
}

/// With those features.
fn of_kind(kind: &str) -> Workbench {
    let bench = Workbench::small();
    let toml = bench.read("querist.toml").replace("kind = \"auto\"", &format!("kind = \"{kind}\""));
    bench.write("querist.toml", toml);
    bench
}

#[test]
fn a_document_gets_the_very_probabilities_of_its_round() {
    for kind in ["ngram", "lsa", "ngram+lsa", "auto", "static", "ngram+lsa+static"] {
        let bench = of_kind(kind);
        if kind.contains("static") {
            embedding(&bench, "brought", 1.0);
            bench.ok(&["embedding", "add", "brought"]);
        }
        let scores = scored(&bench);
        bench.ok(&["select", "--size", "5"]);
        bench.ok(&["export"]);
        assert_eq!(scores.len(), 60);
        let here = predicted(&bench.ok(&["predict", "pool.jsonl", "--all"]));
        assert_eq!(here, scores, "{kind}");

        let exported = bench.json(&["model", "export", "a.model"]);
        assert_eq!(exported["round"], 1);
        let elsewhere = Workbench::new();
        for file in ["a.model", "pool.jsonl"] {
            elsewhere.write(file, std::fs::read(bench.path(file)).unwrap());
        }
        let there = predicted(&elsewhere.ok(&["predict", "pool.jsonl", "--all", "--model", "a.model"]));
        assert_eq!(there, scores, "{kind}");

        // What comes later changes nothing of round 1.
        bench.write("more.jsonl", documents("q", 90, false));
        bench.ok(&["import", "more.jsonl"]);
        let later = predicted(&bench.ok(&["predict", "pool.jsonl", "--all", "--round", "1"]));
        assert_eq!(later, scores, "{kind}");
        bench.ok(&["model", "export", "b.model", "--round", "1"]);
        assert!(
            std::fs::read(bench.path("a.model")).unwrap() == std::fs::read(bench.path("b.model")).unwrap()
        );
    }
}

#[test]
fn every_layout_goes_in() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "5"]);
    let label = |row: &Value| (row["id"].clone(), row["label"].as_str().unwrap().to_owned());
    let read = |arguments: &[&str]| -> Vec<(Value, String)> {
        let out = bench.ok(&[&["predict"], arguments].concat());
        out.lines().map(|line| label(&serde_json::from_str(line).unwrap())).collect()
    };
    bench.write(
        "one.jsonl",
        "{\"id\":\"1\",\"text\":\"apple almond\"}\n{\"id\":\"2\",\"text\":\"bread butter\"}\n",
    );
    let plain = read(&["one.jsonl"]);
    bench.write("one.csv", "id,body\r\n1,apple almond\r\n2,\"bread butter\"\r\n");
    assert_eq!(read(&["one.csv", "--text", "body"]), plain);
    bench.write("two.tsv", "text\tid\napple almond\t1\nbread butter\t2\n");
    assert_eq!(read(&["two.tsv"]), plain);
    let nameless: Vec<(Value, String)> =
        plain.iter().map(|(_, label)| (Value::Null, label.clone())).collect();
    bench.write("lines", "apple almond\nbread butter\n");
    // What names fields of other layouts says nothing of this one.
    assert_eq!(read(&["lines", "--format", "text", "--text", "body"]), nameless);
    std::fs::create_dir(bench.path("texts")).unwrap();
    bench.write("texts/1.txt", "apple almond");
    bench.write("texts/2.txt", "bread butter");
    let files = read(&["texts"]);
    assert_eq!(files.iter().map(|(id, _)| id).collect::<Vec<_>>(), ["1.txt", "2.txt"]);
    assert_eq!(read(&["*e.jsonl"]), plain);
    let refused = bench.refused(&["predict", "one.csv", "--format", "csv"]);
    assert!(refused.contains("one.csv:2: the field \"text\" is missing"), "{refused}");
}

#[test]
fn rows_come_out_in_their_order_with_what_was_asked_for() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "5"]);
    let rows = [
        json!({"text": "apple almond"}),
        json!({"id": 7, "text": "", "more": [1]}),
        json!({"id": "x", "text": "cherry"}),
    ];
    bench.write("new.jsonl", lines(rows));
    let out = bench.ok(&["predict", "new.jsonl"]);
    let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&Value> = rows.iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, [&Value::Null, &json!("7"), &json!("x")]);
    assert_eq!((&rows[0]["label"], &rows[2]["label"]), (&json!("a"), &json!("c")));
    for row in &rows {
        assert_eq!(row.as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "label", "probability"]);
    }
    let summary = bench.json(&["predict", "new.jsonl", "--all", "--out", "out.jsonl"]);
    assert_eq!(summary["labeled"], 3);
    let written = bench.rows("out.jsonl");
    let sum: f64 =
        written[1]["probabilities"].as_object().unwrap().values().map(|p| p.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-12);
    assert_eq!(bench.fed(&["predict", "-", "--text", "more"], b"{\"more\":\"apple\"}\n").code, Some(0));
}

#[test]
fn what_cannot_be_labelled_is_refused_with_its_place() {
    let bench = Workbench::small();
    bench.write("new.jsonl", "{\"text\":\"x\"}\n{\"txt\":\"y\"}\n");
    let message = bench.refused(&["predict", "new.jsonl"]);
    assert!(message.contains("make one with `querist round`"), "{message}");
    bench.ok(&["round", "--size", "5"]);
    let message = bench.refused(&["predict", "new.jsonl", "--out", "out.jsonl"]);
    assert!(message.contains("new.jsonl:2: ") && message.contains("\"text\" is missing"), "{message}");
    assert!(!bench.path("out.jsonl").exists(), "nothing half-written");
    bench.ok(&["model", "export", "a.model"]);
    let bytes = std::fs::read(bench.path("a.model")).unwrap();
    for (place, words) in [(bytes.len() - 1, "damaged"), (2, "no portable model")] {
        let mut bytes = bytes.clone();
        bytes[place] ^= 0xff;
        bench.write("b.model", bytes);
        let message = bench.refused(&["predict", "pool.jsonl", "--model", "b.model"]);
        assert!(message.contains("b.model: ") && message.contains(words), "{message}");
    }
    for length in [0, 7, 100, bytes.len() / 2] {
        bench.write("b.model", &bytes[..length]);
        bench.refused(&["predict", "pool.jsonl", "--model", "b.model"]);
    }
}
