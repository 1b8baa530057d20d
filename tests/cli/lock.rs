//! A second process that wants to write is refused, and told who uses the workspace. Processes that
//! only read are never refused.

use std::fs;
use std::io::Write;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::workbench::{Workbench, answers, documents, ran};

const IN_USE: Option<i32> = Some(3);

/// An import that holds the workspace while it waits for documents on standard input. It is killed
/// when dropped.
pub(crate) struct Holder(pub(crate) Child);

impl Holder {
    /// Starts the import and waits until it has the lock and reads its input.
    pub(crate) fn of(bench: &Workbench) -> Self {
        let mut command = bench.command(&["import", "-"]);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut holder = Self(piped.spawn().unwrap());
        let name = format!("process {},", holder.0.id());
        let start = Instant::now();
        while !fs::read_to_string(bench.path("querist.lock")).unwrap_or_default().contains(&name) {
            assert!(start.elapsed() < Duration::from_secs(30), "the import never took the lock");
            std::thread::sleep(Duration::from_millis(2));
        }
        // The import ignores blank lines. More of them are written than a pipe can hold, so once
        // they are written, the import is reading.
        holder.0.stdin.as_mut().unwrap().write_all(&vec![b'\n'; 1 << 20]).unwrap();
        holder
    }

    /// Kills the import as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // The import must not outlive the test; an error only means that it has already ended.
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// Makes a workspace with a round, and answers that lie ready for ingest.
fn workspace() -> Workbench {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "10"]);
    let rows = bench.rows("rounds/0001/batch.jsonl");
    bench.write("answers.jsonl", answers(&rows, &["ana"], |_, _| Some("a".to_owned())));
    bench.write("more.jsonl", documents("m", 10, false));
    bench
}

#[test]
fn a_second_writer_is_told_who_holds_the_workspace() {
    let bench = workspace();
    let holder = Holder::of(&bench);
    for arguments in [
        ["import", "more.jsonl"].as_slice(),
        &["round"],
        &["train"],
        &["score"],
        &["select"],
        &["export", "--round", "1"],
        &["ingest", "answers.jsonl"],
        &["report"],
    ] {
        let ran = bench.run(arguments);
        assert_eq!(ran.code, IN_USE, "{arguments:?}: {}", ran.stderr);
        let holder = format!("`querist import`, process {}, since 20", holder.0.id());
        assert!(ran.stderr.contains(&holder), "{}", ran.stderr);
        assert!(ran.stderr.contains("wait for it to end, then try again"), "{}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn readers_see_the_state_before_the_writer_and_then_the_one_after() {
    let bench = workspace();
    let before = bench.json(&["status"]);
    let mut holder = Holder::of(&bench);
    let mut stdin = holder.0.stdin.take().unwrap();
    stdin.write_all(documents("m", 10, false).as_bytes()).unwrap();
    stdin.flush().unwrap();
    assert_eq!(bench.json(&["status"]), before);
    drop(stdin);
    assert!(holder.0.wait().unwrap().success());
    let open = |status: &serde_json::Value| status["documents"]["open"].as_u64().unwrap();
    assert_eq!(open(&bench.json(&["status"])), open(&before) + 10);
    bench.ok(&["ingest", "answers.jsonl"]);
}

#[test]
fn a_reader_does_not_mind_a_round_that_is_being_exported() {
    let bench = workspace();
    let before = bench.json(&["status"]);
    let mut holder = Holder::of(&bench);
    fs::create_dir(bench.path("rounds/.0002.pending")).unwrap();
    bench.write("rounds/.0002.pending/batch.jsonl", "");
    assert_eq!(bench.json(&["status"]), before);
    assert!(bench.path("rounds/.0002.pending").exists(), "a reader removed what a writer had staged");
    holder.kill();
    assert_eq!(bench.json(&["status"]), before);
    assert!(!bench.path("rounds/.0002.pending").exists());
}

#[test]
fn the_lock_ends_with_a_killed_process() {
    let bench = workspace();
    let before = bench.json(&["status"]);
    let mut holder = Holder::of(&bench);
    let mut stdin = holder.0.stdin.take().unwrap();
    stdin.write_all(documents("x", 500, false).as_bytes()).unwrap();
    assert_eq!(bench.run(&["import", "more.jsonl"]).code, IN_USE);
    holder.kill();
    assert_eq!(bench.json(&["status"]), before);
    assert_eq!(bench.json(&["import", "more.jsonl"])["pool"], 10);
}

#[test]
fn of_many_writers_at_once_each_is_done_or_turned_away() {
    let bench = workspace();
    let open = |bench: &Workbench| bench.json(&["status"])["documents"]["open"].as_u64().unwrap();
    let before = open(&bench);
    let names: Vec<String> = (0..8).map(|n| format!("many-{n}.jsonl")).collect();
    for (n, name) in names.iter().enumerate() {
        bench.write(name, documents(&format!("{n}-"), 50, false));
    }
    let spawn = |name: &String| {
        let mut command = bench.command(&["import", name]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<Child> = names.iter().map(spawn).collect();
    let ends = children.into_iter().map(|child| ran(&child.wait_with_output().unwrap()));
    let mut done = 0;
    for end in ends {
        assert!(end.code == Some(0) || end.code == IN_USE, "{:?}: {}", end.code, end.stderr);
        done += u64::from(end.code == Some(0));
    }
    assert!(done >= 1);
    assert_eq!(open(&bench), before + 50 * done);
}
