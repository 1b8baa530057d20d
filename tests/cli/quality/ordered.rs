//! `querist quality --ordered`: labels that are ranks.

use serde_json::{Value, json};

use super::table;
use crate::workbench::Workbench;

/// Twelve items by two people, three times (0, 0), (1, 2), (2, 2), (0, 1) in ranks.
fn ratings(names: [&str; 3]) -> String {
    let pairs = [(0, 0), (1, 2), (2, 2), (0, 1)];
    let items: Vec<String> = (0..12).map(|item| format!("{item:02}")).collect();
    let rows = items.iter().zip(pairs.iter().cycle());
    let rows = rows.flat_map(|(item, (x, y))| [(item.as_str(), "x", names[*x]), (item, "y", names[*y])]);
    table("task,worker,label", ",", &rows.collect::<Vec<_>>())
}

/// Their true labels are those of x.
fn truths(names: [&str; 3]) -> String {
    let rows = (0..12).map(|item| format!("{item:02},{}\n", names[[0, 1, 2, 0][item % 4]]));
    "task,label\n".to_owned() + &rows.collect::<String>()
}

const NAMES: [&str; 3] = ["poor", "fair", "good"];

fn bench() -> Workbench {
    let bench = Workbench::new();
    bench.write("ratings.csv", ratings(NAMES));
    bench.write("gold.csv", truths(NAMES));
    bench
}

#[test]
fn values_by_hand() {
    let bench = bench();
    let report = bench.json(&[
        "quality",
        "ratings.csv",
        "--gold",
        "gold.csv",
        "--method",
        "mv",
        "--ordered",
        "--labels",
        "poor,fair,good",
    ]);
    assert_eq!(report["labels"], json!(NAMES));
    let measures = report["agreement"]["measures"].as_array().unwrap();
    let near = |value: &Value, expected: f64| (value.as_f64().unwrap() - expected).abs() < 1e-12;
    // Alpha: classes chosen 9, 6, 9 times of 24, six pairs 7.5² apart: 1 - 23 · 675 / 48600. AC2:
    // T_w = 6 of K = 3, shares 3/8, 1/4, 3/8, D_o = 1/8: 1 - (1/8) / (1 - 21/32). Kappa: 1 - 4 · 2
    // / 26.
    for (row, (name, expected)) in measures.iter().zip([
        ("Krippendorff's alpha, ordinal", 49.0 / 72.0),
        ("Gwet's AC2, quadratic weights", 7.0 / 11.0),
        ("mean pairwise Cohen's kappa, quadratic weights", 1.0 - 8.0 / 26.0),
    ]) {
        assert!(row["name"] == name && near(&row["value"], expected), "{row}");
        assert!(row["interval"][0].as_f64().unwrap() < expected, "{row}");
    }
    let pair = &report["agreement"]["pairs"][0];
    assert!(near(&pair["weighted_kappa"], 1.0 - 8.0 / 26.0) && pair["weighted_kappa_interval"].is_array());
    let errors = &report["confusions"]["annotators"];
    assert_eq!(errors[0]["rank_error"], json!({"n": 12, "mean": 0.0, "off_by_one": 0.0, "further": 0.0}));
    assert_eq!(errors[1]["rank_error"], json!({"n": 12, "mean": 0.5, "off_by_one": 0.5, "further": 0.0}));
    assert!(bench.read("quality/report.md").contains("| y | 12 | 0.500 | 50.0 % | 0.0 % |"));
    assert!(
        bench
            .ok(&["quality", "ratings.csv", "--ordered", "--labels", "poor,fair,good"])
            .contains("ordinal 0.681")
    );
}

#[test]
fn numbers_need_no_list_and_sort_by_their_value() {
    let bench = bench();
    bench.write("numbers.csv", ratings(["2", "9", "10"]));
    let report = bench.json(&["quality", "numbers.csv", "--ordered"]);
    assert_eq!(report["labels"], json!(["2", "9", "10"]));
    let named = bench.json(&["quality", "ratings.csv", "--ordered", "--labels", "poor,fair,good"]);
    assert_eq!(report["agreement"], {
        // All but the classes' names.
        let mut named = named["agreement"].clone();
        named["classes"] = report["agreement"]["classes"].clone();
        named
    });
    // A rank that nobody chose is one all the same: 9 and 10 of 2 to 11 are nearer.
    let wider = bench.json(&["quality", "numbers.csv", "--ordered", "--labels", "2,9,10,11"]);
    let ac2 = |report: &Value| report["agreement"]["measures"][1]["value"].as_f64().unwrap();
    assert!(ac2(&wider) > ac2(&report));
}

#[test]
fn without_it_nothing_of_ranks_is_there() {
    let bench = bench();
    let report = bench.json(&["quality", "ratings.csv"]);
    assert_eq!(report["labels"], json!(["fair", "good", "poor"]));
    for file in ["report.json", "report.md", "report.html"] {
        let text = bench.read(&format!("quality/{file}"));
        for word in ["weighted", "ordinal", "AC2", "rank_error", "ordered"] {
            assert!(!text.contains(word), "{file}: {word}");
        }
    }
}

#[test]
fn what_does_not_apply_is_refused() {
    let bench = bench();
    for (arguments, words) in [
        (&["--labels", "poor,fair,good"][..], "--ordered"),
        (&["--ordered"], "--labels: \"fair\" is not a number, so the order is unknown"),
        (&["--ordered", "--labels", "poor,fair"], "--labels: \"good\" is a label of the files"),
        (&["--ordered", "--labels", "poor,fair,good,poor"], "--labels: \"poor\" is named twice"),
        (&["--ordered", "--labels", "poor,,fair,good"], "--labels: a label is empty"),
    ] {
        let said = bench.refused(&[&["quality", "ratings.csv"], arguments].concat());
        assert!(said.contains(words) && !bench.path("quality").exists(), "{arguments:?}: {said}");
    }
    bench.write("same.csv", ratings(["1", "1.0", "2"]));
    assert!(
        bench
            .refused(&["quality", "same.csv", "--ordered"])
            .contains("\"1\" and \"1.0\" are the same number")
    );
}
