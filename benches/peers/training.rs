//! Training on n labelled documents in 2^18 hashed columns: ours beside scikit-learn's solvers,
//! once at their default stop and once at the gradient at which ours stops.
//!
//! scikit-learn cannot stop at a gradient. So the highest tolerance that reaches our gradient is
//! searched first, and only the fit at this tolerance is timed. A very slow fit runs only once.

use querist_core::{Classifier, Examples, Fitted, Seed, Start};
use querist_model::LogisticRegression;
use serde_json::{Value, json};

use crate::matrix::Matrix;
use crate::python::{Peers, number};
use crate::{Bench, Row, said, timed};

/// A fit of scikit-learn that takes more seconds than this is not repeated.
const LONG: f64 = 30.0;

/// Measures the rows for each number of labels and each C.
pub(crate) fn rows(bench: &Bench, peers: &mut Peers) -> Vec<Row> {
    let mut rows = Vec::new();
    for &n in bench.sizes.iter().filter(|n| **n <= bench.set.documents.len()) {
        let shape = peers.ask(&json!({"do": "problem", "n": n, "folder": bench.folder.path()}));
        let width = number(&shape, "columns") as usize;
        let [train, test] = ["train", "test"].map(|name| Matrix::read(&bench.path(name), width));
        for c in [1.0, 10.0] {
            rows.extend(compare(bench, peers, &train, &test, c).into_iter().map(said));
        }
    }
    rows
}

fn compare(bench: &Bench, peers: &mut Peers, train: &Matrix, test: &Matrix, c: f64) -> Vec<Row> {
    let classifier = LogisticRegression::parameters().c(c).check().expect("parameters in range");
    let examples = Examples {
        features: &train.features,
        targets: &train.targets,
        weights: None,
        n_classes: bench.set.labels.len(),
    };
    let start = Start { warm: None, seed: Seed(0) };
    let mut requests = Vec::new();
    for solver in ["lbfgs", "newton-cg"] {
        let tight = peers.ask(&json!({"do": "tight_tol", "solver": solver, "c": c}));
        requests.push(json!({"do": "fit", "solver": solver, "c": c, "tol": 1e-4}));
        requests.push(json!({"do": "fit", "solver": solver, "c": c, "tol": tight["tol"]}));
    }
    let mut best: Vec<Option<Value>> = vec![None; requests.len()];
    let mut ours: Option<(Fitted, f64)> = None;
    for _ in 0..bench.runs {
        for (request, best) in requests.iter_mut().zip(&mut best) {
            let seconds = best.as_ref().map(|best| number(best, "seconds"));
            if seconds.is_none_or(|seconds| seconds < LONG) {
                let answer = fit(peers, request);
                if seconds.is_none_or(|seconds| number(&answer, "seconds") < seconds) {
                    *best = Some(answer);
                }
            }
            let run = timed(|| classifier.fit(examples, start).expect("a fit"));
            if ours.as_ref().is_none_or(|(_, seconds)| run.1 < *seconds) {
                ours = Some(run);
            }
        }
    }
    let (fitted, seconds) = ours.expect("at least one run");
    assert!(fitted.report.converged, "our fit did not converge: {:?}", fitted.report);
    let accuracy = test.accuracy(fitted.model.as_ref());
    let row = |(request, theirs): (&Value, Option<Value>)| {
        let theirs = theirs.expect("at least one run");
        let solver = request["solver"].as_str().expect("a solver");
        let tight = number(&theirs, "tol") < 1e-4;
        let stop = if tight { "same gradient" } else { "default stop" };
        let what = format!("train n = {}, C = {c}, {solver}, {stop}", train.targets.len());
        let note = format!(
            "accuracy {accuracy:.4} and {:.4}, gradient {:.1e} and {:.1e}, their threads: {}",
            number(&theirs, "accuracy"),
            fitted.report.gradient_norm,
            number(&theirs, "gradient_norm"),
            theirs["threads"]
        );
        let aim = tight.then(|| aim(solver, train.targets.len())).flatten();
        Row::time(what, seconds, number(&theirs, "seconds")).aim(aim).note(note)
    };
    requests.iter().zip(best).map(row).collect()
}

/// Fits with scikit-learn. A tight tolerance that was found from a warm start may not be enough
/// from a cold one; then it is lowered.
fn fit(peers: &mut Peers, request: &mut Value) -> Value {
    loop {
        let answer = peers.ask(request);
        let tol = number(request, "tol");
        if !(1e-13..1e-4).contains(&tol) || number(&answer, "gradient_norm") <= 1e-4 {
            return answer;
        }
        request["tol"] = json!(tol / 10.0);
    }
}

/// The ratio that we aim at for the same gradient.
fn aim(solver: &str, n: usize) -> Option<f64> {
    match (solver, n) {
        ("newton-cg", _) => Some(3.0),
        (_, 500) => Some(160.0),
        (_, 2_000) => Some(40.0),
        (_, 10_000) => Some(12.0),
        _ => None,
    }
}
