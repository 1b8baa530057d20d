//! The promises of every classifier, whatever it is made of: each test runs on all of them.

use crate::problems::{COLD, all, apart, classes, dense, from, plain, rows, sparse};
use ndarray::array;
use querist_core::error::BoxError;
use querist_core::{Class, Classifier, Csr, Examples, Features, Fitted, FittedClassifier, Named};
use querist_model::{
    Calibration, ClassWeights, LinearModel, LogisticRegression, ModelError, Parameters, Penalty, Solver,
};

/// A classifier with its name, whether it takes weights, and whether its result may depend on how
/// examples are dealt into folds.
struct Case {
    name: &'static str,
    parameters: Parameters,
    weighs: bool,
    folds: bool,
}

impl Case {
    fn classifier(&self) -> Box<dyn Classifier> {
        Box::new(self.parameters.clone().check().unwrap())
    }

    fn fit(&self, examples: Examples<'_>) -> Fitted {
        self.classifier().fit(examples, COLD).unwrap()
    }
}

fn cases() -> Vec<Case> {
    let plain = LogisticRegression::parameters;
    let case = |name, parameters, weighs, folds| Case { name, parameters, weighs, folds };
    vec![
        case("default", plain(), true, false),
        case("own", plain().solver(Solver::Own), true, false),
        case("linfa", plain().solver(Solver::Linfa), false, false),
        case("balanced", plain().class_weights(ClassWeights::Balanced), true, false),
        case("temperature", plain().calibration(Calibration::Temperature), true, true),
        case("vector", plain().calibration(Calibration::Vector), true, true),
        case("cross-validated", plain().penalty(Penalty::cross_validated()), true, true),
        case(
            "everything",
            plain()
                .penalty(Penalty::cross_validated())
                .class_weights(ClassWeights::Balanced)
                .calibration(Calibration::Vector)
                .folds(3),
            true,
            true,
        ),
    ]
}

/// The sample as sparse and as dense features.
fn samples() -> ([Features; 2], Vec<Class>) {
    let (rows, targets) = rows(90, 3, 3);
    ([sparse(&rows), dense(&rows)], targets)
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let (kinds, targets) = samples();
    for case in cases() {
        for features in &kinds {
            let run = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| {
                    let fitted = case.fit(plain(features, &targets, 3));
                    let p = fitted.model.predict(features, &all(features)).unwrap();
                    (fitted.model.to_bytes().unwrap(), p, fitted.report, fitted.out_of_fold)
                })
            };
            let one = run(1);
            assert!(one == run(2) && one == run(8), "{}", case.name);
        }
    }
}

#[test]
fn bytes_bring_the_model_back() {
    let (kinds, targets) = samples();
    for case in cases() {
        for features in &kinds {
            let fitted = case.fit(plain(features, &targets, 3));
            let bytes = fitted.model.to_bytes().unwrap();
            let back = LinearModel::from_bytes(&bytes).unwrap();
            assert_eq!(back.to_bytes().unwrap(), bytes, "{}", case.name);
            let (old, new) = (fitted.model.predict(features, &[3, 0]), back.predict(features, &[3, 0]));
            assert_eq!(old.unwrap(), new.unwrap(), "{}", case.name);
            assert_eq!(back.parts().c, fitted.report.c);
            let method = fitted.report.calibration.map_or("none".to_owned(), |calibrated| calibrated.method);
            assert_eq!(back.calibration().name(), method);
        }
    }
}

#[test]
fn a_weight_of_2_is_the_row_twice() {
    let (rows, targets) = rows(60, 3, 9);
    let doubled: Vec<usize> = (0..60).flat_map(|row| vec![row; 1 + usize::from(row % 4 == 1)]).collect();
    let weights: Vec<f64> = (0..60).map(|row| 1.0 + f64::from(u8::from(row % 4 == 1))).collect();
    let doubled_targets: Vec<Class> = doubled.iter().map(|row| targets[*row]).collect();
    for case in cases() {
        for kind in [sparse, dense] {
            let features = kind(&rows);
            let twice = features.select(&doubled);
            let weighted = Examples { weights: Some(&weights), ..plain(&features, &targets, 3) };
            if !case.weighs {
                let error = case.classifier().fit(weighted, COLD).err().unwrap();
                assert_eq!(error.downcast_ref(), Some(&ModelError::WeightsUnsupported));
                continue;
            }
            let weighted = case.fit(weighted);
            let twice = case.fit(plain(&twice, &doubled_targets, 3));
            assert_eq!(weighted.report.examples, 60);
            if !case.folds {
                let p = weighted.model.predict(&features, &all(&features)).unwrap();
                let q = twice.model.predict(&features, &all(&features)).unwrap();
                assert!(apart(&p, &q) < 1e-5, "{}: {}", case.name, apart(&p, &q));
            }
            // A row and its twin share a fold, but the folds differ otherwise. So only their
            // presence can be compared.
            assert_eq!(weighted.out_of_fold.is_some(), twice.out_of_fold.is_some());
        }
    }
}

#[test]
fn a_warm_start_ends_where_a_cold_one_does() {
    let (kinds, targets) = samples();
    for case in cases() {
        for features in &kinds {
            let half: Vec<usize> = (0..45).collect();
            let half_features = features.select(&half);
            let earlier = case.fit(plain(&half_features, &targets[..45], 3));
            let start = from(earlier.model.linear().unwrap());
            let warm = case.classifier().fit(plain(features, &targets, 3), start).unwrap();
            let cold = case.fit(plain(features, &targets, 3));
            // A cross-validation has its own, closer start.
            assert_eq!(warm.report.warm, warm.report.penalties.is_empty(), "{}", case.name);
            assert!(!cold.report.warm && cold.report.converged && warm.report.converged, "{}", case.name);
            let p = |fitted: &Fitted| fitted.model.predict(features, &all(features)).unwrap();
            assert!(apart(&p(&warm), &p(&cold)) < 1e-4, "{}: {}", case.name, apart(&p(&warm), &p(&cold)));
        }
    }
}

#[test]
fn a_class_never_seen_has_probability_0_and_changes_nothing_else() {
    let (kinds, targets) = samples();
    // The same targets as classes 1, 3 and 4 of 6.
    let moved: Vec<Class> = targets.iter().map(|class| Class([1, 3, 4][class.index()])).collect();
    for case in cases() {
        for features in &kinds {
            let plain_fit = case.fit(plain(features, &targets, 3));
            let wide_fit = case.fit(plain(features, &moved, 6));
            assert_eq!(wide_fit.report.examples, 90);
            let p = plain_fit.model.predict(features, &all(features)).unwrap();
            let q = wide_fit.model.predict(features, &all(features)).unwrap();
            let pairs = [Some((p, q)), plain_fit.out_of_fold.zip(wide_fit.out_of_fold)];
            for (p, q) in pairs.into_iter().flatten() {
                assert_eq!((p.len(), q.n_classes()), (90, 6));
                for (old, new) in [(0, 1), (1, 3), (2, 4)] {
                    assert_eq!(p.view().column(old), q.view().column(new), "{}", case.name);
                }
                for unseen in [0, 2, 5] {
                    assert!(q.view().column(unseen).iter().all(|p| p.to_bits() == 0));
                }
            }
        }
    }
}

#[test]
fn a_fit_cut_short_says_so() {
    let (kinds, targets) = samples();
    for case in cases() {
        for features in &kinds {
            let short = Case { parameters: case.parameters.clone().max_iterations(1), ..case };
            let fitted = short.fit(plain(features, &targets, 3));
            let report = &fitted.report;
            assert!(
                !report.converged && report.gradient_norm > report.tolerance,
                "{}: {report:?}",
                short.name
            );
            assert_eq!(fitted.model.predict(features, &all(features)).unwrap().len(), 90);
            let report = case_again(&short).fit(plain(features, &targets, 3)).report;
            assert!(
                report.converged && report.gradient_norm < report.tolerance,
                "{}: {report:?}",
                short.name
            );
        }
    }
}

fn case_again(short: &Case) -> Case {
    cases().into_iter().find(|case| case.name == short.name).unwrap()
}

#[test]
fn refuses_what_cannot_be_fitted() {
    let (kinds, targets) = samples();
    let one = [Class(1); 90];
    let (light, heavy) = ([1.0; 89], [f64::INFINITY; 90]);
    let sparse = &kinds[0];
    let none = Features::Sparse(Csr::empty(4));
    let infinite = Features::Dense(array![[1.0], [f32::INFINITY]]);
    let two = classes(&[0, 1]);
    let good = plain(sparse, &targets, 3);
    let wrong: Vec<(Examples<'_>, ModelError)> = vec![
        (plain(&none, &[], 3), ModelError::TooFewClasses { seen: 0 }),
        (plain(sparse, &one, 3), ModelError::TooFewClasses { seen: 1 }),
        (plain(sparse, &targets[1..], 3), ModelError::LengthMismatch { rows: 90, targets: 89 }),
        (plain(sparse, &targets, 2), ModelError::ClassOutOfRange { row: 2, class: 2, n_classes: 2 }),
        (Examples { weights: Some(&light), ..good }, ModelError::WeightCount { rows: 90, weights: 89 }),
        (
            Examples { weights: Some(&heavy), ..good },
            ModelError::InvalidWeight { row: 0, value: f64::INFINITY },
        ),
        (plain(&infinite, &two, 2), ModelError::NotFinite { row: 1 }),
    ];
    for case in cases() {
        for (examples, expected) in &wrong {
            let error: BoxError = case.classifier().fit(*examples, COLD).err().unwrap();
            assert_eq!(error.downcast_ref(), Some(expected), "{}", case.name);
        }
        // Features of another width cannot be predicted.
        let error = case.fit(good).model.predict(&none, &[]).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&ModelError::WidthMismatch { found: 4, expected: 120 }));
    }
}

#[test]
fn rows_without_any_feature_give_the_class_frequencies() {
    let rows = vec![vec![0.0; 5]; 40];
    let targets: Vec<Class> = (0..40).map(|row| Class([0, 1, 1, 1, 2, 2, 1, 1][row % 8])).collect();
    for case in cases().into_iter().filter(|case| case.name != "balanced" && case.name != "everything") {
        for features in [sparse(&rows), dense(&rows)] {
            let fitted = case.fit(plain(&features, &targets, 3));
            assert!(fitted.report.converged, "{}: {:?}", case.name, fitted.report);
            let p = fitted.model.predict(&features, &[17]).unwrap();
            for (class, expected) in [0.125, 0.625, 0.25].into_iter().enumerate() {
                // Folds hold not quite the same shares of the classes; a calibration learned on
                // them comes close.
                let near = if case.folds { 0.02 } else { 1e-5 };
                assert!((p.row(0)[class] - expected).abs() < near, "{}: {:?}", case.name, p.row(0));
            }
        }
    }
}

#[test]
fn fingerprints_tell_parameters_apart() {
    let plain = LogisticRegression::parameters;
    let mut fingerprints: Vec<String> = [
        plain(),
        plain().c(2.0),
        plain().penalty(Penalty::cross_validated()),
        plain().penalty(Penalty::CrossValidated { grid: vec![1.0, 2.0] }),
        plain().class_weights(ClassWeights::Balanced),
        plain().class_weights(ClassWeights::Explicit(vec![1.0, 2.0])),
        plain().calibration(Calibration::Vector),
        plain().folds(4),
        plain().solver(Solver::Own),
        plain().max_iterations(7),
        plain().tolerance(1e-3),
    ]
    .into_iter()
    .map(|parameters| parameters.check().unwrap().fingerprint())
    .collect();
    let count = fingerprints.len();
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), count, "{fingerprints:#?}");
}
