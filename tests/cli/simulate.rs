//! `querist simulate` yields the same figures with any number of threads and after any kill. If a
//! simulation is impossible, a message says why.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::workbench::{Workbench, answers, documents, lines};

/// The arguments of every simulation here: two strategies, two seeds, three rounds.
const SMALL: [&str; 14] = [
    "simulate",
    "--train",
    "train.jsonl",
    "--test",
    "test.jsonl",
    "--strategies",
    "random,entropy",
    "--initial",
    "12",
    "--size",
    "10",
    "--rounds",
    "3",
    "--seeds=2",
];

fn arguments<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&SMALL[..], &["--out", out], more].concat()
}

/// The rows of a bundled file, unpacked.
fn bundled(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/support_tickets").join(name);
    let mut text = String::new();
    GzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Makes a folder with the bundled tickets: 600 to train on, 200 to test on.
fn tickets() -> Workbench {
    let bench = Workbench::new();
    let labelled = |rows: &[Value], labels: &[Value]| {
        lines(rows.iter().zip(labels).map(|(row, label)| {
            assert_eq!(row["id"], label["id"]);
            json!({"id": row["id"], "text": row["text"], "label": label["label"]})
        }))
    };
    let (pool, truth, test) = (bundled("pool.jsonl.gz"), bundled("truth.jsonl.gz"), bundled("test.jsonl.gz"));
    bench.write("train.jsonl", labelled(&pool[..600], &truth[..600]));
    bench.write("test.jsonl", labelled(&test[..200], &test[..200]));
    bench
}

/// Makes a folder with made-up documents, for tests to which the texts do not matter.
fn made_up() -> Workbench {
    let bench = Workbench::new();
    bench.write("train.jsonl", documents("d", 120, true));
    bench.write("test.jsonl", documents("t", 30, true));
    bench
}

/// The lines of results in the order of the file, without their seconds.
fn results(bench: &Workbench, out: &str) -> Vec<Value> {
    let mut rows = bench.rows(&format!("{out}/results.jsonl"));
    for row in &mut rows {
        row.as_object_mut().unwrap().remove("seconds");
    }
    rows
}

/// The summary without its seconds.
fn summary(bench: &Workbench, out: &str) -> Value {
    let mut summary: Value = serde_json::from_str(&bench.read(&format!("{out}/summary.json"))).unwrap();
    assert!(summary.as_object_mut().unwrap().remove("seconds").is_some());
    summary
}

#[test]
fn tables_and_files_without_ids_are_read_too() {
    let bench = made_up();
    let csv = |name: &str, with_ids: bool| {
        let rows = bench.rows(&format!("{name}.jsonl"));
        let row = |row: &Value| {
            let [id, text, label] =
                ["id", "text", "label"].map(|field| row[field].as_str().unwrap().to_owned());
            if with_ids { format!("{id},{text},{label}\n") } else { format!("{text},{label}\n") }
        };
        let head = if with_ids { "id,text,label\n" } else { "text,label\n" };
        head.to_owned() + &rows.iter().map(row).collect::<String>()
    };
    for (name, with_ids) in [("ids", true), ("none", false)] {
        bench.write(&format!("{name}.csv"), csv("train", with_ids));
        bench.write(&format!("{name}-test.csv"), csv("test", with_ids));
    }
    let played = |train: &str, test: &str, out: &str, more: &[&str]| {
        let files = ["simulate", "--train", train, "--test", test, "--strategies", "random", "--out", out];
        let size = ["--initial", "10", "--size", "10", "--rounds", "2", "--seeds", "1"];
        bench.ok(&[&files[..], &size[..], more].concat());
        results(&bench, out)
    };
    let rows = |rows: &[Value]| rows.iter().map(|row| row["accuracy"].clone()).collect::<Vec<_>>();
    let plain = played("train.jsonl", "test.jsonl", "a", &[]);
    assert_eq!(rows(&played("ids.csv", "ids-test.csv", "b", &[])), rows(&plain));
    let nameless = played("none.csv", "none-test.csv", "c", &[]);
    assert_eq!(nameless.len(), plain.len());
    assert_eq!(nameless[1]["chosen"][0].as_str().unwrap().len(), 32);
    assert_ne!(rows(&played("train.jsonl", "test.jsonl", "d", &["--c", "0.001"]))[1..], rows(&plain)[1..]);
}

#[test]
fn results_are_the_same_on_1_2_and_8_threads() {
    let bench = tickets();
    for threads in ["1", "2", "8"] {
        let printed = bench.json(&arguments(threads, &["--threads", threads]));
        let written: Value = serde_json::from_str(&bench.read(&format!("{threads}/summary.json"))).unwrap();
        assert_eq!(printed, written);
    }
    let one = results(&bench, "1");
    // A header; then, for each strategy and seed in order, the initial state and three rounds.
    let places: Vec<String> =
        one[1..].iter().map(|row| format!("{} {} {}", row["arm"], row["seed"], row["round"])).collect();
    let mut expected = Vec::new();
    for arm in ["random", "entropy"] {
        expected.extend((0..8).map(|place| format!("\"{arm}\" {} {}", place / 4, place % 4)));
    }
    assert_eq!(places, expected);
    for threads in ["2", "8"] {
        assert_eq!(results(&bench, threads), one, "{threads} threads");
        assert_eq!(summary(&bench, threads), summary(&bench, "1"), "{threads} threads");
    }
    // All strategies start alike with the same seed, and then differ.
    let line = |arm: &str, seed: u64, round: u64| {
        let found = |row: &&Value| row["arm"] == arm && row["seed"] == seed && row["round"] == round;
        let mut line = one.iter().find(found).unwrap().clone();
        line.as_object_mut().unwrap().remove("arm");
        line
    };
    assert_eq!(line("random", 0, 0), line("entropy", 0, 0));
    assert_ne!(line("random", 0, 3), line("entropy", 0, 3));
    assert_ne!(line("random", 0, 0)["accuracy"], line("random", 1, 0)["accuracy"]);
    let end = line("random", 0, 3);
    assert_eq!((&end["answers"], &end["asked"], &end["wrong"]), (&json!(42), &json!(42), &json!(0)));
    assert_eq!(end["labeled"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum::<u64>(), 42);
}

#[test]
fn the_figures_are_those_of_real_rounds() {
    let bench = tickets();
    let mut played = arguments("out", &[]);
    let place = played.iter().position(|argument| *argument == "random,entropy").unwrap();
    played[place] = "default";
    bench.ok(&played);
    let lines = results(&bench, "out");
    let of_seed = |seed: u64| lines[1..].iter().filter(move |line| line["seed"] == seed);
    // The same loop in a workspace: the same initial documents and the same answers.
    let truth = bench.rows("train.jsonl");
    let labels: Vec<&str> =
        lines[0]["labels"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    let workspace = Workbench::with_labels(&labels.join(","));
    for file in ["train.jsonl", "test.jsonl"] {
        workspace.write(file, bench.read(file));
    }
    workspace.ok(&["import", "train.jsonl", "--as", "pool"]);
    workspace.ok(&["import", "test.jsonl", "--as", "test"]);
    let mut asked: Vec<Value> = Vec::new();
    for (round, line) in of_seed(1).enumerate() {
        if round > 0 {
            let mut batch: Vec<Value> = asked.iter().map(|row| row["id"].clone()).collect();
            batch.sort_by_key(|id| id.as_str().unwrap().to_owned());
            assert_eq!(line["chosen"], Value::Array(batch), "round {round}");
        } else {
            asked = line["chosen"].as_array().unwrap().iter().map(|id| json!({"id": id})).collect();
        }
        let label = |id: &str, _: &str| {
            truth.iter().find(|row| row["id"] == id).map(|row| row["label"].as_str().unwrap().to_owned())
        };
        workspace.write("answers.jsonl", answers(&asked, &["ana"], label));
        workspace.ok(&["ingest", "answers.jsonl"]);
        let said = workspace.json(&["round", "--size", "10", "--seed", "1"]);
        assert_eq!(said["test_accuracy"], line["accuracy"], "round {round}");
        assert_eq!(said["test_macro_f1"], line["macro_f1"], "round {round}");
        asked = workspace.rows(&format!("rounds/{:04}/batch.jsonl", round + 1));
    }
}

#[test]
fn what_was_cut_short_goes_on_to_the_same() {
    let bench = made_up();
    bench.ok(&arguments("whole", &[]));
    let (whole, expected) = (bench.read("whole/results.jsonl"), results(&bench, "whole"));
    let kept: Vec<&str> = whole.lines().collect();
    std::fs::create_dir(bench.path("cut")).unwrap();
    // Cut the file after some whole lines and half of the next one; n = 0 cuts the header.
    for n in [0, 1, 2, 6, 9, kept.len() - 1] {
        let mut torn = lines(&kept[..n]);
        torn += &kept[n][..kept[n].len() / 2];
        bench.write("cut/results.jsonl", torn);
        bench.ok(&arguments("cut", &[]));
        assert_eq!(results(&bench, "cut"), expected, "cut within line {}", n + 1);
        assert_eq!(summary(&bench, "cut"), summary(&bench, "whole"));
        // Whole lines are kept exactly, with their seconds.
        let again = bench.read("cut/results.jsonl");
        assert!(kept[..n].iter().all(|line| again.lines().any(|found| found == *line)), "{n}");
    }
    // Nothing remains to do, so nothing runs again.
    let before = bench.read("cut/results.jsonl");
    bench.ok(&arguments("cut", &[]));
    assert_eq!(bench.read("cut/results.jsonl"), before);
}

#[test]
fn a_killed_simulation_goes_on() {
    let bench = made_up();
    bench.ok(&arguments("whole", &[]));
    let arguments = arguments("killed", &[]);
    let mut child = bench.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    // Wait until some lines, or all, are there.
    while start.elapsed() < Duration::from_secs(60) {
        let there = std::fs::read_to_string(bench.path("killed/results.jsonl")).unwrap_or_default();
        if there.lines().count() > 3 {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    bench.ok(&arguments);
    assert_eq!(results(&bench, "killed"), results(&bench, "whole"));
}

#[test]
fn another_configuration_in_the_same_folder_is_refused() {
    let bench = made_up();
    bench.ok(&arguments("out", &[]));
    let before = bench.read("out/results.jsonl");
    for (more, key) in [
        (["--noise", "0.1"], "protocol"),
        (["--features", "ngram"], "features"),
        (["--imbalance", "a=0.1"], "imbalance"),
    ] {
        let message = bench.refused(&arguments("out", &more));
        assert!(message.contains("another configuration") && message.contains(key), "{message}");
        assert!(message.contains("choose another folder"), "{message}");
    }
    bench.write("test.jsonl", documents("t", 33, true));
    let message = bench.refused(&arguments("out", &[]));
    assert!(message.contains("inputs"), "{message}");
    assert_eq!(bench.read("out/results.jsonl"), before);
    // A file of another program stays as it is.
    std::fs::create_dir(bench.path("theirs")).unwrap();
    bench.write("theirs/results.jsonl", "my notes\nwithout end");
    assert!(bench.refused(&arguments("theirs", &[])).contains("line 1 is not a line of results"));
    assert_eq!(bench.read("theirs/results.jsonl"), "my notes\nwithout end");
}

#[test]
fn results_that_do_not_come_out_again_are_no_ground_to_go_on_from() {
    let bench = made_up();
    bench.ok(&arguments("out", &[]));
    let whole = bench.read("out/results.jsonl");
    let mut kept: Vec<String> = whole.lines().take(3).map(str::to_owned).collect();
    let mut line: Value = serde_json::from_str(&kept[2]).unwrap();
    line["wrong"] = json!(7);
    kept[2] = line.to_string();
    bench.write("out/results.jsonl", lines(&kept));
    let message = bench.refused(&arguments("out", &["-q"]));
    assert!(message.contains("round 1 of \"random\" with seed 0 differs from"), "{message}");
}

#[test]
fn whatever_cannot_be_simulated_is_said_with_its_place() {
    let bench = made_up();
    let message = bench.refused(&arguments("out", &["--strategies", "entrpy"]));
    assert!(message.contains("unknown strategy \"entrpy\" (did you mean \"entropy\"?)"), "{message}");
    for known in ["default", "random", "margin", "ratio:balance"] {
        assert!(message.contains(known), "{message}");
    }
    for (more, words) in [
        (["--strategies", "random"], "\"random\" is given twice"),
        (["--rounds", "12"], "the pool has 120 documents, but the runs need 132"),
        (["--noise", "2"], "--noise is 2; expected a probability"),
        (["--noise", "-0.5"], "--noise is -0.5; expected a probability"),
        (["--answers-per-item", "0"], "--answers-per-item is 0; expected 1 or more"),
        (["--imbalance", "x=0.1"], "--imbalance: unknown label \"x\""),
        (["--imbalance", "a=1.5"], "--imbalance is 1.5"),
        (["--c", "best"], "--c: \"best\"; expected a number above 0"),
        (["--c", "-1"], "--c: "),
        (["--embedding", "gone"], "gone/tokenizer.json"),
        (["--features", "words"], "--features: the features \"words\" are unknown"),
        (["--train", "gone.jsonl"], "gone.jsonl"),
    ] {
        // An option that may be given only once replaces the default argument.
        let mut arguments = arguments("out", &[]);
        let given = arguments.iter().position(|argument| *argument == more[0]);
        if let Some(place) = given.filter(|_| more[0] != "--strategies") {
            arguments.drain(place..place + 2);
        }
        arguments.extend(more);
        let message = bench.refused(&arguments);
        assert!(message.contains(words), "{more:?}: {message}");
    }
    let message = bench.refused(&arguments("out", &["--features", "static", "--embedding", "none"]));
    assert!(
        message.contains("--features: this kind needs a static embedding, but --embedding says none"),
        "{message}"
    );
    for (bad, words) in [
        ("{\"id\":\"x\",\"text\":\"t\"}", "bad.jsonl:121: the field \"label\" is missing"),
        ("{\"id\":\"x\",\"text\":\" \",\"label\":\"a\"}", "bad.jsonl:121: the field \"text\" is empty"),
        (
            "{\"id\":\"d007\",\"text\":\"t\",\"label\":\"a\"}",
            "bad.jsonl:121: the id \"d007\" is already in bad.jsonl:8",
        ),
        ("nonsense", "bad.jsonl:121: malformed JSON"),
    ] {
        bench.write("bad.jsonl", documents("d", 120, true) + bad + "\n");
        let mut arguments = arguments("out", &[]);
        arguments[2] = "bad.jsonl";
        let message = bench.refused(&arguments);
        assert!(message.contains(words), "{message}");
    }
    let clean = arguments("clean", &[]);
    bench.json(&clean);
    bench.write("bad.jsonl", documents("d", 120, true) + "{\"id\":\"x\",\"text\":\" \",\"label\":\"a\"}\n");
    let mut passed_over = arguments("skipped", &["--skip-bad-rows"]);
    passed_over[2] = "bad.jsonl";
    bench.json(&passed_over);
    assert_eq!(results(&bench, "skipped")[1..], results(&bench, "clean")[1..]);
    bench.write("bad.jsonl", lines((0..90).map(|i| json!({"id": i, "text": "t", "label": "a"}))));
    let mut one_class = arguments("out", &[]);
    one_class[2] = "bad.jsonl";
    assert!(bench.refused(&one_class).contains("all documents are \"a\"; expected at least two classes"));
    assert!(!bench.path("out").exists(), "nothing is written before all is checked");
}

#[test]
fn overlap_is_compared_at_the_same_cost() {
    let bench = made_up();
    let more = ["--noise", "0.3", "--annotators", "3", "--answers-per-item", "1,3", "--imbalance", "a=0.2"];
    bench.ok(&arguments("out", &more));
    let rows = results(&bench, "out");
    let header = &rows[0];
    assert_eq!(header["imbalance"], json!({"a": 0.2}));
    // 40 of each class: 80 / 0.8 = 100 documents, 20 of class a.
    assert_eq!(header["pool"], 100);
    let end = |arm: &str| rows.iter().find(|row| row["arm"] == arm && row["round"] == 3).unwrap().clone();
    let (one, three) = (end("random"), end("random ×3"));
    assert_eq!((&one["answers"], &one["asked"]), (&json!(42), &json!(42)));
    assert_eq!((&three["answers"], &three["asked"]), (&json!(42), &json!(14)));
    let labeled =
        |line: &Value| line["labeled"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum::<u64>();
    assert_eq!(labeled(&three) + three["undecided"].as_u64().unwrap(), 14);
    assert!(one["wrong"].as_u64().unwrap() > 0, "{one}");
    let wrong = |name: &str| {
        let summary = summary(&bench, "out");
        let all = summary["strategies"].as_array().unwrap().clone();
        all.iter().find(|strategy| strategy["name"] == name).unwrap()["wrong"].as_f64().unwrap()
    };
    assert!(wrong("random ×3") < wrong("random"));
}

#[test]
fn the_page_needs_nothing_else_and_breaks_for_no_name() {
    let bench = Workbench::new();
    let hostile = |text: String| text.replace("\"label\":\"b\"", "\"label\":\"<script>&\\\"b\"");
    bench.write("train.jsonl", hostile(documents("d", 120, true)));
    bench.write("test.jsonl", hostile(documents("t", 30, true)));
    bench.ok(&arguments("out", &[]));
    let page = bench.read("out/summary.html");
    for reference in ["http:", "https:", "//", "src=", "href=", "url(", "@import", "<script", "<link"] {
        assert!(!page.contains(reference), "{reference}");
    }
    assert_eq!(page.matches("<svg class=\"chart\"").count(), 3);
    assert_eq!(page.matches("role=\"img\"").count(), page.matches("<desc").count());
    for words in ["prefers-color-scheme:dark", "@media print", "name=\"viewport\"", "lang=\"en\""] {
        assert!(page.contains(words), "{words}");
    }
    assert!(page.contains("&lt;script&gt;&amp;&quot;b"));
    let text = bench.read("out/summary.md");
    for section in ["Means over seeds", "Answers needed", "Wins", "Rare classes", "Seconds per round"] {
        assert!(text.contains(section), "{section}: {text}");
    }
    assert!(
        text.contains("With 2 seeds and 1 pairs of strategies the corrected p is at least 0.500"),
        "{text}"
    );
}
