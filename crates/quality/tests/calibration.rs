//! The reliability curve, the expected calibration error with its interval, the Brier score and the
//! log-loss against `NumPy`, `SciPy` and scikit-learn, on made-up probabilities. The values and the
//! script that computed them are in `tests/reference/calibration.*`.

use ndarray::Array2;
use querist_core::{Class, Probabilities};
use querist_quality::{Binning, Calibration, brier_score, calibration, log_loss};
use serde_json::Value;

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn count(value: &Value) -> usize {
    value.as_u64().expect("a count") as usize
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn check(what: &str, ours: f64, theirs: &Value, tolerance: f64) {
    assert!((ours - number(theirs)).abs() <= tolerance, "{what}: {ours}, reference {theirs}");
}

fn check_curve(what: &str, ours: &Calibration, theirs: &Value) {
    assert_eq!(ours.bins.len(), list(&theirs["bins"]).len(), "{what}");
    for (bin, reference) in ours.bins.iter().zip(list(&theirs["bins"])) {
        assert_eq!((bin.accuracy.n, bin.accuracy.correct), (count(&reference[0]), count(&reference[1])));
        check(what, bin.confidence, &reference[2], 1e-12);
    }
    check(what, ours.ece, &theirs["ece"], 1e-12);
    // The error function has an error of up to 1.5e-7.
    check(what, ours.ece_corrected, &theirs["corrected"], 2e-6);
    check(what, ours.ece_interval.low, &theirs["low"], 2e-6);
    check(what, ours.ece_interval.high, &theirs["high"], 2e-6);
}

#[test]
fn curves_errors_and_scores_are_those_of_the_reference() {
    let reference: Value = serde_json::from_str(include_str!("reference/calibration.json")).unwrap();
    assert_eq!(list(&reference["cases"]).len(), 5);
    for case in list(&reference["cases"]) {
        let name = case["name"].as_str().unwrap();
        let rows = list(&case["probabilities"]);
        let p = Array2::from_shape_fn((rows.len(), list(&rows[0]).len()), |(i, k)| number(&rows[i][k]));
        let p = Probabilities::new(p).unwrap();
        let truth: Vec<Class> =
            list(&case["truth"]).iter().map(|class| Class::from_index(count(class))).collect();
        check(name, brier_score(&p, &truth).unwrap().unwrap(), &case["brier"], 1e-12);
        check(name, log_loss(&p, &truth).unwrap().unwrap(), &case["log_loss"], 1e-12);
        let by_mass = calibration(&p, &truth, Binning::default()).unwrap().unwrap();
        check_curve(name, &by_mass, &case["mass"]);
        let by_width = calibration(&p, &truth, Binning::EqualWidth { bins: 10 }).unwrap().unwrap();
        check_curve(name, &by_width, &case["width"]);
    }
}
