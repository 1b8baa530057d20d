//! Every suggested command can be run in the state in which Querist suggests it.

use serde_json::{Value, json};

use crate::workbench::{Workbench, answers, documents, lines};

/// The commands that are run in each state.
const COMMANDS: [&[&str]; 15] = [
    &["status"],
    &["train"],
    &["score"],
    &["select"],
    &["export"],
    &["report"],
    &["review"],
    &["audit"],
    &["checklist"],
    &["predict", "new.jsonl"],
    &["model", "show"],
    &["export", "--scores", "scores.parquet"],
    &["export", "--format", "csv"],
    &["round", "--size", "3", "--mix", "random=1"],
    &["ingest", "answers.jsonl"],
];

/// The commands that a text suggests, with real files for the placeholders. `querist label` is left
/// out, because it needs a terminal.
fn suggested(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("querist ") {
        let behind = &text[at + "querist ".len()..];
        let end = behind.find(['`', ',', ';', '(', ')', '\n']).unwrap_or(behind.len());
        let words: Vec<String> =
            behind[..end].split_whitespace().map(|word| word.replace('\'', "")).collect();
        let known = [
            "import", "ingest", "round", "train", "score", "select", "export", "status", "report", "review",
            "predict", "model",
        ];
        let Some(command) = words.first().filter(|word| known.contains(&word.as_str())) else { continue };
        let file = match command.as_str() {
            "import" => "more.jsonl",
            "predict" => "new.jsonl",
            "ingest" if words.contains(&"expert".to_owned()) => "reviewed.jsonl",
            "ingest" => "answers.jsonl",
            _ => "file.out",
        };
        let word = |word: &String| {
            if ["FILE", "ANSWERS"].contains(&word.as_str()) { file.to_owned() } else { word.clone() }
        };
        // A command inside a sentence ends before the sentence's own words.
        let belongs = |word: &&String| {
            !["for", "says", "takes", "lists", "brings", "writes", "labels", "picks", "goes"]
                .contains(&word.as_str())
        };
        found.push(words.iter().take_while(belongs).map(word).collect());
    }
    found
}

/// Makes a workspace with these 12 documents and the classes a and b.
fn workspace(rows: impl IntoIterator<Item = Value>) -> Workbench {
    let bench = Workbench::with_labels("a,b");
    bench.write("pool.jsonl", lines(rows));
    bench.ok(&["import", "pool.jsonl"]);
    files(&bench);
    bench
}

/// Writes the files that suggested commands need.
fn files(bench: &Workbench) {
    bench.write("more.jsonl", documents("m", 3, false));
    bench.write("new.jsonl", "{\"text\":\"a new text\"}\n");
    bench.write("answers.jsonl", json!({"id": "d0", "label": "a", "annotator": "new"}).to_string());
    bench.write("reviewed.jsonl", json!({"id": "d0", "label": "a"}).to_string());
}

fn text(number: usize) -> String {
    format!(
        "text number {number} {}",
        if number.is_multiple_of(2) { "good nice fine" } else { "bad awful poor" }
    )
}

fn open() -> Workbench {
    workspace((0..12).map(|i| json!({"id": format!("d{i}"), "text": text(i)})))
}

fn labelled() -> Workbench {
    let label = |i: usize| ["a", "b"][i % 2];
    workspace((0..12).map(|i| json!({"id": format!("d{i}"), "text": text(i), "label": label(i)})))
}

/// Ingests answers of two annotators to every document.
fn answered(bench: &Workbench, label: impl Fn(&str, &str) -> Option<String>) {
    let all: Vec<Value> = bench.rows("pool.jsonl");
    bench.write("given.jsonl", answers(&all, &["ana", "ben"], label));
    bench.ok(&["ingest", "given.jsonl"]);
}

/// One workspace for each state, with the state's name.
fn states() -> Vec<(&'static str, Workbench)> {
    let empty = Workbench::with_labels("a,b");
    files(&empty);
    let out = open();
    out.ok(&["round", "--size", "12", "--near-duplicates", "off"]);
    let waiting = open();
    waiting.ok(&["round", "--size", "4", "--near-duplicates", "off"]);
    let tied = open();
    answered(&tied, |_, who| Some(if who == "ana" { "a" } else { "b" }.to_owned()));
    let skipped = open();
    answered(&skipped, |_, _| None);
    let one_class = open();
    answered(&one_class, |_, _| Some("a".to_owned()));
    let by_answers = open();
    answered(&by_answers, |id, _| Some(["a", "b"][id[1..].parse::<usize>().unwrap() % 2].to_owned()));
    let final_model = labelled();
    final_model.ok(&["train"]);
    let trained = open();
    trained.ok(&["train"]);
    let moved_on = open();
    moved_on.ok(&["train"]);
    answered(&moved_on, |_, who| Some(if who == "ana" { "a" } else { "b" }.to_owned()));
    let copies = workspace((0..10).map(|i| json!({"id": format!("d{i}"), "text": "hello world"})));
    copies.ok(&["round", "--size", "5"]);
    let batch = copies.rows("rounds/0001/batch.jsonl");
    copies.write("given.jsonl", answers(&batch, &["q"], |_, _| Some("a".to_owned())));
    copies.ok(&["ingest", "given.jsonl"]);
    let scored = copies.copy();
    scored.ok(&["train"]);
    scored.ok(&["score"]);
    vec![
        ("empty", empty),
        ("open", open()),
        ("all out", out),
        ("some out", waiting),
        ("all tied", tied),
        ("all skipped", skipped),
        ("of one class", one_class),
        ("all labelled", labelled()),
        ("all labelled by answers", by_answers),
        ("with a final model", final_model),
        ("trained", trained),
        ("trained, then answered", moved_on),
        ("near-duplicates alone", copies),
        ("near-duplicates alone, scored", scored),
    ]
}

#[test]
fn what_is_suggested_can_be_run() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for (state, bench) in states() {
        for command in COMMANDS {
            let bench = bench.copy();
            let ran = bench.run(command);
            for suggestion in suggested(&format!("{}\n{}", ran.stdout, ran.stderr)) {
                seen += 1;
                let bench = bench.copy();
                let words: Vec<&str> = suggestion.iter().map(String::as_str).collect();
                let then = bench.run(&words);
                if then.code != Some(0) {
                    wrong.push(format!("{state}: {command:?} suggests {suggestion:?}: {}", then.stderr));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 100, "only {seen} were found");
}

#[test]
fn a_refusal_repeats_the_flags_that_were_typed() {
    let bench = workspace((0..10).map(|i| json!({"id": format!("d{i}"), "text": "hello world"})));
    bench.ok(&["round", "--size", "5"]);
    let said = bench.refused(&["round", "--size", "3", "--mix", "random=1"]);
    assert!(said.contains("`querist round --size 3 --mix 'random=1' --near-duplicates off`"), "{said}");
    let root = bench.root().to_str().unwrap().to_owned();
    let said = bench.refused(&["-w", &root, "round", "--size", "3"]);
    let command = said.split('`').nth(1).unwrap();
    assert_eq!(command, format!("querist -w {root} round --size 3 --near-duplicates off"));
    bench.ok(&command["querist ".len()..].split(' ').collect::<Vec<_>>());
    assert_eq!(bench.rows("rounds/0002/batch.jsonl").len(), 3);
}
