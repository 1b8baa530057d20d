//! A warm round, with the features in memory: train, score all other documents by entropy, take the
//! highest scores. All sides get the same matrix, 50,000 columns of tf-idf.

use std::collections::BTreeSet;

use querist_core::{Classifier, Examples, FittedClassifier, Rows, Seed, Start};
use querist_model::LogisticRegression;
use querist_query::{Measure, top_k};
use serde_json::{Value, json};

use crate::matrix::{Matrix, places};
use crate::python::{Peers, number};
use crate::{BATCH, Bench, LABELED, Row, said, timed};

/// Measures the rows; small-text's row only if it is installed.
pub(crate) fn rows(bench: &Bench, peers: &mut Peers, small_text: bool) -> Vec<Row> {
    let request = json!({"do": "pool", "n": LABELED, "features": 50_000, "folder": bench.folder.path()});
    let width = number(&peers.ask(&request), "columns") as usize;
    let [pool, test] = ["pool", "pool_test"].map(|name| Matrix::read(&bench.path(name), width));
    let labeled = places(&bench.path("labeled"));
    let open: Vec<usize> =
        (0..pool.targets.len()).filter(|row| labeled.binary_search(row).is_err()).collect();
    let mut names = vec![("scikit-learn", 15.0)];
    if small_text {
        names.push(("small-text", 60.0));
    } else {
        eprintln!("skipped: the round of small-text, which is not installed");
    }
    let mut best: Vec<Option<Value>> = vec![None; names.len()];
    let (mut ours, mut picks, mut accuracy) = (f64::INFINITY, Vec::new(), 0.0);
    for _ in 0..bench.runs {
        for ((peer, _), best) in names.iter().zip(&mut best) {
            let answer = peers.ask(&json!({"do": "round", "peer": peer, "batch": BATCH}));
            if best.as_ref().is_none_or(|best| number(&answer, "seconds") < number(best, "seconds")) {
                *best = Some(answer);
            }
            let ((model, chosen), seconds) = timed(|| round(&pool, &labeled, &open, bench.set.labels.len()));
            ours = ours.min(seconds);
            accuracy = test.accuracy(model.as_ref());
            picks = chosen;
        }
    }
    let picks: BTreeSet<u64> = picks.into_iter().map(|pick| pick as u64).collect();
    let row = |((peer, aim), theirs): ((&str, f64), Option<Value>)| {
        let theirs = theirs.expect("at least one run");
        let shared = theirs["picks"].as_array().expect("picks").iter().filter_map(Value::as_u64);
        let shared = shared.filter(|pick| picks.contains(pick)).count();
        let note = format!(
            "accuracy {accuracy:.4} and {:.4}, {shared} of {BATCH} picks the same, their threads: {}",
            number(&theirs, "accuracy"),
            theirs["threads"]
        );
        let what = format!("warm round, {} documents, {LABELED} labels, {peer}", pool.targets.len());
        said(Row::time(what, ours, number(&theirs, "seconds")).aim(Some(aim)).note(note))
    };
    names.into_iter().zip(best).map(row).collect()
}

fn round(
    pool: &Matrix,
    labeled: &[usize],
    open: &[usize],
    n_classes: usize,
) -> (Box<dyn FittedClassifier>, Vec<usize>) {
    let features = pool.features.gather(labeled).expect("rows in memory");
    let targets: Vec<_> = labeled.iter().map(|row| pool.targets[*row]).collect();
    let examples = Examples { features: &features, targets: &targets, weights: None, n_classes };
    let classifier = LogisticRegression::parameters().c(10.0).check().expect("parameters in range");
    let model = classifier.fit(examples, Start { warm: None, seed: Seed(0) }).expect("a fit").model;
    let probabilities = model.predict(&pool.features, open).expect("predictions");
    let picks = top_k(&Measure::Entropy.scores(&probabilities), BATCH);
    (model, picks.into_iter().map(|place| open[place]).collect())
}
