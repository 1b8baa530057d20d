//! The aggregator decides which documents are tied, contested or without a label. Every command
//! shows the same documents.

use serde_json::{Value, json};

use crate::workbench::{Workbench, lines};

/// Makes a workspace in which ana, ben and cem answer thirty documents alike and zoe differs. On
/// two more documents only ana and zoe disagree: majority vote ties there, but Dawid-Skene knows
/// whom to believe.
fn tied_by_majority(aggregator: &str) -> Workbench {
    let bench = Workbench::small();
    let toml = bench.read("querist.toml");
    bench.write(
        "querist.toml",
        toml.replace("aggregator = \"mv\"", &format!("aggregator = \"{aggregator}\"")),
    );
    assert!(bench.read("querist.toml").contains(&format!("aggregator = \"{aggregator}\"")));
    let labels = ["a", "b", "c"];
    let mut rows = Vec::new();
    let mut row = |document: usize, who: &str, label: Option<usize>| {
        let label = label.map(|label| labels[label % 3]);
        rows.push(json!({"id": format!("p{document:03}"), "label": label, "annotator": who}));
    };
    for document in 0..30 {
        for who in ["ana", "ben", "cem"] {
            row(document, who, Some(document));
        }
        row(document, "zoe", Some(if document % 10 == 0 { document } else { document + 1 + document % 2 }));
    }
    for document in [30, 31] {
        row(document, "ana", Some(document));
        row(document, "zoe", Some(document + 1));
    }
    row(32, "ana", None);
    bench.write("answers.jsonl", lines(rows));
    bench.ok(&["ingest", "answers.jsonl"]);
    bench.ok(&["round", "--size", "6", "--mix", "uncertainty=1"]);
    bench
}

/// All counts of ties: in the status, in the report's section, its first lines and its page, and in
/// the review.
fn ties(bench: &Workbench) -> Vec<u64> {
    let (status, report, review) =
        (bench.json(&["status"]), bench.json(&["report"]), bench.json(&["review", "--top", "100"]));
    let rows = |value: &Value| value.as_array().unwrap().clone();
    let listed = rows(&report["conflicts"]["conflicts"]);
    let tied = listed.iter().filter(|row| !rows(&row["tied"]).is_empty()).count() as u64;
    let of_review = rows(&review["documents"]);
    let of_review =
        of_review.iter().filter(|row| rows(&row["reasons"]).contains(&json!("tie"))).count() as u64;
    let page = bench.read("rounds/0001/report.html");
    let page = page.split("<dt>documents without a label because answers tie</dt><dd>").nth(1).unwrap();
    let page: String =
        page.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let headline = rows(&report["headlines"]);
    let headline =
        headline.iter().filter_map(|line| line.as_str()?.strip_prefix("Documents that need a decision: "));
    let headline: Vec<u64> =
        headline.map(|line| line.split_once(" tied").unwrap().0.parse().unwrap()).collect();
    let mut found = vec![
        status["agreement"]["ties"].as_u64().unwrap(),
        report["conflicts"]["ties"].as_u64().unwrap(),
        report["review"]["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row[0] == "tie")
            .map_or(0, |row| row[1].as_u64().unwrap()),
        tied,
        of_review,
        page.parse().unwrap(),
    ];
    found.extend(headline);
    found
}

#[test]
fn every_place_has_the_ties_of_the_aggregator() {
    assert_eq!(ties(&tied_by_majority("mv")), [2; 7]);
    let bench = tied_by_majority("ds");
    assert_eq!(ties(&bench), [0; 7]);
    let report = bench.json(&["report"]);
    let conflicts = &report["conflicts"];
    assert_eq!((&conflicts["answered"], &conflicts["decided"]), (&json!(33), &json!(32)));
    assert_eq!(conflicts["only_skips"], json!(["p032"]));
    let found = conflicts["conflicts"].as_array().unwrap();
    let of = |id: &str| found.iter().find(|row| row["id"] == id).unwrap();
    assert_eq!((&of("p030")["label"], &of("p030")["tied"]), (&json!("a"), &json!([])));
    // Every document that is said to have a label has one: 12 were imported, and 32 answered.
    let status = bench.json(&["status"]);
    assert_eq!(status["documents"]["labeled"], 12 + 32);
    assert_eq!(status["agreement"]["only_skipped"], 1);
    assert_eq!(status["agreement"]["conflicts"], found.len());
}

#[test]
fn a_document_that_an_expert_left_out_is_neither_tied_nor_labelled() {
    let bench = tied_by_majority("mv");
    bench.write("expert.jsonl", lines([json!({"id": "p030", "label": null})]));
    bench.ok(&["ingest", "--as", "expert", "expert.jsonl"]);
    assert_eq!(ties(&bench), [1; 7]);
    let conflicts = bench.json(&["report"])["conflicts"].clone();
    assert_eq!((&conflicts["decided"], &conflicts["left_out"]), (&json!(30), &json!(1)));
    assert!(
        bench
            .read("rounds/0001/report.md")
            .contains("30 have a label, 1 is tied, 1 was only skipped, 1 was left out")
    );
}
