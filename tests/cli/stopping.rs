//! `querist status`, the report and `querist simulate` say whether to stop, and why.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::workbench::{Workbench, answers, documents, lines};

/// The rows of a bundled file, unpacked.
fn bundled(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/support_tickets").join(name);
    let mut text = String::new();
    GzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The true class of a made-up document.
fn right(id: &str) -> String {
    ["a", "b", "c"][id[1..].parse::<usize>().unwrap() % 3].to_owned()
}

/// Plays rounds in a workspace and answers each of them correctly.
fn play(bench: &Workbench, rounds: usize, size: &str, mix: &str, truth: &dyn Fn(&str) -> Option<String>) {
    for _ in 0..rounds {
        let made = bench.json(&["round", "--size", size, "--mix", mix]);
        let batch = format!("rounds/{:04}/batch.jsonl", made["round"].as_u64().unwrap());
        bench.write("answers.jsonl", answers(&bench.rows(&batch), &["ana"], |id, _| truth(id)));
        bench.ok(&["ingest", "answers.jsonl"]);
    }
}

/// Sets lines below `[stop]` of querist.toml; they replace lines with the same key.
fn set(bench: &Workbench, settings: &[(&str, &str)]) {
    let mut text = bench.read("querist.toml");
    for (key, value) in settings {
        let kept = text.lines().filter(|line| !line.starts_with(&format!("{key} =")));
        text = lines(kept).replace("[stop]\n", &format!("[stop]\n{key} = {value}\n"));
    }
    bench.write("querist.toml", text);
}

fn stopping(bench: &Workbench) -> Value {
    bench.json(&["status"])["stopping"].clone()
}

fn rule(stopping: &Value, name: &str) -> Value {
    let rules = stopping["rules"].as_array().unwrap();
    rules.iter().find(|rule| rule["rule"] == name).unwrap().clone()
}

#[test]
fn a_loop_that_has_settled_is_told_to_stop_and_why() {
    let bench = Workbench::small();
    assert_eq!(stopping(&bench), Value::Null, "no round, no history");
    play(&bench, 2, "6", "random=1", &|id| Some(right(id)));
    let early = stopping(&bench);
    assert_eq!(early["verdict"], "cannot tell yet");
    assert!(
        early["reason"].as_str().unwrap().starts_with("2 more rounds are needed, with 1 of 3"),
        "{early}"
    );
    assert_eq!(early["forecast"]["outlook"], "cannot tell yet");
    assert!(bench.ok(&["status"]).contains("  Too early to tell: 2 more rounds are needed"));
    play(&bench, 5, "6", "random=1", &|id| Some(right(id)));
    let late = stopping(&bench);
    // Three of five words reveal the class, so a few labels are enough.
    let kappa = rule(&late, "kappa");
    let mean = kappa["numbers"]["mean_kappa"].as_f64().unwrap();
    assert_eq!(kappa["advice"] == "stop", mean >= 0.99 - 1e-12, "{kappa}");
    assert_eq!((&kappa["role"], &rule(&late, "plateau")["role"]), (&json!("decides"), &json!("may object")));
    // The verdict follows the settings, with the same history.
    set(&bench, &[("min_kappa", "0.05"), ("unless", "[]")]);
    let settled = stopping(&bench);
    assert_eq!(settled["verdict"], "stop", "{settled}");
    let status = bench.ok(&["status"]);
    assert!(status.contains("  Stop: kappa between successive models averages "), "{status}");
    set(&bench, &[("rules", "[\"kappa\", \"plateau\"]"), ("gain_rounds", "9")]);
    let both = stopping(&bench);
    assert_eq!(both["verdict"], "cannot tell yet");
    assert!(both["reason"].as_str().unwrap().starts_with("11 more rounds are needed"), "{both}");
    set(&bench, &[("when", "\"any\"")]);
    assert_eq!(stopping(&bench)["verdict"], "stop");
    // The report says the same, as JSON and as Markdown.
    bench.ok(&["report"]);
    let report: Value = serde_json::from_str(&bench.read("rounds/0007/report.json")).unwrap();
    assert_eq!(report["stopping"], stopping(&bench));
    let text = bench.read("rounds/0007/report.md");
    assert!(text.contains("## Stop or go on\n\n**Stop: kappa between successive"), "{text}");
    assert!(text.contains("- Stop: kappa between successive models "), "a stop is a headline: {text}");
}

#[test]
fn rounds_that_nobody_answered_are_no_evidence() {
    // Rounds without any answers, and rounds with only skips.
    for skips in [false, true] {
        let bench = Workbench::small();
        for _ in 0..5 {
            let made = bench.json(&["round", "--size", "6"]);
            let batch = format!("rounds/{:04}/batch.jsonl", made["round"].as_u64().unwrap());
            if skips {
                bench.write("answers.jsonl", answers(&bench.rows(&batch), &["ana"], |_, _| None));
                bench.ok(&["ingest", "answers.jsonl"]);
            }
        }
        let status = bench.json(&["status"]);
        let found = &status["stopping"];
        assert_eq!(found["verdict"], "cannot tell yet", "{found}");
        for name in ["kappa", "change", "uncertainty", "plateau"] {
            let rule = rule(found, name);
            assert_eq!(rule["advice"], "cannot tell yet", "{rule}");
            let reason = rule["reason"].as_str().unwrap();
            let why = "rounds 2 to 5 do not count, because no new label came in since the previous model";
            assert!(reason.ends_with(why), "{reason}");
        }
        let rounds = found["rounds"].as_array().unwrap();
        let counts: Vec<bool> = rounds.iter().map(|round| round["counts"].as_bool().unwrap()).collect();
        assert_eq!(counts, [true, false, false, false, false]);
        let unanswered = status["rounds"].as_array().unwrap().iter().map(|round| &round["unanswered"]);
        assert!(unanswered.eq([&json!(!skips); 5]), "{status}");
        let why = if skips { "answers, but no labels" } else { "no answers" };
        let why = format!("their documents have {why}");
        let text = bench.ok(&["status"]);
        assert!(text.contains(&format!("  No labels yet from rounds 1 to 5 ({why}).\n")), "{text}");
        // One label for each round is too little evidence, and the output says so.
        play(&bench, 4, "1", "random=1", &|id| Some(right(id)));
        let found = stopping(&bench);
        assert_eq!(found["verdict"], "cannot tell yet", "{found}");
        let reason = rule(&found, "kappa")["reason"].as_str().unwrap().to_owned();
        let why =
            "rounds 2 to 9 do not count, because only 3 of the 5 labels needed for a comparison came in";
        assert!(reason.contains(why), "{reason}");
    }
}

#[test]
fn a_budget_ends_it_whatever_the_model() {
    let bench = Workbench::small();
    play(&bench, 1, "6", "random=1", &|id| Some(right(id)));
    assert_eq!(rule_names(&stopping(&bench)), ["kappa", "change", "uncertainty", "plateau"]);
    set(&bench, &[("budget", "7")]);
    assert_eq!(stopping(&bench)["verdict"], "cannot tell yet");
    assert_eq!(rule(&stopping(&bench), "budget")["advice"], "go on");
    set(&bench, &[("budget", "6")]);
    let spent = stopping(&bench);
    assert_eq!(
        (&spent["verdict"], &spent["reason"]),
        (&json!("stop"), &json!("6 of 6 answers are spent (budget)"))
    );
    // 12 documents came with their label.
    set(&bench, &[("budget", "18"), ("budget_of", "\"documents\"")]);
    assert_eq!(stopping(&bench)["reason"], "18 of 18 documents are spent (budget)");
    set(&bench, &[("budget", "0")]);
    assert!(bench.refused(&["status"]).contains("budget: 0; expected 1 or more"));
}

fn rule_names(stopping: &Value) -> Vec<String> {
    let rules = stopping["rules"].as_array().unwrap();
    rules.iter().map(|rule| rule["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_stop_set_survives_other_features_and_more_documents() {
    let bench = Workbench::small();
    play(&bench, 2, "6", "random=1", &|id| Some(right(id)));
    bench.write("querist.toml", bench.read("querist.toml").replace("kind = \"auto\"", "kind = \"ngram\""));
    bench.write("more.jsonl", documents("m", 30, false));
    bench.ok(&["import", "more.jsonl"]);
    play(&bench, 2, "6", "random=1", &|id| Some(right(id)));
    let kappa = rule(&stopping(&bench), "kappa");
    // Four rounds give three comparisons, over the 72 documents that were there all the time.
    assert_eq!(kappa["numbers"]["documents"], 72.0, "{kappa}");
    // The evidence was recorded, so models and features are not needed.
    let before = stopping(&bench);
    std::fs::remove_dir_all(bench.path("models")).unwrap();
    std::fs::remove_dir_all(bench.path("features")).unwrap();
    assert_eq!(stopping(&bench), before);
}

#[test]
fn the_forecast_on_the_bundled_tickets_has_an_interval() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/support_tickets");
    let labels = bundled("truth.jsonl.gz");
    let mut names: Vec<&str> = labels.iter().map(|row| row["label"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    let bench = Workbench::with_labels(&names.join(","));
    let pool = bundled("pool.jsonl.gz");
    bench.write("pool.jsonl", lines(pool.iter().take(1_500)));
    bench.ok(&["import", "pool.jsonl"]);
    bench.ok(&["import", data.join("test.jsonl.gz").to_str().unwrap(), "--as", "test"]);
    let truth = |id: &str| {
        labels.iter().find(|row| row["id"] == id).map(|row| row["label"].as_str().unwrap().to_owned())
    };
    set(&bench, &[("target", "0.8")]);
    play(&bench, 6, "40", "uncertainty=0.5,random=0.5", &truth);
    let stopping = stopping(&bench);
    let forecast = &stopping["forecast"];
    assert_eq!(forecast["measured_on"], "test set");
    let curve = &forecast["curve"];
    let (a, b, c) =
        (curve["a"].as_f64().unwrap(), curve["b"].as_f64().unwrap(), curve["c"].as_f64().unwrap());
    assert!((0.0..=1.0).contains(&a) && b >= 0.0 && c > 0.0, "{curve}");
    assert!(
        ["reached", "needs more labels", "out of reach", "cannot tell yet"]
            .contains(&forecast["outlook"].as_str().unwrap())
    );
    if forecast["outlook"] == "needs more labels" {
        // The upper end and even the likeliest number may exceed the pool.
        let [low, more, high] = ["low", "more_labels", "high"].map(|key| forecast[key].as_u64());
        let (low, more) = (low.unwrap(), more.or(high).unwrap_or(1_500));
        assert!(low <= more && more <= high.unwrap_or(1_500) && more <= 1_500, "{forecast}");
    }
    let expected = &forecast["expected"];
    let [low, value, high] = ["low", "value", "high"].map(|key| expected[key].as_f64().unwrap());
    assert!(0.0 <= low && low <= value && value <= high && high <= 1.0, "{expected}");
    assert!(expected["labeled"].as_u64().unwrap() <= 1_500, "{expected}");
    let kappa = rule(&stopping, "kappa")["numbers"]["mean_kappa"].as_f64().unwrap();
    assert!(kappa > 0.3 && kappa < 1.0, "{kappa}");
    assert!(bench.ok(&["status"]).contains("(measured on the test set)"));
}

#[test]
fn a_simulation_says_where_each_rule_would_have_stopped() {
    let bench = Workbench::new();
    bench.write("train.jsonl", documents("d", 120, true));
    bench.write("test.jsonl", documents("t", 30, true));
    let files = ["simulate", "--train", "train.jsonl", "--test", "test.jsonl", "--out", "out"];
    let rest =
        ["--strategies", "random,entropy", "--initial", "12", "--size", "6", "--rounds", "8", "--seeds", "2"];
    let summary = bench.json(&[&files[..], &rest[..]].concat());
    let stopped = summary["stopped"].as_array().unwrap();
    let rules: Vec<&str> = stopped.iter().map(|row| row["rule"].as_str().unwrap()).collect();
    assert_eq!(rules[..5], ["kappa", "change", "uncertainty", "plateau", "defaults"]);
    assert_eq!(rules.len(), 10);
    let results = bench.rows("out/results.jsonl");
    for row in stopped.iter().filter(|row| row["rule"] == "kappa") {
        // Computed independently: the first round at which the last three kappas have a mean of
        // 0.99.
        let mut seeds = 0;
        for seed in 0..2 {
            let of_run = |line: &&Value| line["arm"] == row["strategy"] && line["seed"] == seed;
            let run: Vec<&Value> = results[1..].iter().filter(of_run).collect();
            assert_eq!(run[0]["stop"]["compared"], 0, "the first model has none before it");
            let kappas: Vec<Option<f64>> =
                run[1..].iter().map(|line| line["stop"]["kappa"].as_f64()).collect();
            assert!(run[1..].iter().all(|line| line["stop"]["compared"] == 120));
            let settled = |three: &[Option<f64>]| {
                three.iter().all(Option::is_some) && three.iter().flatten().sum::<f64>() / 3.0 >= 0.99 - 1e-12
            };
            seeds += u64::from(kappas.windows(3).any(settled));
        }
        assert_eq!(row["seeds"], seeds, "{row}");
        assert_eq!(row["accuracy"].is_null(), seeds == 0);
    }
    // Only the random strategy has a random share to audit.
    let audited = |arm: &str| {
        let of_arm = results[1..].iter().filter(|line| line["arm"] == arm && line["round"] == 1);
        of_arm.map(|line| line["stop"]["audited"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((audited("random"), audited("entropy")), (vec![6, 6], vec![0, 0]));
    assert!(bench.read("out/summary.md").contains("## When stopping rules would have ended the runs"));
    assert!(bench.read("out/summary.html").contains("When stopping rules would have ended the runs"));
}

#[test]
fn copies_of_labelled_texts_are_no_new_labels() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 60, false));
    bench.ok(&["import", "pool.jsonl"]);
    let labeled = documents("l", 12, true);
    for copy in 0..6 {
        // The same texts with other ids and other white space.
        let rows = labeled.replace("\"id\":\"l", &format!("\"id\":\"copy{copy}-"));
        bench.write("copy.jsonl", rows.replace(" number", &format!("{}number", " ".repeat(copy + 1))));
        bench.ok(&["import", "copy.jsonl"]);
        bench.ok(&["round", "--size", "3"]);
    }
    let found = stopping(&bench);
    for name in ["kappa", "change", "uncertainty", "plateau"] {
        let rule = rule(&found, name);
        assert_eq!(rule["advice"], "cannot tell yet", "{rule}");
    }
    let reason = rule(&found, "kappa")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("rounds 2 to 6 do not count, because no new label came in"), "{reason}");
}

#[test]
fn answers_that_all_change_are_new_labels_though_the_counts_stay() {
    let bench = Workbench::with_labels("a,b");
    bench.write("pool.jsonl", documents("p", 60, false));
    bench.ok(&["import", "pool.jsonl"]);
    bench.ok(&["round", "--size", "12"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let ids: Vec<&str> = batch.iter().map(|row| row["id"].as_str().unwrap()).collect();
    let answer = |turned: bool| {
        let label = |at: usize| if (at.is_multiple_of(2)) == turned { "a" } else { "b" };
        let rows = ids.iter().enumerate();
        lines(rows.map(|(at, id)| json!({"id": id, "annotator": "ana", "label": label(at)})))
    };
    for turned in [false, true] {
        bench.write("answers.jsonl", answer(turned));
        bench.ok(&["ingest", "answers.jsonl"]);
        bench.ok(&["round", "--size", "2"]);
    }
    let rounds = stopping(&bench)["rounds"].clone();
    assert_eq!((&rounds[2]["new_labels"], &rounds[2]["counts"]), (&json!(12), &json!(true)), "{rounds}");
}

#[test]
fn a_round_without_labels_is_told_for_what_it_is() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "12", "--mix", "control=0.25"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let (controls, others): (Vec<Value>, Vec<Value>) =
        batch.into_iter().partition(|row| row["id"].as_str().unwrap().starts_with('c'));
    assert!(!controls.is_empty() && !others.is_empty());
    bench.write("controls.jsonl", answers(&controls, &["ana"], |id, _| Some(right(id))));
    bench.ok(&["ingest", "controls.jsonl"]);
    let text = bench.ok(&["status"]);
    assert!(text.contains("No labels yet from round 1 (only control items were answered)."), "{text}");
    bench.write("settled.jsonl", lines(others.iter().map(|row| json!({"id": row["id"], "label": null}))));
    bench.ok(&["ingest", "--as", "expert", "settled.jsonl", "--annotator", "eve"]);
    let text = bench.ok(&["status"]);
    assert!(
        text.contains("No labels yet from round 1 (its documents have answers, but no labels)."),
        "{text}"
    );
}
