//! How time and memory grow with the pool, through the built binary.
//!
//! `cargo bench --bench growth -- --set ag_news --sizes 100000,1000000,3000000,10000000 [--folder DIR]`
//!
//! The pool repeats the set's training texts; each copy of a text has one word replaced, so that no
//! two documents are equal. Prints a Markdown table of seconds for a million documents (what counts
//! is whether they stay the same) and of peak resident memory. Reads `<set>/train.jsonl[.gz]` below
//! `QUERIST_DATA`. Linux only: it reads /proc.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod data;

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use data::{Arguments, file, lines};
use serde_json::{Value, json};

/// The cost of one command.
struct Cost {
    seconds: f64,
    megabytes: u64,
    /// What the command printed about its steps.
    talk: String,
}

/// Imports each size and runs two rounds. The first round counts n-grams and learns the embedding;
/// the second finds both in their files. The first 2,000 documents (`--labeled`) have a label.
/// Works in a temporary folder or in `--folder DIR`; ten million short documents need 15 GB.
fn main() {
    let arguments = Arguments::parse();
    let Some(data) = data::folder() else { return };
    let labeled = arguments.number("labeled", 2_000) as usize;
    let set = arguments.text("set").unwrap_or("ag_news");
    let rows: Vec<(String, String)> = lines(&file(&data, set, "train"))
        .iter()
        .map(|line| {
            let row: Value = serde_json::from_str(line).expect("JSON");
            let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
            (text("text"), text("label"))
        })
        .collect();
    println!(
        "| documents | command | seconds | seconds per million documents | peak memory (MB) | steps (s) |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    for size in arguments.list("sizes", "100000,1000000,3000000,10000000") {
        let size: usize = size.parse().expect("a size");
        let folder = match arguments.text("folder") {
            Some(folder) => tempfile::tempdir_in(folder),
            None => tempfile::tempdir(),
        };
        run(folder.expect("a temporary folder").path(), &rows, size, labeled);
    }
}

fn run(root: &Path, rows: &[(String, String)], size: usize, labeled: usize) {
    write_pool(root, rows, size, labeled);
    let mut labels: Vec<&str> =
        rows.iter().map(|row| row.1.as_str()).filter(|label| !label.is_empty()).collect();
    labels.sort_unstable();
    labels.dedup();
    if labels.len() < 2 {
        labels = vec!["neg", "pos"];
    }
    querist(root, &["init", "--labels", &labels.join(",")]);
    for (name, arguments) in [
        ("import", vec!["import", "pool.jsonl"]),
        ("first round", vec!["round", "-v"]),
        ("next round", vec!["round", "-v"]),
    ] {
        let cost = querist(root, &arguments);
        let steps: Vec<&str> = cost.talk.lines().filter(|line| line.ends_with(" s")).collect();
        println!(
            "| {size} | {name} | {:.1} | {:.2} | {} | {} |",
            cost.seconds,
            cost.seconds / size as f64 * 1e6,
            cost.megabytes,
            steps.join(", ")
        );
    }
}

/// Writes the pool; the first `labeled` documents have a label.
fn write_pool(root: &Path, rows: &[(String, String)], size: usize, labeled: usize) {
    let mut out = BufWriter::new(File::create(root.join("pool.jsonl")).expect("a file"));
    for number in 0..size {
        let (text, label) = &rows[number % rows.len()];
        let words: Vec<&str> = text.split(' ').collect();
        let round = number / rows.len();
        let (changed, new) = ((round * 7 + number) % words.len(), format!("w{}", number % 1_000_003));
        let text: Vec<&str> = words
            .iter()
            .enumerate()
            .map(|(at, word)| if at == changed { new.as_str() } else { word })
            .collect();
        let mut row = json!({"id": format!("doc-{number:08}"), "text": text.join(" ")});
        if number < labeled && !label.is_empty() {
            row["label"] = json!(label);
        }
        writeln!(out, "{row}").expect("a file");
    }
    out.flush().expect("a file");
}

/// Runs the binary in a folder and watches its memory until it ends.
fn querist(root: &Path, arguments: &[&str]) -> Cost {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_querist"))
        .args(arguments)
        .current_dir(root)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary");
    let status = format!("/proc/{}/status", child.id());
    let mut megabytes = 0;
    let ended = loop {
        if let Some(peak) = fs::read_to_string(&status).ok().and_then(|status| peak(&status)) {
            megabytes = megabytes.max(peak);
        }
        match child.try_wait().expect("the binary") {
            Some(ended) => break ended,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    let mut talk = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut talk).expect("text");
    assert!(ended.success(), "querist {arguments:?}: {talk}");
    Cost { seconds, megabytes, talk }
}

/// The peak of resident memory in MB, from the text of `/proc/PID/status`.
fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}
