//! What annotators get in a batch, and what the team lead sees.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::workbench::{Workbench, documents};

/// The probabilities in a row of picks.jsonl or scores.jsonl, in the order of labels.
pub(super) fn probabilities(row: &Value) -> Vec<f64> {
    row["probabilities"].as_object().unwrap().values().map(|p| p.as_f64().unwrap()).collect()
}

/// The label with the highest probability; of several equal ones, the first.
pub(super) fn likeliest(row: &Value) -> &str {
    let by_label = row["probabilities"].as_object().unwrap();
    let best = by_label.values().map(|p| p.as_f64().unwrap()).fold(0.0, f64::max);
    by_label.iter().find(|(_, p)| p.as_f64().unwrap() >= best).unwrap().0
}

fn keys(row: &Value) -> Vec<&str> {
    row.as_object().unwrap().keys().map(String::as_str).collect()
}

fn entropy(p: &[f64]) -> f64 {
    p.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum()
}

fn margin(p: &[f64]) -> f64 {
    let mut p = p.to_vec();
    p.sort_by(|a, b| b.total_cmp(a));
    1.0 - (p[0] - p[1])
}

fn least_confidence(p: &[f64]) -> f64 {
    1.0 - p.iter().copied().fold(0.0, f64::max)
}

#[test]
fn annotators_see_id_text_labels_and_meta_and_nothing_else() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "30", "--mix", "ratio=0.3,random=0.2,control=0.2"]);
    let (batch, picks) = (bench.rows("rounds/0001/batch.jsonl"), bench.rows("rounds/0001/picks.jsonl"));
    assert_eq!(batch.len(), 30);
    for (row, pick) in batch.iter().zip(&picks) {
        assert_eq!(keys(row), ["id", "text", "labels", "meta"]);
        assert_eq!(row["labels"], json!(["a", "b", "c"]));
        assert_eq!(row["meta"], json!({}), "control items are like all others");
        assert_eq!(row["id"], pick["id"]);
    }
    let texts: Vec<Value> =
        ["pool.jsonl", "control.jsonl"].iter().flat_map(|name| bench.rows(name)).collect();
    for row in &batch {
        let imported = texts.iter().find(|document| document["id"] == row["id"]).unwrap();
        assert_eq!(row["text"], imported["text"]);
    }
    let control = picks.iter().filter(|pick| pick["share"] == "control").count();
    assert_eq!(control, 6);
}

#[test]
fn control_items_are_anywhere_in_the_batch() {
    let bench = Workbench::small();
    let places = |seed: &str| {
        let bench = bench.copy();
        bench.ok(&["round", "--size", "20", "--mix", "control=0.2", "--seed", seed]);
        let picks = bench.rows("rounds/0001/picks.jsonl");
        let control = picks.iter().filter(|pick| pick["share"] == "control");
        control.map(|pick| pick["rank"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let all: Vec<Vec<u64>> = ["1", "2", "3", "4", "5"].into_iter().map(places).collect();
    assert!(all.iter().all(|places| places.len() == 4), "{all:?}");
    let distinct: BTreeSet<&u64> = all.iter().flatten().collect();
    assert!(distinct.len() > 8, "20 draws out of 20 places hit more than 8: {all:?}");
    assert!(
        distinct.iter().any(|place| **place <= 10) && distinct.iter().any(|place| **place > 10),
        "{all:?}"
    );
}

#[test]
fn the_users_own_fields_go_out_as_they_came_in() {
    let bench = Workbench::with_labels("a,b");
    let own = r#""n":123456789012345678901234567890,"f":1.10,"e":1E400,"z":{"y":[1,null,{}],"a":"\u00e9\n"},"":true"#;
    bench.write("pool.jsonl", format!("{{\"id\":1,{own},\"text\":\"t\"}}\n"));
    let merged = r#"{"id":2,"text":"u","k":1,"meta":{"n":9007199254740993,"k":2},"label":null}"#;
    bench.write("more.jsonl", merged);
    bench.ok(&["import", "pool.jsonl", "more.jsonl"]);
    bench.ok(&["round"]);
    let batch = bench.read("rounds/0001/batch.jsonl");
    assert!(batch.contains(&format!("\"meta\":{{{own}}}}}\n")), "{batch}");
    assert!(batch.contains(r#""meta":{"k":1,"n":9007199254740993}}"#), "{batch}");
}

#[test]
fn suggestions_are_on_every_row_alike_or_on_none() {
    let bench = Workbench::small();
    let twin = bench.copy();
    bench.ok(&["round", "--size", "20", "--mix", "control=0.2", "--suggest"]);
    let (batch, picks) = (bench.rows("rounds/0001/batch.jsonl"), bench.rows("rounds/0001/picks.jsonl"));
    for (row, pick) in batch.iter().zip(&picks) {
        assert_eq!(keys(row), ["id", "text", "labels", "meta", "suggestion"]);
        assert_eq!(keys(&row["suggestion"]), ["label", "confidence"]);
        let label = likeliest(pick);
        assert_eq!(row["suggestion"]["label"], label);
        assert_eq!(row["suggestion"]["confidence"], pick["probabilities"][label]);
    }
    let again = bench.read("rounds/0001/batch.jsonl");
    bench.write("rounds/0001/batch.jsonl", "");
    bench.ok(&["export", "--round", "1"]);
    assert_eq!(bench.read("rounds/0001/batch.jsonl"), again, "the suggestions are the round's own");
    twin.ok(&["round", "--size", "20", "--mix", "control=0.2"]);
    assert!(!twin.read("rounds/0001/batch.jsonl").contains("suggestion"));
    assert_eq!(twin.read("rounds/0001/picks.jsonl"), bench.read("rounds/0001/picks.jsonl"));

    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 9, false));
    bench.ok(&["import", "pool.jsonl"]);
    bench.ok(&["round", "--suggest"]);
    assert!(!bench.read("rounds/0001/batch.jsonl").contains("suggestion"), "there is no model to guess");
}

#[test]
fn picks_say_why_and_their_numbers_hold() {
    let bench = Workbench::small();
    for (measure, score) in [
        ("entropy", entropy as fn(&[f64]) -> f64),
        ("least-confidence", least_confidence),
        ("margin", margin),
    ] {
        let bench = bench.copy();
        bench.ok(&[
            "round",
            "--size",
            "30",
            "--mix",
            "ratio=0.3,random=0.2,control=0.1",
            "--measure",
            measure,
        ]);
        let picks = bench.rows("rounds/0001/picks.jsonl");
        for (at, pick) in picks.iter().enumerate() {
            assert_eq!(keys(pick), ["id", "rank", "share", "reason", "fallback", "score", "probabilities"]);
            assert_eq!(pick["rank"], at + 1);
            let p = probabilities(pick);
            assert!(p.len() == 3 && (p.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{pick}");
            assert!((pick["score"].as_f64().unwrap() - score(&p)).abs() < 1e-12, "{measure}: {pick}");
            match pick["share"].as_str().unwrap() {
                "ratio" => assert_eq!(pick["reason"], format!("ratio:{}", likeliest(pick))),
                "uncertainty" => assert_eq!(pick["reason"], measure),
                share => assert_eq!(pick["reason"], share),
            }
        }
    }
}

#[test]
fn the_uncertainty_share_takes_the_highest_scores() {
    let bench = Workbench::small();
    bench.ok(&["train"]);
    bench.ok(&["score"]);
    let mut scores = bench.rows("rounds/0001/scores.jsonl");
    assert_eq!(scores.len(), 60);
    for row in &scores {
        let p = probabilities(row);
        for (name, value) in [
            ("entropy", entropy(&p)),
            ("normalized_entropy", entropy(&p) / 3.0_f64.ln()),
            ("least_confidence", least_confidence(&p)),
            ("margin", margin(&p)),
        ] {
            assert!((row[name].as_f64().unwrap() - value).abs() < 1e-12, "{name}: {row}");
        }
    }
    bench.ok(&["select", "--size", "10", "--mix", "uncertainty=1", "--diversity", "1"]);
    bench.ok(&["export"]);
    scores.sort_by(|a, b| b["entropy"].as_f64().unwrap().total_cmp(&a["entropy"].as_f64().unwrap()));
    let highest: BTreeSet<&str> = scores[..10].iter().map(|row| row["id"].as_str().unwrap()).collect();
    let picks = bench.rows("rounds/0001/picks.jsonl");
    let picked: BTreeSet<&str> = picks.iter().map(|pick| pick["id"].as_str().unwrap()).collect();
    assert_eq!(picked, highest);
}
