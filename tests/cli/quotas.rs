//! Shares and class quotas are exact, to the document.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::workbench::{Workbench, documents, lines};

/// By value of a field: the number of picks that have it.
fn tally(picks: &[Value], field: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for pick in picks {
        *counts.entry(pick[field].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

/// Expected counts by name.
fn counts<const N: usize>(expected: [(&str, usize); N]) -> BTreeMap<String, usize> {
    expected.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

/// Makes a workspace (labels fraud, other) with 30 labelled documents and a pool of 3,000, of which
/// two thirds are fraud.
fn frauds() -> Workbench {
    let bench = Workbench::with_labels("fraud,other");
    let text = |i: usize| match i % 3 {
        0 => format!("parcel {} arrived late in street {}", i % 50, i % 77),
        1 => format!("stolen card {} charged at shop {}", i % 50, i % 77),
        _ => format!("unknown charge on my card {} at night {}", i % 50, i % 77),
    };
    let label = |i: usize| if i.is_multiple_of(3) { "other" } else { "fraud" };
    let pool = (0..3_000).map(|i| json!({"id": i, "text": text(i)}));
    bench.write("pool.jsonl", lines(pool));
    let labeled = (0..30).map(|i| json!({"id": 5_000 + i, "text": text(i), "label": label(i)}));
    bench.write("labeled.jsonl", lines(labeled));
    bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
    bench
}

#[test]
fn a_thousand_at_eighty_to_twenty_is_eight_hundred_and_two_hundred() {
    let bench = frauds();
    for (round, ratio) in [("0001", "fraud=0.8,other=0.2"), ("0002", "other=20,fraud=80")] {
        let outcome = bench.json(&["round", "--size", "1000", "--mix", "ratio=1", "--ratio", ratio]);
        let picks = bench.rows(&format!("rounds/{round}/picks.jsonl"));
        assert_eq!(tally(&picks, "share"), counts([("ratio", 1_000)]));
        assert_eq!(tally(&picks, "reason"), counts([("ratio:fraud", 800), ("ratio:other", 200)]));
        let [fraud, other] = [0, 1].map(|class: usize| &outcome["batch"]["quotas"][class]);
        assert_eq!((&fraud["quota"], &other["quota"]), (&json!(800), &json!(200)));
        assert_eq!(
            fraud["predicted"].as_u64().unwrap() + other["predicted"].as_u64().unwrap(),
            if round == "0001" { 3_000 } else { 2_000 }
        );
        // The model assigns every pick to the class of its quota, unless the pick is a fallback.
        for pick in picks.iter().filter(|pick| pick["fallback"] == false) {
            let p = &pick["probabilities"];
            let likelier = p["fraud"].as_f64().unwrap() >= p["other"].as_f64().unwrap();
            assert_eq!(likelier, pick["reason"] == "ratio:fraud", "{pick}");
        }
    }
    let first = bench.rows("rounds/0001/picks.jsonl");
    assert!(first.iter().all(|pick| pick["fallback"] == false), "2,000 and 1,000 are enough for 800 and 200");
    assert_eq!(bench.json(&["status"])["documents"]["out"], 2_000);
}

#[test]
fn quotas_in_querist_toml_count_as_those_of_flags() {
    let bench = frauds();
    let twin = bench.copy();
    let toml = bench.read("querist.toml");
    let toml = toml.replace("ratio = \"balance\"", "ratio = { other = 1, fraud = 4 }");
    let toml = toml.replace(
        "mix = { uncertainty = 0.85, ratio = 0, random = 0.1, control = 0.05 }",
        "mix = { ratio = 1 }",
    );
    bench.write("querist.toml", toml.replace("size = 100", "size = 50"));
    bench.ok(&["round"]);
    twin.ok(&["round", "--size", "50", "--mix", "ratio=1", "--ratio", "fraud=4,other=1"]);
    let picks = bench.rows("rounds/0001/picks.jsonl");
    assert_eq!(tally(&picks, "reason"), counts([("ratio:fraud", 40), ("ratio:other", 10)]));
    assert!(bench.files("rounds/") == twin.files("rounds/"), "settings are the same wherever they come from");

    // A flag and the environment both override the file; the flag overrides the environment.
    let mut command = bench.command(&["round", "--size", "4"]);
    command.env("QUERIST_SIZE", "9").env("QUERIST_RATIO", "fraud=1,other=1");
    assert!(command.output().unwrap().status.success());
    let picks = bench.rows("rounds/0002/picks.jsonl");
    assert_eq!(tally(&picks, "reason"), counts([("ratio:fraud", 2), ("ratio:other", 2)]));
}

#[test]
fn every_size_is_shared_out_by_largest_remainders() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 200, false));
    bench.write("labeled.jsonl", documents("l", 12, true));
    bench.write("control.jsonl", documents("c", 12, true));
    bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
    bench.ok(&["import", "control.jsonl", "--as", "control"]);
    let mix = "uncertainty=0.4,ratio=0.3,random=0.2,control=0.1";
    for (size, expected) in [
        ("1", counts([("uncertainty", 1)])),
        // The exact shares are 2.8, 2.1, 1.4 and 0.7 documents.
        ("7", counts([("uncertainty", 3), ("ratio", 2), ("random", 1), ("control", 1)])),
        ("100", counts([("uncertainty", 40), ("ratio", 30), ("random", 20), ("control", 10)])),
    ] {
        let bench = bench.copy();
        bench.ok(&["round", "--size", size, "--mix", mix]);
        let picks = bench.rows("rounds/0001/picks.jsonl");
        assert_eq!(tally(&picks, "share"), expected);
        for pick in &picks {
            let share = pick["share"].as_str().unwrap();
            let reason = pick["reason"].as_str().unwrap();
            assert!(share == "ratio" || !reason.starts_with("ratio"), "{pick}");
            assert_eq!(share == "control", pick["id"].as_str().unwrap().starts_with('c'), "{pick}");
        }
    }
    // Uncertainty gets the rest of a mix that sums to less than 1.
    bench.ok(&["round", "--size", "10", "--mix", "random=0.3"]);
    let picks = bench.rows("rounds/0001/picks.jsonl");
    assert_eq!(tally(&picks, "share"), counts([("uncertainty", 7), ("random", 3)]));
}

#[test]
fn balance_asks_for_the_rarer_classes() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 120, false));
    let labeled = documents("l", 60, true);
    let of = |label: &str, n: usize| {
        let label = format!("\"label\":\"{label}\"");
        lines(labeled.lines().filter(|row| row.contains(&label)).take(n))
    };
    bench.write("labeled.jsonl", [of("a", 10), of("b", 3), of("c", 1)].concat());
    bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
    for (size, quotas) in [
        // The labelled documents are 10, 3 and 1; b and c are filled up to 8 each.
        ("12", counts([("ratio:b", 5), ("ratio:c", 7)])),
        // All classes are filled up to 11, and the one remaining place goes to the first class.
        ("20", counts([("ratio:a", 2), ("ratio:b", 8), ("ratio:c", 10)])),
    ] {
        let bench = bench.copy();
        bench.ok(&["round", "--size", size, "--mix", "ratio=1", "--ratio", "balance"]);
        assert_eq!(tally(&bench.rows("rounds/0001/picks.jsonl"), "reason"), quotas);
        let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
        assert_eq!(report["distribution"]["rounds"][0]["target"], json!([1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0]));
    }
}

#[test]
fn a_class_with_too_few_members_is_filled_by_fallback_and_reported() {
    let bench = Workbench::with_labels("common,rare");
    let text = |i: usize| {
        if i % 40 == 7 { format!("volcano lava ash {i}") } else { format!("invoice payment due {i}") }
    };
    let pool = (0..120).map(|i| json!({"id": i, "text": text(i)}));
    bench.write("pool.jsonl", lines(pool));
    let labeled = [("l1", 7, "rare"), ("l2", 47, "rare"), ("l3", 1, "common"), ("l4", 2, "common")];
    let labeled = labeled.map(|(id, i, label)| json!({"id": id, "text": text(i), "label": label}));
    bench.write("labeled.jsonl", lines(labeled));
    bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
    let twin = bench.copy();

    // The members have nearly the same text.
    let off = ["--near-duplicates", "off"];
    let arguments =
        [&["round", "--size", "20", "--mix", "ratio=0.5", "--ratio", "rare=1"], &off[..]].concat();
    let text = twin.ok(&arguments);
    assert!(text.contains("10 ratio (7 stand-ins)"), "{text}");
    let headline = "7 of 10 quota picks (70.0 %) are stand-ins: too few documents are predicted to be in \
                    those classes.";
    assert!(text.contains(headline), "{text}");
    let outcome = bench.json(&arguments);
    let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
    for quotas in [&outcome["batch"]["quotas"], &report["batch"]["quotas"]] {
        let common =
            json!({"label": "common", "quota": 0, "predicted": 117, "by_prediction": 0, "by_fallback": 0});
        let rare =
            json!({"label": "rare", "quota": 10, "predicted": 3, "by_prediction": 3, "by_fallback": 7});
        assert_eq!(quotas, &json!([common, rare]));
    }
    assert!(bench.read("rounds/0001/report.md").contains(headline));
    assert!(bench.read("rounds/0001/report.md").contains("| rare | 10 | 3 | 3 | 7 |"));

    let picks = bench.rows("rounds/0001/picks.jsonl");
    assert_eq!(tally(&picks, "share"), counts([("uncertainty", 10), ("ratio", 10)]));
    let by_quota: Vec<&Value> = picks.iter().filter(|pick| pick["reason"] == "ratio:rare").collect();
    assert_eq!(by_quota.len(), 10);
    let mut members: Vec<&str> = by_quota
        .iter()
        .filter(|pick| pick["fallback"] == false)
        .map(|pick| pick["id"].as_str().unwrap())
        .collect();
    members.sort_unstable();
    assert_eq!(members, ["47", "7", "87"], "all the members that there are");
    // The fallbacks are the most likely of all other documents.
    let p = |pick: &Value| pick["probabilities"]["rare"].as_f64().unwrap();
    let fallback = by_quota.iter().filter(|pick| pick["fallback"] == true);
    let least = fallback.map(|pick| p(pick)).fold(f64::INFINITY, f64::min);
    let others = picks.iter().filter(|pick| pick["share"] == "uncertainty");
    let most = others.map(p).fold(0.0, f64::max);
    assert!(least >= most, "{least} {most}");
}
