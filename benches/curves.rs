//! Learning curves through the built binary, as a user would run it: start with a few labels, then rounds answered from
//! hidden labels, the test set evaluated each round.
//!
//! `cargo bench --bench curves -- --sets r8,sms_spam --strategies entropy,balance,mix,random --seeds 5`
//!
//! Reads `<set>/train.jsonl[.gz]` and `<set>/test.jsonl[.gz]` (fields id, text, label) under the folder that the environment
//! variable `QUERIST_DATA` names, and says so and stops without it. Prints one JSON object a run, then a table of means and
//! standard deviations over seeds. Every strategy starts from the same labels with the same seed.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod data;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use data::{Arguments, file, lines};
use querist_core::Seed;
use rand::seq::index::sample;
use serde_json::{Value, json};

/// What `--mix` and the other flags of a strategy are.
const STRATEGIES: [(&str, &[&str]); 13] = [
    ("entropy", &["--mix", "uncertainty=1"]),
    ("plain-entropy", &["--mix", "uncertainty=1", "--diversity", "1"]),
    ("margin", &["--mix", "uncertainty=1", "--measure", "margin"]),
    ("balance", &["--mix", "ratio=1", "--ratio", "balance"]),
    ("balance-random", &["--mix", "ratio=1", "--ratio", "balance", "--within", "random"]),
    ("balance-likeliest", &["--mix", "ratio=1", "--ratio", "balance", "--within", "likeliest"]),
    ("balance-uncertain", &["--mix", "ratio=1", "--ratio", "balance", "--within", "uncertain"]),
    ("balance-diverse", &["--mix", "ratio=1", "--ratio", "balance", "--within", "diverse"]),
    ("mix", &["--mix", "uncertainty=0.5,ratio=0.5", "--ratio", "balance"]),
    ("mix-random", &["--mix", "uncertainty=0.5,ratio=0.5", "--ratio", "balance", "--within", "random"]),
    ("mix-uncertain", &["--mix", "uncertainty=0.5,ratio=0.5", "--ratio", "balance", "--within", "uncertain"]),
    ("mix-diverse", &["--mix", "uncertainty=0.5,ratio=0.5", "--ratio", "balance", "--within", "diverse"]),
    ("random", &["--mix", "random=1"]),
];

struct Options {
    data: PathBuf,
    sets: Vec<String>,
    strategies: Vec<String>,
    seeds: u64,
    initial: usize,
    rounds: usize,
    size: usize,
}

/// One set in memory: what the simulated annotator knows.
struct Set {
    name: String,
    labels: Vec<String>,
    /// Lines of the training file, and the id and label of each.
    rows: Vec<(String, String, String)>,
    truth: BTreeMap<String, String>,
    test: PathBuf,
}

fn main() {
    let Some(options) = options() else { return };
    let mut summary = Vec::new();
    for name in &options.sets {
        let set = read_set(&options.data, name);
        for strategy in &options.strategies {
            let curves = run_seeds(&options, &set, strategy);
            summary.push(row(name, strategy, &curves));
        }
    }
    println!("\n| set | strategy | final accuracy | mean accuracy | final macro-F1 | mean macro-F1 |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for row in &summary {
        println!("{row}");
    }
}

/// Runs all seeds of a strategy, two at a time, each on one thread. Gives each seed's curve of (accuracy, macro-F1).
fn run_seeds(options: &Options, set: &Set, strategy: &str) -> Vec<Vec<(f64, f64)>> {
    let next = Mutex::new(0..options.seeds);
    let curves = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(seed) = next.lock().expect("seeds").next() else { return };
                    let curve = run(options, set, strategy, seed);
                    let line = json!({
                        "set": set.name, "strategy": strategy, "seed": seed,
                        "accuracy": curve.iter().map(|point| point.0).collect::<Vec<_>>(),
                        "macro_f1": curve.iter().map(|point| point.1).collect::<Vec<_>>(),
                    });
                    println!("{line}");
                    curves.lock().expect("curves").insert(seed, curve);
                }
            });
        }
    });
    curves.into_inner().expect("curves").into_values().collect()
}

/// One loop: its points are the states with `initial`, `initial + size`, … labels.
fn run(options: &Options, set: &Set, strategy: &str, seed: u64) -> Vec<(f64, f64)> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    querist(root, &["init", "--labels", &set.labels.join(",")]);
    write_lines(&root.join("pool.jsonl"), set.rows.iter().map(|row| row.0.as_str()));
    let mut rng = Seed(seed).rng(0, "initial labels");
    let initial = sample(&mut rng, set.rows.len(), options.initial);
    write_lines(&root.join("labeled.jsonl"), initial.iter().map(|row| set.rows[row].0.as_str()));
    querist(root, &["import", &path(root, "pool.jsonl"), "--as", "pool"]);
    querist(root, &["import", &path(root, "labeled.jsonl"), "--as", "labeled"]);
    querist(root, &["import", &set.test.display().to_string(), "--as", "test"]);
    let (_, flags) = STRATEGIES.iter().find(|known| known.0 == strategy).expect("a known strategy");
    let (size, seed) = (options.size.to_string(), seed.to_string());
    let mut curve = Vec::new();
    for _ in 0..options.rounds {
        let mut arguments = vec!["round", "--size", &size, "--seed", &seed];
        arguments.extend_from_slice(flags);
        let round = querist(root, &arguments);
        curve.push(point(&round["test_accuracy"], &round["test_macro_f1"]));
        answer(root, set, &round);
    }
    let last = querist(root, &["train"]);
    curve.push(point(&last["model"]["test"]["accuracy"]["value"], &last["model"]["test"]["macro_f1"]));
    curve
}

fn point(accuracy: &Value, macro_f1: &Value) -> (f64, f64) {
    (accuracy.as_f64().unwrap_or(f64::NAN), macro_f1.as_f64().unwrap_or(f64::NAN))
}

/// Answers a round's batch from the hidden labels.
fn answer(root: &Path, set: &Set, round: &Value) {
    let batch = fs::read_to_string(round["files"]["batch"].as_str().expect("a batch")).expect("a batch");
    let answers = batch.lines().map(|line| {
        let id = serde_json::from_str::<Value>(line).expect("JSON")["id"].as_str().expect("an id").to_owned();
        json!({"id": id, "label": set.truth[&id], "annotator": "truth"}).to_string()
    });
    let answers: Vec<String> = answers.collect();
    write_lines(&root.join("answers.jsonl"), answers.iter().map(String::as_str));
    querist(root, &["ingest", &path(root, "answers.jsonl")]);
}

fn querist(root: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_querist"))
        .args(arguments)
        .args(["--json", "--threads", "1", "-w"])
        .arg(root)
        .stderr(Stdio::piped())
        .output()
        .expect("the binary");
    assert!(output.status.success(), "querist {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn read_set(data: &Path, name: &str) -> Set {
    let rows: Vec<(String, String, String)> = lines(&file(data, name, "train"))
        .into_iter()
        .map(|line| {
            let value: Value = serde_json::from_str(&line).expect("JSON");
            let text = |field: &str| value[field].as_str().expect("a string").to_owned();
            let (id, label) = (text("id"), text("label"));
            (line, id, label)
        })
        .filter(|row| {
            !serde_json::from_str::<Value>(&row.0)
                .is_ok_and(|v| v["text"].as_str().is_none_or(|t| t.trim().is_empty()))
        })
        .collect();
    let truth: BTreeMap<String, String> = rows.iter().map(|row| (row.1.clone(), row.2.clone())).collect();
    let mut labels: Vec<String> = truth.values().cloned().collect();
    labels.sort();
    labels.dedup();
    Set { name: name.to_owned(), labels, rows, truth, test: file(data, name, "test") }
}

fn write_lines<'a>(path: &Path, lines: impl Iterator<Item = &'a str>) {
    let mut file = std::io::BufWriter::new(fs::File::create(path).expect("a file"));
    lines.for_each(|line| writeln!(file, "{line}").expect("a file"));
    file.flush().expect("a file");
}

fn path(root: &Path, name: &str) -> String {
    root.join(name).display().to_string()
}

fn row(set: &str, strategy: &str, curves: &[Vec<(f64, f64)>]) -> String {
    let spread = |values: Vec<f64>| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        format!("{mean:.4} ± {:.4}", variance.sqrt())
    };
    let last =
        |of: fn(&(f64, f64)) -> f64| spread(curves.iter().filter_map(|curve| curve.last().map(of)).collect());
    let mean = |of: fn(&(f64, f64)) -> f64| {
        spread(curves.iter().map(|curve| curve.iter().map(of).sum::<f64>() / curve.len() as f64).collect())
    };
    format!(
        "| {set} | {strategy} | {} | {} | {} | {} |",
        last(|point| point.0),
        mean(|point| point.0),
        last(|point| point.1),
        mean(|point| point.1)
    )
}

fn options() -> Option<Options> {
    let data = data::folder()?;
    let arguments = Arguments::parse();
    Some(Options {
        data,
        sets: arguments.list("sets", "ag_news,r8,sms_spam"),
        strategies: arguments.list("strategies", "entropy,balance,mix,random"),
        seeds: arguments.number("seeds", 5),
        initial: arguments.number("initial", 100) as usize,
        rounds: arguments.number("rounds", 10) as usize,
        size: arguments.number("size", 50) as usize,
    })
}
