//! What is learned from held-out examples: the penalty, the calibration, and probabilities by
//! models that did not see the example.

use crate::problems::{COLD, all, apart, plain, rows, sparse};
use querist_core::{Class, Examples, FittedClassifier, Probabilities, Seed, Start};
use querist_model::{Calibration, LogisticRegression, Parameters, Penalty};

fn parameters() -> Parameters {
    LogisticRegression::parameters()
}

/// The mean loss of the targets, in nats.
fn log_loss(p: &Probabilities, targets: &[Class]) -> f64 {
    let losses = targets.iter().enumerate().map(|(row, target)| -p.of(row, *target).ln());
    losses.sum::<f64>() / targets.len() as f64
}

#[test]
fn calibration_makes_probabilities_of_new_rows_better() {
    let (rows, targets) = rows(1_200, 3, 11);
    let features = sparse(&rows);
    let train: Vec<usize> = (0..300).collect();
    let test: Vec<usize> = (300..1_200).collect();
    let known = features.select(&train);
    let examples = plain(&known, &targets[..300], 3);
    // With rows of unit length, C = 0.3 gives probabilities that are far too even.
    let loss = |calibration| {
        let classifier = parameters().c(0.3).calibration(calibration).check().unwrap();
        let fitted = classifier.fit_linear(&examples, COLD).unwrap();
        if let Some(report) = &fitted.report.calibration {
            assert!(report.log_loss_after < report.log_loss_before, "{report:?}");
            assert!(report.temperatures.iter().all(|t| *t < 1.0), "{report:?}");
        }
        log_loss(&fitted.model.predict(&features, &test).unwrap(), &targets[300..])
    };
    let [plain, temperature, vector] =
        [Calibration::None, Calibration::Temperature, Calibration::Vector].map(loss);
    assert!(temperature < plain - 0.05 && vector < plain - 0.05, "{plain} {temperature} {vector}");
}

#[test]
fn out_of_fold_probabilities_are_those_of_new_rows_and_not_of_the_fit() {
    let (rows, targets) = rows(900, 3, 5);
    let features = sparse(&rows);
    let train: Vec<usize> = (0..300).collect();
    let known = features.select(&train);
    let classifier = parameters().calibration(Calibration::Temperature).check().unwrap();
    let fitted = classifier.fit_linear(&plain(&known, &targets[..300], 3), COLD).unwrap();
    let held_out = log_loss(&fitted.out_of_fold.unwrap(), &targets[..300]);
    let own = log_loss(&fitted.model.predict(&known, &all(&known)).unwrap(), &targets[..300]);
    let new =
        log_loss(&fitted.model.predict(&features, &(300..900).collect::<Vec<_>>()).unwrap(), &targets[300..]);
    assert!((held_out - new).abs() < 0.1 && own < new - 0.2, "{own} {held_out} {new}");
    let report = fitted.report.calibration.unwrap();
    assert!((report.log_loss_after - held_out).abs() < 1e-9);
}

#[test]
fn the_penalty_is_the_one_that_does_best() {
    let (rows, targets) = rows(300, 3, 8);
    let features = sparse(&rows);
    let grid = vec![30.0, 0.01, 1.0, 3.0];
    let classifier = parameters().penalty(Penalty::CrossValidated { grid }).check().unwrap();
    let fitted = classifier.fit_linear(&plain(&features, &targets, 3), COLD).unwrap();
    let report = &fitted.report;
    let best = report.penalties.iter().min_by(|a, b| a.log_loss.total_cmp(&b.log_loss)).unwrap();
    assert_eq!(best.c.to_bits(), report.c.unwrap().to_bits());
    assert!(report.penalties.is_sorted_by(|a, b| a.c < b.c) && report.c > Some(0.01), "{report:?}");
    assert!(report.penalties.iter().all(|tried| tried.log_loss > 0.0 && tried.accuracy > 0.3));
    // Without a calibration in the parameters, the model is the plain fit at the chosen penalty.
    assert!(report.calibration.is_none() && fitted.out_of_fold.is_some());
    let plain_fit = parameters().c(report.c.unwrap()).check().unwrap();
    let plain_fit = plain_fit.fit_linear(&plain(&features, &targets, 3), COLD).unwrap();
    let p = |model: &querist_model::LinearModel| model.predict(&features, &all(&features)).unwrap();
    assert!(apart(&p(&plain_fit.model), &p(&fitted.model)) < 1e-5);
}

#[test]
fn the_seed_decides_the_folds_and_nothing_else() {
    let (rows, targets) = rows(80, 2, 8);
    let features = sparse(&rows);
    let classifier = parameters().calibration(Calibration::Temperature).check().unwrap();
    let fit = |seed| {
        let start = Start { seed: Seed(seed), ..COLD };
        classifier.fit_linear(&plain(&features, &targets, 2), start).unwrap()
    };
    let (one, same, other) = (fit(1), fit(1), fit(2));
    assert_eq!(one, same);
    assert_ne!(one.out_of_fold, other.out_of_fold);
    assert_eq!(one.model.parts().weights, other.model.parts().weights);
}

#[test]
fn too_few_examples_are_fitted_without_folds_and_the_report_says_so() {
    let (rows, targets) = rows(12, 3, 4);
    let features = sparse(&rows);
    let both = parameters().penalty(Penalty::cross_validated()).calibration(Calibration::Vector);
    let fitted = both.clone().check().unwrap().fit_linear(&plain(&features, &targets, 3), COLD).unwrap();
    let report = fitted.report;
    assert!(report.penalties.is_empty() && report.calibration.is_none() && fitted.out_of_fold.is_none());
    assert_eq!(report.c.unwrap().to_bits(), 100.0_f64.to_bits());
    // A calibration is learned from 20 examples on, and a penalty is chosen from 50 on.
    for (n, penalties, calibrated) in
        [(19, false, false), (20, false, true), (49, false, true), (50, true, true)]
    {
        let (rows, targets) = crate::problems::rows(n, 2, 4);
        let features = sparse(&rows);
        let fitted = both.clone().check().unwrap().fit_linear(&plain(&features, &targets, 2), COLD).unwrap();
        assert_eq!(fitted.report.penalties.is_empty(), !penalties, "{n}");
        assert_eq!(fitted.report.calibration.is_some(), calibrated, "{n}");
    }
    // Many examples, but all of them are equal: nothing can be held out.
    let same = features.select(&[0; 50]);
    let targets: Vec<Class> = (0..50).map(|row| Class(row % 2)).collect();
    let fitted = both.check().unwrap().fit_linear(&plain(&same, &targets, 2), COLD).unwrap();
    assert!(fitted.report.penalties.is_empty() && fitted.out_of_fold.is_none());
}

#[test]
fn an_example_that_cannot_be_held_out_gets_the_shares_of_the_classes() {
    let (rows, mut targets) = rows(60, 2, 4);
    targets[17] = Class(3);
    let features = sparse(&rows);
    let classifier = parameters().calibration(Calibration::Temperature).check().unwrap();
    let fitted = classifier.fit_linear(&plain(&features, &targets, 4), COLD).unwrap();
    let p = fitted.out_of_fold.unwrap();
    let expected = [30.0, 29.0, 0.0, 1.0].map(|count| count / 60.0);
    assert!(p.row(17).iter().zip(expected).all(|(p, q)| (p - q).abs() < 1e-15), "{}", p.row(17));
    assert!((0..60).filter(|row| *row != 17).all(|row| p.of(row, Class(2)).to_bits() == 0));
}

#[test]
fn rows_of_one_document_are_held_out_together() {
    // Every document comes twice, once for each class that it may have.
    let (rows, _) = rows(40, 2, 4);
    let twice: Vec<Vec<f32>> = rows.iter().flat_map(|row| [row.clone(), row.clone()]).collect();
    let features = sparse(&twice);
    let targets: Vec<Class> = (0..80).map(|row| Class(row % 2)).collect();
    let weights: Vec<f64> = (0..80).map(|row| if (row / 2 + row) % 2 == 0 { 0.9 } else { 0.1 }).collect();
    let examples = Examples { weights: Some(&weights), ..plain(&features, &targets, 2) };
    let classifier = parameters().calibration(Calibration::Temperature).check().unwrap();
    let fitted = classifier.fit_linear(&examples, COLD).unwrap();
    let p = fitted.out_of_fold.unwrap();
    for row in (0..80).step_by(2) {
        assert_eq!(p.row(row), p.row(row + 1));
    }
}
