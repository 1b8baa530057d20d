//! After a document is forgotten, no byte of the workspace contains anything of it, and the
//! workspace still works.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::workbench::{Workbench, answers, documents, lines};

/// Words that no other document has.
const TEXT: &str = "zephyr quixotic marmalade\nenvoy \"jackdaw\" sphinx, vexed caf\u{e9} obelisk";
const OLD: &str = "gloaming harbinger lissome nadir oblique penumbra";
const ID: &str = "person-4711";

/// All files below a folder whose bytes contain one of the needles.
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

/// All pairs of neighbouring words of the texts, both plain and as JSON; the id; and a comment.
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

/// Makes a workspace that stores the document in every possible place.
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
    // The models of both rounds, and the model of the round that is being made.
    assert_eq!(said["models"].as_array().unwrap().len(), 3, "{said}");
    assert!(said["elsewhere"][0].as_str().unwrap().ends_with("labeled.jsonl"), "{said}");
    assert_eq!(crate::workbench::differing(&before, &bench.artifacts()), [""; 0]);
    bench.write("ids.txt", format!("{ID}\r\n\n"));
    let text = bench.ok(&["forget", "--file", "ids.txt", "--yes"]);
    assert!(text.contains("Erased: 1 document") && text.contains("models/"), "{text}");
    fs::remove_file(bench.path("ids.txt")).unwrap();
    forgotten(&bench);
    // The other documents are still in their places.
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
    assert!(bench.ok(&["log"]).contains("forgot 1 document"));
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

/// The text as little-endian UTF-16 with a byte order mark.
fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn copies_that_stay_are_named_wherever_they_are() {
    let bench = Workbench::small();
    let text = "zephyr quixotic \"jackdaw\" obelisk";
    bench.write("secret.jsonl", json!({"id": ID, "text": text}).to_string() + "\n");
    bench.ok(&["import", "secret.jsonl"]);
    bench.ok(&["round", "--size", "61"]);
    bench.ok(&["export", "--format", "csv", "--out", "exp"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    bench.write("answers.jsonl", answers(&batch[..30], &["ana"], |_, _| Some("a".to_owned())));
    bench.ok(&["ingest", "answers.jsonl"]);
    for folder in ["sub/deep", "rounds/mine", "packed"] {
        fs::create_dir_all(bench.path(folder)).unwrap();
    }
    let row = json!({"text": text}).to_string();
    let copies =
        ["sub/deep/z.jsonl", "querist.toml.bak", "models/n.txt", "rounds/note.txt", "rounds/mine/n.txt"];
    for name in copies {
        bench.write(name, &row);
    }
    bench.write("sub/wide.txt", utf16(text));
    bench.write("sub/harmless.txt", utf16("nothing of it"));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, row.as_bytes()).unwrap();
    bench.write("packed/z.gz", gzip.finish().unwrap());
    bench.write("packed/z.zip", b"PK\x03\x04\x14\0\xff\xfe");
    #[cfg(unix)]
    std::os::unix::fs::symlink(bench.path("sub"), bench.path("link")).unwrap();
    let quoted = text.replace(' ', "  ");
    bench.ok(&["labels", "describe", "a", &format!("such as {text}")]);
    bench.ok(&["people", "exclude", "ana", "--why", &format!("said b to {quoted}")]);
    bench.ok(&["people", "set", "ana", &format!("note={text}")]);
    let ran = bench.run(&["forget", ID, "--json"]);
    let said: Value = serde_json::from_str(&ran.stdout).unwrap();
    let list = |name: &str| {
        let paths = said[name].as_array().unwrap().iter().map(|path| path.as_str().unwrap());
        paths.map(|path| path.trim_start_matches("./").replace('\\', "/")).collect::<Vec<_>>()
    };
    let mut expected = copies.to_vec();
    expected.extend(["exp/batch.csv", "packed/z.gz", "querist.toml", "secret.jsonl", "sub/wide.txt"]);
    expected.sort_unstable();
    assert_eq!(list("elsewhere"), expected);
    assert_eq!(list("may_hold"), ["packed/z.zip"]);
    let quotes = [
        "the text of `labels describe a`, in the log",
        "the reason of `people exclude ana`",
        "`people set ana note=…`",
        "classes.descriptions.a in querist.toml",
    ];
    let typed = json!([
        {"in": "description", "class": "a"},
        {"in": "exclusion", "person": "ana"},
        {"in": "attribute", "person": "ana", "key": "note"},
        {"in": "configuration", "key": "classes.descriptions.a"},
    ]);
    assert_eq!(said["quoted_in"], typed);
    let text = bench.ok(&["forget", ID, "--yes"]);
    assert!(quotes.iter().all(|quote| text.contains(quote)) && text.contains("packed/z.zip"), "{text}");
    assert!(bench.path("rounds/note.txt").exists() && bench.read("rounds/mine/n.txt") == row);
}

/// The rows of all files in `rejected/`.
fn rejected(bench: &Workbench) -> Vec<Value> {
    let mut names: Vec<_> =
        fs::read_dir(bench.path("rejected")).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let texts = names.iter().map(|path| fs::read_to_string(path).unwrap());
    texts
        .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>())
        .collect()
}

#[test]
fn rows_that_are_passed_over_hold_nothing_once_something_was_forgotten() {
    let bench = full();
    bench.ok(&["forget", ID, "--yes"]);
    fs::remove_file(bench.path("labeled.jsonl")).unwrap();
    fs::remove_dir_all(bench.path("rejected")).unwrap();
    let loud = TEXT.to_uppercase();
    let rows = [
        json!({"id": ID, "text": "harmless", "label": "zzz"}),
        json!({"id": "new", "text": loud, "label": "zzz"}),
        json!({"id": "p003", "text": "harmless", "label": "zzz"}),
        json!({"id": "p004", "text": OLD, "label": "zzz"}),
        json!({"id": "shifted", "text": "a", "label": loud}),
    ];
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("rows.jsonl");
    fs::write(&file, lines(rows) + "{\"id\": \"person-4711\", broken\n").unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(bench.json(&["import", file, "--skip-bad-rows"])["rejected"], 6);
    let said = rejected(&bench);
    assert_eq!(said.iter().map(|row| row["line"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert!(said[0]["error"].as_str().unwrap().contains("unknown label \"zzz\""), "{said:?}");
    // Only row 3 keeps its content: it names another document, and its text is harmless.
    let with_content: Vec<_> = said.iter().filter(|row| row["row"] != "").map(|row| &row["line"]).collect();
    assert_eq!(with_content, [&json!(3)]);
    let answers = [
        json!({"id": ID, "label": "zzz", "annotator": "ana"}),
        json!({"text": loud, "label": "a", "annotator": "ana"}),
        json!({"id": "p003", "text": loud, "label": "zzz", "annotator": "ana", "comment": OLD}),
        json!({"id": "p003", "label": "zzz", "annotator": "ana"}),
    ];
    fs::write(file, lines(answers)).unwrap();
    assert_eq!(bench.json(&["ingest", file, "--skip-bad-rows"])["rejected"], 4);
    let said = rejected(&bench);
    let with_content: Vec<_> = said.iter().filter(|row| row["row"] != "").map(|row| &row["line"]).collect();
    assert_eq!(with_content, [&json!(3), &json!(4)], "{said:?}");
    let mut needles = needles();
    needles.extend(needles.clone().iter().map(|needle| needle.to_uppercase()));
    assert_eq!(holding(bench.root(), &needles), [""; 0]);
}
