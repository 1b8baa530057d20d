//! Tests imports. In tests, ids are written to the table `ids` after every 1,000 documents.

use querist_core::{Digest, Role, Snapshot};

use super::*;

/// A workspace in a temporary folder. The folder is removed when this value is dropped.
struct Bench {
    folder: tempfile::TempDir,
    workspace: Workspace,
}

fn labels() -> LabelSet {
    LabelSet::new(["a", "b"]).unwrap()
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::create(&folder.path().join("w"), "").unwrap();
        Self { folder, workspace }
    }

    fn import(&mut self, rows: &[String], kind: ImportAs) -> Result<ImportCounts, String> {
        let path = self.folder.path().join("rows.jsonl");
        std::fs::write(&path, rows.concat()).unwrap();
        let options = ImportOptions { kind, ..ImportOptions::default() };
        let files = [path.to_str().unwrap().to_owned()];
        let result = self.workspace.import(&files, &labels(), &options, &mut |_| {});
        result.map(|(counts, _)| counts).map_err(|error| error.to_string())
    }

    fn snapshot(&self) -> Snapshot {
        self.workspace.check_integrity().unwrap();
        self.workspace.snapshot(&labels()).unwrap()
    }
}

/// Returns row n. The ids are in no order, and every third row has a field of the user.
fn row(n: usize) -> String {
    let own = if n.is_multiple_of(3) { format!(",\"n\":{n}") } else { String::new() };
    format!("{{\"id\":\"{}\",\"text\":\"text {n}\"{own}}}\n", id(n))
}

fn id(n: usize) -> String {
    format!("d{}", n * 7_919 % 10_007)
}

fn rows(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(row).collect()
}

/// Computes the hash of documents by its definition, which must never change.
fn documents_hash(documents: impl IntoIterator<Item = (usize, Role)>) -> String {
    let mut documents: Vec<_> = documents.into_iter().map(|(n, role)| (id(n), n, role)).collect();
    documents.sort();
    let mut digest = Digest::default();
    for (id, n, role) in documents {
        digest.push(id.as_bytes());
        digest.push(role.name().as_bytes());
        digest.push(blake3::hash(format!("text {n}").as_bytes()).as_bytes());
        let own = blake3::hash(format!("{{\"n\":{n}}}").as_bytes());
        digest.push(if n.is_multiple_of(3) { own.as_bytes() } else { &[] });
    }
    digest.hex()
}

#[test]
fn documents_come_in_by_parts_as_they_come_in_at_once() {
    let (mut parts, mut whole) = (Bench::new(), Bench::new());
    for part in [0..1_000, 1_000..1_030, 1_030..2_048, 2_048..5_000] {
        let n = part.len() as u64;
        assert_eq!(parts.import(&rows(part), ImportAs::Guess).unwrap().pool, n);
    }
    whole.import(&rows(0..5_000), ImportAs::Guess).unwrap();
    let snapshot = parts.snapshot();
    assert_eq!(snapshot, whole.snapshot());
    assert_eq!(snapshot.documents_hash, documents_hash((0..5_000).map(|n| (n, Role::Pool))));
    assert!(snapshot.documents.is_sorted_by(|a, b| a.id < b.id));
    assert!(snapshot.documents.iter().all(|document| document.id == id(document.place as usize)));
    // If the rows are imported in another order, only the places differ.
    let mut backwards = Bench::new();
    backwards.import(&(0..5_000).rev().map(row).collect::<Vec<_>>(), ImportAs::Guess).unwrap();
    assert_eq!(backwards.snapshot().documents_hash, snapshot.documents_hash);
}

#[test]
fn ids_in_order_need_no_sorting_and_hash_alike() {
    let mut bench = Bench::new();
    let mut order: Vec<usize> = (0..3_000).collect();
    order.sort_by_key(|n| id(*n));
    bench.import(&order.into_iter().map(row).collect::<Vec<_>>(), ImportAs::Guess).unwrap();
    let snapshot = bench.snapshot();
    assert!((0..3_000).all(|index| snapshot.documents[index].place as usize == index));
    assert_eq!(snapshot.documents_hash, documents_hash((0..3_000).map(|n| (n, Role::Pool))));
}

#[test]
fn a_repeated_id_is_noticed_wherever_it_is() {
    let mut bench = Bench::new();
    bench.import(&rows(0..1_500), ImportAs::Guess).unwrap();
    // Row 3 was imported earlier. The id of row 1,600 was written to the table during this import;
    // the id of row 3,990 was not yet.
    for n in [3, 1_600, 3_990] {
        let mut again = rows(1_500..4_000);
        again.push(row(n));
        assert_eq!(bench.import(&again, ImportAs::Guess).unwrap().duplicates, if n == 3 { 1 } else { 2_501 });
        let other = row(n).replace("text ", "another text ");
        *again.last_mut().unwrap() = other;
        let message = bench.import(&again, ImportAs::Guess).unwrap_err();
        assert!(message.contains("rows.jsonl:2501: the id"), "{message}");
        assert!(message.contains("already belongs to another text"), "{message}");
    }
    assert_eq!(bench.snapshot().documents.len(), 4_000);
}

#[test]
fn a_failed_import_leaves_nothing() {
    let mut bench = Bench::new();
    bench.import(&rows(0..1_500), ImportAs::Guess).unwrap();
    let before = bench.snapshot();
    let mut bad = rows(1_500..4_000);
    bad.push("{}\n".to_owned());
    assert!(bench.import(&bad, ImportAs::Guess).unwrap_err().contains("rows.jsonl:2501"));
    assert_eq!(bench.snapshot(), before);
    assert_eq!(bench.import(&rows(0..1_501), ImportAs::Guess).unwrap().pool, 1);
}

#[test]
fn a_document_that_moves_moves_in_its_sheet_too() {
    let mut bench = Bench::new();
    bench.import(&rows(0..2_500), ImportAs::Guess).unwrap();
    let moved = [0, 1_023, 1_024, 2_499];
    let labeled = moved.map(|n| row(n).replace('}', ",\"label\":\"b\"}"));
    let counts = bench.import(&labeled, ImportAs::Test).unwrap();
    assert_eq!((counts.moved, counts.test), (4, 0));
    let snapshot = bench.snapshot();
    let role = |n: &usize| if moved.contains(n) { Role::Test } else { Role::Pool };
    assert_eq!(snapshot.documents_hash, documents_hash((0..2_500).map(|n| (n, role(&n)))));
    for document in &snapshot.documents {
        let n = document.place as usize;
        assert_eq!(document.role, role(&n));
        assert_eq!(document.label.is_some(), moved.contains(&n));
    }
}
