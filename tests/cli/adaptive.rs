//! With an adaptive mix, the shares of a batch follow the model's errors, and the report explains
//! them.

use serde_json::{Value, json};

use crate::workbench::{Workbench, answers};

fn manifest(bench: &Workbench, round: usize) -> Value {
    serde_json::from_str(&bench.read(&format!("rounds/{round:04}/manifest.json"))).unwrap()
}

/// Ingests the right answers to a round.
fn answer(bench: &Workbench, round: usize) {
    let label = |id: &str, _: &str| {
        let number: usize = id[1..].parse().unwrap();
        Some(["a", "b", "c"][number % 3].to_owned())
    };
    bench.write(
        "answers.jsonl",
        answers(&bench.rows(&format!("rounds/{round:04}/batch.jsonl")), &["x"], label),
    );
    bench.ok(&["ingest", "answers.jsonl"]);
}

#[test]
fn shares_follow_the_rounds_and_the_report_explains_them() {
    let bench = Workbench::small();
    let toml = bench.read("querist.toml");
    let start = "mix = { uncertainty = 0.85, ratio = 0, random = 0.1, control = 0.05 }";
    bench.write("querist.toml", toml.replace(start, "mix = \"adaptive\""));
    // Nothing is answered yet, so the round uses the default mix exactly.
    let first = &bench.json(&["round", "--size", "20"])["batch"];
    let asked: Vec<u64> =
        first["shares"].as_array().unwrap().iter().map(|share| share["asked"].as_u64().unwrap()).collect();
    assert_eq!(asked, [17, 0, 2, 1]);
    assert!(bench.read("rounds/0001/report.md").contains("there are no answers to adapt to yet"));
    answer(&bench, 1);
    let twin = bench.copy();
    let second = &bench.json(&["round", "--size", "20"])["batch"];
    let adaptive = &second["adaptive"];
    assert_eq!((&adaptive["rounds"], &adaptive["arms"][0]["answered"]), (&json!(1), &json!(17)));
    // The table agrees with the yields in the report.
    let report: Value = serde_json::from_str(&bench.read("rounds/0002/report.json")).unwrap();
    let answered = |arm: &&Value| arm["answered"] != 0;
    assert_eq!(adaptive["arms"].as_array().unwrap().iter().filter(answered).count(), 2);
    for arm in adaptive["arms"].as_array().unwrap().iter().filter(answered) {
        let shares = report["yields"]["shares"].as_array().unwrap();
        let own = shares.iter().find(|share| share["round"] == 1 && share["share"] == arm["share"]).unwrap();
        let right = own["predicted_right"].as_f64().unwrap() / own["labeled"].as_f64().unwrap();
        assert!((arm["wrong"].as_f64().unwrap() - (1.0 - right)).abs() < 1e-12, "{arm} {own}");
    }
    let sum: f64 =
        adaptive["arms"].as_array().unwrap().iter().map(|arm| arm["fraction"].as_f64().unwrap()).sum();
    assert!((sum - 0.95).abs() < 1e-9, "{sum}");
    assert!(adaptive["arms"][2]["fraction"].as_f64().unwrap() >= 0.05);
    assert!(bench.read("rounds/0002/report.md").contains("| Share | Rounds | Answered | Model was wrong |"));
    let made_of = manifest(&bench, 2);
    assert_eq!((&made_of["settings"]["batch"]["mix"], &made_of["adaptive"]), (&json!("adaptive"), adaptive));
    twin.ok(&["round", "--size", "20"]);
    assert!(bench.read("rounds/0002/manifest.json") == twin.read("rounds/0002/manifest.json"));
    // A round with another mix does not mention the adaptive one.
    answer(&twin, 2);
    twin.ok(&["round", "--size", "5", "--mix", "random=1"]);
    assert_eq!(manifest(&twin, 3)["adaptive"], Value::Null);
}

#[test]
fn a_word_that_is_none_is_refused() {
    let message = Workbench::small().refused(&["round", "--mix", "adaptiv"]);
    assert!(message.contains("--mix: \"adaptiv\""), "{message}");
}
