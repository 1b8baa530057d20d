//! What `querist status` and the report say about hours and money, and when they cannot say
//! anything.

use serde_json::{Value, json};

use crate::workbench::{Workbench, lines};

/// Makes a workspace with a batch of 12, of which ana and ben have 6 each.
fn handed_out() -> Workbench {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "12", "--mix", "random=1"]);
    bench.ok(&["export", "--format", "csv", "--annotators", "ana,ben"]);
    bench
}

/// Writes answers of `who` to the first `n` documents of their part, `apart` seconds after each
/// other, with the given seconds for each answer, if any.
fn answer(bench: &Workbench, who: &str, n: usize, (apart, seconds): (usize, Option<u32>)) {
    let part = bench.read(&format!("rounds/0001/batch-{who}.csv"));
    let ids = part.lines().skip(1).map(|line| line.split(',').next().unwrap().trim_matches('"'));
    let row = |(i, id): (usize, &str)| {
        let time = format!("2026-05-01T12:{:02}:{:02}Z", i * apart / 60, i * apart % 60);
        let mut row = json!({"id": id, "label": "a", "annotator": who, "time": time});
        if let Some(seconds) = seconds {
            row["seconds"] = json!(seconds);
        }
        row
    };
    bench.write("answers.jsonl", lines(ids.take(n).enumerate().map(row)));
    bench.ok(&["ingest", "answers.jsonl"]);
}

#[test]
fn hours_left_are_told_by_each_person_s_own_pace() {
    let bench = handed_out();
    answer(&bench, "ana", 5, (60, Some(36)));
    let none = bench.json(&["status"])["pace"].clone();
    assert_eq!((&none["hourly_rate"], &none["batch"]["cost"]), (&Value::Null, &Value::Null));
    bench.ok(&["config", "set", "cost.hourly_rate", "30"]);
    let pace = bench.json(&["status"])["pace"].clone();
    let [ana, ben] = [0, 1].map(|at: usize| pace["annotators"][at].clone());
    assert_eq!((&ana["basis"], &ana["seconds_per_answer"]), (&json!(["seconds"]), &json!(36.0)));
    assert_eq!((&ana["to_do"], &ana["hours_left"]), (&json!(1), &json!(0.01)));
    // Ben has no answers yet, so the pace of all annotators is used for him.
    assert_eq!((&ben["to_do"], &ben["hours_left"]), (&json!(6), &json!(0.06)));
    assert!(ben["why_none"].as_str().unwrap().starts_with("5 answers with a duration are needed"), "{ben}");
    let batch = &pace["batch"];
    assert_eq!((&batch["answers"], batch["hours"].as_f64().unwrap()), (&json!(7), 0.01 + 0.06));
    assert!((batch["cost"].as_f64().unwrap() - 2.1).abs() < 1e-9, "{batch}");
    let status = bench.ok(&["status"]);
    assert!(status.contains("Pace: 100 answers per person and hour, 36.0 s per answer"), "{status}");
    assert!(status.contains("Batch 1 needs 7 more answers: 4 min, or 2.10 EUR."), "{status}");
    bench.ok(&["report"]);
    let page = bench.read("rounds/0001/report.html");
    assert!(page.contains("Pace and cost") && page.contains("2.10 EUR"));
    // The hourly rate is not part of a round.
    assert!(!bench.read("rounds/0001/manifest.json").contains("hourly_rate"));
    bench.ok(&["reproduce", "1"]);
}

#[test]
fn times_stand_in_for_seconds() {
    let bench = handed_out();
    answer(&bench, "ben", 6, (20, None));
    let pace = bench.json(&["status"])["pace"].clone();
    let ben = &pace["annotators"][1];
    assert_eq!((&ben["basis"], &ben["measured"]), (&json!(["times"]), &json!(5)));
    assert_eq!((&ben["seconds_per_answer"], &ben["to_do"]), (&json!(20.0), &json!(0)));
}

#[test]
fn a_cost_that_makes_no_sense_is_refused() {
    let bench = Workbench::small();
    for (key, value) in
        [("cost.hourly_rate", "0"), ("cost.hourly_rate", "much"), ("cost.currency", "nine char")]
    {
        assert!(bench.refused(&["config", "set", key, value]).contains(key), "{key} {value}");
    }
}
