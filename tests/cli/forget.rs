//! Forgetting: nothing of a document is left in any byte of the workspace, and the workspace works on.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::workbench::{Workbench, answers, documents, lines};

/// Words that no other document has.
const TEXT: &str = "zephyr quixotic marmalade\nenvoy \"jackdaw\" sphinx, vexed caf\u{e9} obelisk";
const OLD: &str = "gloaming harbinger lissome nadir oblique penumbra";
const ID: &str = "person-4711";

/// Every file below a folder that has one of the needles in its bytes.
fn holding(folder: &Path, needles: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, needles));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        for needle in needles {
            if bytes.windows(needle.len()).any(|window| window == needle.as_bytes()) {
                found.push(format!("{}: {needle}", path.display()));
            }
        }
    }
    found
}

/// Runs of two words of the texts, as they stand and as JSON has them; the id; and a comment.
fn needles() -> Vec<String> {
    let mut needles = vec![ID.to_owned(), "a private remark".to_owned()];
    for text in [TEXT, OLD] {
        let words: Vec<&str> = text.split([' ', '\n']).collect();
        needles.extend(words.windows(2).map(|pair| pair.join(" ")));
        needles.extend(words.windows(2).map(|pair| pair.join("\n")));
        needles.extend(
            words
                .iter()
                .filter(|word| word.len() > 7 && word.is_ascii())
                .map(|word| word.trim_matches('"').to_owned()),
        );
    }
    needles.retain(|needle| needle.len() > 5);
    needles
}

/// A workspace that has the document in every place that there is.
fn full() -> Workbench {
    let bench = Workbench::small();
    let secret = |text: &str| json!({"id": ID, "text": text, "customer": "marmalade sphinx"}).to_string();
    bench.write("secret.jsonl", secret(OLD) + "\n");
    bench.ok(&["import", "secret.jsonl"]);
    bench.write("secret.jsonl", secret(TEXT) + "\n" + &json!({"id": ID, "label": "a"}).to_string() + "\n");
    bench.ok(&["import", "secret.jsonl", "--update", "--skip-bad-rows"]);
    bench.ok(&["round", "--size", "67"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    assert!(batch.iter().any(|row| row["id"] == ID));
    for format in ["jsonl", "csv", "label-studio", "prodigy", "doccano", "argilla"] {
        bench.ok(&["export", "--format", format]);
    }
    bench.ok(&["export", "--annotators", "ana,ben", "--format", "csv"]);
    bench.write("answers.jsonl", answers(&batch[..30], &["ana"], |_, _| Some("a".to_owned())));
    bench.ok(&["ingest", "answers.jsonl"]);
    let remark = json!({"id": ID, "label": "b", "annotator": "ben", "comment": "a private remark"});
    bench.write("remark.jsonl", lines([remark]));
    bench.ok(&["ingest", "remark.jsonl"]);
    bench.write(
        "expert.jsonl",
        lines([json!({"id": ID, "label": "c"}), json!({"id": ID, "label": "no class"})]),
    );
    bench.ok(&["ingest", "expert.jsonl", "--as", "expert", "--skip-bad-rows"]);
    bench.ok(&["report"]);
    bench.write("more.jsonl", documents("m", 12, false));
    bench.ok(&["import", "more.jsonl"]);
    bench.ok(&["round", "--size", "5"]);
    bench.ok(&["train"]);
    fs::create_dir_all(bench.path("label")).unwrap();
    bench.write("label/eva.jsonl", lines([json!({"id": ID, "label": "a", "annotator": "eva", "time": 1.0})]));
    fs::copy(bench.path("querist.db"), bench.path("querist.db.before-migration-5")).unwrap();
    bench.ok(&["export", "--labeled", "labeled.jsonl"]);
    for file in ["secret.jsonl", "remark.jsonl", "expert.jsonl", "answers.jsonl"] {
        fs::remove_file(bench.path(file)).unwrap();
    }
    bench
}

fn forgotten(bench: &Workbench) {
    fs::remove_file(bench.path("labeled.jsonl")).unwrap();
    assert_eq!(holding(bench.root(), &needles()), [""; 0]);
    bench.ok(&["status", "--check"]);
    assert_eq!(bench.json(&["status"])["documents"]["pool"], 60 + 12 + 12);
    assert!(bench.path("rounds/0001/report.json").exists() || bench.path("rounds/0002/report.json").exists());
}

#[test]
fn nothing_of_a_document_is_left() {
    let bench = full();
    assert!(!holding(bench.root(), &needles()).is_empty());
    let before = bench.artifacts();
    let asked = bench.rows("rounds/0001/batch.jsonl").len();
    let ran = bench.run(&["forget", ID, "--json"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    let said: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&said["dry_run"], &said["documents"], &said["texts"]), (&json!(true), &json!(1), &json!(2)));
    assert_eq!((&said["decisions"], &said["rounds"]), (&json!(1), &json!([1])));
    // Of both rounds, and of the one that is being made.
    assert_eq!(said["models"].as_array().unwrap().len(), 3, "{said}");
    assert!(said["elsewhere"][0].as_str().unwrap().ends_with("labeled.jsonl"), "{said}");
    assert_eq!(crate::workbench::differing(&before, &bench.artifacts()), [""; 0]);
    bench.write("ids.txt", format!("{ID}\r\n\n"));
    let text = bench.ok(&["forget", "--file", "ids.txt", "--yes"]);
    assert!(text.contains("Erased: 1 document") && text.contains("models/"), "{text}");
    fs::remove_file(bench.path("ids.txt")).unwrap();
    forgotten(&bench);
    // Other documents are where they were.
    assert_eq!(bench.rows("rounds/0001/batch.jsonl").len(), asked - 1);
    let listed: Value = serde_json::from_str(&bench.read("rounds/0001/label-studio.json")).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), asked - 1);
    let reproduced = bench.run(&["reproduce", "1"]);
    assert_eq!(reproduced.code, Some(2));
    assert!(reproduced.stdout.contains("forgotten for good"), "{}{}", reproduced.stdout, reproduced.stderr);
    bench.ok(&["report"]);
    bench.ok(&["round", "--size", "3"]);
    assert!(bench.ok(&["reproduce", "3"]).contains("identical"));
    assert_eq!(bench.json(&["forget", ID, "--yes"])["already"], 1);
    assert!(bench.refused(&["forget", "nobody"]).contains("nobody"));
    assert!(bench.ok(&["log"]).contains("forgot 2 documents"));
}

#[test]
fn what_was_forgotten_may_not_come_again() {
    let bench = full();
    bench.ok(&["forget", ID, "--yes"]);
    for row in [json!({"id": ID, "text": "harmless"}), json!({"id": "x1", "text": TEXT.replace(' ', "  ")})] {
        bench.write("again.jsonl", lines([row, json!({"id": "x2", "text": "harmless too"})]));
        assert!(bench.refused_unharmed(&["import", "again.jsonl"]).contains("was forgotten for good"));
    }
    assert_eq!(bench.json(&["import", "again.jsonl", "--skip-bad-rows"])["rejected"], 1);
    fs::remove_file(bench.path("again.jsonl")).unwrap();
    fs::remove_file(bench.path("labeled.jsonl")).unwrap();
    assert_eq!(holding(bench.root(), &needles()), [""; 0]);
}

#[test]
fn a_killed_forgetting_is_finished_by_the_next() {
    let bench = full();
    for delay in [0, 3, 6, 10, 15, 20, 30, 45, 60, 90] {
        let mut child = bench.command(&["forget", ID, "--yes"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        let _ = child.kill();
        child.wait().unwrap();
        bench.ok(&["status", "--check"]);
    }
    bench.ok(&["forget", ID, "--yes"]);
    forgotten(&bench);
}
