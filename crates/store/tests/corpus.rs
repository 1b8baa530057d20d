//! Compares the texts of a workspace with the same texts in memory.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::ops::Range;

use proptest::prelude::*;
use querist_core::error::BoxError;
use querist_core::{Corpus, LabelSet};
use querist_store::Workspace;
use querist_store::workspace::{ImportAs, ImportOptions};
use rusqlite::Connection;

/// Enough documents for more than two sheets and more than two chunks.
const N: usize = 4_500;

fn labels() -> LabelSet {
    LabelSet::new(["a", "b"]).unwrap()
}

fn text(n: usize) -> String {
    format!("{} é\n\"{n}\"", "word ".repeat(n % 7))
}

/// A workspace with N documents, whose roles alternate and whose ids are in no order; and their
/// texts.
fn workspace() -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let mut workspace = Workspace::create(folder.path(), "").unwrap();
    let kinds = [ImportAs::Pool, ImportAs::Test, ImportAs::Control];
    for part in 0..9 {
        let rows = (part * N / 9..(part + 1) * N / 9).map(|n| {
            let id = n * 7_919 % N;
            format!("{{\"id\":{id},\"label\":\"a\",\"text\":{}}}\n", serde_json::Value::from(text(n)))
        });
        let path = folder.path().join("rows.jsonl");
        std::fs::write(&path, rows.collect::<String>()).unwrap();
        let kind = kinds[part % 3];
        let options = ImportOptions { kind, ..ImportOptions::default() };
        workspace.import(&[path.to_str().unwrap().to_owned()], &labels(), &options, &mut |_| {}).unwrap();
    }
    (folder, (0..N).map(text).collect())
}

fn read(corpus: &dyn Corpus, range: Range<usize>) -> Result<Vec<String>, BoxError> {
    let mut texts = Vec::new();
    corpus.for_each_chunk(range, &mut |chunk| {
        assert!(!chunk.is_empty());
        texts.extend(chunk.iter().map(|text| (*text).to_owned()));
        Ok(())
    })?;
    Ok(texts)
}

#[test]
fn texts_come_in_the_order_of_their_import() {
    let (folder, expected) = workspace();
    let workspace = Workspace::open(folder.path()).unwrap();
    let corpus = workspace.corpus().unwrap();
    assert_eq!(corpus.n_documents(), N);
    for range in [0..N, 0..0, N..N, 1..2, 1_023..1_025, 2_047..4_097, N - 1..N] {
        assert_eq!(read(&corpus, range.clone()).unwrap(), expected[range]);
    }
    for document in &workspace.snapshot(&labels()).unwrap().documents {
        assert_eq!(workspace.text_of(document).unwrap().text, expected[document.place as usize]);
    }
    assert!(read(&corpus, N - 1..N + 1).is_err());
    assert!(corpus.digests(&[0..1, N..N + 1]).is_err());
}

#[test]
fn digests_are_those_of_the_texts() {
    let (folder, texts) = workspace();
    let workspace = Workspace::open(folder.path()).unwrap();
    let corpus = workspace.corpus().unwrap();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let check = |cuts: &[usize]| {
        let ranges: Vec<_> = cuts.windows(2).map(|pair| pair[0]..pair[1]).collect();
        assert_eq!(corpus.digests(&ranges).unwrap(), texts[..].digests(&ranges).unwrap(), "{ranges:?}");
    };
    check(&[0, 0, 1, 1_024, 1_025, 2_048, 4_096, N, N]);
    proptest!(ProptestConfig::with_cases(64), |(cuts in proptest::collection::btree_set(0..=N, 0..8))| {
        check(&cuts.into_iter().collect::<Vec<_>>());
    });
}

#[test]
fn what_a_visitor_brings_up_ends_the_reading() {
    let (folder, _) = workspace();
    let workspace = Workspace::open(folder.path()).unwrap();
    let mut calls = 0;
    let ended = workspace.corpus().unwrap().for_each_chunk(0..N, &mut |_| {
        calls += 1;
        Err("enough".into())
    });
    assert_eq!((ended.unwrap_err().to_string().as_str(), calls), ("enough", 1));
}

#[test]
fn documents_that_are_gone_are_missed() {
    let told = |statement: &str| {
        let (folder, _) = workspace();
        let database = Connection::open(folder.path().join("querist.db")).unwrap();
        database.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        assert_eq!(database.execute(statement, []).unwrap(), 1);
        drop(database);
        let workspace = Workspace::open(folder.path()).unwrap();
        let inconsistent =
            |result: Result<(), String>| result.is_err_and(|error| error.contains("querist.db has"));
        let corpus = workspace.corpus().unwrap();
        [
            inconsistent(workspace.check_integrity().map_err(|error| error.to_string())),
            inconsistent(workspace.snapshot(&labels()).map(|_| ()).map_err(|error| error.to_string())),
            inconsistent(read(&corpus, 0..N - 1).map(|_| ()).map_err(|error| error.to_string())),
        ]
    };
    assert_eq!(told("DELETE FROM documents WHERE number = 3000"), [true, false, true]);
    assert_eq!(told("DELETE FROM documents WHERE number = 4500"), [true, true, false]);
    // Without its sheet, a text has no hash to compare it with.
    assert_eq!(told("DELETE FROM sheets WHERE number = 1"), [true, true, true]);
    assert_eq!(told("DELETE FROM ids WHERE document = 3000"), [true, false, false]);
    let ids = "UPDATE sheets SET ids = substr(ids, instr(ids, char(10)) + 1) WHERE number = 1";
    assert_eq!(told(ids), [true, true, false]);
    assert_eq!(told("UPDATE sheets SET kinds = x'00' WHERE number = 1"), [true, true, false]);
}
