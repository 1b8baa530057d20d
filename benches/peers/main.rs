//! Querist beside scikit-learn and small-text: the same work on the same documents, in turns.
//!
//! `QUERIST_DATA=DIR cargo bench --features peers --bench peers -- --set ag_news --runs 3 --parts training,round`
//!
//! Reads `<set>/train.jsonl[.gz]` and `<set>/test.jsonl[.gz]` (fields id, text, label). The peers
//! run in the Python that `QUERIST_PYTHON` names, or else in `python3`. Missing peers are reported
//! and skipped. Prints one JSON object for each row, then a table. Times depend on the machine and
//! its other work; ratios depend on them less.
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

/// Querist's number of threads. The peers run with one thread and with two, which is often slower;
/// the faster run counts.
const THREADS: usize = 2;

/// How many labels the model has in the timed rounds.
const LABELED: usize = 2_000;

/// How many documents a timed round chooses.
const BATCH: usize = 100;

/// What every part of the benchmark uses.
struct Bench {
    set: Set,
    /// The numbers of labelled documents that classifiers are trained on.
    sizes: Vec<usize>,
    runs: u64,
    /// How often the pool is repeated for the bandwidth; the copies should not fit into the caches.
    tiles: usize,
    /// The kinds of features that the bandwidth is measured for.
    kinds: Vec<FeatureKind>,
    folder: TempDir,
}

impl Bench {
    /// The path of a file of this run, or a common prefix of several files.
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Times are wall-clock, the best of the runs, without start-up; only the part `process` times
/// whole processes. A ratio is the peer's time divided by Querist's, so above 1 Querist is
/// faster. A bandwidth is shown as a share of the bandwidth of a plain read.
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

/// Returns the result of `work` and its seconds.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let out = work();
    (out, start.elapsed().as_secs_f64())
}

/// Prints a finished row at once, and returns it.
fn said(row: Row) -> Row {
    println!("{}", row.json());
    row
}
