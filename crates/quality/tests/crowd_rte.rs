//! Kappa, control and majority on real crowd answers: recognizing textual entailment, 164
//! annotators, 800 items (Snow et al., EMNLP 2008), against scikit-learn's values in
//! `tests/reference/crowd_rte_kappa.json`.
//!
//! The answers are not part of this repository. Each test reads them from the folder `crowd_rte` of
//! the folder named by the environment variable `QUERIST_DATA`, and is ignored unless asked for
//! (`-- --ignored`); `tests/synthetic.rs` checks against scikit-learn without it. The script
//! beside the reference file says what the folder holds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use querist_core::{Aggregator as _, AnnotationSet, Class, Known, Verdict};
use querist_quality::{MajorityVote, Thresholds, control, pairwise_kappa};
use serde_json::Value;

/// The greatest difference from scikit-learn's value.
const TOLERANCE: f64 = 1e-12;

/// The folder with the answers.
fn data() -> PathBuf {
    let root = std::env::var_os("QUERIST_DATA").expect(
        "QUERIST_DATA must name the folder that has crowd_rte/answers.jsonl (Snow et al. 2008), which is not part \
         of this repository",
    );
    PathBuf::from(root).join("crowd_rte")
}

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/crowd_rte_kappa.json")).expect("the reference file is JSON")
}

fn rows(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_else(|| panic!("no text {field} in {row}"))
}

fn label(row: &Value) -> Class {
    Class(text(row, "label").parse().expect("a label is 0 or 1"))
}

fn answers(folder: &Path) -> AnnotationSet {
    let rows = rows(&folder.join("answers.jsonl"));
    assert_eq!(rows.len(), 8000);
    AnnotationSet::new(rows.iter().map(|row| (text(row, "item"), text(row, "annotator"), label(row))), 2)
}

fn check(what: &str, ours: Option<f64>, theirs: &Value) {
    match (ours, theirs.as_f64()) {
        (Some(a), Some(b)) => assert!((a - b).abs() <= TOLERANCE, "{what}: {a}, scikit-learn {b}"),
        (a, _) => assert!(a.is_none() && theirs.is_null(), "{what}: {a:?}, scikit-learn {theirs}"),
    }
}

#[test]
#[ignore = "needs QUERIST_DATA, a folder of public data sets"]
fn pairwise_kappa_is_that_of_scikit_learn() {
    let folder = data();
    let (set, reference) = (answers(&folder), reference());
    let theirs = reference["pairs"].as_array().unwrap();
    let ours = pairwise_kappa(&set, reference["min_shared"].as_u64().unwrap() as usize).unwrap();
    assert_eq!((set.annotators().len(), ours.len(), theirs.len()), (164, 1254, 1254));
    for (pair, row) in ours.iter().zip(theirs) {
        let (a, b) = (set.annotators()[pair.a].as_str(), set.annotators()[pair.b].as_str());
        assert_eq!((a, b), (text(row, "a"), text(row, "b")));
        assert_eq!(Some(pair.agreement.n as u64), row["n"].as_u64(), "{a} and {b}");
        check(&format!("{a} and {b}"), pair.agreement.kappa, &row["kappa"]);
    }
}

#[test]
#[ignore = "needs QUERIST_DATA, a folder of public data sets"]
fn annotators_against_gold_are_as_scikit_learn_has_them() {
    let folder = data();
    let (set, reference) = (answers(&folder), reference());
    let gold = rows(&folder.join("gold.jsonl"));
    let gold: BTreeMap<&str, Class> = gold.iter().map(|row| (text(row, "item"), label(row))).collect();
    let truth: Vec<Option<Class>> = set.items().iter().map(|item| gold.get(item.as_str()).copied()).collect();
    let ours = control(&set, &truth, Thresholds::default()).unwrap();
    let theirs = reference["control"].as_array().unwrap();
    assert_eq!((ours.len(), theirs.len()), (164, 164));
    for (measured, row) in ours.iter().zip(theirs) {
        let name = set.annotators()[measured.annotator].as_str();
        assert_eq!(name, text(row, "annotator"));
        assert_eq!(Some(measured.n as u64), row["n"].as_u64(), "{name}");
        check(name, measured.accuracy, &row["accuracy"]);
        check(name, measured.kappa.kappa, &row["kappa"]);
    }
}

#[test]
#[ignore = "needs QUERIST_DATA, a folder of public data sets"]
fn majority_and_ties_are_counted_as_in_the_reference() {
    let folder = data();
    let result = MajorityVote.aggregate(&answers(&folder), &Known::default()).unwrap();
    let count = |verdict: &Verdict| result.verdicts.iter().filter(|other| *other == verdict).count() as u64;
    let majority = &reference()["majority"];
    for (name, verdict) in [
        ("0", Verdict::Label(Class(0))),
        ("1", Verdict::Label(Class(1))),
        ("tie", Verdict::Tie(vec![Class(0), Class(1)])),
    ] {
        assert_eq!(Some(count(&verdict)), majority[name].as_u64(), "{name}");
    }
    assert_eq!(result.verdicts.len(), 800);
}
