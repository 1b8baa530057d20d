//! Two solvers, one optimum: our own and `linfa-logistic` on random problems, with and without an
//! earlier model.

use crate::problems::{COLD, all, apart, classes, dense, from, plain, rows, sparse};
use proptest::prelude::*;
use querist_core::{Edition, Examples, Features, FittedClassifier};
use querist_model::logistic::FittedLinear;
use querist_model::{LogisticRegression, ModelError, Parameters, Solver};

fn parameters(c: f64) -> Parameters {
    LogisticRegression::parameters().c(c).tolerance(1e-6).max_iterations(1_000)
}

fn fit(parameters: Parameters, examples: &Examples<'_>) -> FittedLinear {
    parameters.check().unwrap().fit_linear(examples, COLD).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn own_and_linfa_agree(
        cells in proptest::collection::vec(0_u8..4, 12 * 20),
        targets in proptest::collection::vec(0_u16..4, 12),
        c in prop::sample::select(vec![0.1, 1.0, 10.0, 100.0]),
    ) {
        prop_assume!(targets.iter().any(|target| *target != targets[0]));
        let rows: Vec<Vec<f32>> =
            cells.chunks(20).map(|row| row.iter().map(|cell| f32::from(cell.saturating_sub(1)) / 4.0).collect()).collect();
        let targets = classes(&targets);
        let (sparse, dense) = (sparse(&rows), dense(&rows));
        let by = |solver, features: &Features| {
            let fitted = fit(parameters(c).solver(solver), &plain(features, &targets, 4));
            assert!(fitted.report.converged, "{solver:?}: {:?}", fitted.report);
            fitted.model.predict(features, &all(features)).unwrap()
        };
        let oracle = by(Solver::Linfa, &dense);
        for (solver, features) in
            [(Solver::Own, &sparse), (Solver::Own, &dense), (Solver::Linfa, &sparse), (Solver::Auto, &dense)]
        {
            // With a gradient norm of at most 1e-6, the parameters are within 1e-6 C of the
            // optimum.
            prop_assert!(apart(&by(solver, features), &oracle) < 1e-6 * c.max(1.0), "{:?}", solver);
        }
    }

    /// An example with weight w counts as w examples, even if w is not a whole number.
    #[test]
    fn weights_scale_the_loss_and_nothing_else(
        cells in proptest::collection::vec(0_u8..4, 9 * 10), weight in 0.1_f64..10.0,
    ) {
        let rows: Vec<Vec<f32>> =
            cells.chunks(10).map(|row| row.iter().map(|cell| f32::from(*cell) / 8.0).collect()).collect();
        let (features, targets) = (sparse(&rows), classes(&[0, 1, 2, 0, 1, 2, 0, 0, 1]));
        let weights = [weight; 9];
        let weighted = Examples { weights: Some(&weights), ..plain(&features, &targets, 3) };
        let weighted = fit(parameters(1.0), &weighted).model;
        // The same loss times w under the same penalty is the plain loss at C times w.
        let scaled = fit(parameters(weight), &plain(&features, &targets, 3)).model;
        let p = weighted.predict(&features, &all(&features)).unwrap();
        prop_assert!(apart(&p, &scaled.predict(&features, &all(&features)).unwrap()) < 1e-5);
    }
}

#[test]
fn an_earlier_model_of_fewer_classes_and_columns_is_a_start_and_no_more() {
    let (rows, targets) = rows(120, 4, 5);
    for kind in [sparse, dense] {
        let features = kind(&rows);
        // The first fit has 40 rows of classes 0 to 2; the second has all rows and classes.
        let few: Vec<usize> = (0..120).filter(|row| row % 4 != 3).take(40).collect();
        let few_targets: Vec<_> = few.iter().map(|row| targets[*row]).collect();
        let few_features = features.select(&few);
        for solver in [Solver::Own, Solver::Linfa] {
            let classifier = parameters(10.0).solver(solver).check().unwrap();
            let earlier = classifier.fit_linear(&plain(&few_features, &few_targets, 4), COLD).unwrap();
            let examples = plain(&features, &targets, 4);
            let cold = classifier.fit_linear(&examples, COLD).unwrap();
            let warm = classifier.fit_linear(&examples, from(earlier.model.map())).unwrap();
            assert!(warm.report.warm && !cold.report.warm);
            assert!(cold.report.converged && warm.report.converged, "{solver:?}");
            let p = |fitted: &FittedLinear| fitted.model.predict(&features, &all(&features)).unwrap();
            assert!(apart(&p(&cold), &p(&warm)) < 1e-5, "{solver:?}");
        }
        // From the optimum itself no step remains.
        let classifier = parameters(10.0).solver(Solver::Own).check().unwrap();
        let cold = classifier.fit_linear(&plain(&features, &targets, 4), COLD).unwrap();
        let again = classifier.fit_linear(&plain(&features, &targets, 4), from(cold.model.map())).unwrap();
        let [warm, cold_start] = [&again, &cold].map(|fitted| fitted.report.iterations.unwrap());
        assert!(warm < cold_start / 2, "{:?} {:?}", again.report, cold.report);
    }
}

#[test]
fn a_model_of_other_features_is_no_start() {
    let (rows, targets) = rows(30, 3, 5);
    let narrow: Vec<Vec<f32>> = rows.iter().map(|row| row[..100].to_vec()).collect();
    let (features, other) = (sparse(&rows), sparse(&narrow));
    let classifier = LogisticRegression::default();
    let earlier = classifier.fit_linear(&plain(&other, &targets, 3), COLD).unwrap();
    let fitted = classifier.fit_linear(&plain(&features, &targets, 3), from(earlier.model.map())).unwrap();
    assert!(!fitted.report.warm && fitted.report.converged);
}

#[test]
fn more_examples_than_a_dense_matrix_holds() {
    // 20,000 rows with more than 20,000 columns: no dense matrix could hold them.
    let (n, k) = (20_000_u32, 3);
    let mut csr = querist_core::Csr::empty(1 << 16);
    for row in 0..n {
        let own = 60_000 + 7 * (row % k) + row % 5;
        csr.push_row(&[row, 20_000 + row, own], &[0.5, 0.5, 0.7]).unwrap();
    }
    let features = Features::Sparse(csr);
    let targets: Vec<_> = (0..n).map(|row| querist_core::Class((row % k) as u16)).collect();
    let examples = plain(&features, &targets, 3);
    let fitted = fit(LogisticRegression::parameters(), &examples);
    assert!(fitted.report.converged, "{:?}", fitted.report);
    assert_eq!(fitted.report.examples, 20_000);
    let refused =
        LogisticRegression::parameters().solver(Solver::Linfa).check().unwrap().fit_linear(&examples, COLD);
    assert!(matches!(refused, Err(ModelError::TooLarge { examples: 20_000, .. })));
}

#[test]
fn an_almost_unpenalised_fit_converges_or_says_that_it_did_not() {
    let (rows, targets) = rows(60, 3, 3);
    let features = sparse(&rows);
    for c in [1e3, 1e6, 1e12, 1e300] {
        for solver in [Solver::Own, Solver::Linfa] {
            let parameters = LogisticRegression::parameters().c(c).max_iterations(200).solver(solver);
            let fitted = fit(parameters, &plain(&features, &targets, 3));
            let report = fitted.report;
            assert_eq!(report.converged, report.gradient_norm < 1e-4, "C = {c}: {report:?}");
            assert_eq!(fitted.model.predict(&features, &all(&features)).unwrap().len(), 60);
        }
    }
    // Rows of great length: their logits are further apart than linfa's arithmetic allows.
    let wide: Vec<Vec<f32>> =
        (0..40).map(|row| vec![(row as f32 - 20.0) * 1e3, (row as f32 - 20.0) * -3e2 + row as f32]).collect();
    let targets: Vec<_> = (0..40).map(|row| querist_core::Class(u16::from(row % 7 > 2))).collect();
    for solver in [Solver::Own, Solver::Linfa, Solver::Auto] {
        let parameters = LogisticRegression::parameters().c(1e6).max_iterations(200).solver(solver);
        let features = dense(&wide);
        let fitted = fit(parameters, &plain(&features, &targets, 2));
        assert_eq!(fitted.report.converged, fitted.report.gradient_norm < 1e-4);
        assert_eq!(fitted.model.predict(&features, &all(&features)).unwrap().len(), 40);
    }
}

/// From the fifth edition on, a fit to many examples may end earlier. Earlier editions keep their
/// bits.
#[test]
fn a_fit_to_many_examples_stops_when_the_objective_is_low_enough() {
    let row = |row: usize| (0..6).map(|column| ((row * (column + 3)) % 17) as f32 / 17.0).collect();
    let rows: Vec<Vec<f32>> = (0..1_501).map(row).collect();
    let targets = classes(&(0..1_501).map(|row| (row * row % 7 % 3) as u16).collect::<Vec<_>>());
    let fit = |n: usize, edition| {
        let (features, targets) = (dense(&rows[..n]), &targets[..n]);
        fit(LogisticRegression::parameters().c(1.0).edition(edition), &plain(&features, targets, 3))
    };
    let (early, late) = (fit(1_501, Edition::Fourth), fit(1_501, Edition::Fifth));
    let bound = (2.0 * 1.0 * 1e-7 * 1_501.0_f64).sqrt();
    assert_eq!((early.report.tolerance, late.report.tolerance), (1e-4, bound));
    assert!(early.report.converged && late.report.converged);
    assert!(late.report.iterations < early.report.iterations);
    assert!(late.report.gradient_norm > 1e-4, "it went on: {:?}", late.report);
    assert_eq!(fit(1_500, Edition::Fourth), fit(1_500, Edition::Fifth));
    assert_eq!(
        LogisticRegression::parameters().check(),
        LogisticRegression::parameters().edition(Edition::CURRENT).check()
    );
}
