//! Compares the feature file with counting from scratch, whatever happens to the file.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use super::*;
use crate::ngram::{Buckets, NgramCounter, NgramRange, WordSource};
use crate::splitter::WordSplitter;

/// Counts n-grams, and the texts that it was asked to count.
struct Watched {
    counter: NgramCounter,
    texts: AtomicUsize,
}

impl Watched {
    fn new(buckets: usize) -> Self {
        let words = WordSource::Splitter(WordSplitter::default());
        let buckets = Buckets::new(buckets).unwrap();
        let counter = NgramCounter::new(words, NgramRange::default(), None, buckets);
        Self { counter, texts: AtomicUsize::new(0) }
    }

    /// The number of texts since the last call.
    fn texts(&self) -> usize {
        self.texts.swap(0, Ordering::Relaxed)
    }
}

impl Counter for Watched {
    fn n_columns(&self) -> usize {
        self.counter.n_columns()
    }

    fn fingerprint(&self) -> String {
        self.counter.fingerprint()
    }

    fn count(&self, text: &str, scratch: &mut Scratch, row: &mut Vec<Entry>) -> Result<(), TextError> {
        self.texts.fetch_add(1, Ordering::Relaxed);
        if text == "unreadable" {
            return Err(TextError::Untokenizable { document: 0, problem: "no".into() });
        }
        self.counter.count(text, scratch, row)
    }

    fn for_each_term(&self, text: &str, visit: &mut dyn FnMut(u32, &str)) -> Result<(), TextError> {
        self.counter.for_each_term(text, visit)
    }
}

fn texts(range: Range<usize>) -> Vec<String> {
    range.map(|i| format!("document {i} has {} words or {}", i % 7, "more ".repeat(i % 5))).collect()
}

fn corpus(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn open(path: Option<&Path>, counter: &dyn Counter, texts: &[String]) -> Counts {
    Counts::open(path, counter, &corpus(texts), &|_, _| {}).unwrap()
}

fn rows(counts: &Counts) -> Vec<Vec<Entry>> {
    let mut rows = vec![];
    for index in 0..counts.n_chunks() {
        let chunk = counts.chunk(index).unwrap();
        assert_eq!(chunk.first(), rows.len());
        assert_eq!(chunk.n_entries(), (0..chunk.len()).map(|i| chunk.row(i).len()).sum::<usize>());
        for i in 0..chunk.len() {
            assert_eq!(counts.chunk_of(rows.len()), index);
            rows.push(chunk.row(i).to_vec());
        }
    }
    assert_eq!(rows.len(), counts.n_documents());
    assert_eq!(rows.iter().map(Vec::len).sum::<usize>(), counts.n_entries());
    rows
}

fn expected(counter: &dyn Counter, texts: &[String]) -> Vec<Vec<Entry>> {
    let row = |text: &String| {
        let mut row = vec![];
        counter.count(text, &mut Scratch::default(), &mut row).unwrap();
        row
    };
    texts.iter().map(row).collect()
}

/// A temporary folder, and the path of a file in it that does not exist yet.
fn fresh() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("features/counts");
    (folder, path)
}

#[test]
fn a_corpus_is_counted_once() {
    let ((_folder, path), counter, texts) = (fresh(), Watched::new(1 << 20), texts(0..10_000));
    let expected = expected(&counter, &texts);
    counter.texts();
    let first = open(Some(&path), &counter, &texts);
    assert_eq!((counter.texts(), first.n_columns(), first.n_chunks()), (10_000, 1 << 20, 3));
    assert_eq!(rows(&first), expected);
    let again = open(Some(&path), &counter, &texts);
    assert_eq!(counter.texts(), 0);
    assert_eq!(rows(&again), expected);
    let memory = open(None, &counter, &texts);
    assert_eq!((rows(&memory), memory.n_chunks()), (expected, 3));
}

#[test]
fn threads_change_no_byte() {
    let (counter, texts) = (Watched::new(1 << 10), texts(0..9_000));
    let bytes = |threads| {
        let (_folder, path) = fresh();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| open(Some(&path), &counter, &texts));
        fs::read(path).unwrap()
    };
    let one = bytes(1);
    assert_eq!(one, bytes(2));
    assert_eq!(one, bytes(8));
    let (_folder, path) = fresh();
    open(Some(&path), &counter, &texts);
    assert_eq!(one, fs::read(path).unwrap());
}

#[test]
fn only_what_is_new_is_counted() {
    let ((_folder, path), counter, texts) = (fresh(), Watched::new(1 << 20), texts(0..5_000));
    for (n, new) in [(0, 0), (10, 10), (4_500, 4_490), (4_500, 0), (5_000, 500)] {
        let counts = open(Some(&path), &counter, &texts[..n]);
        assert_eq!(counter.texts(), new);
        assert_eq!(rows(&counts), expected(&counter, &texts[..n]));
        counter.texts();
    }
    assert_eq!(open(Some(&path), &counter, &texts).n_chunks(), 4);
}

#[test]
fn whatever_is_lost_or_damaged_is_counted_again() {
    let ((_folder, path), counter, texts) = (fresh(), Watched::new(1 << 10), texts(0..9));
    open(Some(&path), &counter, &texts[..6]);
    let kept = fs::read(&path).unwrap().len();
    open(Some(&path), &counter, &texts);
    let whole = fs::read(&path).unwrap();
    let expected = expected(&counter, &texts);
    counter.texts();
    let check = |damaged: &[u8], place: usize| {
        fs::write(&path, damaged).unwrap();
        assert_eq!(rows(&open(Some(&path), &counter, &texts)), expected, "{place}");
        let counted = if place < kept { 9 } else { 3 };
        assert_eq!(counter.texts(), counted, "{place}");
        assert_eq!(rows(&open(Some(&path), &counter, &texts)), expected, "{place}");
        assert_eq!(counter.texts(), 0, "{place}");
    };
    for place in kept..whole.len() {
        check(&whole[..place], place);
    }
    for place in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[place] ^= 1 << (place % 8);
        check(&damaged, place);
        if place < kept {
            check(&whole[..place], place);
        }
    }
    // Bytes after the last chunk only need to be cut off.
    let mut longer = whole.clone();
    longer.extend([0; 100]);
    fs::write(&path, &longer).unwrap();
    assert_eq!(rows(&open(Some(&path), &counter, &texts)), expected);
    assert_eq!((counter.texts(), fs::read(&path).unwrap()), (0, whole));
}

#[test]
fn a_chunk_that_lies_with_a_right_checksum_is_not_believed() {
    let ((_folder, path), counter, texts) = (fresh(), Watched::new(16), texts(0..2));
    let good = rows(&open(Some(&path), &counter, &texts));
    let bytes = fs::read(&path).unwrap();
    let digest = <[u8; 32]>::try_from(&bytes[64 + 32..64 + 64]).unwrap();
    let lies = [
        MemoryChunk { starts: vec![0, 1, 1], entries: vec![Entry::new(16, 1)] },
        MemoryChunk { starts: vec![0, 2, 1], entries: vec![Entry::new(1, 1)] },
        MemoryChunk { starts: vec![0, 0, 0], entries: vec![Entry::new(1, 1)] },
        MemoryChunk { starts: vec![1, 1, 1], entries: vec![Entry::new(1, 1)] },
    ];
    for lie in lies {
        let mut chunk = vec![];
        layout::encode_chunk(0, &lie, digest, &mut chunk);
        fs::write(&path, [&bytes[..64], &chunk].concat()).unwrap();
        assert_eq!(rows(&open(Some(&path), &counter, &texts)), good);
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn a_changed_document_is_counted_again_with_all_that_follow() {
    let ((_folder, path), counter, mut texts) = (fresh(), Watched::new(1 << 20), texts(0..30));
    for n in [10, 20, 30] {
        open(Some(&path), &counter, &texts[..n]);
    }
    counter.texts();
    texts[15] = "changed".into();
    let counts = open(Some(&path), &counter, &texts);
    assert_eq!((counter.texts(), counts.n_chunks()), (20, 2));
    assert_eq!(rows(&counts), expected(&counter, &texts));
}

#[test]
fn another_counter_starts_anew() {
    let ((_folder, path), texts) = (fresh(), texts(0..30));
    for buckets in [1 << 20, 1 << 10, 1 << 20] {
        let counter = Watched::new(buckets);
        let counts = open(Some(&path), &counter, &texts);
        assert_eq!((counter.texts(), counts.n_columns()), (30, buckets));
        assert_eq!(rows(&counts), expected(&counter, &texts));
    }
}

#[test]
fn what_is_mapped_stays_when_the_file_is_cut() {
    let ((_folder, path), counter, mut texts) = (fresh(), Watched::new(1 << 20), texts(0..30));
    let old = open(Some(&path), &counter, &texts);
    let chunk = old.chunk(0).unwrap();
    let before = expected(&counter, &texts);
    texts[0] = "changed".into();
    assert_eq!(rows(&open(Some(&path), &counter, &texts)), expected(&counter, &texts));
    assert_eq!(chunk.row(0), before[0]);
    assert_eq!(rows(&old), before);
}

#[test]
fn an_older_view_of_the_corpus_leaves_the_file_alone() {
    let ((_folder, path), counter, texts) = (fresh(), Watched::new(1 << 20), texts(0..30));
    open(Some(&path), &counter, &texts[..10]);
    open(Some(&path), &counter, &texts);
    let bytes = fs::read(&path).unwrap();
    counter.texts();
    for (n, counted) in [(10, 0), (15, 5), (5, 5), (0, 0)] {
        let counts = open(Some(&path), &counter, &texts[..n]);
        assert_eq!(counter.texts(), counted, "{n}");
        assert_eq!(rows(&counts), expected(&counter, &texts[..n]));
        counter.texts();
    }
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn many_small_chunks_become_one() {
    let ((_folder, path), counter, texts) = (fresh(), Watched::new(1 << 20), texts(0..40));
    let mut most = 0;
    for n in 1..=40 {
        let counts = open(Some(&path), &counter, &texts[..n]);
        assert_eq!(counter.texts(), 1);
        most = most.max(counts.n_chunks());
    }
    let counts = open(Some(&path), &counter, &texts);
    assert_eq!((counter.texts(), most, counts.n_chunks()), (0, 33, 7));
    assert_eq!(rows(&counts), expected(&counter, &texts));
}

#[test]
fn long_texts_make_chunks_of_fewer_documents() {
    let counter = Watched::new(1 << 20);
    let texts: Vec<String> = (0..12).map(|i| format!("word{i} ").repeat(200_000)).collect();
    let counts = open(None, &counter, &texts);
    let sizes: Vec<usize> = (0..counts.n_chunks()).map(|index| counts.chunk(index).unwrap().len()).collect();
    // 1.2 or 1.4 MB for each text: the fourth text, or the third, crosses 4 MiB.
    assert_eq!(sizes, [4, 4, 4]);
    assert_eq!(rows(&counts), expected(&counter, &texts));
}

#[test]
fn a_writer_that_was_killed_leaves_nothing_in_the_way() {
    let ((_folder, path), counter, texts) = (fresh(), Watched::new(1 << 20), texts(0..30));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path.with_extension("new"), vec![7; 100_000]).unwrap();
    fs::write(path.with_extension("lock"), "").unwrap();
    assert_eq!(rows(&open(Some(&path), &counter, &texts)), expected(&counter, &texts));
    counter.texts();
    let again = open(Some(&path), &counter, &texts);
    assert_eq!(counter.texts(), 0);
    assert_eq!(rows(&again), expected(&counter, &texts));
}

#[test]
fn two_at_once_do_not_disturb_each_other() {
    let ((_folder, path), counter, texts) = (fresh(), Watched::new(1 << 20), texts(0..6_000));
    let expected = expected(&counter, &texts);
    counter.texts();
    std::thread::scope(|scope| {
        for n in [6_000, 5_000, 6_000, 10] {
            let (path, counter, texts, expected) = (&path, &counter, &texts, &expected);
            scope.spawn(move || {
                assert_eq!(rows(&open(Some(path), counter, &texts[..n])), expected[..n]);
            });
        }
    });
    counter.texts();
    assert_eq!(rows(&open(Some(&path), &counter, &texts)), expected);
    assert_eq!(counter.texts(), 0);
}

#[test]
fn errors_say_what_and_where() {
    let ((folder, path), counter, mut texts) = (fresh(), Watched::new(1 << 20), texts(0..5_000));
    texts[4_321] = "unreadable".into();
    let open = |path, n| Counts::open(path, &counter, &corpus(&texts[..n]), &|_, _| {});
    for path in [None, Some(&*path)] {
        let error = open(path, 5_000).unwrap_err();
        let expected = TextError::Untokenizable { document: 4_321, problem: "no".into() };
        assert_eq!(error.downcast_ref::<TextError>(), Some(&expected));
    }
    // The chunk before the faulty text is kept.
    counter.texts();
    assert_eq!(open(Some(&path), 4_096).unwrap().n_chunks(), 1);
    assert_eq!(counter.texts(), 0);
    // A folder is where the file should be.
    let error = open(Some(folder.path()), 9).unwrap_err().to_string();
    assert!(
        error.contains(": the feature file cannot be ") && error.contains(folder.path().to_str().unwrap())
    );
}

#[test]
fn a_corpus_that_fails_or_lies_is_an_error() {
    struct Broken(bool);
    impl Corpus for Broken {
        fn n_documents(&self) -> usize {
            2
        }
        fn for_each_chunk(
            &self,
            _: Range<usize>,
            visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>,
        ) -> Result<(), BoxError> {
            visit(&["one"])?;
            if self.0 { Err("the disk is gone".into()) } else { Ok(()) }
        }
        fn digests(&self, _: &[Range<usize>]) -> Result<Vec<[u8; 32]>, BoxError> {
            Ok(vec![])
        }
    }
    let message =
        |corpus: &Broken| Counts::open(None, &Watched::new(2), corpus, &|_, _| {}).unwrap_err().to_string();
    assert_eq!(message(&Broken(true)), "the disk is gone");
    assert_eq!(message(&Broken(false)), "1 documents were read of 2");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_works_from_memory() {
    use std::os::unix::fs::PermissionsExt;
    let ((_folder, path), counter, texts) = (fresh(), Watched::new(1 << 20), texts(0..30));
    open(Some(&path), &counter, &texts[..10]);
    let folder = path.parent().unwrap();
    fs::remove_file(path.with_extension("lock")).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o555)).unwrap();
    counter.texts();
    let counts = open(Some(&path), &counter, &texts);
    // The file is used whether or not it may be written (a superuser may write it).
    assert_eq!(counter.texts(), 20);
    assert_eq!(rows(&counts), expected(&counter, &texts));
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn progress_ends_with_all_documents() {
    let (counter, texts) = (Watched::new(1 << 10), texts(0..5_000));
    let seen = std::sync::Mutex::new(vec![]);
    Counts::open(None, &counter, &corpus(&texts), &|done, all| seen.lock().unwrap().push((done, all)))
        .unwrap();
    assert_eq!(seen.into_inner().unwrap(), [(4_096, 5_000), (5_000, 5_000)]);
}
