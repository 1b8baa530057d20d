//! Databases of other versions: `stored/version_1.sql` is a database of version 1, and so on.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

use querist_core::{Class, Corpus, Digest, LabelSet, Role, Share};
use querist_store::{StoreError, Workspace};
use rusqlite::Connection;

const VERSION_1: &str = include_str!("stored/version_1.sql");
const VERSION_2: &str = include_str!("stored/version_2.sql");

fn labels() -> LabelSet {
    LabelSet::new(["a", "b"]).unwrap()
}

/// A workspace whose database is made by a script.
fn workspace(script: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let database = Connection::open(folder.path().join("querist.db")).unwrap();
    // Foreign keys are off, because the script makes tables in the order of their names.
    database.execute_batch("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF").unwrap();
    database.execute_batch(script).unwrap();
    fs::write(folder.path().join("querist.toml"), "").unwrap();
    folder
}

fn version(root: &Path) -> i64 {
    let database = Connection::open(root.join("querist.db")).unwrap();
    database.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

/// Checks that everything in `stored/version_1.sql` was migrated.
fn assert_whole(workspace: &Workspace) {
    workspace.check_integrity().unwrap();
    let snapshot = workspace.snapshot(&labels()).unwrap();
    let documents: Vec<_> = snapshot
        .documents
        .iter()
        .map(|document| (document.id.as_str(), document.place, document.role, document.label))
        .collect();
    let expected = [
        ("a", 2, Role::Control, Some(Class(1))),
        ("m", 0, Role::Pool, None),
        ("z", 1, Role::Pool, None),
        ("é", 3, Role::Test, Some(Class(0))),
    ];
    assert_eq!(documents, expected);
    let mut digest = Digest::default();
    for (id, role, text, meta) in [
        ("a", "control", "three", None),
        ("m", "pool", "one", None),
        ("z", "pool", "two", Some(r#"{"source":"x"}"#)),
        ("é", "test", "four", Some(r#"{"n":1.10}"#)),
    ] {
        digest.extend([id, role]);
        digest.push(blake3::hash(text.as_bytes()).as_bytes());
        digest.push(
            meta.map(|meta| blake3::hash(meta.as_bytes())).as_ref().map_or(&[], |hash| hash.as_bytes()),
        );
    }
    assert_eq!(snapshot.documents_hash, digest.hex());
    let answers: Vec<_> = snapshot
        .answers
        .iter()
        .map(|answer| {
            (answer.document, snapshot.annotators[answer.annotator as usize].as_str(), answer.label)
        })
        .collect();
    assert_eq!(answers, [(1, "ben", None), (2, "aa", Some(Class(0))), (2, "ana", Some(Class(1)))]);
    let times: Vec<_> = snapshot.answers.iter().map(|answer| (answer.time, answer.seconds)).collect();
    assert_eq!(times, [(None, None), (Some(1_767_312_000_000_000), None), (None, None)]);
    assert!(snapshot.settled.is_empty() && snapshot.assignments.is_empty());
    let [round] = snapshot.rounds.as_slice() else { panic!("{:?}", snapshot.rounds) };
    assert_eq!((round.number, round.model.as_deref(), round.basis), (1, Some("abc"), 0));
    let picks: Vec<_> = round.picks.iter().map(|pick| (pick.document, pick.share)).collect();
    assert_eq!(picks, [(2, Share::Uncertainty), (1, Share::Random)]);
    assert_eq!(round.picks[0].probabilities.as_deref(), Some(&[0.25, 0.75][..]));
    assert_eq!(workspace.picks(1, &snapshot).unwrap(), round.picks);
    assert_eq!(workspace.text_by_id("é").unwrap().meta.as_deref(), Some(r#"{"n":1.10}"#));
    let mut texts = Vec::new();
    let mut visit = |chunk: &[&str]| {
        texts.extend(chunk.iter().map(|text| (*text).to_owned()));
        Ok(())
    };
    workspace.corpus().unwrap().for_each_chunk(0..4, &mut visit).unwrap();
    assert_eq!(texts, ["one", "two", "three", "four"]);
}

#[test]
fn a_database_of_an_earlier_version_opens_for_reading() {
    for script in [VERSION_1, VERSION_2] {
        let folder = workspace(script);
        assert_whole(&Workspace::open(folder.path()).unwrap());
        assert_eq!(version(folder.path()), 7);
        assert_whole(&Workspace::open(folder.path()).unwrap());
    }
}

/// The copies of the database from before migrations, sorted by name.
fn backups(root: &Path) -> Vec<PathBuf> {
    let names = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        names.filter(|path| path.to_string_lossy().contains("before-migration")).collect();
    found.sort();
    found
}

#[test]
fn a_database_is_copied_before_it_is_brought_up_to_date() {
    for (script, found) in [(VERSION_1, 1), (VERSION_2, 2)] {
        let folder = workspace(script);
        let expected = folder.path().join(format!("querist.db.before-migration-{found}"));
        let opened = Workspace::open(folder.path()).unwrap();
        assert_eq!(opened.backup(), Some(expected.as_path()));
        drop(opened);
        assert_eq!(backups(folder.path()), std::slice::from_ref(&expected));
        assert_eq!(Workspace::open(folder.path()).unwrap().backup(), None);
        // The copy is as good as the original. Put back in its place, it is migrated again, and the
        // new copy does not replace the old one.
        fs::copy(&expected, folder.path().join("querist.db")).unwrap();
        assert_eq!(version(folder.path()), found);
        assert_whole(&Workspace::open(folder.path()).unwrap());
        let again = folder.path().join(format!("querist.db.before-migration-{found}-2"));
        assert_eq!(backups(folder.path()), [expected, again.clone()]);
        fs::rename(again, folder.path().join("querist.db")).unwrap();
        assert_eq!(version(folder.path()), found);
        assert_whole(&Workspace::open_to_write(folder.path(), "test").unwrap());
    }
}

#[test]
fn a_database_of_version_1_opens_for_writing_and_goes_on() {
    goes_on(VERSION_1);
}

#[test]
fn a_database_of_version_2_opens_for_writing_and_goes_on() {
    goes_on(VERSION_2);
}

/// Writes into a workspace of an earlier version, including every table that was added since.
fn goes_on(script: &str) {
    let folder = workspace(script);
    let mut workspace = Workspace::open_to_write(folder.path(), "test").unwrap();
    assert_whole(&workspace);
    // References to documents are still valid.
    let snapshot = workspace.snapshot(&labels()).unwrap();
    let mut draft = workspace.round(1).unwrap();
    draft.record.number = 2;
    draft.record.basis = 3;
    workspace.export_round(&draft, &snapshot.rounds[0].picks, &snapshot, &[]).unwrap();
    assert_eq!(workspace.snapshot(&labels()).unwrap().rounds[1].basis, 3);
    workspace.check_integrity().unwrap();
    let answers = folder.path().join("answers.jsonl");
    fs::write(&answers, r#"{"id":"m","annotator":"ana","label":"a","seconds":2.5,"comment":"why not"}"#)
        .unwrap();
    let options = querist_store::workspace::IngestOptions::default();
    workspace.ingest(&[answers.display().to_string()], &labels(), &options).unwrap();
    let database = Connection::open(folder.path().join("querist.db")).unwrap();
    database
        .execute_batch(
            "INSERT INTO settled (document, label, expert, ingest, line, current) VALUES
                 (1, 'a', 'eve', 1, 1, 0), (1, NULL, 'eve', 1, 2, 1), (2, 'b', 'expert', 1, 3, 1);
             INSERT INTO assignments VALUES (2, 2, 'ben'), (2, 2, 'ana'), (1, 1, 'ana');",
        )
        .unwrap();
    let snapshot = workspace.snapshot(&labels()).unwrap();
    let seconds: Vec<_> = snapshot.answers.iter().filter_map(|answer| answer.seconds).collect();
    assert_eq!(seconds, [2.5]);
    let said = workspace.remarks(&snapshot).unwrap();
    assert_eq!(said[0].remarks.comment.as_deref(), Some("why not"));
    let settled: Vec<_> = snapshot.settled.iter().map(|s| (s.document, s.label, s.expert.as_str())).collect();
    assert_eq!(settled, [(1, None, "eve"), (2, Some(Class(1)), "expert")]);
    let assigned: Vec<_> =
        snapshot.assignments.iter().map(|a| (a.round, a.document, a.annotator.as_str())).collect();
    assert_eq!(assigned, [(1, 1, "ana"), (2, 2, "ana"), (2, 2, "ben")]);
    let negative = "UPDATE annotations SET seconds = -1";
    assert!(database.execute(negative, []).unwrap_err().to_string().contains("CHECK"));
    let dangling = "INSERT INTO gold (document, label, import, line, current) VALUES (5, 'a', 1, 9, 1)";
    assert!(database.execute(dangling, []).unwrap_err().to_string().contains("FOREIGN KEY"));
}

#[test]
fn a_migration_that_fails_changes_nothing() {
    let gap = "PRAGMA foreign_keys = OFF; DELETE FROM documents WHERE number = 1;";
    let folder = workspace(&format!("{VERSION_1} {gap}"));
    for _ in 0..2 {
        let error = Workspace::open_to_write(folder.path(), "test").err().unwrap();
        assert!(error.to_string().contains("numbers have gaps"), "{error}");
        assert_eq!(version(folder.path()), 1);
        assert_eq!(backups(folder.path()), Vec::<PathBuf>::new());
        assert!(fs::read_dir(folder.path()).unwrap().count() <= 7, "files were left behind");
    }
}

#[test]
fn a_database_of_a_later_version_is_refused() {
    let folder = workspace(&VERSION_1.replace("user_version = 1", "user_version = 8"));
    let both = [Workspace::open(folder.path()), Workspace::open_to_write(folder.path(), "test")];
    for opened in both {
        let error = opened.err().unwrap();
        assert!(matches!(error, StoreError::SchemaTooNew { found: 8, known: 7, .. }), "{error}");
    }
    assert_eq!(version(folder.path()), 8);
}

/// The files of a folder, which nobody may write as long as this value lives.
#[cfg(unix)]
struct ReadOnly(Vec<(PathBuf, u32)>);

#[cfg(unix)]
impl ReadOnly {
    fn new(root: &Path) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let files = fs::read_dir(root).unwrap().map(|entry| (entry.unwrap().path(), 0o644));
        let files: Vec<_> = files.chain([(root.to_owned(), 0o755)]).collect();
        for (path, mode) in &files {
            fs::set_permissions(path, fs::Permissions::from_mode(mode & !0o222)).unwrap();
        }
        Self(files)
    }
}

#[cfg(unix)]
impl Drop for ReadOnly {
    fn drop(&mut self) {
        use std::os::unix::fs::PermissionsExt;
        for (path, mode) in &self.0 {
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(*mode));
        }
    }
}

#[test]
#[cfg(unix)]
fn a_database_of_version_1_that_cannot_be_written_says_what_to_do() {
    let folder = workspace(VERSION_1);
    let rights = ReadOnly::new(folder.path());
    if fs::File::create(folder.path().join("probe")).is_ok() {
        // File permissions do not apply to root.
        return;
    }
    let error = Workspace::open(folder.path()).err().unwrap();
    assert!(matches!(error, StoreError::SchemaTooOld { found: 1, .. }), "{error}");
    assert!(error.to_string().contains("make it writable or copy it"), "{error}");
    drop(rights);
    assert_whole(&Workspace::open(folder.path()).unwrap());
}
