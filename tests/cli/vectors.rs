//! Vectors of documents: rounds with vectors, pools that grow, models that need vectors, and
//! simulations. `files` has the files that are read and refused.

mod files;
mod simulations;

use std::fs;

use serde_json::{Value, json};

use crate::workbench::{Workbench, answers, differing, documents, lines};

/// The width of the test's vectors.
const WIDTH: usize = 8;

/// The vector of a document: a direction for its class, and noise that depends on its id.
fn vector(id: &str) -> Vec<f32> {
    let number: usize = id.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
    let noise = |j: usize| ((number * 31 + j * 17 + usize::from(id.as_bytes()[0])) % 23) as f32 / 23.0 - 0.5;
    (0..WIDTH).map(|j| if j == number % 3 { 1.0 } else { 0.5 } + 0.5 * noise(j)).collect()
}

fn ids(rows: &str) -> Vec<String> {
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
    rows.lines().map(id).collect()
}

/// Rows with the id and the vector of each document.
fn rows(ids: &[String]) -> String {
    lines(ids.iter().map(|id| json!({"id": id, "vector": vector(id)})))
}

/// A .npy file with a header for this type and shape, and these bytes.
fn npy(kind: &str, shape: (usize, usize), bytes: &[u8]) -> Vec<u8> {
    let (n, width) = shape;
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({n}, {width}), }}");
    header += &" ".repeat(64 - (10 + header.len() + 1) % 64);
    header.push('\n');
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend((header.len() as u16).to_le_bytes());
    out.extend(header.as_bytes());
    out.extend(bytes);
    out
}

/// The vectors of documents as a .npy file of 32-bit floats.
fn singles(ids: &[String]) -> Vec<u8> {
    let bytes: Vec<u8> = ids.iter().flat_map(|id| vector(id)).flat_map(f32::to_le_bytes).collect();
    npy("<f4", (ids.len(), WIDTH), &bytes)
}

/// All documents of [`Workbench::small`].
fn all_ids(bench: &Workbench) -> Vec<String> {
    ["pool", "labeled", "test", "control"]
        .iter()
        .flat_map(|file| ids(&bench.read(&format!("{file}.jsonl"))))
        .collect()
}

/// A workspace with vectors of all its documents, added from a .npy file.
fn with_vectors() -> Workbench {
    let bench = Workbench::small();
    let ids = all_ids(&bench);
    bench.write("all.npy", singles(&ids));
    bench.write("all.ids", lines(&ids));
    bench.ok(&["vectors", "add", "all.npy", "--ids", "all.ids", "--encoder", "made-up"]);
    bench
}

fn report(bench: &Workbench, round: u32) -> Value {
    serde_json::from_str(&bench.read(&format!("rounds/{round:04}/report.json"))).unwrap()
}

fn manifest(bench: &Workbench, round: u32) -> Value {
    serde_json::from_str(&bench.read(&format!("rounds/{round:04}/manifest.json"))).unwrap()
}

fn blocks(bench: &Workbench, round: u32) -> Vec<String> {
    let report = report(bench, round);
    let blocks = report["features"]["blocks"].as_array().unwrap();
    blocks.iter().map(|block| block["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn rounds_use_vectors_once_every_document_has_one() {
    let bench = Workbench::small();
    let ids = all_ids(&bench);
    bench.ok(&["round", "--size", "10"]);
    assert_eq!(manifest(&bench, 1)["inputs"]["vectors"], Value::Null);
    // All but two documents.
    bench.write("most.jsonl", rows(&ids[2..]));
    let added = bench.json(&["vectors", "add", "most.jsonl"]);
    assert_eq!((&added["missing"], &added["examples"]), (&json!(2), &json!(["p000", "p001"])));
    let status = bench.run(&["status"]);
    assert!(
        status.stdout.contains("2 of 90 documents have none, so rounds leave vectors out"),
        "{}",
        status.stdout
    );
    let ran = bench.run(&["round", "--size", "10"]);
    assert!(
        ran.stderr.contains("2 of 90 documents have no vector, so this round leaves the vectors out"),
        "{}",
        ran.stderr
    );
    assert!(!blocks(&bench, 2).contains(&"vectors".to_owned()));
    bench.ok(&["config", "set", "features.kind", "vectors"]);
    let message = bench.refused(&["round", "--size", "10"]);
    assert!(
        message.contains("2 of 90 documents have none: p000, p001; `querist vectors missing`"),
        "{message}"
    );
    bench.ok(&["config", "unset", "features.kind"]);
    // The texts to encode, as the encoder reads them.
    assert_eq!(ids_of(&bench.ok(&["vectors", "missing"])), ["p000", "p001"]);
    bench.ok(&["vectors", "missing", "--out", "todo.jsonl"]);
    bench.write("rest.npy", singles(&ids[..2]));
    bench.ok(&["vectors", "add", "rest.npy", "--ids", "todo.jsonl"]);
    bench.ok(&["round", "--size", "10"]);
    assert!(blocks(&bench, 3).contains(&"vectors".to_owned()));
    assert!(manifest(&bench, 3)["inputs"]["vectors"].is_string());
    assert_eq!(bench.ok(&["vectors", "missing"]), "");
    // Earlier rounds come out the same, with the vectors of their time.
    for round in ["1", "2", "3"] {
        bench.ok(&["reproduce", round]);
    }
    // In one part or in two, the same vectors make the same round.
    let once = Workbench::small();
    once.write("all.jsonl", rows(&ids));
    once.ok(&["vectors", "add", "all.jsonl"]);
    once.ok(&["round", "--size", "10"]);
    let twice = Workbench::small();
    twice.write("most.jsonl", rows(&ids[2..]));
    twice.write("rest.jsonl", rows(&ids[..2]));
    twice.ok(&["vectors", "add", "most.jsonl"]);
    twice.ok(&["vectors", "add", "rest.jsonl"]);
    twice.ok(&["round", "--size", "10"]);
    assert_eq!(differing(&once.files("rounds/"), &twice.files("rounds/")), [""; 0]);
}

fn ids_of(rows: &str) -> Vec<String> {
    ids(rows)
}

#[test]
fn every_sum_with_vectors_and_every_strategy_makes_a_round() {
    let before = with_vectors();
    for kind in ["vectors", "ngram+vectors", "lsa+static+vectors", "ngram+lsa+static+vectors"] {
        let bench = before.copy();
        bench.ok(&["config", "set", "features.kind", kind]);
        bench.ok(&["round", "--size", "10"]);
        assert_eq!(blocks(&bench, 1).join("+"), kind);
        bench.ok(&["reproduce", "1"]);
    }
    let bench = before.copy();
    bench.ok(&["config", "set", "features.kind", "vectors"]);
    for strategy in bench.json(&["strategies"]).as_array().unwrap() {
        let name = strategy["name"].as_str().unwrap();
        let bench = bench.copy();
        bench.ok(&["round", "--size", "10", "--strategy", name]);
        assert_eq!(bench.rows("rounds/0001/batch.jsonl").len(), 10, "{name}");
    }
}

#[test]
fn the_same_bytes_with_any_number_of_threads() {
    let made = |threads: &str| {
        let bench = with_vectors();
        for round in 1..=2 {
            bench.ok(&["round", "--size", "10", "--threads", threads]);
            let batch = bench.rows(&format!("rounds/{round:04}/batch.jsonl"));
            let label = |id: &str, _: &str| {
                let number: usize = id[1..].parse().unwrap();
                Some(["a", "b", "c"][number % 3].to_owned())
            };
            bench.write("answers.jsonl", answers(&batch, &["ana"], label));
            bench.ok(&["ingest", "answers.jsonl"]);
        }
        bench
    };
    let one = made("1");
    for threads in ["2", "8"] {
        let other = made(threads);
        for folder in ["rounds/", "models/", "vectors/"] {
            let left = differing(&one.files(folder), &other.files(folder));
            assert!(left.is_empty(), "{threads} threads: {left:?}");
        }
    }
    let lone = made("2");
    lone.ok(&["reproduce", "1"]);
    lone.ok(&["reproduce", "2"]);
}

#[test]
fn models_say_when_they_need_a_vector() {
    let bench = with_vectors();
    bench.ok(&["config", "set", "features.kind", "ngram+vectors"]);
    bench.ok(&["round", "--size", "10"]);
    bench.ok(&["model", "export", "tickets.model"]);
    // The documents of the workspace have vectors.
    let predicted = bench.ok(&["predict", "test.jsonl", "--all"]);
    let message = bench.refused(&["predict", "test.jsonl", "--model", "tickets.model"]);
    assert!(
        message.contains("needs a vector of 8 numbers for each text by the encoder \"made-up\""),
        "{message}"
    );
    assert!(message.contains("--vectors FILE"), "{message}");
    bench.write("test.npy", singles(&ids(&bench.read("test.jsonl"))));
    let arguments = ["--vectors", "test.npy", "--ids", "test.jsonl", "--all"];
    let portable =
        bench.ok(&[&["predict", "test.jsonl", "--model", "tickets.model"], &arguments[..]].concat());
    assert_eq!(portable, predicted);
    assert_eq!(bench.ok(&[&["predict", "test.jsonl"], &arguments[..]].concat()), predicted);
    // New texts need new vectors.
    bench.write("new.jsonl", documents("n", 3, false));
    let message = bench.refused(&["predict", "new.jsonl"]);
    assert!(message.contains("new.jsonl:1: no vector has the id \"n000\""), "{message}");
    bench.write("new-vectors.jsonl", rows(&ids(&bench.read("new.jsonl"))));
    assert_eq!(bench.ok(&["predict", "new.jsonl", "--vectors", "new-vectors.jsonl"]).lines().count(), 3);
    bench.write("without.jsonl", lines([json!({"text": "apple"})]));
    let message = bench.refused(&["predict", "without.jsonl", "--vectors", "new-vectors.jsonl"]);
    assert!(message.contains("without.jsonl:1: the row has no id"), "{message}");
    // The vector of a document is not the vector of another text with its id.
    bench.write("other.jsonl", lines([json!({"id": "p000", "text": "another text"})]));
    let message = bench.refused(&["predict", "other.jsonl"]);
    assert!(
        message.contains("other.jsonl:1: the text differs from the text of the document \"p000\""),
        "{message}"
    );
    bench.write("narrow.jsonl", lines([json!({"id": "n000", "vector": [1, 2]})]));
    let message = bench.refused(&["predict", "new.jsonl", "--vectors", "narrow.jsonl"]);
    assert!(message.contains("the vectors have 2 numbers, but this model needs 8"), "{message}");
    // The explanation of a document has its vector as one term.
    let explained = bench.json(&["model", "show", "--document", "p000"]);
    let terms = explained["result"]["terms"].as_array().unwrap();
    assert_eq!(terms.iter().filter(|term| term["term"] == "[vector]").count(), 1);
    let sum = |class: usize| -> f64 {
        let own: f64 = terms.iter().map(|term| term["adds"][class].as_f64().unwrap()).sum();
        own + explained["result"]["intercept"][class].as_f64().unwrap()
    };
    let logits: Vec<f64> = (0..3).map(sum).collect();
    let whole: f64 = logits.iter().map(|logit| logit.exp()).sum();
    let likeliest = logits.iter().copied().fold(f64::MIN, f64::max).exp() / whole;
    let told: Vec<f64> = ["a", "b", "c"]
        .iter()
        .map(|class| explained["result"]["probabilities"][*class].as_f64().unwrap())
        .collect();
    assert_eq!(
        (0..3).max_by(|a, b| logits[*a].total_cmp(&logits[*b])),
        (0..3).max_by(|a, b| told[*a].total_cmp(&told[*b])),
        "{likeliest}"
    );
    let message = bench.refused(&["model", "show", "--text", "apple"]);
    assert!(message.contains("needs a vector of 8 numbers"), "{message}");
    assert!(!bench.ok(&["model", "show"]).contains("[vector]"));
    // A model without vectors takes none.
    bench.ok(&["config", "set", "features.kind", "ngram"]);
    bench.ok(&["round", "--size", "10"]);
    let message = bench.refused(&["predict", "new.jsonl", "--vectors", "new-vectors.jsonl"]);
    assert!(message.contains("this model needs no vectors; leave --vectors out"), "{message}");
}

#[test]
fn forgetting_erases_the_vector_and_undoing_an_import_leaves_it_behind() {
    let bench = with_vectors();
    bench.ok(&["round", "--size", "10"]);
    let values = |bench: &Workbench| fs::read(bench.path("vectors/0001.vectors")).unwrap();
    let bytes: Vec<u8> = vector("p005").into_iter().flat_map(f32::to_le_bytes).collect();
    let holds = |bench: &Workbench| values(bench).windows(bytes.len()).any(|window| window == bytes);
    assert!(holds(&bench));
    bench.ok(&["forget", "p005", "--yes"]);
    assert!(!holds(&bench));
    assert_eq!(bench.json(&["vectors", "list"])["missing"], 0);
    bench.ok(&["round", "--size", "10"]);
    // An import that is undone takes its documents away. If they come again, they need vectors
    // again.
    bench.write("more.jsonl", documents("m", 3, false));
    bench.ok(&["import", "more.jsonl"]);
    bench.write("more-vectors.jsonl", rows(&ids(&bench.read("more.jsonl"))));
    bench.ok(&["vectors", "add", "more-vectors.jsonl"]);
    bench.ok(&["undo-import"]);
    assert_eq!(bench.json(&["vectors", "list"])["missing"], 0);
    bench.ok(&["import", "more.jsonl"]);
    assert_eq!(bench.json(&["vectors", "list"])["missing"], 3);
    bench.ok(&["vectors", "add", "more-vectors.jsonl"]);
    assert_eq!(bench.json(&["vectors", "list"])["missing"], 0);
    assert!(bench.ok(&["log"]).contains("added 3 vectors of 8 numbers: more-vectors.jsonl"));
}

#[test]
fn damage_is_noticed_and_what_a_killed_process_left_goes() {
    let bench = with_vectors();
    let whole = fs::read(bench.path("vectors/0001.vectors")).unwrap();
    // A value, a digest, a place, and the header.
    for at in [1024, 1024 + 90 * WIDTH * 4, whole.len() - 1, 60] {
        let bench = bench.copy();
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bench.write("vectors/0001.vectors", bytes);
        let message = bench.refused(&["round", "--size", "10"]);
        assert!(message.contains("damaged; restore it from a backup"), "{at}: {message}");
    }
    let cut = bench.copy();
    cut.write("vectors/0001.vectors", &whole[..whole.len() - 4]);
    assert!(cut.refused(&["round", "--size", "10"]).contains("0001.vectors is damaged"));
    let gone = bench.copy();
    fs::remove_file(gone.path("vectors/0001.vectors")).unwrap();
    assert!(gone.refused(&["status"]).contains("0001.vectors: it is missing or not a file"));
    // A file whose fact was not committed, and one that was not renamed yet.
    let killed = bench.copy();
    killed.write("vectors/0002.vectors", &whole);
    killed.write("vectors/.querist-abc123", "left over");
    killed.write("vectors/notes.txt", "the user's");
    killed.write("more.jsonl", documents("m", 3, false));
    killed.ok(&["import", "more.jsonl"]);
    let names: Vec<String> = killed.files("vectors/").into_keys().collect();
    assert_eq!(names, ["vectors/0001.vectors", "vectors/notes.txt"]);
    killed.write("more-vectors.jsonl", rows(&ids(&killed.read("more.jsonl"))));
    killed.ok(&["vectors", "add", "more-vectors.jsonl"]);
    killed.ok(&["round", "--size", "10"]);
}

#[test]
fn an_older_program_refuses_a_workspace_with_vectors_only() {
    let bench = with_vectors();
    // The fact is of a kind that a program without vectors does not know.
    let database = rusqlite::Connection::open(bench.path("querist.db")).unwrap();
    let kinds: Vec<String> = database
        .prepare("SELECT json_extract(fact, '$.kind') FROM facts ORDER BY number")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(kinds.last().map(String::as_str), Some("vectors_added"));
    let version: i64 = database.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 7);
}
