//! What every classifier promises, and what this one promises beyond: scikit-learn's probabilities.
//!
//! The reference values and the script that made them lie in `tests/reference/`.

#![expect(clippy::unwrap_used, reason = "a test that meets an error should stop there")]

use ndarray::Array2;
use proptest::prelude::*;
use querist_core::{Class, Classifier, Csr, Features, FitReport, FittedClassifier, Probabilities};
use querist_model::{LinearModel, LogisticRegression, ModelError};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    problems: Vec<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    name: String,
    c: f64,
    n_classes: usize,
    rows: Vec<Vec<f32>>,
    targets: Vec<u16>,
    new_rows: Vec<Vec<f32>>,
    probabilities: Vec<Vec<f64>>,
    new_probabilities: Vec<Vec<f64>>,
}

fn dense(rows: &[Vec<f32>]) -> Features {
    let width = rows.first().map_or(0, Vec::len);
    Features::Dense(Array2::from_shape_fn((rows.len(), width), |(row, column)| rows[row][column]))
}

fn sparse(rows: &[Vec<f32>]) -> Features {
    let mut csr = Csr::empty(rows.first().map_or(0, Vec::len));
    for row in rows {
        let (columns, values): (Vec<u32>, Vec<f32>) =
            (0..).zip(row).filter(|(_, value)| **value != 0.0).unzip();
        csr.push_row(&columns, &values).unwrap();
    }
    Features::Sparse(csr)
}

fn classes(targets: &[u16]) -> Vec<Class> {
    targets.iter().copied().map(Class).collect()
}

/// 60 rows like tf-idf, 3 classes, some rows repeated, 120 columns of which 7 in 8 occur.
fn sample() -> (Features, Vec<Class>) {
    let mut state = 3_u32;
    let mut draw = move |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let mut rows: Vec<Vec<f32>> = Vec::new();
    for row in 0..60_u32 {
        let mut values = vec![0.0; 120];
        for _ in 0..8 {
            let own = draw(35) * 3 + row % 3;
            let column = if draw(3) == 0 { draw(105) } else { own };
            values[column as usize] = 1.0 + draw(4) as f32;
        }
        let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        for value in &mut values {
            *value /= length;
        }
        rows.push(if row % 12 == 11 { rows[row as usize - 3].clone() } else { values });
    }
    (sparse(&rows), (0..60).map(|row| Class(row % 3)).collect())
}

fn fit(
    classifier: LogisticRegression,
    features: &Features,
    targets: &[Class],
    k: usize,
) -> (LinearModel, FitReport) {
    classifier.fit_concrete(features, targets, k).unwrap()
}

fn largest_difference(p: &Probabilities, expected: &[Vec<f64>]) -> f64 {
    let expected = expected.iter().flatten();
    p.view().iter().zip(expected).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max)
}

#[test]
fn equals_scikit_learn() {
    let reference: Reference = serde_json::from_str(include_str!("reference/logistic.json")).unwrap();
    assert_eq!(reference.problems.len(), 12);
    for problem in reference.problems {
        let classifier = LogisticRegression::new(problem.c, 1_000, 1e-6).unwrap();
        for kind in [dense, sparse] {
            let features = kind(&problem.rows);
            let (model, report) = fit(classifier, &features, &classes(&problem.targets), problem.n_classes);
            assert!(report.converged, "{}: {report:?}", problem.name);
            let found = model.predict(&features).unwrap();
            assert_eq!(found.view().dim(), (problem.rows.len(), problem.n_classes));
            let difference = largest_difference(&found, &problem.probabilities);
            assert!(difference < 1e-6, "{}, {}: {difference}", problem.name, report.solver);
            let new = model.predict(&kind(&problem.new_rows)).unwrap();
            let difference = largest_difference(&new, &problem.new_probabilities);
            assert!(difference < 1e-6, "{}, {}, new rows: {difference}", problem.name, report.solver);
        }
    }
}

#[test]
fn the_default_is_strict_enough() {
    let reference: Reference = serde_json::from_str(include_str!("reference/logistic.json")).unwrap();
    for problem in reference.problems.iter().filter(|problem| problem.c > 5.0) {
        let features = sparse(&problem.rows);
        let classifier = LogisticRegression::default();
        let (model, report) = fit(classifier, &features, &classes(&problem.targets), problem.n_classes);
        assert!(report.converged);
        let difference = largest_difference(&model.predict(&features).unwrap(), &problem.probabilities);
        println!("{} {difference}", problem.name);
        assert!(difference < 1e-5, "{}: {difference}", problem.name);
    }
}

#[test]
fn a_class_never_seen_has_probability_0_and_changes_nothing_else() {
    let (features, targets) = sample();
    let (plain, _) = fit(LogisticRegression::default(), &features, &targets, 3);
    // The same targets as classes 1, 3 and 4 of 6.
    let moved: Vec<Class> = targets.iter().map(|class| Class([1, 3, 4][class.index()])).collect();
    let (wide, report) = fit(LogisticRegression::default(), &features, &moved, 6);
    assert_eq!(report.n_classes_seen, 3);
    let (p, q) = (plain.predict(&features).unwrap(), wide.predict(&features).unwrap());
    assert_eq!(q.n_classes(), 6);
    for (old, new) in [(0, 1), (1, 3), (2, 4)] {
        assert_eq!(p.view().column(old), q.view().column(new));
    }
    for unseen in [0, 2, 5] {
        assert!(q.view().column(unseen).iter().all(|p| p.to_bits() == 0));
    }
}

#[test]
fn refuses_what_cannot_be_fitted() {
    let (features, targets) = sample();
    let refused = |features: &Features, targets: &[Class], k| {
        let error = LogisticRegression::default().fit(features, targets, k).err().unwrap();
        error.downcast_ref::<ModelError>().cloned().unwrap()
    };
    let none = Features::Sparse(Csr::empty(4));
    assert_eq!(refused(&none, &[], 3), ModelError::TooFewClasses { seen: 0 });
    assert_eq!(refused(&features, &[Class(1); 60], 3), ModelError::TooFewClasses { seen: 1 });
    assert_eq!(refused(&features, &targets[1..], 3), ModelError::LengthMismatch { rows: 60, targets: 59 });
    assert_eq!(
        refused(&features, &targets, 2),
        ModelError::ClassOutOfRange { row: 2, class: 2, n_classes: 2 }
    );
    let infinite = Features::Dense(ndarray::array![[1.0], [f32::INFINITY]]);
    assert_eq!(refused(&infinite, &[Class(0), Class(1)], 2), ModelError::NotFinite { row: 1 });
}

#[test]
fn refuses_parameters_outside_their_range() {
    for c in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE / 8.0] {
        let error = LogisticRegression::new(c, 100, 1e-4).unwrap_err();
        assert!(matches!(error, ModelError::InvalidParameter { name: "c", .. }), "{c}");
    }
    assert!(LogisticRegression::new(1.0, 0, 1e-4).is_err());
    assert!(LogisticRegression::new(1.0, 100, 0.0).is_err());
    let one = LogisticRegression::new(1.0, 100, 1e-4).unwrap();
    for other in [(2.0, 100, 1e-4), (1.0, 101, 1e-4), (1.0, 100, 1e-5)] {
        let other = LogisticRegression::new(other.0, other.1, other.2).unwrap();
        assert_ne!(one.fingerprint(), other.fingerprint());
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let (features, targets) = sample();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let (model, report) = LogisticRegression::default().fit(&features, &targets, 3).unwrap();
            (model.to_bytes().unwrap(), model.predict(&features).unwrap(), report)
        })
    };
    let one = run(1);
    assert!(one == run(2) && one == run(8));
    let back = LinearModel::from_bytes(&one.0).unwrap();
    assert_eq!(back.predict(&features).unwrap(), one.1);
    assert_eq!(back.to_bytes().unwrap(), one.0);
}

#[test]
fn a_fit_cut_short_says_so() {
    let (features, targets) = sample();
    let (model, report) = fit(LogisticRegression::new(10.0, 1, 1e-5).unwrap(), &features, &targets, 3);
    assert!(!report.converged && report.gradient_norm > report.tolerance, "{report:?}");
    assert_eq!(model.predict(&features).unwrap().len(), 60);
    let (_, report) = fit(LogisticRegression::default(), &features, &targets, 3);
    assert!(report.converged && report.gradient_norm < report.tolerance, "{report:?}");
    assert_eq!((report.n_examples, report.n_classes_seen), (60, 3));
    assert!(report.solver.ends_with("n × n"), "{}", report.solver);
}

#[test]
fn an_almost_unpenalised_fit_converges_or_says_that_it_did_not() {
    let (features, targets) = sample();
    for c in [1e3, 1e6, 1e12, 1e300] {
        let (model, report) = fit(LogisticRegression::new(c, 200, 1e-5).unwrap(), &features, &targets, 3);
        assert_eq!(report.converged, report.gradient_norm < 1e-5, "C = {c}: {report:?}");
        assert_eq!(model.predict(&features).unwrap().len(), 60);
    }
    // Rows far from unit length: logits wider than the solver's own arithmetic holds.
    let wide = Features::Dense(Array2::from_shape_fn((40, 2), |(row, column)| {
        (row as f32 - 20.0) * if column == 0 { 1e3 } else { -3e2 } + (row * column) as f32
    }));
    let targets: Vec<Class> = (0..40).map(|row| Class(u16::from(row % 7 > 2))).collect();
    let (model, report) = fit(LogisticRegression::new(1e6, 200, 1e-5).unwrap(), &wide, &targets, 2);
    assert_eq!(report.converged, report.gradient_norm < 1e-5);
    assert_eq!(model.predict(&wide).unwrap().len(), 40);
}

#[test]
fn rows_without_any_feature_give_the_class_frequencies() {
    let rows = vec![vec![0.0; 5]; 8];
    let targets = classes(&[0, 1, 1, 1, 2, 2, 1, 1]);
    for features in [sparse(&rows), dense(&rows)] {
        let (model, report) = fit(LogisticRegression::default(), &features, &targets, 3);
        assert!(report.converged, "{report:?}");
        let p = model.predict(&features).unwrap();
        for (class, expected) in [0.125, 0.625, 0.25].into_iter().enumerate() {
            assert!((p.row(0)[class] - expected).abs() < 1e-5);
        }
        assert!(LinearModel::from_bytes(&model.to_bytes().unwrap()).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// A row given twice counts twice: the fit on repeated rows is the fit with C doubled.
    #[test]
    fn repeated_rows_do_not_break_the_gram_route(cells in proptest::collection::vec(0_u8..4, 6 * 30)) {
        let rows: Vec<Vec<f32>> = cells.chunks(30).map(|row| row.iter().map(|v| f32::from(*v) / 8.0).collect()).collect();
        let targets = classes(&[0, 1, 2, 0, 1, 2]);
        let twice = sparse(&[rows.clone(), rows.clone()].concat());
        let targets_twice = [targets.clone(), targets.clone()].concat();
        let (doubled, report) = fit(LogisticRegression::new(1.0, 500, 1e-6).unwrap(), &twice, &targets_twice, 3);
        prop_assert!(report.converged && report.solver.ends_with("n × n"), "{:?}", report);
        let once = sparse(&rows);
        let (single, _) = fit(LogisticRegression::new(2.0, 500, 1e-6).unwrap(), &once, &targets, 3);
        let (p, q) = (doubled.predict(&once).unwrap(), single.predict(&once).unwrap());
        prop_assert!(p.view().iter().zip(q.view()).all(|(p, q)| (p - q).abs() < 1e-5));
    }
}
