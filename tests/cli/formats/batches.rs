//! Batches are exported for tools and people, and their answers are ingested.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::workbench::Workbench;

/// The formats in which a tool's answers can come back.
const FORMATS: [&str; 7] =
    ["jsonl", "label-studio", "prodigy", "prodigy-binary", "doccano", "argilla", "csv"];

/// The rows of an exported file.
fn rows(bench: &Workbench, name: &str) -> Vec<Value> {
    let text = bench.read(name);
    if text.starts_with('[') { serde_json::from_str(&text).unwrap() } else { bench.rows(name) }
}

/// The row as its tool would return it after ana labelled the document "b".
fn answered(format: &str, mut row: Value) -> Value {
    match format {
        "jsonl" => {
            row["label"] = json!("b");
            row["annotator"] = json!("ana");
        }
        "label-studio" => {
            let value = json!({"choices": ["b"]});
            let result =
                json!([{"from_name": "label", "to_name": "text", "type": "choices", "value": value}]);
            row["annotations"] = json!([{"completed_by": {"id": 1, "email": "ana"}, "result": result}]);
        }
        "prodigy" => {
            row["accept"] = json!(["b"]);
            row["answer"] = json!("accept");
            row["_annotator_id"] = json!("ana");
        }
        "prodigy-binary" => {
            row["label"] = json!("b");
            row["answer"] = json!("accept");
            row["_annotator_id"] = json!("ana");
        }
        "doccano" => {
            row["id"] = json!(17);
            row["label"] = json!(["b"]);
        }
        "argilla" => row["responses"] = json!({"label": [{"value": "b", "user_id": "ana"}]}),
        other => panic!("{other}"),
    }
    row
}

#[test]
fn every_format_comes_back_from_its_tool() {
    for format in FORMATS {
        let bench = Workbench::small();
        bench.ok(&["round", "--size", "12"]);
        let outcome = bench.json(&["export", "--format", format]);
        let file = outcome["files"]["batch"]["file"].as_str().unwrap().to_owned();
        assert_eq!(outcome["files"]["batch"]["items"], 12, "{format}");
        if format == "csv" {
            let lines = bench.read(&file).replace(",\"\",\"\",", ",\"b\",\"ana\",");
            bench.write("ana.csv", lines);
        } else {
            let rows: Vec<Value> = rows(&bench, &file).into_iter().map(|row| answered(format, row)).collect();
            let text = match format {
                "label-studio" | "argilla" => json!(rows).to_string(),
                _ => rows.iter().fold(String::new(), |text, row| text + &format!("{row}\n")),
            };
            bench.write("ana.csv", "");
            bench.write("ana.jsonl", text);
        }
        let answers = if format == "csv" { "ana.csv" } else { "ana.jsonl" };
        let outcome = bench.json(&["ingest", answers]);
        assert_eq!((&outcome["new"], &outcome["unasked"]), (&json!(12), &json!(0)), "{format}: {outcome}");
        // Every answer came in for the right document and under the right name.
        bench.write("same.csv", "");
        let batch = bench.rows("rounds/0001/batch.jsonl");
        let same: String = batch
            .iter()
            .map(|row| json!({"id": row["id"], "label": "b", "annotator": "ana"}).to_string() + "\n")
            .collect();
        bench.write("same.jsonl", same);
        assert_eq!(bench.json(&["ingest", "same.jsonl"])["unchanged"], 12, "{format}");
    }
}

#[test]
fn label_studio_gets_its_configuration() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "6"]);
    let outcome = bench.json(&["export", "--format", "label-studio", "--out", "out"]);
    assert_eq!(outcome["configuration"], "out/label-studio.xml");
    assert!(bench.read("out/label-studio.xml").contains("<Choice value=\"a\"/>"));
    let message = bench.refused_unharmed(&["export", "--format", "labelstudio"]);
    assert!(message.contains("expected one of: jsonl, label-studio, prodigy"), "{message}");
}

#[test]
fn suggestions_stand_in_the_tools_own_fields_only_when_they_are_on() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "6", "--suggest"]);
    for (format, pointer) in [
        ("label-studio", "/predictions/0/score"),
        ("prodigy", "/meta/score"),
        ("argilla", "/suggestions/label/score"),
    ] {
        let outcome = bench.json(&["export", "--format", format]);
        let rows = rows(&bench, outcome["files"]["batch"]["file"].as_str().unwrap());
        assert!(rows.iter().all(|row| row.pointer(pointer).unwrap().as_f64().unwrap() <= 1.0), "{format}");
    }
    let ran = bench.run(&["export", "--format", "doccano"]);
    assert!(
        ran.stderr.contains("doccano has no field for suggestions, so they are left out"),
        "{}",
        ran.stderr
    );
    let without = Workbench::small();
    without.ok(&["round", "--size", "6"]);
    for format in ["label-studio", "prodigy", "argilla", "csv"] {
        let outcome = without.json(&["export", "--format", format]);
        let text = without.read(outcome["files"]["batch"]["file"].as_str().unwrap());
        assert!(
            !text.contains("score") && !text.contains("accept") && !text.contains("0."),
            "{format}: {text}"
        );
    }
}

#[test]
fn a_batch_is_handed_to_several_people_evenly_and_once() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "20", "--mix", "random=0.8,control=0.2"]);
    let arguments = ["export", "--format", "jsonl", "--annotators", "cem,ana,ben", "--answers-per-item", "2"];
    let outcome = bench.json(&arguments);
    let mut people: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut controls = BTreeMap::new();
    for name in ["ana", "ben", "cem"] {
        let file = outcome["files"][name]["file"].as_str().unwrap();
        let rows = bench.rows(file);
        assert!(rows.len() == 13 || rows.len() == 14, "{name}: {}", rows.len());
        assert!(rows.iter().all(|row| row["annotator"] == name));
        let ids = rows.iter().map(|row| row["id"].as_str().unwrap());
        controls.insert(name, ids.clone().filter(|id| id.starts_with('c')).count());
        ids.for_each(|id| assert!(people.entry(id.to_owned()).or_default().insert(name.to_owned())));
    }
    assert!(people.len() == 20 && people.values().all(|people| people.len() == 2), "{people:?}");
    assert!(controls.values().all(|met| *met == 2 || *met == 3), "{controls:?}");
    let file = outcome["files"]["ana"]["file"].as_str().unwrap();
    let first = bench.read(file);
    bench.json(&["export", "--format", "jsonl", "--annotators", "ana,ben,cem", "--answers-per-item", "2"]);
    assert_eq!(bench.read(file), first, "the order of names does not matter");
    let again = bench.json(&["export", "--format", "csv"]);
    assert_eq!(again["files"]["ana"]["items"], outcome["files"]["ana"]["items"], "the workspace remembers");
    let other = ["export", "--format", "jsonl", "--annotators", "ana,dan"];
    let message = bench.refused_unharmed(&other);
    assert!(message.contains("round 1 has already been handed out, to ana, ben, cem"), "{message}");
    let outcome = bench.json(&[&other[..], &["--reassign"]].concat());
    assert_eq!(
        (&outcome["files"]["ana"]["items"], &outcome["files"]["dan"]["items"]),
        (&json!(10), &json!(10))
    );
    for (names, per_item, words) in [
        ("ana,../x", "1", "cannot be a file name"),
        ("ana,ana", "1", "\"ana\" is named twice"),
        (" ana,ana", "1", "\"ana\" is named twice"),
        ("caf\u{e9},ben,cafe\u{301}", "1", "is named twice"),
        ("ana,ben", "3", "--answers-per-item is 3; expected from 1 to 2"),
    ] {
        let message = bench.refused_unharmed(&[
            "export",
            "--format",
            "csv",
            "--annotators",
            names,
            "--answers-per-item",
            per_item,
            "--reassign",
        ]);
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_share_of_a_batch_goes_to_several_people_by_the_settings_of_its_round() {
    let bench = Workbench::small();
    let settings = bench.read("querist.toml");
    let set = |overlap: &str, answers: &str| {
        let with = settings.replace("overlap = 0.0", &format!("overlap = {overlap}"));
        let with = with.replace("answers_per_item = 2", &format!("answers_per_item = {answers}"));
        bench.write("querist.toml", &with);
    };
    set("0.3", "3");
    bench.ok(&["round", "--size", "15", "--mix", "random=1"]);
    // The settings of the round count, so each call hands out the same documents.
    set("1.0", "2");
    let people = |arguments: &[&str]| {
        let outcome = bench.json(arguments);
        let mut people: BTreeMap<String, usize> = BTreeMap::new();
        for name in ["ana", "ben", "cem", "dan"] {
            for row in bench.rows(outcome["files"][name]["file"].as_str().unwrap()) {
                *people.entry(row["id"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
        people
    };
    let plain = ["export", "--format", "jsonl", "--annotators", "ana,ben,cem,dan"];
    let first = people(&plain);
    // 0.3 of 15 items is 4.5, which is rounded up to 5.
    let of = |people: &BTreeMap<String, usize>, n| people.values().filter(|of| **of == n).count();
    assert_eq!((first.len(), of(&first, 3), of(&first, 1)), (15, 5, 10), "{first:?}");
    assert_eq!(people(&plain), first);
    let all = people(&[&plain[..], &["--answers-per-item", "2", "--reassign"]].concat());
    assert_eq!((all.len(), of(&all, 2)), (15, 15), "the flag is about all items: {all:?}");
    let two = ["export", "--format", "jsonl", "--annotators", "ana,ben", "--reassign"];
    let message = bench.refused_unharmed(&two);
    assert!(
        message.contains("answers_per_item = 3 under [quality], but the number of annotators named is 2"),
        "{message}"
    );
    bench.ok(&[&two[..], &["--answers-per-item", "1"]].concat());
}
