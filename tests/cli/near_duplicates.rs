//! No pick of a batch is a near-duplicate of another pick, or of a document that is labelled or
//! waits for an answer.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use querist_text::{Buckets, Counter, Entry, NgramCounter, NgramRange, Scratch, WordSource, WordSplitter};
use serde_json::{Value, json};

use crate::workbench::{Workbench, documents, lines};

/// The words and pairs of words of a text as columns, counted as for the features.
fn shingles(text: &str) -> Vec<Entry> {
    let words = WordSource::Splitter(WordSplitter::default());
    let counter = NgramCounter::new(words, NgramRange::default(), None, Buckets::default());
    let mut row = Vec::new();
    counter.count(text, &mut Scratch::default(), &mut row).unwrap();
    row.iter().map(|entry| Entry::new(entry.column(), 1)).collect()
}

/// The Jaccard index, computed without any shortcut.
fn resemblance(a: &[Entry], b: &[Entry]) -> f64 {
    let both = a.iter().filter(|entry| b.contains(entry)).count();
    if a.is_empty() && b.is_empty() { 1.0 } else { both as f64 / (a.len() + b.len() - both) as f64 }
}

/// Plays rounds whose documents are not answered, and checks every pick against all earlier picks
/// and all labelled texts. Returns how many documents were left out as near-duplicates.
fn play(bench: &Workbench, labeled: &[String], rounds: usize, flags: &[&str]) -> u64 {
    let mut known: Vec<Vec<Entry>> = labeled.iter().map(|text| shingles(text)).collect();
    let mut left_out = 0;
    for round in 1..=rounds {
        bench.ok(&[&["round", "--size", "60"], flags].concat());
        let texts: BTreeMap<String, String> = bench
            .rows(&format!("rounds/{round:04}/batch.jsonl"))
            .iter()
            .map(|row| (row["id"].as_str().unwrap().to_owned(), row["text"].as_str().unwrap().to_owned()))
            .collect();
        for pick in bench.rows(&format!("rounds/{round:04}/picks.jsonl")) {
            if pick["share"] == "control" {
                continue;
            }
            let text = &texts[pick["id"].as_str().unwrap()];
            let set = shingles(text);
            let nearest = known.iter().map(|other| resemblance(&set, other)).fold(0.0, f64::max);
            assert!(nearest < 0.8, "{text:?} resembles another by {nearest}");
            known.push(set);
        }
        let report: Value =
            serde_json::from_str(&bench.read(&format!("rounds/{round:04}/report.json"))).unwrap();
        for share in report["batch"]["shares"].as_array().unwrap() {
            let n = share["near_duplicates"].as_u64().unwrap();
            let said = format!("{n} near-duplicates were skipped");
            assert_eq!(n > 0, share["note"].as_str().is_some_and(|note| note.contains(&said)), "{share}");
            left_out += n;
        }
    }
    left_out
}

fn text_of(row: &Value) -> String {
    row["text"].as_str().unwrap().to_owned()
}

#[test]
fn no_two_tickets_of_the_bundled_set_resemble_each_other() {
    let bench = Workbench::with_labels("technical,billing,account,shipping,feature,fraud");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/support_tickets");
    for name in ["pool.jsonl.gz", "seed.jsonl"] {
        bench.write(name, fs::read(folder.join(name)).unwrap());
        bench.ok(&["import", name]);
    }
    let labeled: Vec<String> = bench.rows("seed.jsonl").iter().map(text_of).collect();
    play(&bench, &labeled, 2, &[]);
}

#[test]
fn texts_that_occur_ten_times_are_picked_once() {
    let bench = Workbench::with_labels("a,b,c");
    let tenfold = |row: Value| {
        (0..10).map(
            move |copy| json!({"id": format!("{}-{copy}", row["id"].as_str().unwrap()), "text": row["text"]}),
        )
    };
    bench.write("once.jsonl", documents("p", 150, false));
    let pool: Vec<Value> = bench.rows("once.jsonl").into_iter().flat_map(tenfold).collect();
    bench.write("pool.jsonl", lines(pool));
    bench.write("labeled.jsonl", documents("l", 12, true));
    bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
    let labeled: Vec<String> = bench.rows("labeled.jsonl").iter().map(text_of).collect();
    let off = bench.copy();
    assert!(play(&bench, &labeled, 1, &["--near-duplicates", "0.8"]) > 0);
    // If the guard is off, copies come into the batch: 60 documents of 150 texts that occur ten
    // times each.
    off.ok(&["round", "--size", "60", "--mix", "random=1", "--near-duplicates", "off"]);
    let mut texts: Vec<String> = off.rows("rounds/0001/batch.jsonl").iter().map(text_of).collect();
    texts.sort();
    texts.dedup();
    assert!(texts.len() < 60, "{}", texts.len());
}

#[test]
fn a_kind_of_features_without_n_grams_of_words_is_guarded_too() {
    let bench = Workbench::small();
    let toml = bench.read("querist.toml").replace("ngrams = [1, 2]", "ngrams = [2, 2]");
    bench.write("querist.toml", toml);
    bench.write("copies.jsonl", lines((0..40).map(|i| json!({"id": format!("copy-{i}"), "text": "Refund"}))));
    bench.ok(&["import", "copies.jsonl"]);
    bench.ok(&["round", "--size", "30", "--mix", "random=1"]);
    let texts: Vec<String> = bench.rows("rounds/0001/batch.jsonl").iter().map(text_of).collect();
    assert!(texts.iter().filter(|text| *text == "Refund").count() <= 1);
}

/// Reuters news, with many near-duplicates.
#[test]
#[ignore = "needs QUERIST_DATA, a folder of public data sets"]
fn no_two_news_items_resemble_each_other() {
    let data = std::env::var_os("QUERIST_DATA")
        .expect("QUERIST_DATA must name the folder that has r8/train.jsonl.gz");
    let packed = fs::File::open(PathBuf::from(data).join("r8/train.jsonl.gz")).unwrap();
    let mut train = String::new();
    GzDecoder::new(packed).read_to_string(&mut train).unwrap();
    let rows: Vec<Value> = train.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut labels: Vec<&str> = rows.iter().map(|row| row["label"].as_str().unwrap()).collect();
    labels.sort_unstable();
    labels.dedup();
    let bench = Workbench::with_labels(&labels.join(","));
    bench.write("labeled.jsonl", lines(&rows[..40]));
    bench.write("pool.jsonl", lines(&rows[40..]));
    bench.ok(&["import", "labeled.jsonl"]);
    bench.ok(&["import", "pool.jsonl", "--as", "pool"]);
    let labeled: Vec<String> = rows[..40].iter().map(text_of).collect();
    play(&bench, &labeled, 3, &["--mix", "uncertainty=0.6,random=0.4"]);
}
