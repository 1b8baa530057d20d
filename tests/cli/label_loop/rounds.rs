//! No two rounds ask about the same document. Each way to make a round yields the same bytes.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::workbench::{Workbench, answers, differing};

/// The true label of a document of [`Workbench::small`].
fn truth(id: &str) -> String {
    let number: usize = id[1..].parse().unwrap();
    ["a", "b", "c"][number % 3].to_owned()
}

/// Answers a round in full: x and y are right; z skips every fourth document and is wrong on every
/// fifth.
fn answer(bench: &Workbench, round: &str) {
    let batch = bench.rows(&format!("rounds/{round}/batch.jsonl"));
    let lines = answers(&batch, &["x", "y", "z"], |id, annotator| {
        let number: usize = id[1..].parse().unwrap();
        match annotator {
            "z" if number.is_multiple_of(4) => None,
            "z" if number.is_multiple_of(5) => Some(truth(&format!("x{}", number + 1))),
            _ => Some(truth(id)),
        }
    });
    bench.write(&format!("answers-{round}.jsonl"), lines);
    bench.ok(&["ingest", &format!("answers-{round}.jsonl")]);
}

#[test]
fn three_rounds_never_ask_twice() {
    let bench = Workbench::small();
    let (mut sent, mut labeled) = (BTreeSet::new(), 12);
    for (number, round) in ["0001", "0002", "0003"].into_iter().enumerate() {
        let outcome = bench.json(&["round", "--size", "15", "--mix", "ratio=0.3,random=0.2,control=0.1"]);
        assert_eq!((&outcome["round"], &outcome["labeled"]), (&json!(number + 1), &json!(labeled)));
        assert_eq!(outcome["batch"]["open"], 60 - (labeled - 12));
        let picks = bench.rows(&format!("rounds/{round}/picks.jsonl"));
        assert_eq!(picks.len(), 15);
        for pick in &picks {
            let id = pick["id"].as_str().unwrap();
            assert!(!id.starts_with('l') && !id.starts_with('t'), "{id} is labelled or held out");
            assert!(sent.insert(id.to_owned()), "{id} is asked twice");
        }
        // Ratio and control ask for 4.5 and 1.5 documents; the remaining place goes to the first of
        // them in the order of shares.
        let pool = picks.iter().filter(|pick| pick["share"] != "control").count();
        assert_eq!(pool, 14);
        answer(&bench, round);
        labeled += pool;
        let status = bench.json(&["status"]);
        assert_eq!(status["documents"]["labeled"], labeled);
        assert_eq!(status["documents"]["open"], 72 - labeled);
        assert_eq!(
            status["rounds"][number],
            json!({
                "round": number + 1, "picks": 15, "answered": 15, "controls": 1, "controls_answered": 1, "labeled": pool,
                "returned": 0, "unanswered": false,
            })
        );
        for file in outcome["files"].as_object().unwrap().values() {
            assert!(bench.path(file.as_str().unwrap()).is_file(), "{file}");
        }
    }
    let status = bench.ok(&["status"]);
    assert!(status.contains("mean pairwise kappa"), "{status}");
    let report: Value = serde_json::from_str(&bench.read("rounds/0003/report.json")).unwrap();
    let learned: Vec<u64> = report["model"]["rounds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|round| round["labeled"].as_u64().unwrap())
        .collect();
    assert!(learned.len() == 3 && learned.is_sorted() && learned[0] == 12, "{learned:?}");
}

#[test]
fn the_single_steps_give_the_bytes_of_a_round() {
    let stepped = Workbench::small();
    let whole = stepped.copy();
    let flags =
        ["--size", "14", "--seed", "7", "--mix", "ratio=0.4,random=0.2,control=0.1", "--within", "diverse"];
    for round in ["0001", "0002"] {
        stepped.ok(&["train"]);
        stepped.ok(&["score"]);
        stepped.ok(&[&["select"], &flags[..]].concat());
        stepped.ok(&["export"]);
        whole.ok(&[&["round"], &flags[..]].concat());
        let folder = format!("rounds/{round}/");
        let (mut one, other) = (stepped.files(&folder), whole.files(&folder));
        assert!(one.remove(&format!("{folder}scores.jsonl")).is_some());
        assert_eq!(differing(&one, &other), [""; 0]);
        let names: Vec<&str> = other.keys().map(|name| &name[folder.len()..]).collect();
        assert_eq!(
            names,
            ["batch.jsonl", "manifest.json", "picks.jsonl", "report.html", "report.json", "report.md"]
        );
        answer(&stepped, round);
        answer(&whole, round);
    }
    assert_eq!(differing(&stepped.files("models/"), &whole.files("models/")), [""; 0]);
    let (mut one, mut other) = (stepped.json(&["status"]), whole.json(&["status"]));
    for status in [&mut one, &mut other] {
        status["workspace"] = Value::Null;
    }
    assert_eq!(one, other);
}

#[test]
fn a_step_made_again_gives_the_same() {
    let bench = Workbench::small();
    let twin = bench.copy();
    for _ in 0..2 {
        bench.ok(&["train"]);
        bench.ok(&["score"]);
    }
    bench.ok(&["select", "--size", "9", "--seed", "3"]);
    bench.ok(&["select", "--size", "5"]);
    assert_eq!(bench.json(&["status"])["rounds"], json!([]), "a draft is no round, and nothing is out");
    assert_eq!(bench.json(&["status"])["next"], "round 1 is selected; continue with `querist export`");
    bench.ok(&["export"]);
    twin.ok(&["round", "--size", "5"]);
    let mut files = bench.files("rounds/");
    files.remove("rounds/0001/scores.jsonl");
    assert_eq!(differing(&files, &twin.files("rounds/")), [""; 0]);
}

#[test]
fn a_lost_folder_is_written_again_to_the_byte() {
    let bench = Workbench::small();
    let flags = ["--size", "14", "--mix", "ratio=0.4,random=0.2,control=0.1"];
    bench.ok(&[&["round"], &flags[..]].concat());
    answer(&bench, "0001");
    bench.ok(&[&["round"], &flags[..]].concat());
    answer(&bench, "0002");
    bench.ok(&["report", "--round", "1"]);
    bench.ok(&["report"]);
    let files = bench.files("rounds/");
    fs::remove_dir_all(bench.path("rounds")).unwrap();
    bench.ok(&["export", "--round", "2"]);
    bench.ok(&["export", "--round", "1"]);
    assert_eq!(differing(&bench.files("rounds/"), &files), [""; 0]);
    for name in ["report.md", "report.json", "report.html"] {
        fs::remove_file(bench.path("rounds/0001").join(name)).unwrap();
    }
    bench.ok(&["report", "--round", "1"]);
    assert_eq!(differing(&bench.files("rounds/"), &files), [""; 0]);
}

#[test]
fn the_manifest_has_the_hashes_of_what_is_there() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "8", "--seed", "18446744073709551615"]);
    let manifest: Value = serde_json::from_str(&bench.read("rounds/0001/manifest.json")).unwrap();
    assert_eq!((&manifest["round"], &manifest["seed"]), (&json!(1), &json!(u64::MAX)));
    assert_eq!(manifest["settings"]["batch"]["size"], 8);
    assert_eq!(manifest["querist"], env!("CARGO_PKG_VERSION"));
    for name in ["batch.jsonl", "picks.jsonl"] {
        let hash = blake3::hash(bench.read(&format!("rounds/0001/{name}")).as_bytes()).to_hex();
        assert_eq!(manifest["outputs"][name], hash.as_str());
    }
    let model = manifest["model"].as_str().unwrap();
    let bytes = fs::read(bench.path(&format!("models/{model}.safetensors"))).unwrap();
    assert_eq!(model, blake3::hash(&bytes).to_hex().as_str());
    let other = |change: &dyn Fn(&Workbench)| {
        let bench = Workbench::small();
        change(&bench);
        bench.ok(&["round", "--size", "8", "--seed", "18446744073709551615"]);
        let other: Value = serde_json::from_str(&bench.read("rounds/0001/manifest.json")).unwrap();
        let inputs = manifest["inputs"].as_object().unwrap();
        inputs.keys().filter(|name| inputs[*name] != other["inputs"][*name]).cloned().collect::<Vec<_>>()
    };
    assert_eq!(other(&|_| {}), [""; 0]);
    let one = |bench: &Workbench, command: &str, row: &Value| {
        bench.write("one.jsonl", row.to_string());
        bench.ok(&[command, "one.jsonl"]);
    };
    assert_eq!(other(&|bench| one(bench, "import", &json!({"id": "new", "text": "t"}))), ["documents"]);
    assert_eq!(
        other(&|bench| one(bench, "ingest", &json!({"id": "p000", "label": "a", "annotator": "x"}))),
        ["annotations"]
    );
    let toml = |bench: &Workbench, from: &str, to: &str| {
        bench.write("querist.toml", bench.read("querist.toml").replace(from, to));
    };
    assert_eq!(other(&|bench| toml(bench, "c = \"auto\"", "c = 9.0")), ["classifier"]);
    assert_eq!(other(&|bench| toml(bench, "ngrams = [1, 2]", "ngrams = [1, 3]")), ["featurizer"]);
    assert_eq!(other(&|bench| toml(bench, "diversity = 10", "diversity = 9")), ["configuration"]);
    let weighted = other(&|bench| toml(bench, "training = \"hard\"", "training = \"weighted\""));
    assert_eq!(weighted, ["consensus", "configuration"]);
}
