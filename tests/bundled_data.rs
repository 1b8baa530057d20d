//! Tests of the bundled support tickets: they match their README, and their generator still writes
//! exactly these bytes.
//!
//! The generator's modules are compiled into this test, so its unit tests run here too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use serde_json::Value;

#[path = "../data/generate/tickets/mod.rs"]
mod tickets;

const LABELS: [&str; 6] = ["technical", "billing", "account", "shipping", "feature", "fraud"];

/// The bytes of a committed file.
fn committed(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/support_tickets").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Unpacks gzip data; returns other bytes unchanged.
fn inflated(bytes: &[u8]) -> Vec<u8> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes.to_owned();
    }
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).expect("whole gzip data");
    plain
}

/// The lines of a committed file, as JSON.
fn records(name: &str) -> Vec<Value> {
    let plain = String::from_utf8(inflated(&committed(name))).expect("UTF-8");
    plain.lines().map(|line| serde_json::from_str(line).expect("one JSON value a line")).collect()
}

fn field<'a>(record: &'a Value, name: &str) -> &'a str {
    record[name].as_str().unwrap_or_else(|| panic!("no {name} in {record}"))
}

fn document(name: &str) -> Value {
    serde_json::from_slice(&committed(name)).expect("JSON")
}

/// The number of records with each label, in the order of labels.
fn counts(records: &[Value]) -> [usize; 6] {
    LABELS.map(|label| records.iter().filter(|record| field(record, "label") == label).count())
}

#[test]
fn the_generator_writes_the_committed_bytes() {
    for file in tickets::files(tickets::SEED).unwrap() {
        let committed = committed(file.name);
        let same_content = inflated(&committed) == inflated(&file.bytes);
        assert!(same_content, "{}: the generator gives other content", file.name);
        let same_bytes = committed == file.bytes;
        assert!(same_bytes, "{}: same content, compressed differently (another flate2?)", file.name);
    }
}

#[test]
fn another_seed_gives_another_set() {
    let [committed, other] = [tickets::SEED, 1].map(|seed| tickets::files(seed).unwrap());
    let same = committed.iter().zip(&other).filter(|(left, right)| left.bytes == right.bytes);
    assert_eq!(same.map(|(left, _)| left.name).collect::<Vec<_>>(), ["annotators.json"]);
}

#[test]
fn counts_are_as_described() {
    let description = document("dataset.json");
    assert_eq!(description["labels"], Value::from(LABELS.to_vec()));
    let files = [
        ("pool", "pool.jsonl.gz", 6600),
        ("seed_labels", "seed.jsonl", 30),
        ("test", "test.jsonl.gz", 1000),
        ("control", "control.jsonl", 120),
    ];
    for (key, name, expected) in files {
        assert_eq!(records(name).len(), expected, "{name}");
        assert_eq!(description[key], expected, "{key}");
    }
}

#[test]
fn class_shares_are_skewed_and_the_rarest_is_under_two_percent() {
    assert_eq!(counts(&records("test.jsonl.gz")), [340, 240, 180, 140, 84, 16]);
    assert_eq!(counts(&records("seed.jsonl")), [11, 8, 5, 3, 2, 1]);
    assert_eq!(counts(&records("control.jsonl")), [30, 26, 22, 18, 14, 10]);
    let truth = records("truth.jsonl.gz");
    let per_mille = counts(&truth).map(|count| count * 1000 / truth.len());
    for (found, expected) in per_mille.into_iter().zip([340_usize, 240, 180, 140, 84, 16]) {
        assert!(found.abs_diff(expected) <= 8, "{per_mille:?}");
    }
    assert!((12..20).contains(&per_mille[5]), "{per_mille:?}");
}

#[test]
fn identifiers_are_unique_across_all_files_and_tell_nothing() {
    let mut seen = BTreeSet::new();
    for name in ["pool.jsonl.gz", "seed.jsonl", "test.jsonl.gz", "control.jsonl"] {
        let mut earlier = (String::new(), String::new());
        for record in records(name) {
            let id = field(&record, "id").to_owned();
            let arrival = (field(&record, "received").to_owned(), id.clone());
            assert!(id.len() == 7 && id.starts_with("t-"), "{id}");
            assert!(earlier < arrival, "{id} arrived before the one above it");
            assert!(seen.insert(id.clone()), "{id} is there twice");
            earlier = arrival;
        }
    }
    assert_eq!(seen.first().map(String::as_str), Some("t-00001"));
    assert_eq!(seen.last().map(String::as_str), Some("t-07750"));
}

#[test]
fn truth_covers_the_pool_in_its_order() {
    let ids = |name| records(name).iter().map(|record| field(record, "id").to_owned()).collect::<Vec<_>>();
    assert_eq!(ids("pool.jsonl.gz"), ids("truth.jsonl.gz"));
    assert!(records("pool.jsonl.gz").iter().all(|record| record.get("label").is_none()));
}

#[test]
fn only_the_pool_repeats_itself() {
    let mut files_of: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in ["pool.jsonl.gz", "seed.jsonl", "test.jsonl.gz", "control.jsonl"] {
        for record in records(name) {
            let text = field(&record, "text");
            let n_words = text.split(' ').count();
            assert!((6..=90).contains(&n_words), "{n_words} words: {text}");
            assert!(!text.contains(['[', ']', '{', '}', '|']), "unexpanded: {text}");
            files_of.entry(text.to_owned()).or_default().push(name);
        }
    }
    let repeated: Vec<_> = files_of.values().filter(|files| files.len() > 1).collect();
    assert!((30..200).contains(&repeated.len()), "{} repeated texts", repeated.len());
    assert!(repeated.iter().all(|files| files.iter().all(|name| *name == "pool.jsonl.gz")));
}

#[test]
fn annotators_have_distributions_in_label_order() {
    let file = document("annotators.json");
    assert_eq!(file["labels"], Value::from(LABELS.to_vec()));
    let annotators = file["annotators"].as_array().unwrap();
    assert_eq!(annotators.len(), 5);
    for annotator in annotators {
        let number = |name: &str| annotator[name].as_f64().unwrap();
        assert!(number("share") > 0.0 && number("share") <= 1.0, "{annotator}");
        assert!((0.0..0.2).contains(&number("skip")), "{annotator}");
        let rows = annotator["confusion"].as_array().unwrap();
        assert_eq!(rows.len(), LABELS.len());
        for row in rows {
            let values: Vec<f64> =
                row.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
            assert_eq!(values.len(), LABELS.len());
            assert!(values.iter().all(|value| (0.0..=1.0).contains(value)), "{row}");
            assert!((values.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{row}");
        }
    }
}
