//! With too few files, threads or bytes of memory, Querist prints a message and exits with code 2,
//! or uses fewer threads. It never harms the workspace.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;

use super::two_users::{binary_for_all, is_root, say};
use crate::workbench::{BINARY, Ran, Workbench, ran};

const COMMANDS: [&[&str]; 4] =
    [&["import", "more.jsonl"], &["round", "--size", "5"], &["status"], &["export", "--labeled", "x.csv"]];

fn workspace() -> Workbench {
    let bench = Workbench::small();
    bench.write("more.jsonl", crate::workbench::documents("m", 20, false));
    bench.ok(&["round", "--size", "5"]);
    bench
}

/// Checks that a command either succeeded or said why not, and that the workspace has all of its
/// changes or none.
fn assert_told(bench: &Workbench, before: &Workbench, arguments: &[&str], limit: &str, end: &Ran) {
    assert!(matches!(end.code, Some(0 | 2)), "{limit}, {arguments:?}: {:?} {}", end.code, end.stderr);
    assert!(!end.stderr.contains("panicked"), "{limit}, {arguments:?}: {}", end.stderr);
    if end.code == Some(2) {
        assert!(end.stderr.starts_with("error: "), "{limit}, {arguments:?}: {}", end.stderr);
        assert_eq!(bench.json(&["status"]), before.json(&["status"]), "{limit}, {arguments:?}");
    }
    bench.ok(&["import", "pool.jsonl"]);
}

#[test]
fn a_file_in_the_place_of_a_folder_is_told() {
    for name in ["features", "models", "rounds", "embeddings", "rejected", "label"] {
        let bench = workspace();
        let _ = fs::remove_dir_all(bench.path(name));
        bench.write(name, "a file");
        for arguments in COMMANDS {
            let said = bench.refused(arguments);
            assert!(said.contains(&format!("{name} is not a folder")), "{arguments:?}: {said}");
        }
        assert_eq!(bench.read(name), "a file");
    }
}

#[test]
fn few_file_descriptors_are_told() {
    let before = workspace();
    for files in [4, 5, 6, 7, 8, 9, 10, 12, 16, 24] {
        for arguments in COMMANDS {
            let bench = before.copy();
            let script = format!("ulimit -n {files}; exec \"$0\" \"$@\"");
            let end = bench.program("sh").args(["-c", &script, BINARY]).args(arguments).output().unwrap();
            // With too few descriptors the system cannot even load the program, so nothing of ours
            // can report it.
            let end = ran(&end);
            if end.code == Some(127) {
                continue;
            }
            assert_told(&bench, &before, arguments, &format!("{files} files"), &end);
        }
    }
}

#[test]
fn few_threads_will_do() {
    if !is_root() {
        say("passed over: only root can be a user who has no other threads");
        return;
    }
    let (before, elsewhere) = (workspace(), binary_for_all());
    let binary = elsewhere.path().join("querist");
    for threads in [1, 2, 3, 4] {
        for arguments in COMMANDS {
            let bench = before.copy();
            for (name, _) in bench.files("").into_iter().chain([(String::new(), Vec::new())]) {
                chown(bench.path(&name), Some(65_019), Some(65_019)).unwrap();
            }
            fs::set_permissions(bench.root(), fs::Permissions::from_mode(0o755)).unwrap();
            // Dash limits threads with -p, other shells with -u.
            let script = format!(
                "ulimit -u {threads} 2>/dev/null || ulimit -p {threads}; exec \"$0\" --threads 4 \"$@\""
            );
            let mut command = bench.program("sh");
            command.args(["-c", &script]).arg(&binary).args(arguments).uid(65_019).gid(65_019);
            let end = ran(&command.output().unwrap());
            assert_told(&bench, &before, arguments, &format!("{threads} threads"), &end);
            if end.code == Some(0) && arguments[0] == "round" {
                let whole = before.copy();
                whole.ok(arguments);
                assert_eq!(bench.files("rounds/"), whole.files("rounds/"), "{threads} threads");
            }
        }
    }
}

#[test]
fn too_little_memory_ends_the_process_and_not_the_workspace() {
    let before = workspace();
    for arguments in COMMANDS {
        let done = before.copy();
        done.ok(arguments);
        for mebibytes in [16, 32, 48, 64, 96, 128, 192, 256, 512] {
            let bench = before.copy();
            let script = format!("ulimit -v {}; exec \"$0\" \"$@\"", mebibytes * 1_024);
            let end = bench.program("sh").args(["-c", &script, BINARY]).args(arguments).output().unwrap();
            let status = bench.json(&["status"]);
            let expected = if end.status.success() { &done } else { &before };
            let whole = status == expected.json(&["status"]) || status == done.json(&["status"]);
            assert!(whole, "{mebibytes} MiB, {arguments:?}: {status:#}");
            bench.ok(&["import", "pool.jsonl"]);
        }
    }
}
