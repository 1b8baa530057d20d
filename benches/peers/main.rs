//! Querist beside scikit-learn and small-text: the same work on the same documents, both sides
//! taking turns in one run.
//!
//! `cargo bench --features peers --bench peers -- --set ag_news --runs 3 --parts vectorise,training,warm,round,process,bandwidth --sizes 500,2000,10000`
//!
//! Reads `<set>/train.jsonl[.gz]` and `<set>/test.jsonl[.gz]` (fields id, text, label) under the
//! folder that `QUERIST_DATA` names. The peers run in the Python that `QUERIST_PYTHON` names
//! (`python3` without it), which needs scikit-learn, and small-text for its row. What is missing is
//! skipped, and said to be. Ours gets two threads; theirs gets one and two, and the faster counts,
//! because with two they are often slower.
//!
//! Prints one JSON object a row, then a table. Times are the best of the runs, wall-clock, without
//! starting up, except for the part `process`, which is whole processes. A ratio is theirs to ours,
//! so more than 1 is in our favour; of bandwidths it is ours to that of a plain read. Times depend
//! on the machine and on what else it does, ratios less so.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints what it measured")]

mod bandwidth;
#[path = "../data/mod.rs"]
mod data;
mod matrix;
mod process;
mod python;
mod round;
mod row;
mod set;
mod training;
mod vectorise;
mod warm;

use std::path::PathBuf;
use std::time::Instant;

use data::Arguments;
use python::Peers;
use querist_text::FeatureKind;
use row::Row;
use serde_json::json;
use set::Set;
use tempfile::TempDir;

/// How many threads both sides get.
const THREADS: usize = 2;

/// How many labels the rounds have.
const LABELED: usize = 2_000;

/// How many documents the rounds choose.
const BATCH: usize = 100;

/// What every part of the benchmark works with.
struct Bench {
    set: Set,
    /// How many labelled documents the classifiers are trained on.
    sizes: Vec<usize>,
    runs: u64,
    /// How many times the pool is repeated for the bandwidth: it should be larger than the caches.
    tiles: usize,
    /// What the pool is scored by for the bandwidth.
    kinds: Vec<FeatureKind>,
    folder: TempDir,
}

impl Bench {
    /// A file of this run, or the prefix of some.
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn main() {
    let arguments = Arguments::parse();
    let Some(data) = data::folder() else { return };
    rayon::ThreadPoolBuilder::new().num_threads(THREADS).build_global().expect("threads");
    let bench = Bench {
        set: Set::read(&data, arguments.text("set").unwrap_or("ag_news")),
        sizes: arguments
            .list("sizes", "500,2000,10000")
            .iter()
            .map(|size| size.parse().expect("a size"))
            .collect(),
        runs: arguments.number("runs", 3).max(1),
        tiles: arguments.number("tiles", 16).max(1) as usize,
        kinds: arguments
            .list("kinds", "ngram,lsa")
            .iter()
            .map(|kind| kind.parse().expect("a kind"))
            .collect(),
        folder: tempfile::tempdir().expect("a temporary folder"),
    };
    let parts = arguments.list("parts", "vectorise,training,warm,round,process,bandwidth");
    let wanted = |part: &str| parts.iter().any(|wanted| wanted == part);
    let mut rows = Vec::new();
    if let Some(mut peers) = Peers::start() {
        let versions = peers.ask(&json!({"do": "versions"}));
        println!("{versions}");
        peers.ask(&json!({"do": "open", "train": bench.set.train, "test": bench.set.test}));
        if wanted("vectorise") {
            rows.extend(vectorise::rows(&bench, &mut peers));
        }
        if wanted("training") {
            rows.extend(training::rows(&bench, &mut peers));
        }
        if wanted("round") {
            rows.extend(round::rows(&bench, &mut peers, versions["small_text"].is_string()));
        }
        drop(peers);
        if wanted("process") {
            rows.extend(process::rows(&bench));
        }
    }
    if wanted("warm") {
        rows.extend(warm::rows(&bench));
    }
    if wanted("bandwidth") {
        rows.extend(bandwidth::rows(&bench));
    }
    println!("\n{}", row::table(&rows));
}

/// What `work` gives, and its seconds.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let out = work();
    (out, start.elapsed().as_secs_f64())
}

/// Prints a row when it is known, and gives it.
fn said(row: Row) -> Row {
    println!("{}", row.json());
    row
}
