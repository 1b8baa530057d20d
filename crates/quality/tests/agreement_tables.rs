//! Every measure of agreement against scikit-learn, statsmodels, krippendorff and irrCAC on small
//! tables, some of them published examples. The values and the script that computed them are in
//! `tests/reference/agreement_tables.*`; no other data is needed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use querist_core::{AnnotationSet, Class};
use querist_quality::agreement::fleiss::{fleiss_kappa, fleiss_kappa_by_class};
use querist_quality::agreement::gwet::{gwet_ac, gwet_ac1_by_class};
use querist_quality::agreement::krippendorff::{Level, krippendorff_alpha, krippendorff_alpha_by_class};
use querist_quality::agreement::scott::scott_pi;
use querist_quality::agreement::weighted_kappa::weighted_kappa;
use querist_quality::{AnswerPatterns, FleissItems, Undefined, Weights};
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

fn patterns(case: &Value) -> AnswerPatterns {
    let mut triples = Vec::new();
    for (item, row) in table(case).into_iter().enumerate() {
        let answers = row.into_iter().enumerate().filter_map(|(who, label)| Some((who, label?)));
        triples.extend(answers.map(|(who, label)| (format!("{item:04}"), format!("{who:02}"), label)));
    }
    let named = triples.iter().map(|(item, who, label)| (item.as_str(), who.as_str(), *label));
    AnswerPatterns::of(&AnnotationSet::new(named, count(&case["n_classes"]))).unwrap()
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
            for (field, weights) in [
                ("none", Weights::Unweighted),
                ("linear", Weights::Linear),
                ("quadratic", Weights::Quadratic),
            ] {
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
    assert!(compared > 150, "{compared}");
}

/// The answers of two annotators to the items that both answered.
fn two(case: &Value) -> Vec<(Class, Class)> {
    table(case).iter().filter_map(|row| Some((row[0]?, row[1]?))).collect()
}

#[test]
fn scott_is_that_of_irr_cac() {
    let mut compared = 0;
    for case in cases() {
        if table(&case)[0].len() == 2 {
            let pi = scott_pi(&two(&case), count(&case["n_classes"])).unwrap();
            check(name(&case), pi.ok(), &case["scott"]);
            compared += 1;
        }
    }
    assert_eq!(compared, 5);
}

#[test]
fn fleiss_is_that_of_statsmodels_and_of_irr_cac() {
    for case in cases() {
        let patterns = patterns(&case);
        let textbook = fleiss_kappa(&patterns, FleissItems::CommonestSize);
        check(name(&case), textbook.ok(), &case["fleiss"]["kappa"]);
        assert_eq!(patterns.commonest_size().map(|size| size as u64), case["fleiss"]["size"].as_u64());
        check(name(&case), fleiss_kappa(&patterns, FleissItems::All).ok(), &case["fleiss_all"]["value"]);
    }
}

#[test]
fn alpha_is_that_of_krippendorff() {
    for case in cases() {
        let patterns = patterns(&case);
        let places: Vec<f64> = (0..patterns.n_classes()).map(|class| class as f64).collect();
        let alpha = |level| krippendorff_alpha(&patterns, level).unwrap().ok();
        let theirs = &case["alpha"];
        check(name(&case), alpha(Level::Nominal), &theirs["nominal"]);
        check(name(&case), alpha(Level::Ordinal), &theirs["ordinal"]);
        check(name(&case), alpha(Level::Interval(&places)), &theirs["interval"]);
        if let Some(values) = case["values"].as_array() {
            let values: Vec<f64> = values.iter().map(|value| value.as_f64().unwrap()).collect();
            check(name(&case), alpha(Level::Interval(&values)), &theirs["valued"]);
        }
    }
}

#[test]
fn gwet_is_that_of_irr_cac() {
    for case in cases() {
        let patterns = patterns(&case);
        for (field, weights) in [
            ("ac1", Weights::Unweighted),
            ("linear", Weights::Linear),
            ("quadratic", Weights::Quadratic),
            ("ordinal", Weights::Ordinal),
        ] {
            let what = format!("{}, {field}", name(&case));
            check(&what, gwet_ac(&patterns, weights).ok(), &case["gwet"][field]["value"]);
        }
    }
}

#[test]
fn classes_are_those_of_the_same_libraries_on_two_labels() {
    for case in cases() {
        let patterns = patterns(&case);
        let classes = case["classes"].as_array().unwrap();
        assert_eq!(classes.len(), patterns.n_classes());
        for (field, ours) in [
            ("alpha", krippendorff_alpha_by_class(&patterns)),
            ("fleiss", fleiss_kappa_by_class(&patterns, FleissItems::CommonestSize)),
            ("fleiss_all", fleiss_kappa_by_class(&patterns, FleissItems::All)),
            ("ac1", gwet_ac1_by_class(&patterns)),
        ] {
            for (class, (ours, theirs)) in ours.into_iter().zip(classes).enumerate() {
                check(&format!("{}, {field} of class {class}", name(&case)), ours.ok(), &theirs[field]);
            }
        }
    }
}

#[test]
fn values_are_those_printed_in_the_sources() {
    let mut compared = 0;
    for case in cases() {
        let patterns = patterns(&case);
        let alpha = |level| krippendorff_alpha(&patterns, level).unwrap().unwrap();
        let values = [1.0, 2.0, 3.0, 4.0, 5.0];
        for (field, printed) in case["published"].as_object().unwrap() {
            let ours = match field.as_str() {
                "alpha_nominal" => alpha(Level::Nominal),
                "alpha_ordinal" => alpha(Level::Ordinal),
                "alpha_interval" => alpha(Level::Interval(&values)),
                "ac1" => gwet_ac(&patterns, Weights::Unweighted).unwrap(),
                "fleiss" => fleiss_kappa(&patterns, FleissItems::CommonestSize).unwrap(),
                "fleiss_all" => fleiss_kappa(&patterns, FleissItems::All).unwrap(),
                other => panic!("{other} is not compared"),
            };
            let printed = printed.as_f64().unwrap();
            assert!((ours - printed).abs() <= PRINTED, "{}, {field}: {ours}, printed {printed}", name(&case));
            compared += 1;
        }
    }
    assert_eq!(compared, 6);
}

#[test]
fn what_the_libraries_leave_undefined_has_a_name() {
    let reason = |start: &str| {
        let case = cases().into_iter().find(|case| name(case).starts_with(start)).unwrap();
        let patterns = patterns(&case);
        let alpha = krippendorff_alpha(&patterns, Level::Nominal).unwrap().err();
        let kappa = fleiss_kappa(&patterns, FleissItems::CommonestSize).err();
        (alpha, kappa, gwet_ac(&patterns, Weights::Unweighted))
    };
    let one = Some(Undefined::OneLabelOnly);
    assert_eq!(reason("one label only"), (one, one, Ok(1.0)));
    let none = Some(Undefined::NoOverlap);
    assert_eq!(reason("no overlap"), (none, none, Err(Undefined::NoOverlap)));
}
