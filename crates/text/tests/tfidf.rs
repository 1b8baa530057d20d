//! tf-idf against scikit-learn.
//!
//! The reference values and the script that made them are in `tests/reference/`. scikit-learn drops
//! unseen n-grams, has a column for each n-gram and works in double precision. Here columns are
//! hashed (no n-grams of this corpus collide), and values are single.

#![expect(clippy::unwrap_used, reason = "a test that meets an error should stop there")]

use std::collections::BTreeMap;
use std::sync::Arc;

use querist_core::{Features, FittedFeaturizer, Learn};
use querist_text::{
    Buckets, Counter, FeatureKind, NgramCounter, NgramRange, TextFeaturizer, WordSource, WordTokenizer,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    corpus: Vec<String>,
    rows: Vec<BTreeMap<String, f64>>,
}

fn counter() -> Arc<NgramCounter> {
    let words = WordSource::Tokenizer(WordTokenizer::preset("words").unwrap());
    Arc::new(NgramCounter::new(words, NgramRange::new(1, 2).unwrap(), None, Buckets::new(1 << 20).unwrap()))
}

/// The column of every n-gram of the corpus, by its words, joined by spaces.
fn columns(counter: &NgramCounter, corpus: &[&str]) -> BTreeMap<String, u32> {
    let mut columns = BTreeMap::new();
    for text in corpus {
        counter
            .for_each_term(text, &mut |column, term| {
                columns.insert(term.to_owned(), column);
            })
            .unwrap();
    }
    columns
}

#[test]
fn equals_scikit_learn() {
    let reference: Reference = serde_json::from_str(include_str!("reference/tfidf.json")).unwrap();
    let corpus: Vec<&str> = reference.corpus.iter().map(String::as_str).collect();
    let counter = counter();
    let columns = columns(&counter, &corpus);
    let pool: Vec<u32> = (0..corpus.len() as u32).collect();
    let learn = Learn { pool: &pool, basis: &pool, progress: &|_, _| () };
    let space = TextFeaturizer::new(counter, FeatureKind::NGRAM).fit_space(&corpus, learn).unwrap();
    let all: Vec<usize> = (0..corpus.len()).collect();
    let (gathered, transformed) =
        (space.rows(&pool).gather(&all).unwrap(), space.transform(&corpus).unwrap());
    assert_eq!(gathered, transformed);
    let Features::Sparse(matrix) = gathered else { panic!("tf-idf is sparse") };
    assert_eq!(matrix.n_rows(), reference.rows.len());
    for (row, expected) in reference.rows.iter().enumerate() {
        let (found_columns, values) = matrix.row(row);
        let expected: BTreeMap<u32, f64> =
            expected.iter().map(|(ngram, value)| (columns[ngram], *value)).collect();
        assert!(found_columns.iter().eq(expected.keys()), "document {row}: other n-grams than the reference");
        for (value, expected) in values.iter().zip(expected.values()) {
            assert!((f64::from(*value) - expected).abs() < 1e-6, "document {row}: {value} for {expected}");
        }
    }
}
