//! Whole processes: `querist round` in a prepared workspace, beside a typical scikit-learn script
//! (`round.py`).
//!
//! The workspace has caches from one answered round, so the timed round has new labels to train on.
//! The script trains on the same labels, with one thread and with two; the faster run counts. Every
//! run gets a copy of the workspace. For both sides the files are in the system's cache.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use querist_core::Seed;
use rand::seq::index::sample;
use serde_json::{Value, json};

use crate::python::{Measured, interpreter, measure, number, script};
use crate::set::Set;
use crate::{BATCH, Bench, LABELED, Row, THREADS, said};

/// Measures the rows of time and memory.
pub(crate) fn rows(bench: &Bench) -> Vec<Row> {
    let (pool, workspace, labeled) =
        (bench.path("pool.jsonl"), bench.path("workspace"), bench.path("labeled.json"));
    write_lines(&pool, bench.set.documents.iter().map(|document| document.line.as_str()));
    let known = prepare(bench, &pool, &workspace);
    fs::write(&labeled, json!(known).to_string()).expect("a file");
    let script_arguments: Vec<OsString> = vec![
        script("round.py").into(),
        pool.into(),
        bench.set.test.clone().into(),
        labeled.into(),
        BATCH.to_string().into(),
    ];
    let (mut ours, mut theirs): (Vec<Measured>, Vec<Measured>) = (Vec::new(), Vec::new());
    for _ in 0..bench.runs {
        for threads in [1, THREADS] {
            theirs.push(measure(&interpreter(), &script_arguments, threads));
        }
        let copy = tempfile::tempdir_in(bench.folder.path()).expect("a temporary folder");
        copy_folder(&workspace, copy.path());
        ours.push(measure(Path::new(env!("CARGO_BIN_EXE_querist")), &round_arguments(copy.path()), THREADS));
    }
    let last = ours.last().map_or(&Value::Null, |run| &run.output);
    let note = format!(
        "accuracy {:.4} and {:.4}, {} labels",
        last["test_accuracy"].as_f64().unwrap_or(f64::NAN),
        number(&theirs[0].output, "accuracy"),
        known.len()
    );
    let [seconds, peak] = [|run: &Measured| run.seconds, |run: &Measured| run.peak]
        .map(|of| [&ours, &theirs].map(|runs| runs.iter().map(of).fold(f64::INFINITY, f64::min)));
    let what = format!("cold process, {} documents", bench.set.documents.len());
    vec![
        said(Row::time(&what, seconds[0], seconds[1]).aim(Some(30.0)).note(note)),
        said(Row::memory(format!("{what}: peak memory"), peak[0], peak[1]).aim(Some(4.0))),
    ]
}

/// Makes a workspace, runs a round in it and answers the batch. Returns the ids of the documents
/// that then have a label.
fn prepare(bench: &Bench, pool: &Path, workspace: &Path) -> Vec<String> {
    let set = &bench.set;
    fs::create_dir(workspace).expect("a folder");
    querist(workspace, &["init", "--labels", &set.labels.join(",")]);
    let chosen = sample(&mut Seed(7).rng(0, "labels of the peers"), set.documents.len(), LABELED).into_vec();
    let labeled = bench.path("labeled.jsonl");
    write_lines(&labeled, chosen.iter().map(|document| set.documents[*document].line.as_str()));
    for (file, kind) in [(pool, "pool"), (&labeled, "labeled"), (&set.test, "test")] {
        querist(workspace, &["import", &file.display().to_string(), "--as", kind]);
    }
    let first = run(workspace, &round_arguments(workspace));
    let batch = fs::read_to_string(first["files"]["batch"].as_str().expect("a batch")).expect("a batch");
    let mut known: Vec<String> = chosen.iter().map(|document| set.documents[*document].id.clone()).collect();
    let answers = answers(set, &batch);
    let file = bench.path("answers.jsonl");
    write_lines(&file, answers.iter().map(|answer| answer.1.as_str()));
    querist(workspace, &["ingest", &file.display().to_string()]);
    known.extend(answers.into_iter().map(|answer| answer.0));
    known
}

/// The true answers to a batch: (id, line) pairs.
fn answers(set: &Set, batch: &str) -> Vec<(String, String)> {
    let ids = batch.lines().map(|line| {
        let row: Value = serde_json::from_str(line).expect("JSON");
        row["id"].as_str().expect("an id").to_owned()
    });
    let mut answers: Vec<(String, String)> = ids.map(|id| (id, String::new())).collect();
    for (id, line) in &mut answers {
        let document =
            set.documents.iter().find(|document| document.id == *id).expect("a document of the set");
        *line = json!({"id": id, "label": document.label, "annotator": "truth"}).to_string();
    }
    answers
}

/// The arguments of a round that chooses documents in the same way as the script.
fn round_arguments(workspace: &Path) -> Vec<OsString> {
    let batch = BATCH.to_string();
    let flags = ["round", "--size", &batch, "--mix", "uncertainty=1", "--diversity", "1"];
    arguments(workspace, &flags)
}

fn arguments(workspace: &Path, flags: &[&str]) -> Vec<OsString> {
    let threads = THREADS.to_string();
    let common = ["--json", "--threads", &threads, "-w"];
    let mut arguments: Vec<OsString> = flags.iter().chain(&common).map(OsString::from).collect();
    arguments.push(workspace.into());
    arguments
}

fn querist(workspace: &Path, flags: &[&str]) -> Value {
    run(workspace, &arguments(workspace, flags))
}

fn run(workspace: &Path, arguments: &[OsString]) -> Value {
    let run = Command::new(env!("CARGO_BIN_EXE_querist"))
        .args(arguments)
        .current_dir(workspace)
        .output()
        .expect("the binary");
    assert!(run.status.success(), "querist {arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).expect("JSON")
}

fn write_lines<'a>(path: &Path, lines: impl Iterator<Item = &'a str>) {
    let mut file = std::io::BufWriter::new(fs::File::create(path).expect("a file"));
    lines.for_each(|line| writeln!(file, "{line}").expect("a file"));
    file.flush().expect("a file");
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
