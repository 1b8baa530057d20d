//! What n-grams consist of: the pool's text decides, through every door alike.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::workbench::Workbench;

/// `n` documents of the classes a and b, without English words. Words of a class share a stem, and
/// none occurs in two documents.
fn foreign(prefix: &str, n: usize, labeled: bool) -> String {
    let row = |i: usize| {
        let (stem, class) = if i.is_multiple_of(2) { ("wjlkqzt", "a") } else { ("vbnrmxg", "b") };
        let ending = |k: usize| format!("{stem}{prefix}q{i}x{k}");
        let mut row =
            json!({"id": format!("{prefix}{i}"), "text": format!("{} {} zzfq", ending(1), ending(2))});
        if labeled {
            row["label"] = json!(class);
        }
        row.to_string() + "\n"
    };
    (0..n).map(row).collect()
}

fn workspace(units: &str) -> Workbench {
    let bench = Workbench::with_labels("a,b");
    bench.write("querist.toml", format!("labels = [\"a\", \"b\"]\n[features]\nunits = \"{units}\"\n"));
    bench.write("pool.jsonl", foreign("p", 220, false));
    bench.write("labeled.jsonl", foreign("l", 20, true));
    bench.write("test.jsonl", foreign("t", 40, true));
    bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
    bench.ok(&["import", "test.jsonl", "--as", "test"]);
    bench.ok(&["round", "--size", "10"]);
    bench
}

fn report(bench: &Workbench) -> Value {
    serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap()
}

/// The probabilities of each document, by id.
fn probabilities(rows: &str) -> BTreeMap<String, Value> {
    let rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| (row["id"].as_str().unwrap().to_owned(), row["probabilities"].clone())).collect()
}

#[test]
fn words_that_the_model_never_saw_are_known_by_their_parts() {
    let accuracy = |bench: &Workbench| report(bench)["model"]["test"]["accuracy"]["value"].as_f64().unwrap();
    let (words, auto) = (workspace("words"), workspace("auto"));
    assert!(accuracy(&words) < 0.8, "no word of the test set is in the training documents");
    assert!(accuracy(&auto) > 0.95, "{}", accuracy(&auto));
    assert!(auto.read("rounds/0001/report.md").contains("| lsa of parts of words |"));
    let units = |bench: &Workbench| report(bench)["features"]["blocks"][0]["units"].clone();
    assert_eq!((units(&words), units(&auto)), (Value::Null, json!("characters")));
    auto.ok(&["reproduce", "1"]);
}

#[test]
fn a_model_file_has_the_units_that_the_text_decided() {
    let bench = workspace("auto");
    bench.ok(&["model", "export", "a.model"]);
    let here = probabilities(&bench.ok(&["predict", "pool.jsonl", "--all"]));
    let elsewhere = Workbench::new();
    for file in ["a.model", "pool.jsonl"] {
        elsewhere.write(file, std::fs::read(bench.path(file)).unwrap());
    }
    let there = probabilities(&elsewhere.ok(&["predict", "pool.jsonl", "--all", "--model", "a.model"]));
    assert_eq!(here.len(), 220);
    assert_eq!(here, there);
    let explained = bench.ok(&["model", "show", "--text", "wjlkqztneu"]);
    assert!(explained.contains("wjlkqztneu"), "parts are shown as their word: {explained}");
}

#[test]
fn a_model_below_the_commonest_class_is_a_headline() {
    let bench = Workbench::with_labels("a,b");
    bench.write("pool.jsonl", foreign("p", 220, false));
    bench.write("labeled.jsonl", foreign("l", 20, true));
    // All labels of the test set are a, whatever the text says, except for two.
    let test = foreign("t", 40, true).replace("\"label\":\"b\"", "\"label\":\"a\"");
    bench.write("test.jsonl", test.replacen("\"label\":\"a\"", "\"label\":\"b\"", 2));
    bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
    bench.ok(&["import", "test.jsonl", "--as", "test"]);
    let said = bench.ok(&["round", "--size", "10"]);
    let words = "By accuracy, the model is worse than always predicting \"a\": it is right for";
    assert!(said.contains(words), "{said}");
    assert!(said.contains("and \"a\" for 95.0 %. By macro-F1, "), "{said}");
    for file in ["rounds/0001/report.md", "rounds/0001/report.html"] {
        assert!(bench.read(file).replace("&quot;", "\"").contains(words), "{file}");
    }
    // A good model says nothing of the kind.
    assert!(!workspace("auto").ok(&["status"]).contains("always predicting"));
}
