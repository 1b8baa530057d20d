//! scikit-learn's probabilities, from both solvers, on sparse and on dense rows.
//!
//! The reference values and the script that computed them are in `tests/reference/`.

use crate::problems::{COLD, all, classes, dense, sparse};
use querist_core::{Examples, Features, FittedClassifier, Probabilities};
use querist_model::{ClassWeights, LogisticRegression, ModelError, Parameters, Solver};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    problems: Vec<Problem>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ReferenceWeights {
    Named(String),
    Explicit(Vec<f64>),
}

#[derive(Deserialize)]
struct Problem {
    name: String,
    c: f64,
    n_classes: usize,
    rows: Vec<Vec<f32>>,
    targets: Vec<u16>,
    sample_weights: Option<Vec<f64>>,
    class_weights: Option<ReferenceWeights>,
    new_rows: Vec<Vec<f32>>,
    probabilities: Vec<Vec<f64>>,
    new_probabilities: Vec<Vec<f64>>,
}

impl Problem {
    fn all() -> Vec<Self> {
        let reference: Reference = serde_json::from_str(include_str!("../reference/logistic.json")).unwrap();
        assert_eq!(reference.problems.len(), 28);
        reference.problems
    }

    fn parameters(&self) -> Parameters {
        LogisticRegression::parameters().c(self.c).class_weights(match &self.class_weights {
            None => ClassWeights::None,
            Some(ReferenceWeights::Named(name)) => {
                assert_eq!(name, "balanced");
                ClassWeights::Balanced
            }
            Some(ReferenceWeights::Explicit(weights)) => ClassWeights::Explicit(weights.clone()),
        })
    }

    fn is_weighted(&self) -> bool {
        self.sample_weights.is_some() || self.class_weights.is_some()
    }
}

fn largest_difference(p: &Probabilities, expected: &[Vec<f64>]) -> f64 {
    assert_eq!(p.view().dim(), (expected.len(), expected[0].len()));
    p.view().iter().zip(expected.iter().flatten()).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max)
}

/// The largest difference from scikit-learn, on the examples and on new rows. Asserts that the fit
/// converges.
fn compare(
    problem: &Problem,
    parameters: Parameters,
    kind: fn(&[Vec<f32>]) -> Features,
) -> Result<f64, ModelError> {
    let features = kind(&problem.rows);
    let targets = classes(&problem.targets);
    let weights = problem.sample_weights.as_deref();
    let examples = Examples { features: &features, targets: &targets, weights, n_classes: problem.n_classes };
    let fitted = parameters.check()?.fit_linear(&examples, COLD)?;
    assert!(fitted.report.converged, "{}: {:?}", problem.name, fitted.report);
    let new = kind(&problem.new_rows);
    let own = largest_difference(
        &fitted.model.predict(&features, &all(&features)).unwrap(),
        &problem.probabilities,
    );
    let new =
        largest_difference(&fitted.model.predict(&new, &all(&new)).unwrap(), &problem.new_probabilities);
    Ok(own.max(new))
}

#[test]
fn both_solvers_equal_scikit_learn() {
    for problem in Problem::all() {
        for solver in [Solver::Own, Solver::Linfa, Solver::Auto] {
            for kind in [dense, sparse] {
                let parameters = problem.parameters().tolerance(1e-6).solver(solver);
                let found = compare(&problem, parameters, kind);
                if solver == Solver::Linfa && problem.is_weighted() {
                    assert_eq!(found, Err(ModelError::WeightsUnsupported));
                } else {
                    let difference = found.unwrap();
                    assert!(difference < 1e-6, "{}, {solver:?}: {difference}", problem.name);
                }
            }
        }
    }
}

#[test]
fn the_default_tolerance_is_strict_enough() {
    for problem in Problem::all() {
        let difference = compare(&problem, problem.parameters(), sparse).unwrap();
        println!("{} {difference}", problem.name);
        assert!(difference < 1e-5, "{}: {difference}", problem.name);
    }
}
