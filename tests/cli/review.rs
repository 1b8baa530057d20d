//! Which documents need review, in which order, and how experts' decisions about them are ingested.

use serde_json::{Value, json};

use crate::workbench::{Workbench, lines};

/// The true class of a made-up document.
fn class(id: &str) -> &'static str {
    ["a", "b", "c"][id[1..].parse::<usize>().unwrap() % 3]
}

fn row(id: &str, label: Option<&str>, annotator: &str) -> Value {
    json!({"id": id, "label": label, "annotator": annotator})
}

/// Makes answers of ana, ben and cem, who are good on control items, and of zoe, who misses most of
/// them. p000 is a tie; p001 was only skipped; p002 has only zoe's answer; all miss the control
/// item c000. The other documents are clear.
fn reviewed() -> Workbench {
    let bench = Workbench::small();
    let mut rows = Vec::new();
    for control in ["c000", "c001", "c002", "c003", "c004", "c005"] {
        for who in ["ana", "ben", "cem", "zoe"] {
            let wrong = if class(control) == "b" { "c" } else { "b" };
            let misses = control == "c000" || (who == "zoe" && control != "c005");
            rows.push(row(control, Some(if misses { wrong } else { class(control) }), who));
        }
    }
    rows.extend([row("p000", Some("a"), "ana"), row("p000", Some("b"), "ben")]);
    rows.extend([row("p001", None, "ana"), row("p001", None, "ben")]);
    rows.push(row("p002", Some("a"), "zoe"));
    for id in ["p003", "p004", "p005", "p006"] {
        rows.extend(["ana", "ben", "cem"].map(|who| row(id, Some(class(id)), who)));
    }
    bench.write("answers.jsonl", lines(rows));
    // Everybody misses c000, so the best possible accuracy is five of six, 0.83.
    let toml = bench.read("querist.toml").replace("min_accuracy = 0.90", "min_accuracy = 0.80");
    bench.write("querist.toml", toml.replace("min_kappa = 0.80", "min_kappa = 0.50"));
    bench.ok(&["ingest", "answers.jsonl"]);
    bench
}

/// The listed documents, with their first reason.
fn listed(bench: &Workbench) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let review = bench.json(&["review"]);
    let documents = review["documents"].as_array().unwrap();
    documents.iter().map(|one| (text(&one["id"]), text(&one["reasons"][0]))).collect()
}

#[test]
fn everything_that_needs_somebody_is_listed_with_its_reason() {
    let bench = reviewed();
    let mut found = listed(&bench);
    found.sort();
    let expected =
        [("c000", "control-missed"), ("p000", "tie"), ("p001", "only-skipped"), ("p002", "below-threshold")];
    let expected: Vec<_> = expected.map(|(id, why)| (id.to_owned(), why.to_owned())).to_vec();
    assert_eq!(found, expected);
    let review = bench.json(&["review"]);
    let one = |id: &str| {
        review["documents"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap().clone()
    };
    // Cem has not answered the tie yet; ana and ben skipped p001; zoe is below a threshold, so she
    // is asked nothing; a missed control item needs an expert.
    assert_eq!((&one("p000")["who"], &one("p001")["who"]), (&json!("cem"), &json!("cem")));
    assert_eq!(one("p002")["who"], "ana");
    assert_eq!(one("c000")["who"], Value::Null);
    assert_eq!(one("p000")["votes"], json!([["a", 1], ["b", 1]]));
    assert_eq!((&one("p001")["skips"], &one("p001")["votes"]), (&json!(2), &json!([])));
    let help: Vec<f64> =
        review["documents"].as_array().unwrap().iter().map(|one| one["help"].as_f64().unwrap()).collect();
    assert!(help.is_sorted_by(|a, b| a >= b) && help.iter().all(|help| *help > 0.0), "{help:?}");
    let text = bench.ok(&["review", "--top", "1"]);
    assert!(
        text.starts_with("For review: 4 documents (1 control item missed, 1 tie, 1 only skipped"),
        "{text}"
    );
    assert!(text.contains("… and 3 more; use --top N to list the first N"), "{text}");
}

#[test]
fn what_goes_out_gives_nothing_away_and_comes_back_as_decisions() {
    let bench = reviewed();
    let order: Vec<String> = listed(&bench).into_iter().map(|(id, _)| id).collect();
    let outcome = bench.json(&["review", "--out", "review.jsonl"]);
    assert_eq!(outcome["written"], 4);
    let rows = bench.rows("review.jsonl");
    let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, order);
    for row in &rows {
        let fields: Vec<&String> = row.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["id", "text", "labels", "meta"]);
    }
    // No list reveals the label of a control item.
    let shown = bench.ok(&["review", "--json"]);
    assert!(!shown.contains("known") && !shown.contains("truth"), "{shown}");
    let decided: Vec<Value> = rows
        .into_iter()
        .map(|mut row| {
            row["label"] = json!(class(row["id"].as_str().unwrap()));
            row
        })
        .collect();
    bench.write("reviewed.jsonl", lines(decided));
    bench.ok(&["ingest", "--as", "expert", "reviewed.jsonl"]);
    assert!(listed(&bench).is_empty());
    assert_eq!(bench.ok(&["review"]), "There is nothing to review.\n");
}

#[test]
fn the_report_has_the_first_of_them() {
    let bench = reviewed();
    bench.ok(&["round", "--size", "6"]);
    bench.ok(&["report"]);
    let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
    assert_eq!(report["review"]["total"], 4);
    assert_eq!(report["review"]["top"], bench.json(&["review"])["documents"]);
    let below = "1 of the 4 annotators with control answers is below a threshold: zoe (accuracy below 0.80)";
    let headlines = report["headlines"].as_array().unwrap();
    assert!(headlines.iter().any(|line| line.as_str().unwrap().starts_with(below)), "{headlines:?}");
    let markdown = bench.read("rounds/0001/report.md");
    assert!(markdown.contains("## Review") && markdown.contains("Documents for review: 4 ("), "{markdown}");
}

#[test]
fn nothing_half_written_where_a_file_cannot_be() {
    let bench = reviewed();
    let message = bench.refused_unharmed(&["review", "--out", "no/such/folder/review.jsonl"]);
    assert!(message.contains("no/such/folder"), "{message}");
}

#[test]
fn annotators_over_time_and_their_behaviour() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "30", "--near-duplicates", "off", "--mix", "random=1"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let mut rows = Vec::new();
    for (place, item) in batch.iter().enumerate() {
        let id = item["id"].as_str().unwrap();
        for who in ["ana", "ben", "cem"] {
            let seconds = if who == "cem" { 0.5 } else { 8.0 + (place % 5) as f64 };
            let label = if who == "cem" { "a" } else { class(id) };
            rows.push(json!({"id": id, "label": label, "annotator": who, "seconds": seconds}));
        }
    }
    bench.write("answers.jsonl", lines(rows));
    bench.ok(&["ingest", "answers.jsonl"]);
    bench.ok(&["report"]);
    let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
    let cem = &report["over_time"]["annotators"][2];
    assert_eq!((&cem["annotator"], &cem["rounds"][0]["answers"]), (&json!("cem"), &json!(30)));
    assert_eq!(cem["rounds"][0]["median_seconds"], 0.5);
    assert_eq!((&cem["drift"]["answers"], &cem["drift"]["flagged"]), (&json!(0), &json!(false)));
    let flagged = |part: &str| -> Vec<String> {
        let rows = report["behaviour"][part].as_array().unwrap().iter().filter(|row| row["flagged"] == true);
        rows.map(|row| row["annotator"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(flagged("speed"), ["cem"]);
    assert_eq!(flagged("one_label"), ["cem"]);
    let markdown = bench.read("rounds/0001/report.md");
    assert!(markdown.contains("cem answers too fast: 30 of 30 answers took less than"), "{markdown}");
    assert!(markdown.contains("cem gave \"a\" in 100.0 % of 30 answers"), "{markdown}");
    let head = report["headlines"].to_string();
    assert!(head.contains("Annotators to check: cem answers too fast"), "{head}");
}

#[test]
fn a_fall_on_control_items_is_flagged_with_its_round() {
    let bench = Workbench::with_labels("a,b");
    let control =
        |id: usize| json!({"id": format!("c{id:03}"), "text": format!("control number {id}"), "label": "a"});
    bench.write("control.jsonl", lines((0..60).map(control)));
    bench.write(
        "pool.jsonl",
        lines((0..40).map(|id| json!({"id": format!("p{id}"), "text": format!("text {id}")}))),
    );
    bench.ok(&["import", "control.jsonl", "--as", "control"]);
    bench.ok(&["import", "pool.jsonl"]);
    for round in 1..=2 {
        bench.ok(&[
            "round",
            "--size",
            "35",
            "--near-duplicates",
            "off",
            "--mix",
            "random=0.143,control=0.857",
        ]);
        let batch = bench.rows(&format!("rounds/000{round}/batch.jsonl"));
        let answer = |item: &Value| {
            let control = item["id"].as_str().unwrap().starts_with('c');
            json!({"id": item["id"], "label": if round == 2 && control { "b" } else { "a" }, "annotator": "ana"})
        };
        bench.write("answers.jsonl", lines(batch.iter().map(answer)));
        bench.ok(&["ingest", "answers.jsonl"]);
    }
    bench.ok(&["report"]);
    let report: Value = serde_json::from_str(&bench.read("rounds/0002/report.json")).unwrap();
    let ana = &report["over_time"]["annotators"][0];
    assert_eq!((&ana["drift"]["flagged"], &ana["drift"]["since_round"]), (&json!(true), &json!(2)), "{ana}");
    assert_eq!(ana["rounds"][0]["control"]["value"], 1.0);
    assert_eq!(ana["rounds"][1]["control"]["value"], 0.0);
    assert!(bench.read("rounds/0002/report.md").contains("ana: **worse since round 2**"));
}

#[test]
fn nobody_is_to_be_asked_who_gets_no_documents() {
    let bench = reviewed();
    let asked = || -> Vec<String> {
        let review = bench.json(&["review"]);
        let documents = review["documents"].as_array().unwrap().iter();
        documents.filter_map(|one| one["who"].as_str().map(str::to_owned)).collect()
    };
    let before = asked();
    assert!(!before.is_empty());
    bench.ok(&["people", "pause", &before[0]]);
    assert!(!asked().contains(&before[0]), "{:?}", asked());
}

#[test]
fn decisions_are_of_the_expert_whom_the_file_is_named_after() {
    let bench = reviewed();
    bench.ok(&["review", "--format", "doccano", "--annotators", "eva,mäx", "--out", "experts"]);
    let decided = |name: &str| {
        let rows = bench.rows(&format!("experts/doccano-{name}.jsonl"));
        lines(rows.into_iter().map(|mut row| {
            row["label"] = json!(["a"]);
            row
        }))
    };
    for name in ["eva", "mäx"] {
        let file = format!("{name}.jsonl");
        bench.write(&file, decided(name));
        bench.ok(&["ingest", "--as", "expert", &file]);
    }
    let people = bench.json(&["people"]);
    let experts: Vec<&str> = people["people"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["decisions"].as_u64().unwrap() > 0)
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(experts, ["eva", "mäx"]);
}

#[test]
fn reasons_count_in_any_case_and_those_of_excluded_experts_do_not() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "6", "--mix", "random=1"]);
    let ids: Vec<Value> = bench.rows("rounds/0001/batch.jsonl").iter().map(|row| row["id"].clone()).collect();
    let decision = |at: usize, who: &str, reason: &str| json!({"id": ids[at], "label": "a", "annotator": who, "reason": reason});
    bench.write(
        "e.jsonl",
        lines([decision(0, "eva", "slip"), decision(1, "eva", "SLIP"), decision(2, "max", " Slip")]),
    );
    bench.ok(&["ingest", "--as", "expert", "e.jsonl"]);
    let reasons = || {
        bench.ok(&["report"]);
        let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
        (report["remarks"]["by_reason"].clone(), report["remarks"]["reasons"].clone())
    };
    assert_eq!(reasons(), (json!({"slip": 3}), json!(3)));
    bench.ok(&["people", "exclude", "eva", "--why", "left"]);
    assert_eq!(reasons(), (json!({"slip": 1}), json!(1)));
}
