//! The same inputs and the same seed yield the same bytes, with any number of threads, in any
//! folder, and in any order of import.
//!
//! The tests run several rounds with answers on the bundled tickets, with the default mix.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use crate::workbench::{Workbench, answers, differing};

const DOCUMENTS: usize = 1_500;
const ROUNDS: usize = 3;
const ANNOTATORS: [&str; 3] = ["ana", "ben", "chloe"];

/// The text of a bundled file, unpacked.
fn bundled(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/support_tickets").join(name);
    let mut text = String::new();
    let file = File::open(&path).unwrap();
    if path.extension().is_some_and(|extension| extension == "gz") {
        GzDecoder::new(file).read_to_string(&mut text).unwrap();
    } else {
        { file }.read_to_string(&mut text).unwrap();
    }
    text
}

fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The labels, and the true class of every pool document and control item.
struct Truth {
    labels: Vec<String>,
    of: BTreeMap<String, usize>,
}

impl Truth {
    fn new() -> Self {
        let about: Value = serde_json::from_str(&bundled("dataset.json")).unwrap();
        let labels: Vec<String> = serde_json::from_value(about["labels"].clone()).unwrap();
        let known = [rows(&bundled("truth.jsonl.gz")), rows(&bundled("control.jsonl"))].concat();
        let class = |row: &Value| labels.iter().position(|label| row["label"] == label.as_str()).unwrap();
        let of = known.iter().map(|row| (row["id"].as_str().unwrap().to_owned(), class(row))).collect();
        Self { labels, of }
    }

    /// An annotator's answer: the truth, except for some documents, which differ by annotator.
    fn answer(&self, id: &str, annotator: &str) -> Option<String> {
        let number: usize = id.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
        let slip = (number + annotator.len()).is_multiple_of(7);
        if (number + annotator.len()).is_multiple_of(31) {
            return None;
        }
        Some(self.labels[(self.of[id] + usize::from(slip)) % self.labels.len()].clone())
    }
}

/// Makes a workspace with 1,500 tickets in the given pool files, a test set, control items and,
/// with `labeled`, 30 labelled documents.
fn workspace(truth: &Truth, pool: &[String], labeled: bool) -> Workbench {
    let bench = Workbench::with_labels(&truth.labels.join(","));
    for (n, lines) in pool.iter().enumerate() {
        bench.write(&format!("pool-{n}.jsonl"), lines);
        bench.ok(&["import", &format!("pool-{n}.jsonl")]);
    }
    for (name, kind) in [("test.jsonl.gz", "test"), ("control.jsonl", "control")] {
        bench.write("rows.jsonl", bundled(name));
        bench.ok(&["import", "rows.jsonl", "--as", kind]);
    }
    if labeled {
        bench.write("rows.jsonl", bundled("seed.jsonl"));
        bench.ok(&["import", "rows.jsonl"]);
    }
    bench
}

fn pool() -> String {
    bundled("pool.jsonl.gz").lines().take(DOCUMENTS).fold(String::new(), |text, line| text + line + "\n")
}

/// Ingests answers to the batch of a round.
fn answer(bench: &Workbench, round: usize, label: impl Fn(&str, &str) -> Option<String>) {
    let batch = bench.rows(&format!("rounds/{round:04}/batch.jsonl"));
    bench.write("answers.jsonl", answers(&batch, &ANNOTATORS, label));
    bench.ok(&["ingest", "answers.jsonl"]);
}

/// Plays the loop with some flags. Returns every file of the rounds, and the models by their names,
/// which are their hashes.
fn play(bench: &Workbench, truth: &Truth, flags: &[&str]) -> BTreeMap<String, Vec<u8>> {
    for round in 1..=ROUNDS {
        bench.ok(&[&["round"], flags].concat());
        answer(bench, round, |id, annotator| truth.answer(id, annotator));
    }
    bench.ok(&[&["report"], flags].concat());
    results(bench)
}

fn results(bench: &Workbench) -> BTreeMap<String, Vec<u8>> {
    let mut files = bench.files("rounds/");
    files.append(&mut bench.files("models/"));
    files
}

fn assert_same(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>, what: &str) {
    assert_eq!(differing(left, right), Vec::<String>::new(), "{what}");
}

fn batch(files: &BTreeMap<String, Vec<u8>>, round: usize) -> &[u8] {
    &files[&format!("rounds/{round:04}/batch.jsonl")]
}

#[test]
fn rounds_are_the_same_on_1_2_and_8_threads() {
    let truth = Truth::new();
    let before = workspace(&truth, &[pool()], true);
    let toml = before
        .read("querist.toml")
        .replace("uncertainty = 0.85, ratio = 0,", "uncertainty = 0.55, ratio = 0.3,");
    before.write("querist.toml", toml);
    let one = play(&before.copy(), &truth, &["--threads", "1"]);
    assert_eq!(one.keys().filter(|name| name.ends_with(".safetensors")).count(), ROUNDS);
    assert_eq!(one.keys().filter(|name| name.ends_with("report.json")).count(), ROUNDS);
    for round in 1..=ROUNDS {
        let picks = rows(std::str::from_utf8(&one[&format!("rounds/{round:04}/picks.jsonl")]).unwrap());
        for (share, expected) in [("uncertainty", 55), ("ratio", 30), ("random", 10), ("control", 5)] {
            let given = picks.iter().filter(|pick| pick["share"] == share).count();
            assert_eq!(given, expected, "round {round}, {share}: nothing of it would be tried");
        }
    }
    for threads in ["2", "8"] {
        assert_same(&play(&before.copy(), &truth, &["--threads", threads]), &one, threads);
    }
}

#[test]
fn rounds_without_a_model_are_the_same_on_1_2_and_8_threads() {
    let truth = Truth::new();
    let before = workspace(&truth, &[pool()], false);
    let play = |threads: &str| {
        let bench = before.copy();
        let mut modes = Vec::new();
        for round in 1..=3 {
            let said = bench.json(&["round", "--threads", threads]);
            modes.push(said["batch"]["mode"].as_str().unwrap().to_owned());
            // The first answers all have the same class, so the second round knows only this class.
            answer(&bench, round, |id, annotator| match round {
                1 => Some(truth.labels[0].clone()),
                _ => truth.answer(id, annotator),
            });
        }
        assert_eq!(modes, ["no-labels", "one-class", "model"]);
        results(&bench)
    };
    let one = play("1");
    for threads in ["2", "8"] {
        assert_same(&play(threads), &one, threads);
    }
}

#[test]
fn the_order_of_import_does_not_matter() {
    let truth = Truth::new();
    let pool = pool();
    let straight = play(&workspace(&truth, std::slice::from_ref(&pool), true), &truth, &[]);
    let mut lines: Vec<&str> = pool.lines().collect();
    lines.shuffle(&mut ChaCha8Rng::seed_from_u64(3));
    let files: Vec<String> = lines.chunks(400).map(|lines| lines.join("\n") + "\n").collect();
    assert_eq!(files.len(), 4);
    let shuffled = play(&workspace(&truth, &files, true), &truth, &[]);
    assert_same(&shuffled, &straight, "shuffled, in four files");
}

#[test]
fn the_folder_and_the_way_to_it_do_not_matter() {
    let truth = Truth::new();
    let before = workspace(&truth, &[pool()], true);
    let here = play(&before.copy(), &truth, &[]);
    let there = before.copy();
    let elsewhere = Workbench::new();
    let path = there.root().to_str().unwrap();
    for round in 1..=ROUNDS {
        elsewhere.ok(&["-w", path, "round"]);
        let rows = there.rows(&format!("rounds/{round:04}/batch.jsonl"));
        elsewhere.write("a.jsonl", answers(&rows, &ANNOTATORS, |id, annotator| truth.answer(id, annotator)));
        elsewhere.ok(&["-w", path, "ingest", "a.jsonl"]);
    }
    elsewhere.ok(&["-w", path, "report"]);
    assert_same(&results(&there), &here, "-w");
}

#[test]
fn another_seed_gives_another_batch_and_the_same_seed_the_same() {
    let truth = Truth::new();
    let before = workspace(&truth, &[pool()], true);
    let with_seed = |seed: &str| {
        let bench = before.copy();
        bench.ok(&["round", "--seed", seed]);
        results(&bench)
    };
    let (one, two) = (with_seed("1"), with_seed("2"));
    assert_ne!(batch(&one, 1), batch(&two, 1));
    assert_same(&with_seed("1"), &one, "--seed 1 again");
    // The model depends only on the labels.
    let models = |files: &BTreeMap<String, Vec<u8>>| {
        files.keys().filter(|name| name.starts_with("models/")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(models(&one), models(&two));
    // The setting in querist.toml has the same effect as the flag.
    let bench = before.copy();
    bench.write("querist.toml", bench.read("querist.toml").replace("\nseed = 0\n", "\nseed = 1\n"));
    bench.ok(&["round"]);
    assert_same(&results(&bench), &one, "seed = 1");
}
