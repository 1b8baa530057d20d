//! Memory bandwidth of a pass over the pool: bytes of counts a second, beside a plain parallel
//! read.
//!
//! The pool is repeated until its counts exceed the caches. Only the bytes of the counts are
//! compared with the read; the pass also moves weights and probabilities. The embedding is learned
//! from one copy of the pool.

use std::hint::black_box;
use std::path::Path;

use querist_core::{Classifier, Examples, FittedClassifier, FittedFeaturizer, Learn, Seed, Start};
use querist_model::LogisticRegression;
use querist_text::{Counts, FeatureKind, FittedSpace, TextFeaturizer};
use rand::seq::index::sample;
use rayon::prelude::*;

use crate::set::counter;
use crate::{Bench, LABELED, Row, said, timed};

/// Measures one row for each kind of features.
pub(crate) fn rows(bench: &Bench) -> Vec<Row> {
    let texts = bench.set.texts(bench.tiles);
    let pool: Vec<u32> = (0..(bench.set.documents.len() * bench.tiles) as u32).collect();
    let counts = Counts::open(None, &*counter(), &texts, &|_, _| ()).expect("counts of the set");
    // Each entry takes 4 bytes, and each row 4 bytes for the place where it begins.
    let bytes = 4.0 * (counts.n_entries() + pool.len()) as f64;
    drop(counts);
    let buffer: Vec<u64> = (0..32 << 20).collect();
    let mut rows = Vec::new();
    for kind in bench.kinds.iter().copied() {
        let folder = tempfile::tempdir_in(bench.folder.path()).expect("a temporary folder");
        for folder in [None, Some(folder.path())] {
            let space = fit(bench, kind, folder);
            let model = train(bench, &space, &pool);
            let (mut pass, mut plain) = (f64::INFINITY, f64::INFINITY);
            for _ in 0..bench.runs.max(5) {
                plain = plain.min(read(&buffer));
                let features = space.rows(&pool);
                let all: Vec<usize> = (0..pool.len()).collect();
                pass =
                    pass.min(timed(|| black_box(model.predict(features.as_ref(), &all).expect("scores"))).1);
            }
            let place = if folder.is_some() { "mapped" } else { "in memory" };
            let what = format!("score {} documents by {}, counts {place}", pool.len(), kind.name());
            let note = format!("of a plain read; {:.0} MB of counts in {:.1} ms", bytes / 1e6, pass * 1e3);
            let read = size_of_val(buffer.as_slice()) as f64 / plain;
            rows.push(said(Row::bandwidth(what, bytes / pass, read).aim(Some(0.6)).note(note)));
        }
    }
    rows
}

fn fit(bench: &Bench, kind: FeatureKind, folder: Option<&Path>) -> FittedSpace {
    let texts = bench.set.texts(bench.tiles);
    let pool: Vec<u32> = (0..(bench.set.documents.len() * bench.tiles) as u32).collect();
    let mut featurizer = TextFeaturizer::new(counter(), kind);
    if let Some(folder) = folder {
        featurizer = featurizer.with_folder(folder);
    }
    let learn = Learn { pool: &pool, basis: &pool[..bench.set.documents.len()], progress: &|_, _| () };
    featurizer.fit_space(&texts, learn).expect("features of the set")
}

/// Trains a model on random labelled documents.
fn train(bench: &Bench, space: &FittedSpace, pool: &[u32]) -> Box<dyn FittedClassifier> {
    let n = bench.set.documents.len();
    let rows = sample(&mut Seed(7).rng(0, "labels of the bandwidth"), n, LABELED.min(n)).into_vec();
    let targets: Vec<_> = rows.iter().map(|row| bench.set.class(*row)).collect();
    let features = space.rows(pool).gather(&rows).expect("features of the labelled documents");
    let n_classes = bench.set.labels.len();
    let examples = Examples { features: &features, targets: &targets, weights: None, n_classes };
    let start = Start { warm: None, seed: Seed(0) };
    LogisticRegression::default().fit(examples, start).expect("a fit").model
}

/// Seconds of one parallel read of the buffer.
fn read(buffer: &[u64]) -> f64 {
    let sum = |part: &[u64]| part.iter().fold(0_u64, |sum, value| sum.wrapping_add(*value));
    timed(|| black_box(buffer.par_chunks(1 << 16).map(sum).reduce(|| 0, u64::wrapping_add))).1
}
