//! Commands are killed (kill -9) at any moment. The workspace stays intact, and running the command
//! again leads to the result that it would have had.
//!
//! The moments are random, one in each of [`KILLS`] equal parts of the command's running time. A
//! kill after the command's end does not count. Some states last too short to be hit; the tests at
//! the end of the file make them by hand.
#![expect(clippy::print_stdout, reason = "where the kills landed is worth a look")]

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use crate::workbench::{Workbench, answers, differing, documents};

/// The number of kills that each command must survive.
const KILLS: usize = 25;
const SIGKILL: i32 = 9;

/// Starts a command and kills it after a while; returns whether it was still running.
fn killed(bench: &Workbench, arguments: &[&str], after: Duration) -> bool {
    let mut command = bench.command(arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(status.success() || status.signal() == Some(SIGKILL), "{arguments:?}: {status}");
    !status.success()
}

/// Runs `trial` at moments spread over the command's running time, until enough kills have landed.
/// The trial returns whether its kill landed.
fn until_landed(seed: u64, mut took: Duration, mut trial: impl FnMut(Duration) -> bool) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut landed = 0;
    for _ in 0..20 * KILLS {
        if landed == KILLS {
            return;
        }
        let part = (landed as f64 + rng.random::<f64>()) / KILLS as f64;
        if trial(took.mul_f64(part)) {
            landed += 1;
        } else {
            took = took.mul_f64(0.95);
        }
    }
    panic!("only {landed} of {KILLS} kills landed");
}

/// Kills a command many times, each time in a fresh copy of `before`, and checks that it did
/// everything or nothing. If it did everything, `once_more` runs next; otherwise the command runs
/// again. Returns the workspace of the last kill, and one without any kill.
fn bear_kills(
    before: &Workbench,
    arguments: &[&str],
    once_more: impl Fn(&Workbench),
) -> (Workbench, Workbench) {
    let undisturbed = before.copy();
    let start = Instant::now();
    undisturbed.ok(arguments);
    let took = start.elapsed();
    let (nothing, all) = (before.json(&["status"]), undisturbed.json(&["status"]));
    assert_ne!(nothing, all);
    let (mut last, mut done) = (None, 0);
    until_landed(arguments.len() as u64, took, |after| {
        let bench = before.copy();
        if !killed(&bench, arguments, after) {
            return false;
        }
        let status = bench.json(&["status"]);
        assert!(status == nothing || status == all, "killed {arguments:?} after {after:?}: {status:#}");
        let expected = if status == all { &undisturbed } else { before };
        let rounds = differing(&bench.files("rounds/"), &expected.files("rounds/"));
        assert!(rounds.is_empty(), "killed {arguments:?} after {after:?}: {rounds:?}");
        if status == all {
            done += 1;
            once_more(&bench);
        } else {
            bench.ok(arguments);
        }
        assert_eq!(bench.json(&["status"]), all);
        let left = differing(&bench.artifacts(), &undisturbed.artifacts());
        assert!(left.is_empty(), "killed {arguments:?} after {after:?}, run again: {left:?}");
        last = Some(bench);
        true
    });
    println!("{arguments:?}: {KILLS} kills landed in {took:?}, {done} of them after the commit");
    (last.unwrap(), undisturbed)
}

/// Checks that one more command has the same effect in both workspaces.
fn go_on_alike((killed, undisturbed): &(Workbench, Workbench), arguments: &[&str]) {
    killed.ok(arguments);
    undisturbed.ok(arguments);
    let left = differing(&killed.artifacts(), &undisturbed.artifacts());
    assert!(left.is_empty(), "{arguments:?}: {left:?}");
}

/// Makes a workspace with labels a, b and c, 30 labelled documents and 30 control items; 5,000
/// documents lie ready for import.
fn labeled() -> Workbench {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 5_000, false));
    bench.write("labeled.jsonl", documents("l", 30, true));
    bench.write("control.jsonl", documents("c", 30, true));
    bench.ok(&["import", "labeled.jsonl"]);
    bench.ok(&["import", "control.jsonl", "--as", "control"]);
    bench
}

fn with_pool() -> Workbench {
    let bench = labeled();
    bench.ok(&["import", "pool.jsonl"]);
    bench
}

/// The workspace after a round of 500, with answers of three annotators ready for ingest.
fn with_answers() -> Workbench {
    let bench = with_pool();
    bench.ok(&["round", "--size", "500"]);
    let label = |id: &str, annotator: &str| {
        let number: usize = id[1..].parse().unwrap();
        let class = if number.is_multiple_of(annotator.len() + 5) { number + 1 } else { number };
        Some(["a", "b", "c"][class % 3].to_owned())
    };
    bench.write(
        "answers.jsonl",
        answers(&bench.rows("rounds/0001/batch.jsonl"), &["ana", "ben", "chloe"], label),
    );
    bench
}

/// Checks that the files of a round agree with its manifest, with each other and with the database.
fn assert_whole(bench: &Workbench, round: &str) {
    let manifest: Value = serde_json::from_str(&bench.read(&format!("{round}/manifest.json"))).unwrap();
    let outputs = manifest["outputs"].as_object().unwrap();
    assert_eq!(outputs.len(), 2);
    for (name, hash) in outputs {
        let bytes = fs::read(bench.path(&format!("{round}/{name}"))).unwrap();
        assert_eq!(blake3::hash(&bytes).to_hex().as_str(), hash.as_str().unwrap(), "{name}");
    }
    let model = manifest["model"].as_str().unwrap();
    let bytes = fs::read(bench.path(&format!("models/{model}.safetensors"))).unwrap();
    assert_eq!(blake3::hash(&bytes).to_hex().as_str(), model);
    let ids = |file: &str| {
        let rows = bench.rows(&format!("{round}/{file}"));
        rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("batch.jsonl"), ids("picks.jsonl"));
    assert!(!ids("batch.jsonl").is_empty());
    // Exporting the round from the database gives the same files.
    let before = bench.files("rounds/");
    bench.ok(&["export", "--round", &manifest["round"].to_string()]);
    let left = differing(&before, &bench.files("rounds/"));
    assert!(left.is_empty(), "exported again: {left:?}");
}

#[test]
fn a_killed_import_leaves_all_documents_or_none() {
    let ends = bear_kills(&labeled(), &["import", "pool.jsonl"], |bench| {
        let counts = bench.json(&["import", "pool.jsonl"]);
        assert_eq!((&counts["pool"], &counts["duplicates"]), (&0.into(), &5_000.into()));
    });
    // The next round hashes every document and chooses among them.
    go_on_alike(&ends, &["round"]);
}

#[test]
fn a_killed_round_is_there_with_all_its_files_or_not_at_all() {
    let ends =
        bear_kills(&with_pool(), &["round", "--size", "500"], |bench| assert_whole(bench, "rounds/0001"));
    assert_whole(&ends.0, "rounds/0001");
    go_on_alike(&ends, &["round"]);
}

#[test]
fn a_killed_final_round_leaves_the_final_model_or_nothing() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("labeled.jsonl", documents("l", 300, true));
    bench.ok(&["import", "labeled.jsonl"]);
    // If no document is open, a round makes the final model.
    let (killed, undisturbed) = bear_kills(&bench, &["round"], |bench| {
        let message = bench.refused(&["round"]);
        assert!(message.contains("the model of round 1 was trained on all of them"), "{message}");
    });
    let predicted = |bench: &Workbench| bench.ok(&["predict", "labeled.jsonl"]);
    assert_eq!(predicted(&killed), predicted(&undisturbed));
    assert_eq!(killed.json(&["reproduce", "1"])["identical"], true);
    go_on_alike(&(killed, undisturbed), &["report"]);
}

#[test]
fn a_killed_ingest_leaves_all_answers_or_none() {
    let ends = bear_kills(&with_answers(), &["ingest", "answers.jsonl"], |bench| {
        let counts = bench.json(&["ingest", "answers.jsonl"]);
        assert_eq!((&counts["new"], &counts["known_files"]), (&0.into(), &1.into()));
    });
    assert_eq!(ends.0.json(&["status"])["rounds"][0]["answered"], 500);
    go_on_alike(&ends, &["round"]);
    go_on_alike(&ends, &["report", "--round", "1"]);
}

#[test]
fn a_killed_init_leaves_a_workspace_or_a_folder_to_make_one_in() {
    let undisturbed = Workbench::new();
    let arguments = ["init", "--labels", "a,b,c"];
    let start = Instant::now();
    undisturbed.ok(&arguments);
    let took = start.elapsed();
    undisturbed.write("pool.jsonl", documents("p", 10, false));
    undisturbed.ok(&["import", "pool.jsonl"]);
    until_landed(7, took, |after| {
        let bench = Workbench::new();
        if !killed(&bench, &arguments, after) {
            return false;
        }
        if bench.path("querist.toml").exists() {
            bench.json(&["status"]);
            assert!(bench.refused(&arguments).contains("is a workspace already"));
        } else {
            assert!(bench.refused(&["status"]).contains("is not a workspace"));
            bench.ok(&arguments);
        }
        bench.write("pool.jsonl", documents("p", 10, false));
        bench.ok(&["import", "pool.jsonl"]);
        let left = differing(&bench.artifacts(), &undisturbed.artifacts());
        assert!(left.is_empty(), "killed init after {after:?}: {left:?}");
        assert_eq!(bench.json(&["status"]), undisturbed.json(&["status"]));
        true
    });
}

/// The files of a round, in the order in which they move to their place.
const FILES: [&str; 6] =
    ["batch.jsonl", "picks.jsonl", "report.json", "report.md", "report.html", "manifest.json"];

#[test]
fn a_round_killed_while_its_files_move_is_finished_by_whoever_comes_next() {
    let undisturbed = Workbench::small();
    undisturbed.ok(&["round", "--size", "20"]);
    let status = undisturbed.json(&["status"]);
    for moved in 0..=FILES.len() {
        for next in [["status"].as_slice(), &["import", "pool.jsonl"]] {
            let bench = undisturbed.copy();
            fs::create_dir(bench.path("rounds/.0001.pending")).unwrap();
            for name in &FILES[moved..] {
                let [from, to] = ["0001", ".0001.pending"].map(|folder| format!("rounds/{folder}/{name}"));
                fs::rename(bench.path(&from), bench.path(&to)).unwrap();
            }
            bench.ok(next);
            let left = differing(&bench.artifacts(), &undisturbed.artifacts());
            assert!(left.is_empty(), "{moved} files moved, then {next:?}: {left:?}");
            assert_eq!(bench.json(&["status"]), status);
        }
    }
}

#[test]
fn the_files_of_a_round_that_was_never_committed_go() {
    let bench = Workbench::small();
    let before = bench.artifacts();
    let done = bench.copy();
    done.ok(&["round", "--size", "20"]);
    for staged in 0..=FILES.len() {
        for folder in ["rounds/.0001.pending", "rounds/0001"] {
            fs::create_dir(bench.path(folder)).unwrap();
        }
        for name in &FILES[..staged] {
            bench.write(&format!("rounds/.0001.pending/{name}"), done.read(&format!("rounds/0001/{name}")));
        }
        bench.write("rounds/.0001.pending/.querist-a1B2c3", "{\"id\":");
        assert_eq!(bench.json(&["status"])["rounds"], Value::Array(Vec::new()));
        let left = differing(&bench.artifacts(), &before);
        assert!(left.is_empty(), "{staged} files staged: {left:?}");
    }
    bench.ok(&["round", "--size", "20"]);
    assert_eq!(differing(&bench.artifacts(), &done.artifacts()), Vec::<String>::new());
}

#[test]
fn half_written_files_go_with_the_next_command_that_writes() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "20"]);
    bench.write("bad.jsonl", "{}\n");
    bench.ok(&["import", "bad.jsonl", "--skip-bad-rows"]);
    let before = bench.artifacts();
    for folder in ["", "models/", "rounds/", "rounds/0001/", "rejected/"] {
        bench.write(&format!("{folder}.querist-a1B2c3"), "half");
    }
    bench.ok(&["import", "pool.jsonl"]);
    assert_eq!(differing(&bench.artifacts(), &before), Vec::<String>::new());
}
