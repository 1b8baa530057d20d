//! Agreement on eleven sets of real crowd answers against scikit-learn, statsmodels, krippendorff
//! and irrCAC, whose values are in `tests/reference/agreement_crowd.json`.
//!
//! The answers are not part of this repository. Each test reads them from the folder named by the
//! environment variable `QUERIST_DATA`, and is ignored unless asked for;
//! `tests/agreement_tables.rs` checks against the same libraries without it. The script beside the
//! reference file says what the folder holds. The table of docs/quality-measured.md is printed and
//! checked by
//!
//! `QUERIST_DATA=DIR cargo test -p querist-quality --test agreement_crowd -- --ignored --nocapture --exact the_table_of_the_docs`
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use querist_core::{AnnotationSet, Class};
use querist_quality::{AgreementOptions, AgreementSummary, Measure, QualityError, Scale, agreement};
use serde_json::Value;

/// The greatest difference from a reference value.
const TOLERANCE: f64 = 1e-9;

/// The folder with the sets.
fn data() -> PathBuf {
    let root = std::env::var_os("QUERIST_DATA").expect(
        "QUERIST_DATA must name the folder that has crowd_rte/answers.jsonl and others, which are not part of this \
         repository",
    );
    PathBuf::from(root)
}

fn reference() -> Vec<Value> {
    let reference: Value = serde_json::from_str(include_str!("reference/agreement_crowd.json")).unwrap();
    reference["sets"].as_array().unwrap().clone()
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_else(|| panic!("no text {field} in {row}"))
}

/// The lines of a file, plain or compressed with gzip.
fn lines(folder: &Path) -> Vec<Value> {
    let plain = folder.join("answers.jsonl");
    let mut text = String::new();
    if plain.exists() {
        text = fs::read_to_string(&plain).unwrap();
    } else {
        let packed = folder.join("answers.jsonl.gz");
        let file = fs::File::open(&packed).unwrap_or_else(|error| panic!("{}: {error}", packed.display()));
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    }
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

fn answers(root: &Path, set: &Value) -> AnnotationSet {
    let rows = lines(&root.join(text(set, "set")));
    let labels: Vec<&str> =
        set["labels"].as_array().unwrap().iter().map(|label| label.as_str().unwrap()).collect();
    let class = |row: &Value| {
        Class::from_index(labels.iter().position(|label| *label == text(row, "label")).unwrap())
    };
    let triples = rows.iter().map(|row| (text(row, "item"), text(row, "annotator"), class(row)));
    let answers = AnnotationSet::new(triples, labels.len());
    assert_eq!(Some(answers.entries().len() as u64), set["answers"].as_u64());
    assert_eq!(Some(answers.items().len() as u64), set["items"].as_u64());
    answers
}

fn options(resamples: usize) -> AgreementOptions {
    AgreementOptions { scale: Scale::Ordinal, resamples, ..AgreementOptions::default() }
}

/// Checks that both values are missing, or that they are equal within the tolerance.
fn check(what: &str, ours: Option<f64>, theirs: &Value) {
    match (ours, theirs.as_f64()) {
        (Some(a), Some(b)) => assert!((a - b).abs() <= TOLERANCE, "{what}: {a}, reference {b}"),
        (a, _) => assert!(a.is_none() && theirs.is_null(), "{what}: {a:?}, reference {theirs}"),
    }
}

/// Each measure with its value in the reference.
fn references(set: &Value) -> Vec<(Measure, &Value)> {
    let (cohen, alpha, gwet) = (&set["cohen"], &set["alpha"], &set["gwet"]);
    vec![
        (Measure::CohenKappa, &cohen["none"]),
        (Measure::CohenKappaQuadratic, &cohen["quadratic"]),
        (Measure::FleissKappa, &set["fleiss"]["kappa"]),
        (Measure::KrippendorffAlpha, &alpha["nominal"]),
        (Measure::KrippendorffAlphaOrdinal, &alpha["ordinal"]),
        (Measure::GwetAc1, &gwet["ac1"]["value"]),
        (Measure::GwetAc2Quadratic, &gwet["quadratic"]["value"]),
    ]
}

fn check_set(set: &Value, summary: &AgreementSummary) {
    let name = text(set, "set");
    for (measure, theirs) in references(set) {
        check(&format!("{name}, {}", measure.title()), summary.row(measure).unwrap().value, theirs);
    }
    let pairs = summary.row(Measure::CohenKappa).unwrap().pairs;
    assert_eq!(pairs.map(|pairs| pairs as u64), set["cohen"]["defined"].as_u64(), "{name}");
    let fleiss = summary.row(Measure::FleissKappa).unwrap();
    assert_eq!(Some(fleiss.items as u64), set["fleiss"]["items"].as_u64(), "{name}");
    for (class, theirs) in summary.classes.iter().zip(set["classes"].as_array().unwrap()) {
        for (measure, field) in [(Measure::KrippendorffAlpha, "alpha"), (Measure::GwetAc1, "ac1")] {
            let row = class.measures.iter().find(|row| row.measure == measure).unwrap();
            let what = format!("{name}, {} of class {}", measure.title(), class.class.index());
            check(&what, row.value, &theirs[field]);
        }
    }
}

#[test]
#[ignore = "needs QUERIST_DATA, a folder of public data sets"]
fn values_are_those_of_the_libraries() {
    let root = data();
    let reference = reference();
    assert_eq!(reference.len(), 11);
    for set in &reference {
        let answers = answers(&root, set);
        check_set(set, &agreement(&answers, &options(0)).unwrap());
    }
}

/// Half the width of an interval must be about 1.96 standard errors.
#[test]
#[ignore = "needs QUERIST_DATA, a folder of public data sets"]
fn bootstrap_intervals_are_as_wide_as_the_analytic_errors_say() -> Result<(), QualityError> {
    let root = data();
    for set in &reference() {
        let summary = agreement(&answers(&root, set), &options(1000))?;
        for (measure, theirs) in [
            (Measure::KrippendorffAlpha, &set["alpha_error"]),
            (Measure::GwetAc1, &set["gwet"]["ac1"]["error"]),
            (Measure::GwetAc2Quadratic, &set["gwet"]["quadratic"]["error"]),
        ] {
            let row = summary.row(measure).unwrap();
            let interval = row.interval.unwrap();
            let ratio = (interval.high - interval.low) / 2.0 / 1.96 / theirs.as_f64().unwrap();
            assert!((0.85..1.15).contains(&ratio), "{}, {}: {ratio}", text(set, "set"), measure.title());
            let value = row.value.unwrap();
            assert!(interval.low < value && value < interval.high, "{}", measure.title());
        }
    }
    Ok(())
}

/// The measures in the table.
const SHOWN: [Measure; 4] =
    [Measure::CohenKappa, Measure::FleissKappa, Measure::KrippendorffAlpha, Measure::GwetAc1];

/// The figures of docs/quality-measured.md are those of today. The largest difference is not
/// compared: it is rounding, and differs by machine.
#[test]
#[ignore = "needs QUERIST_DATA, a folder of public data sets"]
fn the_table_of_the_docs() {
    let root = data();
    let page = include_str!("../../../docs/quality-measured.md");
    println!("| set | answers | by | Cohen's kappa | Fleiss' kappa | alpha | AC1 | largest difference |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for set in &reference() {
        let answers = answers(&root, set);
        let start = std::time::Instant::now();
        let summary = agreement(&answers, &options(1000)).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let (mut theirs, mut ours, mut largest) = (String::new(), String::new(), 0f64);
        for (measure, reference) in references(set) {
            let row = summary.row(measure).unwrap();
            let (value, reference) = (row.value.unwrap(), reference.as_f64().unwrap());
            largest = largest.max((value - reference).abs());
            if SHOWN.contains(&measure) {
                let ends = row.interval.unwrap();
                theirs += &format!(" {reference:.9} |");
                ours += &format!(" {value:.9}, {:.3} to {:.3} |", ends.low, ends.high);
            }
        }
        let name = text(set, "set").trim_start_matches("crowd_");
        let libraries = format!("| {name} | {} | libraries |{theirs} |", summary.answers);
        let querist = format!("| | | Querist |{ours}");
        println!("{libraries}\n{querist} {largest:.0e} |");
        assert!(
            page.contains(&libraries) && page.contains(&querist),
            "docs/quality-measured.md has other figures for {name}"
        );
        assert!(largest <= TOLERANCE, "{name}: {largest}");
        eprintln!("{name}: {seconds:.3} s with 1,000 resamples");
    }
}
