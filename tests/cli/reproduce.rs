//! `querist reproduce` makes a round again, and the result is identical, whatever happened since.
//! If it is not, the output says why.

use std::fs;

use serde_json::Value;

use crate::workbench::{Workbench, answers, documents};

/// Makes a workspace with two answered rounds, and with every kind of change that may follow a
/// round.
fn with_history() -> Workbench {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "12", "--mix", "ratio=0.3,random=0.2,control=0.2", "--seed", "5"]);
    let label = |bench: &Workbench, round: &str, shift: usize| {
        let class = move |id: &str, _: &str| {
            let number = id[1..].parse::<usize>().unwrap() + shift;
            (!number.is_multiple_of(7)).then(|| ["a", "b", "c"][number % 3].to_owned())
        };
        bench.write(
            "answers.jsonl",
            answers(&bench.rows(&format!("rounds/{round}/batch.jsonl")), &["ana", "ben"], class),
        );
        bench.ok(&["ingest", "answers.jsonl"]);
    };
    label(&bench, "0001", 0);
    bench.ok(&["round", "--size", "9", "--suggest"]);
    label(&bench, "0002", 1);
    // Changed answers to the first batch, more documents of every kind, a relabelled document, and
    // other settings.
    label(&bench, "0001", 2);
    bench.write("more.jsonl", documents("a", 40, false));
    bench.write("gold.jsonl", documents("b", 9, true));
    bench.ok(&["import", "more.jsonl", "gold.jsonl"]);
    bench.write("moved.jsonl", documents("a", 3, true));
    bench.ok(&["import", "moved.jsonl", "--as", "test"]);
    bench.write("relabelled.jsonl", documents("l", 3, true).replace("\"label\":\"a\"", "\"label\":\"b\""));
    bench.ok(&["import", "relabelled.jsonl", "--relabel"]);
    let toml = bench.read("querist.toml");
    let toml = toml.replace("ngrams = [1, 2]", "ngrams = [1, 1]").replace("c = 10.0", "c = 3.0");
    bench.write(
        "querist.toml",
        toml.replace("labels = [\"a\", \"b\", \"c\"]", "labels = [\"a\", \"b\", \"c\", \"d\"]"),
    );
    bench.ok(&["round", "--size", "7", "--mix", "adaptive"]);
    bench
}

#[test]
fn every_round_comes_out_identical_whatever_came_after_it() {
    let bench = with_history();
    let before = bench.artifacts();
    for round in ["1", "rounds/0002", "rounds/0003/"] {
        let result = bench.json(&["reproduce", round]);
        assert_eq!(result["identical"], true, "{result:#}");
        let names: Vec<&Value> =
            result["parts"].as_array().unwrap().iter().map(|part| &part["name"]).collect();
        assert_eq!(names, ["model", "batch.jsonl", "picks.jsonl"]);
    }
    let mut after = bench.artifacts();
    let mut before = before;
    for files in [&mut before, &mut after] {
        // features/ may now hold files that were derived from another state.
        files.retain(|name, _| !name.starts_with("features/"));
    }
    assert!(before == after, "nothing is written");
    assert!(bench.ok(&["reproduce", "2"]).starts_with("Round 2 is identical to the byte\n"));
}

#[test]
fn a_round_whose_state_is_gone_says_what_differs() {
    let bench = with_history();
    // The model that round 2 started from is gone, so training starts elsewhere and the last digits
    // differ.
    let manifest: Value = serde_json::from_str(&bench.read("rounds/0002/manifest.json")).unwrap();
    let start = manifest["start"].as_str().unwrap();
    fs::remove_file(bench.path(&format!("models/{start}.safetensors"))).unwrap();
    let ran = bench.run(&["reproduce", "2", "--json"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    let result: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(result["identical"], false);
    assert_eq!(result["parts"][0]["identical"], false, "another start, another last digit: {result:#}");
    assert!(result["notes"][0].as_str().unwrap().contains("from which training started, is missing"));
    // Round 1 started from no model.
    bench.ok(&["reproduce", "1"]);
}

#[test]
fn a_file_that_was_changed_is_noticed() {
    let bench = with_history();
    bench.write("rounds/0001/batch.jsonl", "{}\n");
    let text = bench.ok(&["reproduce", "1"]);
    assert!(text.contains("is not the original file; `querist export --round 1` writes it again"), "{text}");
    fs::remove_file(bench.path("rounds/0001/batch.jsonl")).unwrap();
    // A file that cannot be read may still be the right one.
    fs::create_dir(bench.path("rounds/0001/batch.jsonl")).unwrap();
    let text = bench.ok(&["reproduce", "1"]);
    assert!(text.contains("cannot be read (") && text.contains("make it readable"), "{text}");
    fs::remove_dir(bench.path("rounds/0001/batch.jsonl")).unwrap();
    let text = bench.ok(&["reproduce", "1"]);
    assert!(text.contains("is missing; `querist export --round 1` writes it again"), "{text}");
    bench.ok(&["export", "--round", "1"]);
    bench.write("rounds/0001/manifest.json", "{}");
    let result = bench.json(&["reproduce", "1"]);
    assert_eq!(result["identical"], true);
    assert!(
        result["notes"][0].as_str().unwrap().contains("manifest.json is not the original file"),
        "{result}"
    );
}

#[test]
fn a_round_of_brought_scores_needs_their_file() {
    let bench = Workbench::small();
    let scores = documents("p", 60, false).lines().fold(String::new(), |text, line| {
        let row: Value = serde_json::from_str(line).unwrap();
        let n: f64 = row["id"].as_str().unwrap()[1..].parse().unwrap();
        let p = 0.1 + n / 100.0;
        text + &format!("{{\"id\":{},\"probabilities\":[{p},{},0]}}\n", row["id"], 1.0 - p)
    });
    bench.write("scores.jsonl", scores);
    bench.ok(&["round", "--size", "5", "--scores", "scores.jsonl"]);
    let message = bench.refused(&["reproduce", "1"]);
    assert!(message.contains("name their file with --scores"), "{message}");
    assert_eq!(bench.json(&["reproduce", "1", "--scores", "scores.jsonl"])["identical"], true);
}

#[test]
fn what_is_no_round_is_refused() {
    let bench = Workbench::small();
    for (named, words) in [("1", "round 1"), ("rounds/latest", "expected a number or a folder")] {
        let message = bench.refused(&["reproduce", named]);
        assert!(message.contains(words), "{message}");
    }
    bench.ok(&["train"]);
    assert!(bench.refused(&["reproduce", "1"]).contains("not been exported"));
}
