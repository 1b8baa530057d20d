//! Every measure of agreement against scikit-learn, statsmodels, krippendorff and irrCAC on small
//! tables, some of them published examples. The values and the script that computed them are in
//! `tests/reference/agreement_tables.*`; no other data is needed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use querist_core::{AnnotationSet, Class};
use querist_quality::agreement::fleiss::fleiss_kappa;
use querist_quality::agreement::gwet::gwet_ac;
use querist_quality::agreement::krippendorff::{Level, krippendorff_alpha};
use querist_quality::agreement::weighted_kappa::weighted_kappa;
use querist_quality::{AgreementOptions, AnswerPatterns, Measure, Undefined, Weights, agreement};
use serde_json::Value;

/// The greatest difference from a reference value.
const TOLERANCE: f64 = 1e-9;

/// The greatest difference from a value that was printed with three decimals.
const PRINTED: f64 = 0.0005 + 1e-9;

fn cases() -> Vec<Value> {
    let reference: Value = serde_json::from_str(include_str!("reference/agreement_tables.json")).unwrap();
    let cases = reference["cases"].as_array().unwrap().clone();
    assert_eq!(cases.len(), 14);
    cases
}

fn count(value: &Value) -> usize {
    value.as_u64().expect("a count") as usize
}

/// The cells of a table, (items, annotators); `None` for a missing answer.
fn table(case: &Value) -> Vec<Vec<Option<Class>>> {
    let cell = |cell: &Value| cell.as_u64().map(|class| Class::from_index(class as usize));
    let row = |row: &Value| row.as_array().unwrap().iter().map(cell).collect();
    case["table"].as_array().unwrap().iter().map(row).collect()
}

fn answers(case: &Value) -> AnnotationSet {
    let mut triples = Vec::new();
    for (item, row) in table(case).into_iter().enumerate() {
        let answers = row.into_iter().enumerate().filter_map(|(who, label)| Some((who, label?)));
        triples.extend(answers.map(|(who, label)| (format!("{item:04}"), format!("{who:02}"), label)));
    }
    let named = triples.iter().map(|(item, who, label)| (item.as_str(), who.as_str(), *label));
    AnnotationSet::new(named, count(&case["n_classes"]))
}

fn patterns(case: &Value) -> AnswerPatterns {
    AnswerPatterns::of(&answers(case)).unwrap()
}

/// Checks that both values are missing, or that they are equal within the tolerance.
fn check(what: &str, ours: Option<f64>, theirs: &Value) {
    match (ours, theirs.as_f64()) {
        (Some(a), Some(b)) => assert!((a - b).abs() <= TOLERANCE, "{what}: {a}, reference {b}"),
        (a, _) => assert!(a.is_none() && theirs.is_null(), "{what}: {a:?}, reference {theirs}"),
    }
}

fn name(case: &Value) -> &str {
    case["name"].as_str().unwrap()
}

#[test]
fn cohen_by_weights_and_its_error_are_those_of_scikit_learn_and_statsmodels() {
    let mut compared = 0;
    for case in cases() {
        let (table, n_classes) = (table(&case), count(&case["n_classes"]));
        for pair in case["cohen"].as_array().unwrap() {
            let (a, b) = (count(&pair["a"]), count(&pair["b"]));
            let shared: Vec<_> = table.iter().filter_map(|row| Some((row[a]?, row[b]?))).collect();
            assert_eq!(shared.len(), count(&pair["n"]));
            for (field, weights) in [("none", Weights::Unweighted), ("quadratic", Weights::Quadratic)] {
                let what = format!("{}, {a} and {b}, {field}", name(&case));
                let ours = weighted_kappa(&shared, n_classes, weights).unwrap();
                check(&what, ours.kappa, &pair[field]["kappa"]);
                match (ours.standard_error, pair[field]["error"].as_f64()) {
                    // The true error is 0, but the root of a rounding error is far from 0.
                    (Some(ours), Some(theirs)) if ours < 1e-6 => assert!(theirs < 1e-6, "{what}: {theirs}"),
                    // They took the root of a difference that rounding put below 0.
                    (Some(ours), None) => assert!(ours < 1e-6, "{what}: {ours}"),
                    (ours, _) => check(&what, ours, &pair[field]["error"]),
                }
                compared += usize::from(ours.kappa.is_some());
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn fleiss_is_that_of_statsmodels() {
    for case in cases() {
        let patterns = patterns(&case);
        check(name(&case), fleiss_kappa(&patterns).ok(), &case["fleiss"]["kappa"]);
        assert_eq!(patterns.commonest_size().map(|size| size as u64), case["fleiss"]["size"].as_u64());
    }
}

#[test]
fn alpha_is_that_of_krippendorff() {
    for case in cases() {
        let patterns = patterns(&case);
        let alpha = |level| krippendorff_alpha(&patterns, level).ok();
        let theirs = &case["alpha"];
        check(name(&case), alpha(Level::Nominal), &theirs["nominal"]);
        check(name(&case), alpha(Level::Ordinal), &theirs["ordinal"]);
    }
}

#[test]
fn gwet_is_that_of_irr_cac() {
    for case in cases() {
        let patterns = patterns(&case);
        for (field, weights) in [("ac1", Weights::Unweighted), ("quadratic", Weights::Quadratic)] {
            let what = format!("{}, {field}", name(&case));
            check(&what, gwet_ac(&patterns, weights).ok(), &case["gwet"][field]["value"]);
        }
    }
}

#[test]
fn classes_are_those_of_the_same_libraries_on_two_labels() {
    for case in cases() {
        let options = AgreementOptions { resamples: 0, ..AgreementOptions::default() };
        let found = agreement(&answers(&case), &options).unwrap().classes;
        let classes = case["classes"].as_array().unwrap();
        assert_eq!(classes.len(), found.len());
        for (ours, theirs) in found.iter().zip(classes) {
            for (measure, field) in [(Measure::KrippendorffAlpha, "alpha"), (Measure::GwetAc1, "ac1")] {
                let row = ours.measures.iter().find(|row| row.measure == measure).unwrap();
                check(&format!("{}, {field} of {:?}", name(&case), ours.class), row.value, &theirs[field]);
            }
        }
    }
}

#[test]
fn values_are_those_printed_in_the_sources() {
    let mut compared = 0;
    for case in cases() {
        let patterns = patterns(&case);
        let alpha = |level| krippendorff_alpha(&patterns, level).unwrap();
        for (field, printed) in case["published"].as_object().unwrap() {
            let ours = match field.as_str() {
                "alpha_nominal" => alpha(Level::Nominal),
                "alpha_ordinal" => alpha(Level::Ordinal),
                "ac1" => gwet_ac(&patterns, Weights::Unweighted).unwrap(),
                "fleiss" => fleiss_kappa(&patterns).unwrap(),
                // Querist does not measure these.
                "alpha_interval" | "fleiss_all" => continue,
                other => panic!("{other} is not compared"),
            };
            let printed = printed.as_f64().unwrap();
            assert!((ours - printed).abs() <= PRINTED, "{}, {field}: {ours}, printed {printed}", name(&case));
            compared += 1;
        }
    }
    assert_eq!(compared, 4);
}

#[test]
fn what_the_libraries_leave_undefined_has_a_name() {
    let reason = |start: &str| {
        let case = cases().into_iter().find(|case| name(case).starts_with(start)).unwrap();
        let patterns = patterns(&case);
        let alpha = krippendorff_alpha(&patterns, Level::Nominal).err();
        let kappa = fleiss_kappa(&patterns).err();
        (alpha, kappa, gwet_ac(&patterns, Weights::Unweighted))
    };
    let one = Some(Undefined::OneLabelOnly);
    assert_eq!(reason("one label only"), (one, one, Ok(1.0)));
    let none = Some(Undefined::NoOverlap);
    assert_eq!(reason("no overlap"), (none, none, Err(Undefined::NoOverlap)));
}
