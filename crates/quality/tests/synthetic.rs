//! Kappa, accuracy, macro-F1, the scores of each class and the Wilson interval against scikit-learn
//! and `SciPy`, on made-up labels of five classes. The values and the script that computed them are
//! in `tests/reference/synthetic.*`; no other data is needed.

use querist_core::Class;
use querist_core::wilson;
use querist_quality::{classification, cohen_kappa};
use serde_json::Value;

/// The greatest difference from a reference value.
const TOLERANCE: f64 = 1e-12;

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/synthetic.json")).expect("the reference file is JSON")
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().unwrap_or_else(|| panic!("no list {field}"))
}

fn labels(case: &Value, field: &str) -> Vec<Class> {
    list(case, field).iter().map(|label| Class::from_index(count(label))).collect()
}

fn count(value: &Value) -> usize {
    value.as_u64().expect("a count") as usize
}

/// Checks that both values are missing, or that they are equal within the tolerance.
fn check(what: &str, ours: Option<f64>, theirs: &Value) {
    match (ours, theirs.as_f64()) {
        (Some(a), Some(b)) => assert!((a - b).abs() <= TOLERANCE, "{what}: {a}, reference {b}"),
        (a, _) => assert!(a.is_none() && theirs.is_null(), "{what}: {a:?}, reference {theirs}"),
    }
}

#[test]
fn kappa_accuracy_and_macro_f1_are_those_of_scikit_learn() {
    let reference = reference();
    let n_classes = count(&reference["n_classes"]);
    assert_eq!(list(&reference, "cases").len(), 12);
    for case in list(&reference, "cases") {
        let name = case["name"].as_str().unwrap();
        let (a, b) = (labels(case, "a"), labels(case, "b"));
        let pairs: Vec<_> = a.iter().copied().zip(b.iter().copied()).collect();
        let kappa = cohen_kappa(&pairs, n_classes).unwrap();
        check(&format!("{name}, kappa"), kappa.kappa, &case["kappa"]);
        check(&format!("{name}, raw agreement"), kappa.raw_agreement, &case["accuracy"]);
        let scores = classification(&a, &b, n_classes).unwrap();
        check(&format!("{name}, accuracy"), scores.accuracy, &case["accuracy"]);
        check(&format!("{name}, macro-F1"), scores.macro_f1, &case["macro_f1"]);
    }
}

#[test]
fn class_scores_and_confusion_are_those_of_scikit_learn() {
    let reference = reference();
    let n_classes = count(&reference["n_classes"]);
    for case in list(&reference, "cases") {
        let name = case["name"].as_str().unwrap();
        let scores = classification(&labels(case, "a"), &labels(case, "b"), n_classes).unwrap();
        let theirs = list(case, "classes");
        assert_eq!(scores.classes.len(), theirs.len(), "{name}");
        for (ours, theirs) in scores.classes.iter().zip(theirs) {
            assert_eq!(ours.class.index(), count(&theirs["class"]), "{name}");
            assert_eq!(ours.support, count(&theirs["support"]), "{name}");
            check(&format!("{name}, precision"), Some(ours.precision), &theirs["precision"]);
            check(&format!("{name}, recall"), Some(ours.recall), &theirs["recall"]);
            check(&format!("{name}, F1"), Some(ours.f1), &theirs["f1"]);
        }
        for (truth, row) in list(case, "confusion").iter().enumerate() {
            for (predicted, cell) in row.as_array().unwrap().iter().enumerate() {
                let ours = scores.confusion.count(Class::from_index(truth), Class::from_index(predicted));
                assert_eq!(ours, count(cell), "{name}, {truth} as {predicted}");
            }
        }
    }
}

#[test]
fn wilson_intervals_are_those_of_scipy() {
    let reference = reference();
    assert_eq!(list(&reference, "wilson").len(), 10);
    for case in list(&reference, "wilson") {
        let (k, n) = (count(&case["k"]), count(&case["n"]));
        let interval = wilson(k, n);
        check(&format!("low of {k}/{n}"), interval.map(|ends| ends.low), &case["low"]);
        check(&format!("high of {k}/{n}"), interval.map(|ends| ends.high), &case["high"]);
    }
}
