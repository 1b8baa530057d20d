//! Every number in the report is computed again, from the batch and the answers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::batches::likeliest;
use crate::workbench::{Workbench, answers, documents, lines};

fn near(found: &Value, expected: f64) -> bool {
    found.as_f64().is_some_and(|found| (found - expected).abs() < 1e-12)
}

/// The 95 % Wilson interval of p = k / n, from the form of the formula with centre and half-width.
fn wilson(correct: u64, n: u64) -> [f64; 2] {
    let (p, n, z) = (correct as f64 / n as f64, n as f64, 1.959_963_984_540_054);
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    [centre - half, centre + half]
}

/// Makes five pool documents and five control items with the labels n, n, p, p, n. Ana, ben and
/// chloe answer all, each alike in both sets; dora answers no control item; eve only skips.
fn golden() -> Workbench {
    const ANSWERS: [(&str, [&str; 5]); 3] = [
        ("ana", ["p", "n", "p", "p", "p"]),
        ("ben", ["p", "n", "p", "n", "p"]),
        ("chloe", ["n", "n", "p", "p", "n"]),
    ];
    let bench = Workbench::with_labels("p,n");
    let (mut pool, mut control) = (String::new(), String::new());
    for (i, label) in ["n", "n", "p", "p", "n"].iter().enumerate() {
        pool += &format!("{}\n", json!({"id": format!("d{i}"), "text": format!("document {i}")}));
        control +=
            &format!("{}\n", json!({"id": format!("c{i}"), "text": format!("control {i}"), "label": label}));
    }
    bench.write("pool.jsonl", pool);
    bench.write("control.jsonl", control);
    bench.ok(&["import", "pool.jsonl"]);
    bench.ok(&["import", "control.jsonl", "--as", "control"]);
    bench.ok(&["round", "--size", "10", "--mix", "random=0.5,control=0.5"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let place = |id: &str| id[1..].parse::<usize>().unwrap();
    let mut lines = answers(&batch, &["ana", "ben", "chloe"], |id, annotator| {
        ANSWERS.iter().find(|(name, _)| *name == annotator).map(|(_, labels)| labels[place(id)].to_owned())
    });
    lines += "{\"id\":\"d1\",\"label\":\"n\",\"annotator\":\"dora\"}\n";
    lines += "{\"id\":\"c1\",\"label\":null,\"annotator\":\"eve\"}\n";
    bench.write("answers.jsonl", lines);
    bench.ok(&["ingest", "answers.jsonl"]);
    bench
}

#[test]
fn annotators_are_measured_against_the_control_items() {
    let report = golden().json(&["report"]);
    let annotators = report["annotators"]["annotators"].as_array().unwrap();
    // Ana and ben are below the thresholds of 0.90 and 0.80. But with three annotators, three and
    // two right of five may be chance.
    for (at, name, correct, kappa, verdict) in [
        (0, "ana", 3, 2.0 / 7.0, "too few to tell"),
        (1, "ben", 2, -2.0 / 13.0, "too few to tell"),
        (2, "chloe", 5, 1.0, "not below"),
    ] {
        let annotator = &annotators[at];
        assert_eq!((&annotator["annotator"], &annotator["answers"]), (&json!(name), &json!(10)));
        let accuracy = &annotator["control_accuracy"];
        assert_eq!((&accuracy["n"], &accuracy["correct"]), (&json!(5), &json!(correct)));
        assert!(near(&accuracy["value"], f64::from(correct) / 5.0), "{annotator}");
        assert!(near(&annotator["control_kappa"], kappa), "{annotator}");
        assert_eq!(annotator["flags"], json!([]));
        let by = &annotator["by_accuracy"];
        assert_eq!(
            (&by["verdict"], &by["n"], &by["value"]),
            (&json!(verdict), &json!(5), &accuracy["value"])
        );
        assert_eq!(annotator["by_kappa"]["verdict"], verdict);
    }
    let [low, high] = wilson(3, 5);
    assert!(near(&annotators[0]["control_accuracy"]["low"], low));
    assert!(near(&annotators[0]["control_accuracy"]["high"], high));
    let unknown = |name: &str, answers: u64, skips: u64, annotator: &Value| {
        assert_eq!(annotator["annotator"], name);
        assert_eq!((&annotator["answers"], &annotator["skips"]), (&json!(answers), &json!(skips)));
        assert_eq!(annotator["control_accuracy"]["value"], Value::Null);
        assert_eq!(annotator["flags"], json!(["no control answers"]));
    };
    unknown("dora", 1, 0, &annotators[3]);
    unknown("eve", 0, 1, &annotators[4]);
    assert_eq!(annotators.len(), 5);
}

#[test]
fn the_report_for_people_says_the_same() {
    let bench = golden();
    let text = bench.ok(&["report"]);
    let headline = "None of the 3 annotators with control answers is below a threshold; 2 have too few \
                    control answers to tell.";
    assert!(text.contains(headline), "{text}");
    let markdown = bench.read("rounds/0001/report.md");
    for words in [
        headline,
        "| ana | 10 | 0 | 60.0 % (23.1–88.2, n = 5) | 0.286 | 60.4 % (24.7–89.7) | too few answers to \
         tell: below 0.90 so far, but that may be chance (p = 0.1629, corrected for 3 annotators); at the \
         same accuracy, about 12 control items would be enough to tell; kappa below 0.80",
        "| chloe | 10 | 0 | 100.0 % (56.6–100.0, n = 5) | 1.000 | 92.4 % (54.8–100.0) | not below |",
        "| dora | 1 | 0 | – | – | 94.2 % (3.4–100.0) | unknown: no control answers |",
        "Thresholds: accuracy 0.90, Cohen's kappa 0.80.",
    ] {
        assert!(markdown.contains(words), "{words}\n{markdown}");
    }
    let status = bench.ok(&["status"]);
    assert!(status.contains(headline), "{status}");
    // Other thresholds give other verdicts.
    let toml = bench.read("querist.toml");
    let toml = toml
        .replace("min_accuracy = 0.90", "min_accuracy = 0.6")
        .replace("min_kappa = 0.80", "min_kappa = 0.25");
    bench.write("querist.toml", toml);
    let report = bench.json(&["report"]);
    let of = |at: usize, by: &str| report["annotators"]["annotators"][at][by]["verdict"].clone();
    assert_eq!((of(0, "by_accuracy"), of(0, "by_kappa")), (json!("not below"), json!("not below")));
    assert_eq!(of(1, "by_accuracy"), "too few to tell");
}

#[test]
fn the_consensus_decides_and_conflicts_are_listed() {
    let bench = golden();
    let status = bench.json(&["status"]);
    assert_eq!(status["labels"], json!({"p": 4, "n": 1}), "p, n, p, p, p");
    assert_eq!(status["documents"]["labeled"], 5);
    assert_eq!(
        status["rounds"],
        json!([{
            "round": 1, "picks": 10, "answered": 10, "controls": 5, "controls_answered": 5, "labeled": 5, "returned": 0, "unanswered": false,
        }])
    );
    let report = bench.json(&["report"]);
    let conflicts = &report["conflicts"];
    assert_eq!(
        (&conflicts["answered"], &conflicts["decided"], &conflicts["ties"], &conflicts["controls_answered"]),
        (&json!(5), &json!(5), &json!(0), &json!(5))
    );
    let listed: BTreeMap<&str, &Value> = conflicts["conflicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|conflict| (conflict["id"].as_str().unwrap(), conflict))
        .collect();
    assert_eq!(listed.keys().copied().collect::<Vec<_>>(), ["c0", "c3", "c4", "d0", "d3", "d4"]);
    // A known label counts against any majority.
    for conflict in listed.values() {
        let stands = if conflict["known"].is_null() { "p" } else { conflict["known"].as_str().unwrap() };
        assert_eq!((&conflict["label"], &conflict["tied"]), (&json!(stands), &json!([])), "{conflict}");
    }
    assert_eq!(listed["d3"]["votes"], json!([["p", 2], ["n", 1]]));
    assert_eq!(listed["d3"]["answers"], json!([["ana", "p"], ["ben", "n"], ["chloe", "p"]]));
    assert_eq!(listed["d3"]["text"], "document 3");
    assert_eq!((&listed["c0"]["known"], &listed["d3"]["known"]), (&json!("n"), &Value::Null));
}

#[test]
fn pairs_of_annotators_are_compared() {
    let report = golden().json(&["report"]);
    let agreement = &report["agreement"];
    assert_eq!(agreement["overlap"], 10);
    let pairs: BTreeMap<String, &Value> = agreement["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| (format!("{} {}", pair["a"].as_str().unwrap(), pair["b"].as_str().unwrap()), pair))
        .collect();
    for (names, agreement, kappa) in
        [("ana ben", 0.8, 6.0 / 11.0), ("ana chloe", 0.6, 2.0 / 7.0), ("ben chloe", 0.4, -2.0 / 13.0)]
    {
        let pair = pairs[names];
        assert_eq!(pair["shared"], 10);
        assert!(near(&pair["agreement"], agreement) && near(&pair["kappa"], kappa), "{pair}");
    }
    // They share one document and gave the same label: agreement by chance is certain, so kappa is
    // undefined.
    assert_eq!((&pairs["ana dora"]["shared"], &pairs["ana dora"]["kappa"]), (&json!(1), &Value::Null));
    assert!(pairs["ana dora"]["undefined"].is_string());
    // Ten documents are enough for these three pairs; dora's single document is not.
    let mean = (6.0 / 11.0 + 2.0 / 7.0 - 2.0 / 13.0) / 3.0;
    assert!(near(&agreement["mean_kappa"], mean), "{agreement}");
    assert_eq!((&agreement["mean_kappa_pairs"], &agreement["min_shared"]), (&json!(3), &json!(10)));
    assert!(agreement["mean_kappa_interval"][0].as_f64().unwrap() < mean);
}

#[test]
fn ties_are_named_and_never_broken() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "6", "--mix", "uncertainty=1"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let tied = batch[2]["id"].as_str().unwrap();
    bench.write(
        "answers.jsonl",
        answers(&batch, &["x", "y"], |id, annotator| {
            Some(if id == tied && annotator == "y" { "c" } else { "a" }.to_owned())
        }),
    );
    bench.ok(&["ingest", "answers.jsonl"]);
    let report = bench.json(&["report"]);
    let conflicts = &report["conflicts"];
    assert_eq!((&conflicts["ties"], &conflicts["decided"]), (&json!(1), &json!(5)));
    assert_eq!(conflicts["conflicts"].as_array().unwrap().len(), 1);
    let tie = &conflicts["conflicts"][0];
    assert_eq!((&tie["id"], &tie["label"], &tie["tied"]), (&json!(tied), &Value::Null, &json!(["a", "c"])));
    assert!(bench.read("rounds/0001/report.md").contains("**tie: a / c**"));
    let headline = "Documents that need a decision: 1 tied, 0 only skipped. Conflicting answers: 1 document of the pool.";
    assert!(report["headlines"].as_array().unwrap().contains(&json!(headline)), "{report}");
    let status = bench.json(&["status"]);
    assert_eq!(status["agreement"]["ties"], 1);
    assert_eq!(status["labels"], json!({"a": 9, "b": 4, "c": 4}), "a tie is no label");
    assert_eq!([&status["documents"]["out"], &status["documents"]["tied"]], [0, 1]);
    bench.ok(&["round", "--size", "100"]);
    assert!(
        bench.rows("rounds/0002/batch.jsonl").iter().all(|row| row["id"] != tied),
        "it is not asked again"
    );
    // A third annotator breaks the tie.
    bench.write("third.jsonl", json!({"id": tied, "label": "c", "annotator": "z"}).to_string());
    bench.ok(&["ingest", "third.jsonl"]);
    assert_eq!(bench.json(&["status"])["labels"], json!({"a": 9, "b": 4, "c": 5}));
}

/// Makes a workspace after a round with all shares, and with answers that are right for two of
/// three documents. Returns the picks with their labels.
fn answered() -> (Workbench, Vec<(Value, String)>) {
    let bench = Workbench::small();
    let mix = "uncertainty=0.3,ratio=0.3,random=0.3,control=0.1";
    bench.ok(&["round", "--size", "40", "--mix", mix, "--ratio", "a=0.5,b=0.25,c=0.25"]);
    let label = |id: &str| {
        let number: usize = id[1..].parse().unwrap();
        ["a", "b", "c"][if number.is_multiple_of(5) { (number + 1) % 3 } else { number % 3 }].to_owned()
    };
    let batch = bench.rows("rounds/0001/batch.jsonl");
    bench.write("answers.jsonl", answers(&batch, &["x"], |id, _| Some(label(id))));
    bench.ok(&["ingest", "answers.jsonl"]);
    let picks = bench.rows("rounds/0001/picks.jsonl");
    let picks = picks.into_iter().map(|pick| (pick.clone(), label(pick["id"].as_str().unwrap()))).collect();
    (bench, picks)
}

#[test]
fn the_random_slice_estimates_the_accuracy_of_the_model() {
    let (bench, picks) = answered();
    let random: Vec<&(Value, String)> = picks.iter().filter(|(pick, _)| pick["share"] == "random").collect();
    let right = random.iter().filter(|(pick, label)| likeliest(pick) == label).count() as u64;
    assert!(random.len() == 12 && (1..12).contains(&right), "{right} of {}", random.len());
    let report = bench.json(&["report"]);
    let round = &report["model"]["rounds"][0];
    let slice = &round["random_slice"];
    assert_eq!((&slice["n"], &slice["correct"]), (&json!(12), &json!(right)));
    let [low, high] = wilson(right, 12);
    assert!(
        near(&slice["value"], right as f64 / 12.0) && near(&slice["low"], low) && near(&slice["high"], high)
    );
    // Each population is named. The documents that the batch left open are the pool when drawn,
    // without the picks, whose labels are known.
    let (drawn, open) = (&round["when_drawn"], &round["still_open"]);
    assert_eq!(drawn["population"], "documents open when batch 1 was drawn");
    assert_eq!(open["population"], "documents left open by batch 1");
    let pool: Vec<&(Value, String)> = picks.iter().filter(|(pick, _)| pick["share"] != "control").collect();
    let known = pool.iter().filter(|(pick, label)| likeliest(pick) == label).count() as f64;
    let [before, after] = [drawn, open].map(|found| found["documents"].as_f64().unwrap());
    assert!((before - after - pool.len() as f64).abs() < 1e-9, "{round}");
    let left = (before * right as f64 / 12.0 - known) / after;
    assert!(
        near(&drawn["value"], right as f64 / 12.0) && near(&open["value"], left.clamp(0.0, 1.0)),
        "{round}"
    );
    // x is wrong in one of five answers. The verdict decides whether x is below a threshold, and
    // the slice must follow it.
    let headlines = report["headlines"].to_string();
    let below = headlines.contains("annotators below a threshold:");
    assert_eq!(round["slice_below"], if below { 12 } else { 0 }, "{headlines}");
    assert_eq!(headlines.contains("come only from annotators below a threshold (x)"), below, "{headlines}");
    // The status names the same annotators.
    assert_eq!(&bench.json(&["status"])["slice"], round);
}

#[test]
fn labels_are_compared_with_the_target_and_yields_with_what_was_asked() {
    let (bench, picks) = answered();
    let report = bench.json(&["report"]);
    let pool = || picks.iter().filter(|(pick, _)| pick["share"] != "control");
    let count = |label: &str| pool().filter(|(_, found)| found == label).count();
    let distribution = &report["distribution"];
    assert_eq!(distribution["imported"], json!([4, 4, 4]));
    assert_eq!(distribution["rounds"][0]["sent"], 36);
    assert_eq!(distribution["rounds"][0]["target"], json!([0.5, 0.25, 0.25]));
    assert_eq!(distribution["rounds"][0]["labeled"], json!([count("a"), count("b"), count("c")]));
    assert_eq!(distribution["total"], json!([4 + count("a"), 4 + count("b"), 4 + count("c")]));

    for (share, sent) in [("uncertainty", 12), ("ratio", 12), ("random", 12), ("control", 4)] {
        let rows = report["yields"]["shares"].as_array().unwrap();
        let found = rows.iter().find(|row| row["share"] == share).unwrap();
        let of_share: Vec<_> = picks.iter().filter(|(pick, _)| pick["share"] == share).collect();
        assert_eq!((&found["sent"], &found["labeled"], of_share.len()), (&json!(sent), &json!(sent), sent));
        if share != "control" {
            let right = of_share.iter().filter(|(pick, label)| likeliest(pick) == label).count();
            assert_eq!(found["predicted_right"], right, "{share}");
        }
    }
    for (label, asked) in [("a", 6), ("b", 3), ("c", 3)] {
        let reason = format!("ratio:{label}");
        let got = picks.iter().filter(|(pick, found)| pick["reason"] == reason && found == label).count();
        let rows = report["yields"]["quotas"].as_array().unwrap();
        let found = rows.iter().find(|row| row["label"] == label).unwrap();
        assert_eq!(
            (&found["asked"], &found["labeled"], &found["got"]),
            (&json!(asked), &json!(asked), &json!(got))
        );
    }
}

/// Accuracy and macro-F1 of (label, prediction) pairs.
fn measures(pairs: &[(String, String)]) -> (f64, f64) {
    let right = pairs.iter().filter(|(label, predicted)| label == predicted).count();
    let f1 = ["a", "b", "c"].map(|class| {
        let both = pairs.iter().filter(|(label, predicted)| label == class && predicted == class).count();
        let either = pairs
            .iter()
            .map(|(label, predicted)| usize::from(label == class) + usize::from(predicted == class));
        2.0 * both as f64 / either.sum::<usize>() as f64
    });
    (right as f64 / pairs.len() as f64, f1.iter().sum::<f64>() / 3.0)
}

#[test]
fn the_test_set_measures_the_model() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 40, false));
    bench.write("labeled.jsonl", documents("l", 12, true));
    bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
    // Each test document has the text of a pool document with known probabilities; some labels are
    // wrong on purpose.
    let test = |row: &Value| {
        let number: usize = row["id"].as_str().unwrap()[1..].parse().unwrap();
        let label = ["a", "b", "c"][if number.is_multiple_of(4) { (number + 2) % 3 } else { number % 3 }];
        json!({"id": format!("t{number:03}"), "text": row["text"], "label": label})
    };
    let rows: Vec<Value> = bench.rows("pool.jsonl").iter().map(test).collect();
    bench.write("test.jsonl", lines(&rows));
    bench.ok(&["import", "test.jsonl", "--as", "test"]);
    let train = bench.json(&["train"]);
    bench.ok(&["score"]);
    let scores = bench.rows("rounds/0001/scores.jsonl");
    let text = |row: &Value| row["text"].as_str().unwrap().to_owned();
    let prediction: BTreeMap<String, String> = bench
        .rows("pool.jsonl")
        .iter()
        .map(|row| {
            (text(row), likeliest(scores.iter().find(|score| score["id"] == row["id"]).unwrap()).to_owned())
        })
        .collect();
    let pairs: Vec<(String, String)> = rows
        .iter()
        .map(|row| (row["label"].as_str().unwrap().to_owned(), prediction[&text(row)].clone()))
        .collect();
    let (accuracy, macro_f1) = measures(&pairs);
    assert!((0.3..0.95).contains(&accuracy), "{accuracy}");
    let found = &train["model"]["test"];
    assert!(near(&found["accuracy"]["value"], accuracy), "{found} {accuracy}");
    assert!(near(&found["macro_f1"], macro_f1), "{found} {macro_f1}");
    bench.ok(&["select"]);
    let outcome = bench.json(&["export"]);
    assert!(near(&outcome["test_accuracy"], accuracy) && near(&outcome["test_macro_f1"], macro_f1));
    let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
    assert!(near(&report["model"]["rounds"][0]["test_accuracy"], accuracy));
}
