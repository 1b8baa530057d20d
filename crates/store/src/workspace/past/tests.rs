//! Tests that the past state before a round does not depend on what came later.

use std::path::Path;

use querist_core::{Edition, LabelSet, Pick, RoundRecord, Seed, Share, Snapshot};

use super::*;
use crate::workspace::{Draft, ImportAs, ImportOptions, IngestOptions, Stage};

fn labels() -> LabelSet {
    LabelSet::new(["x", "y"]).unwrap()
}

fn import(workspace: &mut Workspace, root: &Path, kind: ImportAs, lines: &str) {
    let path = root.join("in.jsonl");
    std::fs::write(&path, lines).unwrap();
    let options = ImportOptions { kind, relabel: true, ..ImportOptions::default() };
    workspace.import(&[path.to_string_lossy().into_owned()], &labels(), &options, &mut |_| ()).unwrap();
}

fn ingest(workspace: &mut Workspace, root: &Path, lines: &str) {
    let path = root.join("answers.jsonl");
    std::fs::write(&path, lines).unwrap();
    let files = [path.to_string_lossy().into_owned()];
    workspace.ingest(&files, &labels(), &IngestOptions::default()).unwrap();
}

/// Exports a round with one pick. Returns the snapshot from which the round was made.
fn round(workspace: &mut Workspace, number: u32, id: &str) -> Snapshot {
    let snapshot = workspace.snapshot(&labels()).unwrap();
    let record = RoundRecord {
        number,
        seed: Seed(0),
        picks: Vec::new(),
        returned: Vec::new(),
        lacking: Vec::new(),
        asked_again: Vec::new(),
        classes: Vec::new(),
        target: None,
        summary: "{}".to_owned(),
        model: None,
        basis: 0,
    };
    let draft = Draft {
        record,
        stage: Stage::Exported,
        settings: "{\"labels\":[\"x\",\"y\"]}".to_owned(),
        inputs: String::new(),
        manifest: Some("{}".to_owned()),
    };
    let pick = Pick {
        document: snapshot.find(id).unwrap(),
        rank: 1,
        share: Share::Random,
        quota: None,
        reason: String::new(),
        fallback: false,
        score: None,
        probabilities: None,
    };
    workspace.export_round(&draft, &[pick], &snapshot, &[("manifest.json", b"{}".to_vec())]).unwrap();
    snapshot
}

#[test]
fn every_round_finds_what_it_saw() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut workspace = Workspace::create(root, "labels = [\"x\", \"y\"]\n").unwrap();
    // These ids are not in the order of the imports.
    import(
        &mut workspace,
        root,
        ImportAs::Guess,
        "{\"id\":\"m\",\"text\":\"1\"}\n{\"id\":\"k\",\"text\":\"2\",\"label\":\"x\",\"more\":1}\n{\"id\":\"z\",\"text\":\"3\"}\n",
    );
    let mut seen = vec![round(&mut workspace, 1, "m")];
    ingest(&mut workspace, root, "{\"id\":\"m\",\"annotator\":\"ana\",\"label\":\"x\",\"time\":100}\n");
    import(&mut workspace, root, ImportAs::Guess, "{\"id\":\"b\",\"text\":\"4\",\"label\":\"y\"}\n");
    seen.push(round(&mut workspace, 2, "z"));
    // After the second round: a changed answer, an answer that is older than the current one, a new
    // label, and a document that leaves the pool.
    ingest(
        &mut workspace,
        root,
        "{\"id\":\"m\",\"annotator\":\"ana\",\"label\":\"y\",\"time\":200}\n{\"id\":\"m\",\"annotator\":\"ana\",\"label\":null,\"time\":50}\n",
    );
    import(&mut workspace, root, ImportAs::Labeled, "{\"id\":\"k\",\"text\":\"2\",\"label\":\"y\"}\n");
    import(
        &mut workspace,
        root,
        ImportAs::Pool,
        "{\"id\":\"a\",\"text\":\"5\"}\n{\"id\":\"c\",\"text\":\"6\"}\n",
    );
    import(&mut workspace, root, ImportAs::Test, "{\"id\":\"a\",\"text\":\"5\",\"label\":\"x\"}\n");
    seen.push(round(&mut workspace, 3, "b"));
    import(&mut workspace, root, ImportAs::Control, "{\"id\":\"c\",\"text\":\"6\",\"label\":\"x\"}\n");
    ingest(&mut workspace, root, "{\"id\":\"b\",\"annotator\":\"ben\",\"label\":\"x\"}\n");

    for (number, seen) in (1..).zip(&seen) {
        assert_eq!(
            &workspace.snapshot_before(number, &labels(), Edition::CURRENT).unwrap(),
            seen,
            "round {number}"
        );
    }
    assert_ne!(seen[1].documents_hash, seen[2].documents_hash);
    assert!(matches!(
        workspace.snapshot_before(4, &labels(), Edition::CURRENT),
        Err(StoreError::NoSuchRound { number: 4, last: Some(3) })
    ));
}

#[test]
fn an_earlier_version_s_two_spellings_of_a_name_are_one_person_now_and_two_in_its_rounds() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut workspace = Workspace::create(root, "labels = [\"x\", \"y\"]\n").unwrap();
    import(
        &mut workspace,
        root,
        ImportAs::Guess,
        "{\"id\":\"m\",\"text\":\"1\"}\n{\"id\":\"n\",\"text\":\"2\"}\n",
    );
    ingest(
        &mut workspace,
        root,
        "{\"id\":\"m\",\"annotator\":\"Zoe\u{308}\",\"label\":\"x\",\"time\":200}\n",
    );
    ingest(&mut workspace, root, "{\"id\":\"n\",\"annotator\":\"ana\",\"label\":\"x\"}\n");
    // Stored as an earlier version would have stored them.
    for (document, name, label, time) in [(1, "Zo\u{eb}", "y", "1970-01-01T00:01:40Z"), (2, " ana", "y", "")]
    {
        let time = Some(time).filter(|time| !time.is_empty());
        workspace
            .database
            .execute(
                "INSERT INTO annotations (document, annotator, label, time, ingest, line, current)
                 VALUES (?1, ?2, ?3, ?4, 2, 9, 1)",
                params![document, name, label, time],
            )
            .unwrap();
    }
    let seen = round(&mut workspace, 1, "m");
    let short = |snapshot: &Snapshot| -> Vec<(usize, String, u16)> {
        let of = |answer: &Answer| {
            (answer.document, snapshot.annotators[answer.annotator as usize].clone(), answer.label.unwrap().0)
        };
        snapshot.answers.iter().map(of).collect()
    };
    // The answer with the later time is current; without times, the answer that arrived last is
    // current.
    assert_eq!(short(&seen), [(0, "Zoe\u{308}".to_owned(), 0), (1, "ana".to_owned(), 1)]);
    assert_eq!(workspace.snapshot_before(1, &labels(), Edition::Second).unwrap(), seen);
    let first = workspace.snapshot_before(1, &labels(), Edition::First).unwrap();
    let expected = [(0, "Zoe\u{308}", 0), (0, "Zo\u{eb}", 1), (1, " ana", 1), (1, "ana", 0)];
    assert_eq!(short(&first), expected.map(|(document, name, label)| (document, name.to_owned(), label)));
    // A stored answer is recognized under either name, and a new answer replaces it.
    ingest(&mut workspace, root, "{\"id\":\"m\",\"annotator\":\"Zo\u{eb}\",\"label\":\"y\",\"time\":300}\n");
    let now = workspace.snapshot(&labels()).unwrap();
    assert_eq!(short(&now), [(0, "Zoe\u{308}".to_owned(), 1), (1, "ana".to_owned(), 1)]);
}
