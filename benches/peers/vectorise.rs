//! Texts to features: our counts with idf and lengths, beside `TfidfVectorizer` with the same
//! n-grams and damping.
//!
//! Both sides keep all that training and scoring need. Ours stores hashed counts and weighs them
//! when they are read; theirs makes the weighted matrix and a vocabulary. Their words have at least
//! two letters.

use querist_core::{Featurizer, Learn};
use querist_text::{FeatureKind, TextFeaturizer};
use serde_json::json;

use crate::python::{Peers, number};
use crate::set::counter;
use crate::{Bench, Row, said, timed};

/// Measures the row.
pub(crate) fn rows(bench: &Bench, peers: &mut Peers) -> Vec<Row> {
    let texts = bench.set.texts(1);
    let pool: Vec<u32> = (0..bench.set.documents.len() as u32).collect();
    let featurizer = TextFeaturizer::new(counter(), FeatureKind::NGRAM);
    let learn = Learn { pool: &pool, basis: &pool, progress: &|_, _| () };
    let (mut ours, mut theirs) = (f64::INFINITY, f64::INFINITY);
    let mut note = String::new();
    for _ in 0..bench.runs {
        let answer = peers.ask(&json!({"do": "vectorise"}));
        theirs = theirs.min(number(&answer, "seconds"));
        let (space, seconds) = timed(|| featurizer.fit(&texts, learn).expect("features of the set"));
        ours = ours.min(seconds);
        note = format!("{} and {} columns", space.n_columns(), answer["columns"]);
    }
    let what = format!("vectorise {} texts", pool.len());
    vec![said(Row::time(what, ours, theirs).aim(Some(40.0)).note(note))]
}
