//! Hostile names: no text of other people reaches a terminal unescaped, and misleading names are
//! refused.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::workbench::{Ran, Workbench, lines};

/// Sequences that set the terminal's title, ring its bell, print red, and write text backwards.
const ACTS: &str = "\u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}gnp\u{9b}2J\u{7f}\u{2066}\u{200f}";

/// Whether a character must never reach a terminal; line breaks may.
fn acts(character: char) -> bool {
    character.is_control() && character != '\n'
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn clean(what: &str, text: &str) {
    let found: String = text.chars().filter(|character| acts(*character)).collect();
    assert_eq!(found, "", "{what}: {text:?}");
}

/// Runs a command with and without `--json`, and checks everything that it prints.
fn shows_nothing_raw(bench: &Workbench, arguments: &[&str]) -> Ran {
    let last = bench.run(arguments);
    for ran in [
        bench.run(&[arguments, &["--json"]].concat()),
        bench.run(arguments),
        bench.run(&[arguments, &["-v"]].concat()),
    ] {
        let what = format!("querist {arguments:?}");
        clean(&what, &ran.stdout);
        clean(&what, &ran.stderr);
        assert_ne!(ran.code, Some(1), "{what} calls it a bug of Querist: {}", ran.stderr);
        assert!(ran.code.is_some(), "{what} crashed: {}", ran.stderr);
    }
    last
}

/// Makes a workspace whose files, ids, texts, fields, annotators and labels contain such sequences.
/// Names that are refused today are written into the database directly, because an earlier version
/// would have accepted them.
fn workspace() -> Workbench {
    let bench = Workbench::with_labels("a,b");
    let row = |i: usize| {
        let mut row = json!({
            "id": format!("d{i:02}\u{202e}x\u{200f}"), "text": format!("word{} {ACTS} number {i}", i % 2), "field\u{202e}": ACTS,
        });
        if i < 8 {
            row["label"] = json!(["a", "b"][i % 2]);
        }
        row
    };
    let name = format!("docs{}.jsonl", "\u{1b}[31m\n\u{202e}");
    bench.write(&name, lines((0..40).map(row)));
    bench.ok(&["import", &name]);
    bench.ok(&["round", "--size", "8"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let answer = |(at, row): (usize, &Value)| {
        let id = row["id"].as_str().unwrap();
        [("ana", at % 2), ("ben", at % 3 % 2)]
            .map(|(who, class)| json!({"id": id, "label": (["a", "b"][class]), "annotator": who, "time": "2026-03-01T10:00:00Z"}))
    };
    bench.write("answers.jsonl", lines(batch.iter().enumerate().flat_map(answer)));
    bench.ok(&["ingest", "answers.jsonl"]);
    let database = Connection::open(bench.path("querist.db")).unwrap();
    let mean = format!("ana{ACTS}");
    database.execute("UPDATE annotations SET annotator = ?1 WHERE annotator = 'ana'", [&mean]).unwrap();
    // A label that runs backwards; labels with control characters were never accepted.
    for table in ["annotations", "gold"] {
        database.execute(&format!("UPDATE {table} SET label = 'b\u{202e}x' WHERE label = 'b'"), []).unwrap();
    }
    database
        .execute("UPDATE rounds SET settings = replace(settings, '\"b\"', '\"b\u{202e}x\"')", [])
        .unwrap();
    drop(database);
    bench.write("querist.toml", bench.read("querist.toml").replace("\"b\"", "\"b\u{202e}x\""));
    bench
}

#[test]
fn no_command_shows_what_acts_on_a_terminal() {
    let bench = workspace();
    let id = bench.rows("rounds/0001/batch.jsonl")[0]["id"].as_str().unwrap().to_owned();
    let no_file = format!("no{ACTS}.jsonl");
    bench.write("bad.jsonl", lines([json!({"id": ACTS, "label": ACTS, "annotator": ACTS})]));
    bench.write("label.jsonl", lines([json!({"id": id, "label": format!("x{ACTS}"), "annotator": "cy"})]));
    bench.write("crowd.csv", "item,annotator,label\ni1,ana\u{202e},x\u{202e}\ni1,ben,x\u{202e}\ni2,ana\u{202e},y\ni2,ben,x\u{202e}\n");
    let commands: [&[&str]; 38] = [
        &["status"],
        &["config"],
        &["report"],
        &["round", "--size", "4"],
        &["review"],
        &["review", "--out", "review.jsonl"],
        &["audit"],
        &["model", "show"],
        &["model", "show", "--document", &id],
        &["model", "show", "--document", ACTS],
        &["model", "show", "--text", ACTS],
        &["reproduce", "1"],
        &["export", "--labeled", "labels.jsonl"],
        &["export", "--labeled", ACTS],
        &["export", "--scores", &no_file],
        &["export", "--format", "csv", "--annotators", ACTS],
        &["export", "--format", ACTS],
        &["predict", "bad.jsonl"],
        &["predict", "docs\u{1b}[31m\n\u{202e}.jsonl", "--all"],
        &["predict", "x", "--model", &no_file],
        &["import", &no_file],
        &["import", "bad.jsonl"],
        &["import", "answers.jsonl", "--text", ACTS],
        &["import", "answers.jsonl", "--format", ACTS],
        &["ingest", "bad.jsonl"],
        &["ingest", "bad.jsonl", "--skip-bad-rows"],
        &["ingest", "label.jsonl"],
        &["ingest", "label.jsonl", "--annotator", ACTS],
        &["ingest", "label.jsonl", "--encoding", ACTS],
        &["label", "--annotator", ACTS],
        &["quality", "crowd.csv", "--out", "q"],
        &["quality", &no_file],
        &["round", "--ratio", ACTS],
        &["round", "--strategy", ACTS],
        &["round", "--scores", &no_file],
        &["status", "-w", ACTS],
        &[ACTS],
        &["status", ACTS],
    ];
    for command in commands {
        shows_nothing_raw(&bench, command);
    }
    for name in ["report.md", "report.html"] {
        let text = bench.read(&format!("rounds/0001/{name}"));
        // A page may contain marks of direction, because it isolates them.
        let text =
            if name.ends_with("html") { text.replace(['\u{200e}', '\u{200f}', '\u{61c}'], "") } else { text };
        clean(name, &text);
    }
}

#[test]
fn keys_and_the_holder_of_a_lock_are_escaped_too() {
    let bench = workspace();
    let toml = bench.read("querist.toml");
    for line in
        ["\"\\u001b]0;x\\u0007\\u202e\" = 1\n", "[\"\\u001b[31m\"]\nx = 1\n", "seed = \"\\u202e\\u001b\"\n"]
    {
        bench.write("querist.toml", format!("{line}{toml}"));
        let ran = shows_nothing_raw(&bench, &["status"]);
        assert_eq!(ran.code, Some(2));
    }
    bench.write("querist.toml", toml);
    let holder = crate::lock::Holder::of(&bench);
    fs::write(bench.path("querist.lock"), format!("process 1, {ACTS}\n")).unwrap();
    let ran = shows_nothing_raw(&bench, &["ingest", "answers.jsonl"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    drop(holder);
}

#[test]
fn names_that_mislead_are_refused_and_others_are_not() {
    for label in ["a\u{202e}b", "\u{2066}a", "a\u{1b}b", "a\u{2028}b"] {
        let said = Workbench::new().refused(&["init", "--labels", &format!("x,{label}")]);
        assert!(said.contains("--labels"), "{said}");
    }
    // Persian and emoji need joiners, and emoji need variation selectors.
    let bench = Workbench::with_labels("می\u{200c}خواهم,👩\u{200d}👩\u{200d}👧,❤\u{fe0f}");
    bench.write(
        "pool.jsonl",
        lines((0..6).map(|i| json!({"id": i.to_string(), "text": format!("text {i}")}))),
    );
    bench.ok(&["import", "pool.jsonl"]);
    let answer = |who: &str| lines([json!({"id": "1", "label": "❤\u{fe0f}", "annotator": who})]);
    for who in ["ana\u{202e}", "\u{2069}ben", "c\u{9b}y"] {
        bench.write("answers.jsonl", answer(who));
        let said = bench.refused_unharmed(&["ingest", "answers.jsonl"]);
        assert!(said.contains("answers.jsonl:1: "), "{said}");
        bench.write("unnamed.jsonl", lines([json!({"id": "1", "label": "❤\u{fe0f}"})]));
        bench.refused_unharmed(&["ingest", "unnamed.jsonl", "--annotator", who]);
    }
    for who in ["Zoë", "می\u{200c}خواهم", "👩\u{200d}🚀", "O'Brien"] {
        bench.write("answers.jsonl", answer(who));
        bench.ok(&["ingest", "answers.jsonl"]);
    }
}

#[test]
fn hints_can_be_pasted_whatever_the_folder_is_called() {
    let bench = Workbench::new();
    let folder = "it's a \"querist round\" $HOME;x";
    bench.ok(&["init", folder, "--labels", "a,b"]);
    bench.write(
        "d.jsonl",
        lines((0..12).map(|i| json!({"id": i.to_string(), "text": format!("word{} text {i}", i % 3)}))),
    );
    let mut ran = bench.run(&["-w", folder, "import", "d.jsonl"]);
    let mut seen = Vec::new();
    for _ in 0..3 {
        let next = ran.stderr.lines().find(|line| line.starts_with("Next: ")).unwrap().to_owned();
        let at = next.find("querist -w ").unwrap_or_else(|| panic!("{next}"));
        let command = next[at..].split('`').next().unwrap().replace("ANSWERS", "d.jsonl");
        let command = command.split(" (or").next().unwrap().to_owned();
        seen.push(command.clone());
        // Runs the command in a shell.
        let program = format!("'{}' {}", crate::workbench::BINARY, &command["querist ".len()..]);
        ran = crate::workbench::ran(&bench.program("bash").args(["-c", &program]).output().unwrap());
        if command.ends_with("d.jsonl") {
            assert!(ran.stderr.contains("d.jsonl:1: "), "the file was found: {}", ran.stderr);
            break;
        }
        assert_eq!(ran.code, Some(0), "{command}: {}", ran.stderr);
    }
    assert!(
        seen.iter().any(|command| command.contains(" status"))
            && seen.iter().any(|command| command.contains(" round")),
        "{seen:?}"
    );
    let said = bench.refused(&["-w", folder, "report", "--round", "9"]);
    assert!(said.contains("there is no round 9"), "{said}");
}

#[test]
fn a_workspace_without_an_open_document_sends_nobody_in_a_circle() {
    let bench = Workbench::with_labels("a,b");
    bench.write(
        "e.jsonl",
        lines((0..3).map(|i| json!({"id": format!("e{i}"), "text": format!("text number {i}")}))),
    );
    bench.ok(&["import", "e.jsonl"]);
    let answers = [("e0", json!("a")), ("e1", json!("b")), ("e2", Value::Null)];
    let rows = answers.map(|(id, label)| json!({"id": id, "label": label, "annotator": "ana"}));
    bench.write("answers.jsonl", lines(rows));
    let ran = bench.run(&["ingest", "answers.jsonl"]);
    assert!(
        !ran.stderr.contains("querist round") && !ran.stderr.contains("querist report"),
        "{}",
        ran.stderr
    );
    let documents = &bench.json(&["status"])["documents"];
    let count = |name: &str| documents[name].as_u64().unwrap();
    assert_eq!(
        [count("open"), count("out"), count("skipped"), count("labeled")],
        [0, 0, 1, 2],
        "{documents}"
    );
    let status = bench.ok(&["status"]);
    assert!(status.contains("0 open, 0 out, 1 skipped, 2 labelled"), "{status}");
    let said = bench.refused(&["report"]);
    assert!(said.contains("next: train the final model with `querist round`"), "{said}");
    assert!(!said.contains("out with annotators"), "{said}");
    // Each command that the message names works.
    for command in
        [&["review"][..], &["export", "--labeled", "labels.jsonl"], &["import", "e.jsonl"], &["status"]]
    {
        bench.ok(command);
    }
    assert_eq!(bench.rows("labels.jsonl").len(), 2);
}

#[test]
fn paths_need_not_be_text() {
    let bench = Workbench::new();
    let name = |name: &[u8]| PathBuf::from(std::ffi::OsStr::from_bytes(name));
    let (folder, file, out) = (name(b"caf\xe9"), name(b"d\xff\xfe.jsonl"), name(b"o\xff.jsonl"));
    fs::write(
        bench.root().join(&file),
        lines((0..30).map(|i| json!({"id": i.to_string(), "text": format!("word{} {i}", i % 3)}))),
    )
    .unwrap();
    let run = |arguments: &[&std::ffi::OsStr]| {
        let mut command = bench.command(&[]);
        command.arg("-w").arg(&folder).args(arguments);
        let ran = crate::workbench::ran(&command.output().unwrap());
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
        ran
    };
    let os = |text: &'static str| std::ffi::OsStr::new(text);
    run(&[os("init"), os("--labels"), os("a,b"), os("--json")]);
    let told = run(&[os("import"), file.as_os_str()]);
    assert!(told.stdout.contains("30 to the pool"), "{}", told.stdout);
    run(&[os("round"), os("--size"), os("4"), os("--json")]);
    run(&[os("status"), os("--json")]);
    let batch = fs::read_to_string(bench.root().join(&folder).join("rounds/0001/batch.jsonl")).unwrap();
    let rows: Vec<Value> = batch.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answers = rows
        .iter()
        .enumerate()
        .map(|(at, row)| json!({"id": row["id"], "label": (["a", "b"][at % 2]), "annotator": "ana"}));
    let answers_file = name(b"ans\xe4.jsonl");
    fs::write(bench.root().join(&answers_file), lines(answers)).unwrap();
    assert!(run(&[os("ingest"), answers_file.as_os_str()]).stdout.contains("4 new answers"));
    run(&[os("export"), os("--labeled"), out.as_os_str(), os("--json")]);
    assert_eq!(fs::read_to_string(bench.root().join(&out)).unwrap().lines().count(), 4);
    run(&[os("round"), os("--size"), os("4")]);
    let model = name(b"m\xff.safetensors");
    run(&[os("model"), os("export"), model.as_os_str(), os("--json")]);
    run(&[os("predict"), file.as_os_str(), os("--model"), model.as_os_str()]);
    // A name that is not valid text is shown escaped, not dropped.
    let mut command = bench.command(&[]);
    command.arg("import").arg(name(b"nowhere\xff.jsonl")).arg("-w").arg(&folder);
    let ran = crate::workbench::ran(&command.output().unwrap());
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("nowhere"), "{}", ran.stderr);
}
