//! Puts wrong labels into a set and measures whether `querist audit` finds them.
//!
//! `QUERIST_DATA=DIR cargo bench --features peers --bench label_errors -- --sets r8,trec --rates 1,5,10 --seeds 5`
//!
//! A run draws `--documents 2000` from the training texts and gives each of them another class with
//! the probability of the rate. It imports them as labelled documents and the other texts as the
//! pool, then reads `querist audit --all --json`. `--cells FOLDER` reads the runs of another
//! program instead: folders NAME-RATE-SEED with labeled.jsonl, pool.jsonl, and injected.txt (one id
//! a line). `--json FILE` writes a line for each run.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod data;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use data::{Arguments, file, lines};
use querist_core::Seed;
use rand::RngExt;
use rand::seq::SliceRandom;
use serde_json::{Value, json};

/// The share of the set's own labels that may be wrong.
const OWN: f64 = 0.01;

/// The result of one run.
struct Run {
    injected: usize,
    listed: usize,
    hits: usize,
    at_k: f64,
    /// The estimated number of errors: value, low and high end of the interval.
    estimated: Option<[f64; 3]>,
    documents: usize,
    /// cleanlab's F1 and precision at k.
    peer: Option<[f64; 2]>,
}

/// Prints a Markdown row for each set and rate, for each set, and for all runs. Each row has means
/// over its runs: F1, precision and recall of the suspects, precision of the k highest-ranked
/// labels (k errors were put in), and the estimate. "Holds" counts intervals that contain k.
/// "Reaches" counts intervals that touch [k, k + own], because 1 % of the set's own labels (`own`)
/// may be wrong. `--python FILE` is an interpreter with cleanlab (`peers/label_errors.py`), whose
/// figures for the same documents stand in parentheses; the mean differences follow at the end.
fn main() {
    let arguments = Arguments::parse();
    let mut runs: BTreeMap<(String, String), Vec<Run>> = BTreeMap::new();
    let mut log = String::new();
    let mut keep = |set: &str, rate: &str, seed: &str, folder: &Path| {
        let run =
            Run { peer: arguments.text("python").map(|python| cleanlab(python, folder)), ..audited(folder) };
        let estimated = run.estimated;
        log += &format!(
            "{}\n",
            json!({"set": set, "rate": rate, "seed": seed, "injected": run.injected, "listed": run.listed, "hits": run.hits,
                "f1": run.f1(), "precision_at_k": run.at_k, "estimated": estimated, "peer": run.peer})
        );
        if let Some(path) = arguments.text("json") {
            fs::write(path, &log).expect("a file to write");
        }
        runs.entry((set.to_owned(), rate.to_owned())).or_default().push(run);
    };
    if let Some(cells) = arguments.text("cells") {
        let folders = fs::read_dir(cells).expect("a folder").map(|entry| entry.expect("an entry").path());
        for cell in folders.filter(|path| path.join("injected.txt").is_file()).collect::<BTreeSet<_>>() {
            let name = cell.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            let mut parts = name.rsplitn(3, '-');
            let (seed, rate) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            keep(parts.next().unwrap_or_default(), rate, seed, &cell);
        }
    } else {
        let Some(data) = data::folder() else { return };
        for set in arguments.list("sets", "r8,trec,ag_news,clinc150") {
            for rate in arguments.list("rates", "1,5,10") {
                for seed in 0..arguments.number("seeds", 5) {
                    let folder = tempfile::tempdir().expect("a temporary folder");
                    let share = rate.parse::<f64>().expect("a rate in percent") / 100.0;
                    let documents = arguments.number("documents", 2_000) as usize;
                    inject(&lines(&file(&data, &set, "train")), share, documents, seed, folder.path());
                    keep(&set, &rate, &seed.to_string(), folder.path());
                }
            }
        }
    }
    table(&runs);
}

/// Draws documents, puts wrong labels in, and writes the three files of a run.
fn inject(rows: &[String], share: f64, documents: usize, seed: u64, folder: &Path) {
    let mut seen = BTreeSet::new();
    let mut rows: Vec<Value> = rows.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    rows.retain(|row| {
        row["text"].as_str().is_some_and(|text| !text.trim().is_empty() && seen.insert(text.to_owned()))
    });
    let labels: BTreeSet<String> =
        rows.iter().filter_map(|row| row["label"].as_str().map(str::to_owned)).collect();
    let labels: Vec<&String> = labels.iter().collect();
    let mut rng = Seed(seed).rng(0, "label errors");
    rows.shuffle(&mut rng);
    let (mut labeled, mut pool, mut injected) = (String::new(), String::new(), String::new());
    for (place, mut row) in rows.into_iter().enumerate() {
        if place >= documents {
            pool += &format!("{}\n", json!({"id": row["id"], "text": row["text"]}));
            continue;
        }
        if rng.random::<f64>() < share {
            let others: Vec<_> = labels.iter().filter(|label| row["label"] != ***label).collect();
            row["label"] = json!(others[rng.random_range(0..others.len())]);
            injected += &format!("{}\n", row["id"].as_str().unwrap_or_default());
        }
        labeled += &format!("{}\n", json!({"id": row["id"], "text": row["text"], "label": row["label"]}));
    }
    for (name, content) in [("labeled.jsonl", labeled), ("pool.jsonl", pool), ("injected.txt", injected)] {
        fs::write(folder.join(name), content).expect("a file to write");
    }
}

/// Imports a run's files into a workspace of its own and audits it.
fn audited(folder: &Path) -> Run {
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a file of the run");
    let injected: BTreeSet<String> = read("injected.txt").lines().map(str::to_owned).collect();
    let labels: BTreeSet<String> = read("labeled.jsonl")
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).expect("JSON")["label"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    let workspace = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.canonicalize().expect("a folder").join(name).display().to_string();
    let labels = labels.into_iter().collect::<Vec<_>>().join(",");
    querist(workspace.path(), &["init", "--labels", &labels]);
    querist(workspace.path(), &["import", &path("labeled.jsonl"), "--as", "labeled"]);
    if !read("pool.jsonl").is_empty() {
        querist(workspace.path(), &["import", &path("pool.jsonl"), "--as", "pool"]);
    }
    let audit: Value =
        serde_json::from_str(&querist(workspace.path(), &["audit", "--all", "--json"])).expect("JSON");
    let ranked = audit["documents"].as_array().expect("documents");
    let hit = |one: &&Value| injected.contains(one["id"].as_str().unwrap_or_default());
    let suspects: Vec<&Value> = ranked.iter().filter(|one| one["suspected"] == true).collect();
    let first = ranked.iter().take(injected.len()).filter(hit).count();
    let estimated = &audit["estimated"];
    let number = |name: &str| estimated[name].as_f64().expect("a number");
    Run {
        injected: injected.len(),
        listed: suspects.len(),
        hits: suspects.iter().filter(|one| hit(one)).count(),
        at_k: first as f64 / injected.len().max(1) as f64,
        estimated: estimated.is_object().then(|| ["value", "low", "high"].map(number)),
        documents: ranked.len(),
        peer: None,
    }
}

/// cleanlab's F1 and precision at k for a run's documents.
fn cleanlab(python: &str, folder: &Path) -> [f64; 2] {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/label_errors.py");
    let done = Command::new(python).arg(script).arg(folder).output().expect("an interpreter");
    assert!(done.status.success(), "{python}: {}", String::from_utf8_lossy(&done.stderr));
    let found: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    ["f1", "precision_at_k"].map(|name| found[name].as_f64().expect("a number"))
}

impl Run {
    fn f1(&self) -> f64 {
        2.0 * self.hits as f64 / (self.listed + self.injected).max(1) as f64
    }

    fn precision(&self) -> f64 {
        self.hits as f64 / self.listed.max(1) as f64
    }

    fn recall(&self) -> f64 {
        self.hits as f64 / self.injected.max(1) as f64
    }

    /// Whether the interval touches [k, k + own], with `own` as a share of the documents.
    fn reaches(&self, own: f64) -> bool {
        let (k, own) = (self.injected as f64, own * self.documents as f64);
        self.estimated.is_some_and(|[_, low, high]| low <= k + own && k <= high)
    }
}

fn table(runs: &BTreeMap<(String, String), Vec<Run>>) {
    println!(
        "| set | rate | runs | put in | listed | F1 | precision | recall | precision at k | estimate | holds | reaches |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let sets: BTreeSet<&String> = runs.keys().map(|(set, _)| set).collect();
    for set in sets {
        let of_set = || runs.iter().filter(|((name, _), _)| name == set);
        for ((_, rate), of_cell) in of_set() {
            row(set, rate, &of_cell.iter().collect::<Vec<_>>());
        }
        row(set, "all", &of_set().flat_map(|(_, of_cell)| of_cell).collect::<Vec<_>>());
    }
    let all: Vec<&Run> = runs.values().flatten().collect();
    row("all", "", &all);
    for (what, at) in [("F1", 0), ("precision at k", 1)] {
        let differences: Vec<f64> =
            all.iter().filter_map(|run| Some([run.f1(), run.at_k][at] - run.peer?[at])).collect();
        if differences.len() > 1 {
            let n = differences.len() as f64;
            let mean = differences.iter().sum::<f64>() / n;
            let squares: f64 = differences.iter().map(|difference| (difference - mean).powi(2)).sum();
            let error = (squares / (n - 1.0) / n).sqrt();
            println!(
                "\n{what}, difference from cleanlab over {n} runs: {mean:+.3} (standard error {error:.3})"
            );
        }
    }
}

fn row(set: &str, rate: &str, runs: &[&Run]) {
    let n = runs.len().max(1) as f64;
    let mean = |value: &dyn Fn(&Run) -> f64| runs.iter().map(|run| value(run)).sum::<f64>() / n;
    let of = |place: usize| mean(&|run| run.estimated.map_or(f64::NAN, |all| all[place]));
    let count = |holds: &dyn Fn(&Run) -> bool| runs.iter().filter(|run| holds(run)).count();
    let peer = |at: usize| {
        let found: Vec<f64> = runs.iter().filter_map(|run| Some(run.peer?[at])).collect();
        let mean = found.iter().sum::<f64>() / found.len().max(1) as f64;
        if found.is_empty() { String::new() } else { format!(" ({mean:.3})") }
    };
    println!(
        "| {set} | {rate} | {} | {:.0} | {:.0} | {:.3}{} | {:.3} | {:.3} | {:.3}{} | {:.0} ({:.0} to {:.0}) | {} | {} |",
        runs.len(),
        mean(&|run| run.injected as f64),
        mean(&|run| run.listed as f64),
        mean(&Run::f1),
        peer(0),
        mean(&Run::precision),
        mean(&Run::recall),
        mean(&|run| run.at_k),
        peer(1),
        of(0),
        of(1),
        of(2),
        count(&|run| run.reaches(0.0)),
        count(&|run| run.reaches(OWN)),
    );
}

/// Runs a command in the folder and returns what it printed.
fn querist(folder: &Path, arguments: &[&str]) -> String {
    let ran = Command::new(env!("CARGO_BIN_EXE_querist"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("querist");
    assert!(ran.status.success(), "querist {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).expect("UTF-8")
}
