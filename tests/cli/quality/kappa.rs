//! The average of Cohen's kappa is over all pairs of annotators who share ten items, even if not
//! all of these pairs are listed.

use serde_json::{Value, json};

use super::table;
use crate::workbench::Workbench;

/// Thirty-one annotators in a ring; each shares seven items with each neighbour.
fn ring() -> Vec<(String, String, String)> {
    let mut answers = Vec::new();
    for pair in 0..31 {
        for item in 0..7 {
            for (place, who) in [pair, (pair + 1) % 31].into_iter().enumerate() {
                let label = if item < 3 + place * (pair % 3) { "yes" } else { "no" };
                answers.push((format!("r{pair}-{item}"), format!("ring{who:02}"), label.to_owned()));
            }
        }
    }
    answers
}

fn quality(bench: &Workbench, answers: &[(String, String, String)]) -> Value {
    let rows: Vec<(&str, &str, &str)> =
        answers.iter().map(|(item, who, label)| (item.as_str(), who.as_str(), label.as_str())).collect();
    bench.write("answers.csv", table("task,worker,label", ",", &rows));
    bench.json(&["quality", "answers.csv", "--method", "mv"])["agreement"].clone()
}

#[test]
fn without_a_pair_that_shares_ten_items_it_is_not_defined() {
    let bench = Workbench::new();
    let found = quality(&bench, &ring());
    assert_eq!((&found["mean_kappa"], &found["mean_kappa_pairs"]), (&Value::Null, &json!(0)));
    assert_eq!(found["mean_kappa_undefined"], "no two annotators have 10 or more documents in common");
    // The list says that it covers only some of the annotators.
    assert_eq!((&found["annotators"], &found["listed_annotators"]), (&json!(31), &json!(30)));
    for file in ["quality/report.md", "quality/report.html"] {
        let text = bench.read(file);
        assert!(
            text.contains("not defined: no two annotators have 10 or more documents in common"),
            "{file}"
        );
        assert!(text.contains("among the 30 annotators with the most answers, out of 31"), "{file}");
    }
}

#[test]
fn it_is_of_all_annotators_and_not_of_the_busiest() {
    // Two annotators with twelve answers each, fewer than anybody in the ring has. They agree on 10
    // of 12 items and use both labels equally often, so kappa is 2/3.
    let mut answers = ring();
    for (item, (x, y)) in "aaaaaabbbbbb".chars().zip("aaaaabbbbbba".chars()).enumerate() {
        for (who, label) in [("xena", x), ("yves", y)] {
            let label = if label == 'a' { "yes" } else { "no" };
            answers.push((format!("z{item:02}"), who.to_owned(), label.to_owned()));
        }
    }
    let bench = Workbench::new();
    let found = quality(&bench, &answers);
    assert!((found["mean_kappa"].as_f64().unwrap() - 2.0 / 3.0).abs() < 1e-12, "{found}");
    assert_eq!((&found["mean_kappa_pairs"], &found["listed_annotators"]), (&json!(1), &json!(30)));
    assert!(found["pairs"].as_array().unwrap().iter().all(|pair| pair["a"] != "xena"));
    let low = found["mean_kappa_interval"][0].as_f64().unwrap();
    assert!(low > 0.1 && low < 0.5, "{low}");
    let measures = found["measures"].as_array().unwrap();
    let row = measures.iter().find(|row| row["name"] == "mean pairwise Cohen's kappa").unwrap();
    assert_eq!(row["value"], found["mean_kappa"]);
    let shown = "mean pairwise Cohen's kappa 0.667";
    assert!(
        bench.read("quality/report.md").contains(shown)
            && bench.read("quality/report.html").contains("0.667")
    );
}
