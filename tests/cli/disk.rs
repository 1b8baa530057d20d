//! On a full or a read-only disk, Querist exits with code 2, says why and what to do, and changes
//! nothing.
//!
//! The tests make such a disk in three ways: with a limit on file sizes, which any user may set;
//! with a tiny or a read-only file system, in a mount namespace that ends with the test; and with a
//! folder without write permission. Often the system forbids namespaces. Then the test says that it
//! was skipped.
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::lock::Holder;
use crate::workbench::{BINARY, Ran, Workbench, answers, copy_binary, differing, documents, ran};

/// The commands that write.
const COMMANDS: [&[&str]; 3] =
    [&["import", "more.jsonl"], &["round", "--size", "200"], &["ingest", "answers.jsonl"]];

/// Makes a workspace with 1,000 documents and a round of 100 with answers of three annotators to
/// ingest; 1,000 more documents lie ready for import.
fn workspace() -> Workbench {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 1_000, false));
    bench.write("labeled.jsonl", documents("l", 30, true));
    bench.write("more.jsonl", documents("m", 1_000, false));
    bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
    bench.ok(&["round", "--size", "100"]);
    let rows = bench.rows("rounds/0001/batch.jsonl");
    bench.write("answers.jsonl", answers(&rows, &["ana", "ben", "chloe"], |_, _| Some("a".to_owned())));
    bench
}

fn status(bench: &Workbench) -> Value {
    bench.json(&["status"])
}

/// Returns whether the command had enough room; if not, checks that it failed with a message about
/// the disk.
fn had_room(arguments: &[&str], room: &str, end: &Ran) -> bool {
    if end.code == Some(0) {
        return true;
    }
    let stderr = &end.stderr;
    assert_eq!(end.code, Some(2), "{arguments:?}, {room}: {stderr}");
    assert!(stderr.starts_with("error: failed to "), "{arguments:?}, {room}: {stderr}");
    assert!(stderr.contains("full") && stderr.contains("free some space"), "{arguments:?}, {room}: {stderr}");
    assert_eq!(stderr.lines().count(), 1, "{arguments:?}, {room}: {stderr}");
    assert_eq!(end.stdout, "");
    false
}

/// Checks that a failed command left the workspace as before, and that it succeeds once there is
/// room again.
fn assert_unharmed(bench: &Workbench, before: &Workbench, undisturbed: &Workbench, arguments: &[&str]) {
    assert_eq!(
        differing(&bench.files("rounds/"), &before.files("rounds/")),
        Vec::<String>::new(),
        "{arguments:?}"
    );
    assert_eq!(status(bench), status(before), "{arguments:?}");
    bench.ok(arguments);
    assert_eq!(status(bench), status(undisturbed), "{arguments:?}");
    assert_eq!(
        differing(&bench.artifacts(), &undisturbed.artifacts()),
        Vec::<String>::new(),
        "{arguments:?}"
    );
}

#[test]
fn a_limit_on_file_sizes_is_told_as_a_full_disk_and_changes_nothing() {
    let before = workspace();
    for arguments in COMMANDS {
        let undisturbed = before.copy();
        undisturbed.ok(arguments);
        let mut failed = 0;
        // Limits in blocks of 512 bytes. SQLite's shared memory needs 64; higher limits let the
        // command fail later.
        let limits = [0, 1, 64, 90, 120, 160, 240, 400, 700, 1_400, 3_000, 100_000];
        let enough = limits.into_iter().any(|blocks| {
            let bench = before.copy();
            let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
            let end = bench.program("sh").args(["-c", &script, BINARY]).args(arguments).output();
            let end = ran(&end.unwrap());
            if had_room(arguments, &format!("{blocks} blocks"), &end) {
                assert_eq!(status(&bench), status(&undisturbed), "{arguments:?}, {blocks} blocks");
                return true;
            }
            assert_unharmed(&bench, &before, &undisturbed, arguments);
            failed += 1;
            false
        });
        assert!(enough, "{arguments:?}");
        assert!(failed >= 3, "{arguments:?} failed only {failed} times");
    }
}

/// Runs a shell script in a mount namespace of its own, as its root user. `None` if the system does
/// not allow this.
fn in_own_mounts(script: &str, arguments: &[&str], bench: &Workbench) -> Option<Ran> {
    let unshare = |flags: &[&str]| {
        let mut command = bench.program("unshare");
        command.args(flags).stdin(Stdio::null());
        command
    };
    let flags = [["--mount"].as_slice(), &["--user", "--map-root-user", "--mount"]];
    let may_mount = |flags: &&&[&str]| {
        let tried = unshare(flags).args(["sh", "-c", "mount -t tmpfs none . && mount --bind . ."]).output();
        tried.is_ok_and(|tried| tried.status.success())
    };
    let Some(flags) = flags.iter().find(may_mount) else {
        say("passed over: no mount namespaces here");
        return None;
    };
    Some(ran(&unshare(flags).args(["sh", "-c", script, BINARY]).args(arguments).output().unwrap()))
}

/// Copies the workspace `$BEFORE` onto a disk with `$FREE` free kilobytes and runs the command
/// there. Then copies the result into `$AFTER`, beside the command's exit code, its output, and the
/// status of the full disk.
const ON_A_SMALL_DISK: &str = r#"
set -e
mkdir disk
mount -t tmpfs -o size=64m tmpfs disk
cp -R before/. disk
used=$(df -k disk | tail -n 1 | awk '{print $3}')
umount disk
mount -t tmpfs -o size=$((used + FREE))k tmpfs disk
cp -R before/. disk
cd disk
"$0" status --json > ../status
set +e
"$0" "$@" > ../stdout 2> ../stderr
echo $? > ../code
"$0" status --json > ../status-full 2>> ../stderr || echo "no status" >> ../stderr
set -e
mkdir ../after
cp -R . ../after
"#;

#[test]
fn a_full_disk_is_told_and_changes_nothing() {
    let before = workspace();
    if in_own_mounts("true", &[], &before).is_none() {
        return;
    }
    for arguments in COMMANDS {
        let undisturbed = before.copy();
        undisturbed.ok(arguments);
        let mut failed = 0;
        let enough = [0, 8, 40, 80, 140, 200, 300, 500, 900, 2_000, 20_000].into_iter().any(|free| {
            let room = Workbench::new();
            room.put("before/", &before, "");
            let script = format!("FREE={free}\n{ON_A_SMALL_DISK}");
            let end = in_own_mounts(&script, arguments, &room).unwrap();
            assert_eq!(end.code, Some(0), "{}", end.stderr);
            let end = Ran {
                code: room.read("code").trim().parse().ok(),
                stdout: room.read("stdout"),
                stderr: room.read("stderr"),
            };
            let after = room.copy_of("after/");
            if had_room(arguments, &format!("{free} KiB"), &end) {
                assert_eq!(status(&after), status(&undisturbed), "{arguments:?}, {free} KiB");
                return true;
            }
            assert_eq!(room.read("status-full"), room.read("status"), "{arguments:?}, {free} KiB");
            assert_unharmed(&after, &before, &undisturbed, arguments);
            failed += 1;
            false
        });
        assert!(enough, "{arguments:?}");
        assert!(failed >= 3, "{arguments:?} failed only {failed} times");
    }
}

/// Checks that no command can write and all can read. `run` runs the binary where it cannot write;
/// `None` means that this is impossible here.
fn assert_only_readable(bench: &Workbench, run: impl Fn(&[&str]) -> Option<Ran>) {
    let before = bench.files("");
    for arguments in COMMANDS {
        let Some(end) = run(arguments) else { return };
        assert_eq!(end.code, Some(2), "{arguments:?}: {}", end.stderr);
        assert!(end.stderr.contains("read-only"), "{arguments:?}: {}", end.stderr);
        assert!(end.stderr.contains("make it "), "{arguments:?}: {}", end.stderr);
        assert_eq!(end.stderr.lines().count(), 1, "{arguments:?}: {}", end.stderr);
        assert_eq!(differing(&bench.files(""), &before), Vec::<String>::new(), "{arguments:?}");
    }
    let Some(end) = run(&["status", "--json"]) else { return };
    assert_eq!(end.code, Some(0), "{}", end.stderr);
    assert_eq!(differing(&bench.files(""), &before), Vec::<String>::new(), "status");
    assert_eq!(end.stdout, bench.ok(&["status", "--json"]));
}

/// Mounts the current folder read-only and enters it again.
const READ_ONLY: &str =
    r#"mount --bind . . && mount -o remount,bind,ro . && cd "$PWD" || exit 99; exec "$0" "$@""#;

#[test]
fn a_read_only_disk_can_be_read_and_is_told_when_it_cannot_be_written() {
    let run = |bench: &Workbench, arguments: &[&str]| {
        let end = in_own_mounts(READ_ONLY, arguments, bench)?;
        // A namespace that maps users may not change the flags of every disk.
        if end.code == Some(99) {
            say("passed over: no read-only mounts here");
            return None;
        }
        Some(end)
    };
    let bench = workspace();
    assert_only_readable(&bench, |arguments| run(&bench, arguments));

    // The same, but a killed process left its log and the files of a round.
    let killed = bench.copy();
    let mut holder = Holder::of(&killed);
    // More data than SQLite keeps in memory, so that some of it reaches the log.
    holder.0.stdin.as_mut().unwrap().write_all(documents("x", 30_000, false).as_bytes()).unwrap();
    holder.kill();
    assert!(fs::metadata(killed.path("querist.db-wal")).unwrap().len() > 0);
    fs::create_dir(killed.path("rounds/.0002.pending")).unwrap();
    let end = run(&killed, &["status", "--json"]);
    if let Some(end) = end {
        assert_eq!(end.code, Some(0), "{}", end.stderr);
        assert_eq!(end.stdout, bench.ok(&["status", "--json"]));
        assert!(killed.path("rounds/.0002.pending").exists());
    }
}

#[test]
fn a_folder_without_write_permission_can_be_read_and_is_told_when_it_cannot_be_written() {
    let bench = workspace();
    let names: Vec<String> = bench.files("").into_keys().collect();
    let permit = |write: bool| {
        for name in &names {
            let mode = 0o444 | if name.ends_with('/') { 0o111 } else { 0 } | if write { 0o200 } else { 0 };
            fs::set_permissions(bench.path(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let mode = if write { 0o755 } else { 0o555 };
        fs::set_permissions(bench.root(), fs::Permissions::from_mode(mode)).unwrap();
    };
    // Permissions do not restrict root. So root runs the command as the user nobody, with a copy of
    // the binary that this user can reach.
    let elsewhere = tempfile::tempdir().unwrap();
    fs::set_permissions(elsewhere.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let binary = elsewhere.path().join("querist");
    copy_binary(&binary);
    let as_nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    let nobody = |program: &Path, arguments: &[&str]| {
        let mut command = bench.program("setpriv");
        command.args(as_nobody).arg(program).args(arguments);
        command
    };
    permit(false);
    let plain = fs::File::create(bench.path("probe")).is_err();
    let other = !plain && nobody(&binary, &["--version"]).output().is_ok_and(|end| end.status.success());
    let _ = fs::remove_file(bench.path("probe"));
    if plain || other {
        assert_only_readable(&bench, |arguments| {
            let mut command = if plain { bench.command(arguments) } else { nobody(&binary, arguments) };
            Some(ran(&command.output().unwrap()))
        });
    } else {
        say("passed over: root, and no setpriv to become nobody");
    }
    permit(true);
}

/// Prints a message that is visible even if the test passes; the harness hides `println!`.
fn say(words: &str) {
    use std::io::Write;
    std::io::stderr().write_all(format!("{words}\n").as_bytes()).unwrap();
}
