//! The exact output of commands, for people and for programs. Numbers are rounded, because their
//! last digits depend on the machine.
//!
//! After an intended change, run `INSTA_UPDATE=always cargo test --test cli snapshots` and read the
//! difference.

use serde_json::Value;

use crate::workbench::{Workbench, answers, lines};

/// Compares the text with `tests/cli/snapshots/NAME.snap`.
fn assert_shown(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

/// Rounds every fraction in the value to three places.
fn rounded(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(rounded),
        Value::Object(fields) => fields.values_mut().for_each(rounded),
        Value::Number(number) if number.is_f64() => {
            *value = Value::from((number.as_f64().unwrap() * 1_000.0).round() / 1_000.0);
        }
        _ => {}
    }
}

#[test]
fn a_batch_and_its_picks() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "12", "--mix", "ratio=0.3,random=0.2,control=0.2"]);
    assert_shown("batch.jsonl", &bench.read("rounds/0001/batch.jsonl"));
    let picks = bench.rows("rounds/0001/picks.jsonl").into_iter().map(|mut pick| {
        rounded(&mut pick);
        pick
    });
    assert_shown("picks.jsonl", &lines(picks));
}

#[test]
fn the_status_of_a_workspace_with_answers() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "12", "--mix", "ratio=0.3,random=0.2,control=0.3"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let right = |id: &str| ["a", "b", "c"][id[1..].parse::<usize>().unwrap() % 3].to_owned();
    bench.write(
        "answers.jsonl",
        answers(&batch[..10], &["ana", "ben"], |id, annotator| {
            if annotator == "ben" && id.ends_with('3') { Some("c".to_owned()) } else { Some(right(id)) }
        }),
    );
    bench.ok(&["ingest", "answers.jsonl"]);
    let mut command = bench.command(&["status"]);
    let output = command.output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let root = bench.root().canonicalize().unwrap();
    let text = text.replace(root.to_str().unwrap(), "WORKSPACE");
    let since = text.find(" since ").map_or(0, |at| at + " since ".len());
    assert_shown("status", &text.replace(&text[since..since + "2026-11-30".len()], "TODAY"));
}

#[test]
fn the_help() {
    let bench = Workbench::new();
    for command in [
        "",
        "demo",
        "init",
        "import",
        "round",
        "train",
        "score",
        "select",
        "export",
        "ingest",
        "status",
        "report",
        "quality",
        "simulate",
        "label",
        "config",
        "predict",
        "reproduce",
    ] {
        let arguments: Vec<&str> = [command, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
        let output = bench.command(&arguments).env("COLUMNS", "100").output().unwrap();
        assert!(output.status.success());
        let name = if command.is_empty() { "help".to_owned() } else { format!("help-{command}") };
        assert_shown(&name, &String::from_utf8(output.stdout).unwrap());
    }
}
