//! Two users of one workspace: every member of its group can use it, and a user who may only read
//! leaves no files behind.
//!
//! Only root can act as two users. For any other user, the tests say that they were skipped.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::lock::Holder;
use crate::workbench::{Ran, Workbench, answers, copy_binary, differing, documents, ran};

/// Two users of one group, and one user of another group.
const OWNER: (u32, u32) = (65_011, 65_010);
const COLLEAGUE: (u32, u32) = (65_012, 65_010);
const STRANGER: (u32, u32) = (65_013, 65_013);

/// Prints a message that is visible even if the test passes; the harness hides `println!`.
pub(super) fn say(words: &str) {
    std::io::stderr().write_all(format!("{words}\n").as_bytes()).unwrap();
}

pub(super) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Copies the binary to a place where every user can run it.
pub(super) fn binary_for_all() -> tempfile::TempDir {
    let elsewhere = tempfile::tempdir().unwrap();
    fs::set_permissions(elsewhere.path(), fs::Permissions::from_mode(0o755)).unwrap();
    copy_binary(&elsewhere.path().join("querist"));
    fs::create_dir(elsewhere.path().join("out")).unwrap();
    fs::set_permissions(elsewhere.path().join("out"), fs::Permissions::from_mode(0o777)).unwrap();
    elsewhere
}

/// A workspace of the owner, and the folder with the binary.
struct Shared {
    bench: Workbench,
    elsewhere: tempfile::TempDir,
    mask: &'static str,
}

impl Shared {
    /// Makes a workspace as the owner, in a folder with this mode; `None` if the test cannot run
    /// here.
    fn of(mode: u32, mask: &'static str) -> Option<Self> {
        if !is_root() {
            say("passed over: only root can be two users");
            return None;
        }
        let shared = Self { bench: Workbench::new(), elsewhere: binary_for_all(), mask };
        chown(shared.bench.root(), Some(OWNER.0), Some(OWNER.1)).unwrap();
        fs::set_permissions(shared.bench.root(), fs::Permissions::from_mode(mode)).unwrap();
        for (name, content) in [
            ("pool.jsonl", documents("p", 60, false)),
            ("labeled.jsonl", documents("l", 12, true)),
            ("more.jsonl", documents("m", 9, false)),
            ("yet-more.jsonl", documents("n", 9, false)),
        ] {
            shared.bench.write(name, content);
            fs::set_permissions(shared.bench.path(name), fs::Permissions::from_mode(0o644)).unwrap();
        }
        shared.ok(OWNER, &["init", "--labels", "a,b,c"]);
        shared.ok(OWNER, &["import", "pool.jsonl", "labeled.jsonl"]);
        shared.ok(OWNER, &["round", "--size", "6"]);
        Some(shared)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.bench.path(name)
    }

    fn run(&self, (user, group): (u32, u32), arguments: &[&str]) -> Ran {
        let script = format!("umask {}; exec \"$0\" \"$@\"", self.mask);
        let mut command = self.bench.program("sh");
        let out = self.elsewhere.path().join("out").display().to_string();
        let arguments = arguments.iter().map(|argument| argument.replace("OUT", &out));
        command.args(["-c", &script]).arg(self.elsewhere.path().join("querist")).args(arguments);
        ran(&command.uid(user).gid(group).output().unwrap())
    }

    fn ok(&self, user: (u32, u32), arguments: &[&str]) -> String {
        let end = self.run(user, arguments);
        assert_eq!(end.code, Some(0), "{user:?}, {arguments:?}: {}", end.stderr);
        self.assert_no_log(&format!("{user:?}, {arguments:?}"));
        end.stdout
    }

    fn assert_no_log(&self, what: &str) {
        for name in ["querist.db-wal", "querist.db-shm"] {
            assert!(!self.path(name).exists(), "{what} left {name}");
        }
    }
}

/// Commands that only read, with their exit codes; some of them fail.
const READING: [(&[&str], i32); 7] = [
    (&["status"], 0),
    (&["status", "--json"], 0),
    (&["export", "--labeled", "OUT/labeled.csv"], 0),
    (&["export", "--labeled", "out.nonsense"], 2),
    (&["reproduce", "1"], 0),
    (&["reproduce", "7"], 2),
    (&["model", "show"], 0),
];

#[test]
fn a_workspace_of_a_group_works_for_all_of_the_group() {
    for mask in ["002", "022"] {
        let Some(shared) = Shared::of(0o2775, mask) else { return };
        for (turn, user) in [COLLEAGUE, OWNER, COLLEAGUE].into_iter().enumerate() {
            for (arguments, code) in READING {
                let end = shared.run(user, arguments);
                assert_eq!(end.code, Some(code), "{user:?}, {arguments:?}: {}", end.stderr);
                shared.assert_no_log(&format!("{user:?}, {arguments:?}"));
            }
            shared.ok(user, &["import", ["more.jsonl", "yet-more.jsonl", "pool.jsonl"][turn]]);
            shared.ok(user, &["round", "--size", "6"]);
            let number = turn + 2;
            shared.ok(user, &["export", "--format", "csv", "--round", "1"]);
            shared.ok(user, &["report", "--round", "1"]);
            let rows = shared.bench.rows(&format!("rounds/{number:04}/batch.jsonl"));
            let name = format!("answers-{number}.jsonl");
            shared.bench.write(&name, answers(&rows, &["ana"], |_, _| Some("a".to_owned())));
            shared.ok(user, &["ingest", &name]);
        }
        for (name, _) in shared.bench.files("").into_iter().filter(|(name, _)| name.starts_with("querist.")) {
            let metadata = fs::metadata(shared.path(&name)).unwrap();
            assert_eq!(metadata.gid(), OWNER.1, "{name}");
            if name != "querist.toml" {
                assert_eq!(metadata.mode() & 0o777, 0o664, "umask {mask}: {name}");
            }
        }
    }
}

#[test]
fn who_may_not_write_the_database_leaves_nothing_beside_it() {
    // Modes of the folder and of the database. Earlier versions made folders that the group may
    // write and databases that it may not; some folders here are read-only.
    for (mode, database) in
        [(0o2775, 0o644), (0o2775, 0o444), (0o755, 0o644), (0o777, 0o644), (0o2755, 0o664)]
    {
        let Some(shared) = Shared::of(mode, "002") else { return };
        fs::set_permissions(shared.path("querist.db"), fs::Permissions::from_mode(database)).unwrap();
        let before = shared.bench.files("");
        for user in [COLLEAGUE, STRANGER] {
            for (arguments, code) in READING {
                let end = shared.run(user, arguments);
                assert_eq!(end.code, Some(code), "{user:?}, {arguments:?}: {}", end.stderr);
                let mut left = differing(&shared.bench.files(""), &before);
                // Derived files may stay if the folder lets this user write them, and the lock
                // names its last holder.
                left.retain(|name| !name.starts_with("features/") && name != "querist.lock");
                assert_eq!(left, Vec::<String>::new(), "{mode:o}, {database:o}, {user:?}, {arguments:?}");
            }
            assert_eq!(shared.ok(user, &["status", "--json"]), shared.ok(OWNER, &["status", "--json"]));
            let end = shared.run(user, &["import", "more.jsonl"]);
            assert_eq!(end.code, Some(2), "{}", end.stderr);
            assert!(end.stderr.contains("read-only"), "{}", end.stderr);
            shared.assert_no_log("an import that was refused");
        }
        fs::set_permissions(shared.path("querist.db"), fs::Permissions::from_mode(0o644)).unwrap();
        shared.ok(OWNER, &["import", "more.jsonl"]);
    }
}

/// Makes a file of the colleague's that nobody else may write.
fn make_foreign(path: &Path) {
    chown(path, Some(COLLEAGUE.0), Some(COLLEAGUE.1)).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
}

#[test]
fn a_log_that_an_earlier_version_left_does_not_lock_the_owner_out() {
    let Some(shared) = Shared::of(0o2775, "002") else { return };
    for (name, content) in [("querist.db-wal", Vec::new()), ("querist.db-shm", vec![0; 32_768])] {
        shared.bench.write(name, content);
        make_foreign(&shared.path(name));
    }
    let end = shared.run(OWNER, &["status"]);
    assert_eq!(end.code, Some(0), "{}", end.stderr);
    shared.ok(OWNER, &["import", "more.jsonl"]);
    shared.ok(COLLEAGUE, &["import", "yet-more.jsonl"]);
}

#[test]
fn a_log_that_another_user_was_killed_with_is_taken_over() {
    let Some(shared) = Shared::of(0o2775, "002") else { return };
    let before = shared.ok(OWNER, &["status", "--json"]);
    let mut holder = Holder::of(&shared.bench);
    // More data than SQLite keeps in memory, so that some of it reaches the log.
    holder.0.stdin.as_mut().unwrap().write_all(documents("x", 30_000, false).as_bytes()).unwrap();
    // The end of the input may not have arrived yet.
    let start = Instant::now();
    while fs::metadata(shared.path("querist.db-wal")).map_or(0, |log| log.len()) == 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "nothing came into the log");
        std::thread::sleep(Duration::from_millis(5));
    }
    holder.kill();
    for name in ["querist.db-wal", "querist.db-shm"] {
        make_foreign(&shared.path(name));
    }
    // Neither user can merge the log into the database, but both can read.
    for user in [OWNER, STRANGER] {
        let end = shared.run(user, &["status", "--json"]);
        assert_eq!((end.code, &end.stdout), (Some(0), &before), "{user:?}: {}", end.stderr);
    }
    fs::remove_file(shared.path("querist.db-shm")).unwrap();
    let end = shared.run(STRANGER, &["status", "--json"]);
    assert_eq!((end.code, &end.stdout), (Some(0), &before), "{}", end.stderr);
    shared.ok(OWNER, &["import", "more.jsonl"]);
    shared.ok(COLLEAGUE, &["import", "yet-more.jsonl"]);
}

#[test]
fn who_may_only_read_sees_the_state_before_a_writer_and_then_the_one_after() {
    let Some(shared) = Shared::of(0o755, "022") else { return };
    let before = shared.ok(STRANGER, &["status", "--json"]);
    let mut holder = Holder::of(&shared.bench);
    let mut stdin = holder.0.stdin.take().unwrap();
    for part in 0..3 {
        stdin.write_all(documents(&format!("x{part}-"), 10_000, false).as_bytes()).unwrap();
        let end = shared.run(STRANGER, &["status", "--json"]);
        assert_eq!((end.code, &end.stdout), (Some(0), &before), "{}", end.stderr);
    }
    drop(stdin);
    assert!(holder.0.wait().unwrap().success());
    assert_ne!(shared.ok(STRANGER, &["status", "--json"]), before);
    assert_eq!(shared.ok(STRANGER, &["status", "--json"]), shared.ok(OWNER, &["status", "--json"]));
}
