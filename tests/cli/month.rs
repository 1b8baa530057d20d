//! A team of six works for a month. People leave and are excluded, classes are merged, an import is
//! undone, a document is forgotten, and the program is killed at random. Every report stays
//! consistent. Every round can be reproduced, or says why not.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::workbench::{Workbench, documents, lines};

/// The annotators, with the share of their answers that is right.
const PEOPLE: [(&str, f64); 6] =
    [("ana", 0.95), ("ben", 0.4), ("cem", 0.9), ("dora", 0.9), ("eva", 0.97), ("finn", 0.85)];

struct Month {
    bench: Workbench,
    rng: ChaCha8Rng,
    /// By round: the batch and the picks, byte for byte.
    made: Vec<[String; 2]>,
}

impl Month {
    fn new() -> Self {
        let bench = Workbench::with_labels("a,b,c");
        bench.write("pool.jsonl", documents("p", 240, false));
        bench.write("labeled.jsonl", documents("l", 9, true));
        bench.write("control.jsonl", documents("k", 24, true));
        bench.ok(&["import", "pool.jsonl"]);
        bench.ok(&["import", "labeled.jsonl"]);
        bench.ok(&["import", "--as", "control", "control.jsonl"]);
        Self { bench, rng: ChaCha8Rng::seed_from_u64(18), made: Vec::new() }
    }

    /// Runs a command, kills it up to twice, and then runs it to its end.
    fn killed(&mut self, arguments: &[&str]) {
        for _ in 0..2 {
            let mut command = self.bench.command(arguments);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(self.rng.random_range(1..120)));
            // The command may have ended already.
            let _ = child.kill();
            let _ = child.wait();
            self.bench.ok(&["status", "--check"]);
        }
        let ran = self.bench.run(arguments);
        // A command that was already done before the kill is refused or does nothing.
        assert!(matches!(ran.code, Some(0 | 2)), "{arguments:?}: {ran:?}");
    }

    /// Makes a round of 24 picks for these annotators, who answer all items except every
    /// `missed`th.
    fn round(&mut self, people: &[&str], missed: usize, classes: &BTreeMap<&str, &str>) {
        let number = self.made.len() + 1;
        self.bench.ok(&["round", "--size", "24", "--mix", "random=0.5,control=0.25", "--seed", "5"]);
        let read = |name: &str| self.bench.read(&format!("rounds/{number:04}/{name}"));
        self.made.push(["batch.jsonl", "picks.jsonl"].map(read));
        let names = people.join(",");
        self.killed(&["export", "--format", "jsonl", "--annotators", &names, "--answers-per-item", "2"]);
        for who in people {
            let path = format!("rounds/{number:04}/batch-{who}.jsonl");
            let items = self.bench.rows(&path);
            let skill = PEOPLE.iter().find(|(name, _)| name == who).unwrap().1;
            let mut rows = Vec::new();
            for (at, item) in items.iter().enumerate() {
                if missed > 0 && at % missed == missed - 1 {
                    continue;
                }
                let id = item["id"].as_str().unwrap();
                let place: usize = id[1..].parse().unwrap();
                let right = ["a", "b", "c"][place % 3];
                let wrong = ["b", "c", "a"][place % 3];
                let said = if self.rng.random_bool(skill) { right } else { wrong };
                let label = classes.get(said).copied().unwrap_or(said);
                rows.push(json!({"id": id, "label": label, "annotator": who}));
            }
            self.bench.write("answers.jsonl", lines(rows));
            self.killed(&["ingest", "answers.jsonl"]);
        }
        self.consistent();
    }

    fn person(&self, name: &str) -> Value {
        let people = self.bench.json(&["people"]);
        let people = people["people"].as_array().unwrap();
        people.iter().find(|person| person["name"] == name).unwrap().clone()
    }

    /// Checks counts that must always agree.
    fn consistent(&self) {
        let status = self.bench.json(&["status"]);
        let documents = &status["documents"];
        let n = |name: &str| documents[name].as_u64().unwrap();
        let parts = n("open") + n("out") + n("tied") + n("skipped") + n("left_out") + n("labeled");
        assert_eq!(parts, n("pool"), "{documents}");
        let labels: u64 = status["labels"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
        assert_eq!(labels, n("labeled"));
        for number in 1..=self.made.len() {
            self.bench.ok(&["report", "--round", &number.to_string()]);
            let report = self.bench.read(&format!("rounds/{number:04}/report.json"));
            let report: Value = serde_json::from_str(&report).unwrap();
            let total = report["distribution"]["total"].as_array().unwrap();
            assert_eq!(total.len(), status["labels"].as_object().unwrap().len(), "round {number}");
            let sum: u64 = total.iter().map(|n| n.as_u64().unwrap()).sum();
            // An earlier report does not contain what later rounds brought.
            assert!(sum <= labels, "round {number}: {sum} of {labels}");
            assert!(number < self.made.len() || sum == labels, "round {number}: {sum} of {labels}");
        }
    }

    /// Checks that every round so far is reproducible.
    fn reproduces(&self) {
        for number in 1..=self.made.len() {
            let ran = self.bench.run(&["reproduce", &number.to_string()]);
            assert_eq!(ran.code, Some(0), "round {number}: {ran:?}");
            let read = |name: &str| self.bench.read(&format!("rounds/{number:04}/{name}"));
            assert_eq!(["batch.jsonl", "picks.jsonl"].map(read), self.made[number - 1]);
        }
    }
}

#[test]
fn a_month_of_a_team_of_six() {
    let mut month = Month::new();
    let same = BTreeMap::new();
    let all = PEOPLE.map(|(name, _)| name);
    month.round(&all, 0, &same);
    month.round(&all, 5, &same);
    // Ben guessed, so he is excluded; documents that only he answered are open again.
    month.killed(&["people", "exclude", "ben", "--why", "guessed"]);
    assert_eq!(month.person("ben")["excluded"], "guessed");
    month.consistent();
    // Finn leaves; the documents that wait for him go to others.
    month.killed(&["people", "pause", "finn"]);
    month.killed(&["withdraw", "--all", "--from", "finn"]);
    let finn = month.person("finn");
    assert_eq!((&finn["paused"], &finn["waiting"]), (&json!(true), &json!(0)));
    month.round(&["ana", "cem", "dora", "eva"], 0, &same);
    month.reproduces();
    // Two classes are merged.
    month.killed(&["labels", "merge", "b", "c", "--into", "fruit"]);
    let labels = month.bench.json(&["status"])["labels"].clone();
    assert_eq!(labels.as_object().unwrap().keys().collect::<Vec<_>>(), ["a", "fruit"]);
    month.consistent();
    let merged = BTreeMap::from([("b", "fruit"), ("c", "fruit")]);
    month.round(&["ana", "cem", "dora", "eva"], 6, &merged);
    month.reproduces();
    // A wrong file is imported, and the import is undone.
    let before = month.bench.json(&["status"])["documents"].clone();
    month.bench.write("wrong.jsonl", documents("w", 50, false));
    month.bench.ok(&["import", "wrong.jsonl"]);
    month.killed(&["undo-import"]);
    assert_eq!(month.bench.json(&["status"])["documents"], before);
    // Unanswered documents return to the pool, and ben's answers count again.
    month.killed(&["withdraw", "--all"]);
    month.killed(&["people", "include", "ben"]);
    assert_eq!(month.person("ben")["excluded"], Value::Null);
    month.consistent();
    month.round(&["ana", "eva"], 0, &merged);
    month.reproduces();
    let log = month.bench.json(&["log"]);
    assert!(log["entries"].as_array().unwrap().len() >= 20, "{log}");
    forgotten(&month);
}

/// Forgets one document: rounds that contained it say why they cannot be reproduced, and the other
/// rounds are identical.
fn forgotten(month: &Month) {
    let id = month.bench.rows("rounds/0002/batch.jsonl")[0]["id"].as_str().unwrap().to_owned();
    month.bench.ok(&["forget", &id, "--yes"]);
    month.consistent();
    for number in 1..=month.made.len() {
        let ran = month.bench.run(&["reproduce", &number.to_string()]);
        assert!(matches!(ran.code, Some(0 | 2)), "{ran:?}");
        assert!(ran.code == Some(0) || ran.stderr.contains("forgotten") || ran.stdout.contains("forgotten"), "{ran:?}");
    }
    assert!(!month.bench.read("rounds/0002/batch.jsonl").contains(&format!("\"{id}\"")));
}
