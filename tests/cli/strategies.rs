//! Every strategy in the catalog can be chosen, for the whole batch or for a share of it, and then
//! fills it.

use serde_json::{Value, json};

use crate::workbench::{Workbench, documents};

fn catalog(bench: &Workbench) -> Vec<String> {
    let listed = bench.json(&["strategies"]);
    listed.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_of_them_fills_the_uncertainty_share() {
    let bench = Workbench::small();
    let names = catalog(&bench);
    let text = bench.ok(&["strategies"]);
    assert!(names.len() >= 28 && names.iter().all(|name| text.contains(name.as_str())), "{text}");
    for name in names.iter().map(String::as_str).chain(["epsilon:badge"]) {
        let bench = bench.copy();
        let toml = bench.read("querist.toml");
        let toml = toml.replace("strategy = \"variance-reduction\"", &format!("strategy = \"{name}\""));
        bench.write("querist.toml", toml);
        let batch = &bench.json(&["round", "--size", "20", "--mix", "uncertainty=0.5,random=0.5"])["batch"];
        assert_eq!((&batch["size"], &batch["shares"][0]["given"]), (&json!(20), &json!(10)), "{name}");
        let manifest: Value = serde_json::from_str(&bench.read("rounds/0001/manifest.json")).unwrap();
        assert_eq!(manifest["settings"]["batch"]["strategy"], *name);
        let picks = bench.rows("rounds/0001/picks.jsonl");
        let own = |reason: &str| name == "epsilon" || reason.starts_with(name.trim_start_matches("epsilon:"));
        assert!(picks.iter().any(|pick| own(pick["reason"].as_str().unwrap())), "{name}: {picks:?}");
    }
}

#[test]
fn without_labels_another_one_stands_in_and_the_report_says_so() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 40, false));
    bench.ok(&["import", "pool.jsonl"]);
    let text = bench.ok(&["round", "--size", "5", "--strategy", "vote-entropy"]);
    assert!(
        text.contains(
            "vote-entropy needs a model and labels of at least 2 classes, so diverse was used \
                       instead"
        ),
        "{text}"
    );
    // This strategy needs no model.
    let text = bench.ok(&["round", "--size", "5", "--strategy", "core-set"]);
    assert!(!text.contains("was used instead"), "{text}");
}

#[test]
fn steps_one_at_a_time_come_to_the_same_batch() {
    let bench = Workbench::small();
    let twin = bench.copy();
    // Vote-entropy trains several models; contrastive compares with the model of the round.
    for strategy in ["vote-entropy", "contrastive"] {
        bench.ok(&["round", "--size", "8", "--strategy", strategy]);
        twin.ok(&["train"]);
        twin.ok(&["score"]);
        twin.ok(&["select", "--size", "8", "--strategy", strategy]);
        twin.ok(&["export"]);
    }
    for file in ["rounds/0001/picks.jsonl", "rounds/0002/picks.jsonl", "rounds/0002/manifest.json"] {
        assert!(bench.read(file) == twin.read(file), "{file}");
    }
}

#[test]
fn an_unknown_name_is_told_all_of_them() {
    let bench = Workbench::small();
    let message = bench.refused(&["round", "--strategy", "badger"]);
    for name in catalog(&bench) {
        assert!(message.contains(&name), "{message}");
    }
    assert!(message.contains("--strategy: unknown strategy \"badger\""), "{message}");
}

#[test]
fn least_likely_members_and_the_ratio_of_confidence_can_be_asked_for() {
    let bench = Workbench::small();
    let flags = ["--mix", "ratio=0.5", "--within", "least-likely", "--measure", "ratio-of-confidence"];
    let batch = &bench.json(&[&["round", "--size", "10"], &flags[..]].concat())["batch"];
    assert_eq!(batch["size"], 10);
}
