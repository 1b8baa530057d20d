//! Classes that are ranks, with `[classes] ordered = true` in a workspace and `--ordered` for plain
//! files.

use serde_json::{Value, json};

use crate::workbench::{Workbench, lines};

/// The rank of a document's class.
fn rank(id: &str) -> usize {
    id[1..].parse::<usize>().unwrap() % 3
}

/// A round whose picks ana and cleo answer as they are and ben often not, by one rank or by two.
fn answered(bench: &Workbench, number: u32) {
    bench.ok(&["round", "--size", "15", "--mix", "random=1"]);
    let batch = bench.rows(&format!("rounds/{number:04}/batch.jsonl"));
    let mut rows = Vec::new();
    for (place, row) in batch.iter().enumerate() {
        let id = row["id"].as_str().unwrap();
        let wrong = (rank(id) + usize::from(place % 3 == 0)) % 3;
        for (who, label) in [("ana", rank(id)), ("ben", wrong), ("cleo", rank(id))] {
            let label = ["a", "b", "c"][label];
            rows.push(json!({"id": id, "label": label, "annotator": who}));
        }
    }
    bench.write("answers.jsonl", lines(rows));
    bench.ok(&["ingest", "answers.jsonl"]);
}

/// The report of a round, written again.
fn report(bench: &Workbench, number: u32) -> Value {
    bench.ok(&["report", "--round", &number.to_string()]);
    serde_json::from_str(&bench.read(&format!("rounds/{number:04}/report.json"))).unwrap()
}

/// Whether a report has anything that is of ordered classes alone: all of it, or nothing.
fn is_ordered(report: &Value) -> bool {
    let slice = &report["model"]["rounds"].as_array().unwrap().last().unwrap()["random_slice_rank_error"];
    let confusion = &report["confusions"]["annotators"][0]["rank_error"];
    let found = [&report["agreement"]["weighted"], slice, confusion].map(Value::is_object);
    assert_eq!(found, [found[0]; 3], "{report}");
    let text = report.to_string();
    assert_eq!(text.contains("ordinal") || text.contains("AC2"), found[0]);
    found[0]
}

fn configured(bench: &Workbench, ordered: &str) {
    bench.ok(&["config", "set", "classes.ordered", ordered]);
}

#[test]
fn reports_of_ordered_classes_weigh_disagreements() {
    let bench = Workbench::small();
    answered(&bench, 1);
    let before = bench.read("rounds/0001/report.json");
    bench.ok(&["report"]);
    let nominal = report(&bench, 1);
    assert!(!is_ordered(&nominal) && !before.contains("weighted"));
    assert_eq!(bench.json(&["status"])["agreement"].get("weighted"), None);
    configured(&bench, "true");
    assert!(bench.read("querist.toml").contains("\nordered = true\n"));
    let ordinal = report(&bench, 1);
    assert!(is_ordered(&ordinal));
    // What was measured before stays as it was, in the same order.
    let names = |report: &Value| -> Vec<String> {
        let rows = report["agreement"]["measures"].as_array().unwrap();
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = names(&ordinal);
    assert_eq!(all[0], "Krippendorff's alpha, ordinal");
    assert_eq!((all.len(), &all[3..]), (8, &names(&nominal)[..]));
    let rows = |report: &Value, skipped: usize| {
        report["agreement"]["measures"].as_array().unwrap()[skipped..].to_vec()
    };
    assert_eq!(rows(&ordinal, 3), rows(&nominal, 0));
    let (pair, weighted) = (&ordinal["agreement"]["pairs"][0], &ordinal["agreement"]["weighted"]);
    assert_eq!(rows(&ordinal, 2)[0]["value"], weighted["mean_kappa"]);
    assert_ne!(pair["weighted_kappa"], pair["kappa"]);
    assert_eq!(weighted["weights"], "quadratic");
    let status = bench.json(&["status"])["agreement"].clone();
    assert_eq!(status["weighted"], ordinal["agreement"]["weighted"]);
    assert_eq!(status["measures"], ordinal["agreement"]["measures"]);
    assert!(bench.ok(&["status"]).contains("mean pairwise weighted kappa 0."));
    for (file, words) in [
        ("report.md", "mean pairwise weighted kappa (quadratic weights) 0."),
        ("report.md", "The classes are ordered"),
        ("report.md", "| Annotator | Answers | Mean absolute rank error | Off by one rank | Off by more |"),
        ("report.md", "On the random slice of round 1, predictions are "),
        ("report.html", "Weighted kappa for each pair of annotators"),
        ("report.html", "How many ranks the answers are off"),
    ] {
        assert!(bench.read(&format!("rounds/0001/{file}")).contains(words), "{file}: {words}");
    }
}

#[test]
fn conflicts_that_are_furthest_apart_come_first() {
    let bench = Workbench::small();
    answered(&bench, 1);
    configured(&bench, "true");
    let report = report(&bench, 1);
    let apart = |conflict: &Value| {
        let votes = conflict["votes"].as_array().unwrap();
        if votes.iter().any(|vote| vote[0] == "b") { 1 } else { 2 }
    };
    let found: Vec<usize> = report["conflicts"]["conflicts"].as_array().unwrap().iter().map(apart).collect();
    assert!(found.contains(&1) && found.contains(&2) && found.is_sorted_by(|a, b| a >= b), "{found:?}");
}

#[test]
fn a_past_report_is_made_by_what_held_then() {
    let bench = Workbench::small();
    answered(&bench, 1);
    configured(&bench, "true");
    answered(&bench, 2);
    let recorded = |number: u32| {
        let manifest = bench.read(&format!("rounds/{number:04}/manifest.json"));
        serde_json::from_str::<Value>(&manifest).unwrap()["settings"]["classes"].clone()
    };
    assert_eq!((recorded(1), recorded(2)), (Value::Null, json!({"ordered": true})));
    assert!(!is_ordered(&report(&bench, 1)) && is_ordered(&report(&bench, 2)));
    let test = |number: u32| report(&bench, number)["model"]["test"]["rank_error"].clone();
    assert!(test(1).is_null() && test(2)["n"] == 12, "{}", test(2));
    // The last round follows querist.toml.
    bench.ok(&["labels", "describe", "a", "the lowest"]);
    configured(&bench, "false");
    assert!(!is_ordered(&report(&bench, 2)));
    answered(&bench, 3);
    assert_eq!(recorded(3), Value::Null);
    assert!(is_ordered(&report(&bench, 2)) && !is_ordered(&report(&bench, 3)));
    for number in ["1", "2", "3"] {
        assert!(bench.ok(&["reproduce", number]).contains("identical"), "{number}");
    }
}

#[test]
fn a_workspace_of_before_knows_no_such_key() {
    let bench = Workbench::small();
    let text = bench.read("querist.toml");
    let (above, rest) = text.split_once("[classes]\n").unwrap();
    let below = rest.split_once("\n[batch]").unwrap().1;
    bench.write("querist.toml", format!("{above}[batch]{below}"));
    answered(&bench, 1);
    assert!(!is_ordered(&report(&bench, 1)));
    assert!(!bench.read("rounds/0001/manifest.json").contains("classes"));
    let rows = bench.json(&["config"])["settings"].clone();
    let row = rows.as_array().unwrap().iter().find(|row| row["key"] == "ordered").unwrap();
    assert_eq!(
        (&row["table"], &row["value"], &row["from"]),
        (&"classes".into(), &false.into(), &"default".into())
    );
    configured(&bench, "true");
    assert!(is_ordered(&report(&bench, 1)));
    // With descriptions above, which made the table.
    let bench = Workbench::with_labels("a,b");
    bench.write("querist.toml", "labels = [\"a\", \"b\"]\n\n[classes.descriptions]\na = \"first\"\n");
    configured(&bench, "true");
    let labels = bench.json(&["labels"]);
    assert_eq!(labels["labels"][0]["description"], "first");
    let rows = bench.json(&["config"])["settings"].clone();
    assert!(rows.as_array().unwrap().iter().any(|row| row["key"] == "ordered" && row["value"] == true));
}

#[test]
fn a_class_may_be_called_ordered() {
    let bench = Workbench::with_labels("ordered,random");
    bench.ok(&["labels", "describe", "ordered", "in a row"]);
    configured(&bench, "true");
    let rows = |bench: &Workbench| bench.json(&["labels"])["labels"].clone();
    assert_eq!(rows(&bench)[0]["description"], "in a row");
    bench.ok(&["labels", "rename", "ordered", "sorted"]);
    let toml = bench.read("querist.toml");
    assert!(toml.contains("\nordered = true\n") && toml.contains("sorted = \"in a row\""), "{toml}");
    bench.ok(&["labels", "rename", "sorted", "ordered"]);
    bench.ok(&["labels", "describe", "ordered"]);
    assert_eq!(rows(&bench)[0].get("description"), None);
    assert!(bench.read("querist.toml").contains("\nordered = true\n"));
    let said = bench.refused(&["config", "set", "classes.ordered", "in a row"]);
    assert!(said.contains("classes.ordered") && said.contains("expected a boolean"), "{said}");
}

#[test]
fn ranks_keep_their_order_when_classes_change() {
    let bench = Workbench::with_labels("poor,fair,good,great");
    configured(&bench, "true");
    let labels = |arguments: &[&str]| bench.json(arguments)["labels"].clone();
    assert_eq!(labels(&["labels", "rename", "fair", "ok"]), json!(["poor", "ok", "good", "great"]));
    assert_eq!(
        labels(&["labels", "merge", "ok", "good", "--into", "fine"]),
        json!(["poor", "fine", "great"])
    );
    assert_eq!(labels(&["labels", "remove", "poor"]), json!(["fine", "great"]));
    let said = bench.ok(&["labels", "add", "best"]);
    assert!(
        said.contains("The labels are, from the lowest rank to the highest: fine, great, best"),
        "{said}"
    );
    assert_eq!(bench.json(&["labels", "add", "last", "--dry-run"])["ordered"], true);
    configured(&bench, "false");
    assert_eq!(bench.json(&["labels", "add", "last", "--dry-run"]).get("ordered"), None);
}
