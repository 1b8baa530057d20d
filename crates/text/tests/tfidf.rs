//! tf-idf against scikit-learn, and the same bytes on any number of threads.
//!
//! The reference values and the script that made them lie in `tests/reference/`.

#![expect(clippy::unwrap_used, reason = "a test that meets an error should stop there")]

use std::collections::BTreeMap;

use querist_core::error::BoxError;
use querist_core::{Corpus, Csr, Features, Featurizer};
use querist_text::ngram::{ngram_hash, word_hash};
use querist_text::{TfIdfFeaturizer, WordTokenizer};
use serde::Deserialize;

const BUCKETS: usize = 1 << 20;

#[derive(Deserialize)]
struct Reference {
    corpus: Vec<String>,
    idf: BTreeMap<String, f64>,
    rows: Vec<BTreeMap<String, f64>>,
}

struct Texts(Vec<String>);

impl Corpus for Texts {
    fn for_each_chunk(&self, visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>) -> Result<(), BoxError> {
        for chunk in self.0.chunks(100) {
            let chunk: Vec<&str> = chunk.iter().map(String::as_str).collect();
            visit(&chunk)?;
        }
        Ok(())
    }
}

fn featurizer() -> TfIdfFeaturizer {
    TfIdfFeaturizer::new(WordTokenizer::preset("words").unwrap(), (1, 2), BUCKETS).unwrap()
}

/// The column of an n-gram as scikit-learn spells it: its words with a space between them.
fn column(ngram: &str) -> u32 {
    let words: Vec<u64> = ngram.split(' ').map(word_hash).collect();
    (ngram_hash(&words) % BUCKETS as u64) as u32
}

fn by_column(values: &BTreeMap<String, f64>) -> BTreeMap<u32, f64> {
    let found: BTreeMap<u32, f64> = values.iter().map(|(ngram, value)| (column(ngram), *value)).collect();
    assert_eq!(found.len(), values.len(), "two n-grams of the reference corpus share a column");
    found
}

fn assert_close(found: &BTreeMap<u32, f64>, expected: &BTreeMap<u32, f64>, what: &str) {
    assert!(found.keys().eq(expected.keys()), "{what}: other n-grams than the reference");
    for (column, value) in expected {
        let difference = (found[column] - value).abs();
        assert!(difference < 1e-6, "{what}, column {column}: {} for {value}", found[column]);
    }
}

fn row(matrix: &Csr, row: usize) -> BTreeMap<u32, f64> {
    let (columns, values) = matrix.row(row);
    columns.iter().copied().zip(values.iter().map(|value| f64::from(*value))).collect()
}

#[test]
fn equals_scikit_learn() {
    let reference: Reference = serde_json::from_str(include_str!("reference/tfidf.json")).unwrap();
    let (fitted, matrix) = featurizer().fit_transform_concrete(&Texts(reference.corpus)).unwrap();
    assert_eq!(matrix.n_rows(), reference.rows.len());
    for (place, expected) in reference.rows.iter().enumerate() {
        assert_close(&row(&matrix, place), &by_column(expected), &format!("document {place}"));
    }
    let expected = by_column(&reference.idf);
    let found = (0..BUCKETS as u32).filter_map(|column| Some((column, fitted.idf(column)?))).collect();
    assert_close(&found, &expected, "idf");
}

/// Documents of a made-up language: word `i` is drawn with a frequency that falls with `i`.
fn made_up(n_documents: usize) -> Texts {
    let mut state = 1_u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut document = || {
        let words: Vec<String> = (0..draw(40)).map(|_| format!("w{}", draw(30) * draw(30))).collect();
        words.join(" ")
    };
    Texts((0..n_documents).map(|_| document()).collect())
}

#[test]
fn any_number_of_threads_gives_the_same_matrix() {
    let texts = made_up(1_000);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let (fitted, features) = featurizer().fit_transform(&texts).unwrap();
            assert_eq!(fitted.transform(&texts).unwrap(), features);
            features
        })
    };
    let one = run(1);
    assert_eq!((one.n_rows(), one.n_columns()), (1_000, BUCKETS));
    let Features::Sparse(csr) = &one else { panic!("tf-idf is sparse") };
    assert!(csr.n_nonzeros() > 10_000);
    for threads in [2, 8] {
        assert!(run(threads) == one, "{threads} threads");
    }
}

/// One document a chunk.
struct OneByOne(Vec<String>);

impl Corpus for OneByOne {
    fn for_each_chunk(&self, visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>) -> Result<(), BoxError> {
        self.0.iter().try_for_each(|text| visit(&[text.as_str()]))
    }
}

#[test]
fn chunks_do_not_matter() {
    let Texts(texts) = made_up(250);
    let (_, chunked) = featurizer().fit_transform_concrete(&Texts(texts.clone())).unwrap();
    let (_, single) = featurizer().fit_transform_concrete(&OneByOne(texts)).unwrap();
    assert!(chunked == single);
}
