//! Rows that cannot be read, alone and several in one file.

use serde_json::{Value, json};

use crate::workbench::{Workbench, documents};

/// Rows of documents that cannot be imported, each with words that its message must contain.
const DOCUMENTS: [(&[u8], &[&str]); 30] = [
    (b"not json", &["malformed JSON", "expected one JSON object per line"]),
    (br#"{"id":"a","text":"t""#, &["malformed JSON", "column 20"]),
    (br#"{"id":"a","text":"t"} {}"#, &["malformed JSON", "trailing characters"]),
    (br#"{"id":"a","text":"\ud800"}"#, &["malformed JSON", "in \"text\""]),
    (b"[1, 2]", &["this is a list, expected an object"]),
    (b"\"text\"", &["this is a string, expected an object with a name for each value"]),
    (b"17", &["expected an object"]),
    (b"null", &["null, expected an object"]),
    (br#"{"text":"t"}"#, &["the field \"id\" is missing", "--id NAME"]),
    (br#"{"id":"a"}"#, &["the field \"text\" is missing", "--text NAME"]),
    (br#"{"id":"a","text":"t","id":"b"}"#, &["\"id\" appears twice", "keep one"]),
    (br#"{"id":"a","text":5}"#, &["the field \"text\" is a number, expected a string"]),
    (br#"{"id":"a","text":["t"]}"#, &["the field \"text\" is a list, expected a string"]),
    (br#"{"id":"a","text":null}"#, &["the field \"text\" is null, expected a string"]),
    (br#"{"id":"a","text":{}}"#, &["the field \"text\" is an object, expected a string"]),
    (br#"{"id":1.5,"text":"t"}"#, &["the field \"id\" is a number, expected a string or a whole number"]),
    (br#"{"id":true,"text":"t"}"#, &["the field \"id\" is true or false, expected a string"]),
    (br#"{"id":null,"text":"t"}"#, &["the field \"id\" is null, expected a string"]),
    (br#"{"id":" ","text":"t"}"#, &["the field \"id\" is empty; expected a string"]),
    (br#"{"id":"a\nb","text":"t"}"#, &["the field \"id\" has a control character", "printable"]),
    (br#"{"id":"a","text":""}"#, &["the field \"text\" is empty; expected a text to label"]),
    (br#"{"id":"a","text":" \n\t "}"#, &["the field \"text\" is empty; expected a text to label"]),
    (br#"{"id":"a","text":"t","label":["spam","ham"]}"#, &["2 labels; expected one"]),
    (
        br#"{"id":"a","text":"t","label":"spa"}"#,
        &["unknown label \"spa\" (did you mean \"spam\"?)", "expected one of: spam, ham"],
    ),
    (br#"{"id":"a","text":"t","label":"zzz"}"#, &["unknown label \"zzz\"; expected one of: spam, ham"]),
    (b"{\"id\":\"a\",\"text\":\"\xff\"}", &["invalid UTF-8 at byte 19", "convert the file"]),
    (b"{\"id\":\"a\",\"text\":\"x\0y\"}", &["a NUL character in column 20", "remove it"]),
    (br#"{"id":"a","text":"x\u0000y"}"#, &["a NUL character in the field \"text\"", "remove it"]),
    (br#"{"id":"known","text":"other"}"#, &["\"known\" already belongs to another text", "known.jsonl:1"]),
    (
        br#"{"id":"known","text":"text","label":"ham"}"#,
        &["\"known\" is already labelled \"spam\" (from known.jsonl:1), not \"ham\"", "--relabel"],
    ),
];

/// Answers that cannot be ingested, each with words that its message must contain.
const ANSWERS: [(&[u8], &[&str]); 16] = [
    (b"{", &["malformed JSON", "expected one JSON object per line"]),
    (b"\xfe\xff", &["invalid UTF-8 at byte 1"]),
    (b"{\"id\":\"p000\0\"}", &["a NUL character in column 12"]),
    (br#"{"label":"a","annotator":"x"}"#, &["the field \"id\" is missing"]),
    (
        br#"{"id":"p000","label":"a"}"#,
        &["the field \"annotator\" is missing; every row must have {\"annotator\": …}"],
    ),
    (br#"{"id":"p000","label":"a","annotator":" "}"#, &["the field \"annotator\" is empty"]),
    (br#"{"id":"p000","label":"a","annotator":["x"]}"#, &["the field \"annotator\" is a list"]),
    (br#"{"id":"p000","annotator":"x"}"#, &["the field \"label\" is missing"]),
    (br#"{"id":"p000","label":"","annotator":"x"}"#, &["\"label\" is empty", "null for a skip"]),
    (
        br#"{"id":"p000","label":["a","b"],"annotator":"x"}"#,
        &["is a list, expected a label, or null for a skip"],
    ),
    (br#"{"id":"p000","label":"A","annotator":"x"}"#, &["unknown label \"A\" (did you mean \"a\"?)"]),
    (
        br#"{"id":"nowhere","label":"a","annotator":"x"}"#,
        &["no document has the id \"nowhere\"", "import the document first"],
    ),
    (
        br#"{"id":"t000","label":"a","annotator":"x"}"#,
        &["\"t000\" belongs to the test set", "remove the row"],
    ),
    (br#"{"id":"p000","label":"a","annotator":"x","time":"noon"}"#, &["the time \"noon\"", "RFC 3339"]),
    (br#"{"id":"p000","label":"a","annotator":"x","time":"2026-13-01T00:00:00Z"}"#, &["the time \"2026-13"]),
    (br#"{"id":"p000","label":"a","annotator":"x","time":{}}"#, &["the time \"{}\"", "seconds since 1970"]),
];

/// Makes a workspace with one labelled document.
fn workspace() -> Workbench {
    let bench = Workbench::with_labels("spam,ham");
    bench.write("known.jsonl", r#"{"id":"known","text":"text","label":"spam"}"#);
    bench.ok(&["import", "known.jsonl"]);
    bench
}

/// Puts a good row before each bad row, and one at the end.
fn between(good: impl Fn(usize) -> Value, bad: &[(&[u8], &[&str])]) -> Vec<u8> {
    let mut file = Vec::new();
    for (at, (row, _)) in bad.iter().enumerate() {
        file.extend_from_slice(format!("{}\n", good(at)).as_bytes());
        file.extend_from_slice(row);
        file.push(b'\n');
    }
    file.extend_from_slice(good(bad.len()).to_string().as_bytes());
    file
}

/// Checks the file of rejected rows: each entry has the place, the reason and the row.
fn assert_rejected(bench: &Workbench, outcome: &Value, bad: &[(&[u8], &[&str])]) {
    assert_eq!(outcome["rejected"], bad.len());
    let rejected = bench.rows(outcome["rejected_file"].as_str().unwrap());
    assert_eq!(rejected.len(), bad.len());
    for (at, (found, (row, words))) in rejected.iter().zip(bad).enumerate() {
        assert_eq!(found["file"], "bad.jsonl");
        assert_eq!(found["line"], 2 * at + 2);
        assert_eq!(found["row"], String::from_utf8_lossy(row).as_ref());
        let error = found["error"].as_str().unwrap();
        assert!(words.iter().all(|words| error.contains(words)), "{words:?}: {error}");
    }
}

#[test]
fn a_bad_document_is_named_and_nothing_before_it_stays() {
    let bench = workspace();
    let before = bench.json(&["status"]);
    for (row, words) in DOCUMENTS {
        bench.write("bad.jsonl", [br#"{"id":"good","text":"g"}"#, &b"\n"[..], row, b"\n"].concat());
        let message = bench.refused(&["import", "bad.jsonl"]);
        assert!(message.starts_with("error: bad.jsonl:2: "), "{message}");
        assert!(words.iter().all(|words| message.contains(words)), "{words:?}: {message}");
        assert_eq!(bench.json(&["status"]), before, "{message}");
    }
    assert_eq!(
        before["documents"],
        json!({"pool":1,"open":0,"out":0,"tied":0,"skipped":0,"left_out":0,"labeled":1,"control":0,"test":0})
    );
}

#[test]
fn skipped_bad_documents_are_in_a_file_and_the_good_ones_are_in() {
    let bench = workspace();
    let good = |at| json!({"id": format!("good {at}"), "text": "g"});
    bench.write("bad.jsonl", between(good, &DOCUMENTS));
    let outcome = bench.json(&["import", "bad.jsonl", "--skip-bad-rows"]);
    assert_eq!(outcome["pool"], DOCUMENTS.len() + 1);
    assert_rejected(&bench, &outcome, &DOCUMENTS);
    assert_eq!(bench.json(&["status"])["documents"]["pool"], DOCUMENTS.len() + 2);

    let again = bench.ok(&["import", "bad.jsonl", "--skip-bad-rows"]);
    assert!(again.contains("31 were there already, 30 bad rows skipped"), "{again}");
    assert!(again.contains("rejected/import-2.jsonl"), "{again}");
    assert_eq!(bench.read("rejected/import-1.jsonl"), bench.read("rejected/import-2.jsonl"));
}

#[test]
fn a_bad_answer_is_named_and_nothing_before_it_stays() {
    let bench = Workbench::small();
    let before = bench.json(&["status"]);
    let good = br#"{"id":"p001","label":"a","annotator":"x"}"#;
    for (row, words) in ANSWERS {
        bench.write("bad.jsonl", [good, &b"\n"[..], row, b"\n"].concat());
        let message = bench.refused(&["ingest", "bad.jsonl"]);
        assert!(message.starts_with("error: bad.jsonl:2: "), "{message}");
        assert!(words.iter().all(|words| message.contains(words)), "{words:?}: {message}");
        assert_eq!(bench.json(&["status"]), before, "{message}");
    }
}

#[test]
fn skipped_bad_answers_are_in_a_file_and_the_good_ones_count() {
    let bench = Workbench::small();
    let good = |at| json!({"id": format!("p{at:03}"), "label": "b", "annotator": "x"});
    bench.write("bad.jsonl", between(good, &ANSWERS));
    let outcome = bench.json(&["ingest", "bad.jsonl", "--skip-bad-rows"]);
    assert_eq!(
        (&outcome["new"], &outcome["unasked"]),
        (&json!(ANSWERS.len() + 1), &json!(ANSWERS.len() + 1))
    );
    assert_rejected(&bench, &outcome, &ANSWERS);
    let text = bench.ok(&["ingest", "bad.jsonl", "--skip-bad-rows"]);
    assert!(text.contains("16 bad rows skipped; the reasons are in rejected/ingest-2.jsonl"), "{text}");
}

#[test]
fn answers_that_were_skipped_come_in_once_they_are_mended_around() {
    let bench = Workbench::small();
    let answers = "{\"id\":\"p000\",\"label\":\"a\",\"annotator\":\"x\"}\n{\"id\":\"new\",\"label\":\"b\",\"annotator\":\"x\"}\n";
    bench.write("answers.jsonl", answers);
    assert_eq!(bench.json(&["ingest", "answers.jsonl", "--skip-bad-rows"])["new"], 1);
    bench.write("new.jsonl", r#"{"id":"new","text":"a new one"}"#);
    bench.ok(&["import", "new.jsonl"]);
    let outcome = bench.json(&["ingest", "answers.jsonl"]);
    assert_eq!((&outcome["new"], &outcome["unchanged"]), (&json!(1), &json!(1)));
    assert_eq!(bench.json(&["ingest", "answers.jsonl"])["known_files"], 1);
}

#[test]
fn the_same_document_twice_is_counted_and_passed_over() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 5, false).repeat(2));
    let outcome = bench.json(&["import", "pool.jsonl"]);
    assert_eq!((&outcome["pool"], &outcome["duplicates"]), (&json!(5), &json!(5)));
    let text = bench.ok(&["import", "pool.jsonl"]);
    assert_eq!(text, "Imported: 10 were there already\n");
    assert_eq!(bench.json(&["status"])["documents"]["pool"], 5);
}

#[test]
fn an_id_with_another_text_is_an_error_within_a_file_and_across_files() {
    let bench = Workbench::with_labels("a,b");
    let (one, other) = ("{\"id\":7,\"text\":\"one\"}\n", "{\"id\":\"7\",\"text\":\"other\"}\n");
    bench.write("both.jsonl", [one, "\n", other].concat());
    bench.write("one.jsonl", one);
    bench.write("other.jsonl", other);
    let message = bench.refused_unharmed(&["import", "both.jsonl"]);
    assert!(
        message.starts_with(
            "error: both.jsonl:3: the id \"7\" already belongs to another text (from both.jsonl:1)"
        ),
        "{message}"
    );
    let message = bench.refused_unharmed(&["import", "one.jsonl", "other.jsonl"]);
    assert!(message.starts_with("error: other.jsonl:1: "), "{message}");
    bench.ok(&["import", "one.jsonl"]);
    let message = bench.refused_unharmed(&["import", "other.jsonl"]);
    assert!(message.contains("(from one.jsonl:1); ids must be unique"), "{message}");
}

#[test]
fn a_label_that_differs_is_traced_to_where_the_label_came_from() {
    let bench = Workbench::with_labels("a,b");
    let files =
        [("pool.jsonl", ""), ("labels.jsonl", ",\"label\":\"a\""), ("other.jsonl", ",\"label\":\"b\"")];
    for (name, label) in files {
        bench.write(name, format!("\n{{\"id\":\"x\",\"text\":\"t\"{label}}}\n"));
    }
    bench.ok(&["import", "pool.jsonl", "labels.jsonl"]);
    let message = bench.refused_unharmed(&["import", "other.jsonl"]);
    let words = "error: other.jsonl:2: \"x\" is already labelled \"a\" (from labels.jsonl:2), not \"b\"";
    assert!(message.starts_with(words), "{message}");
    let message = bench.refused_unharmed(&["import", "other.jsonl", "--as", "control"]);
    assert!(
        message.contains("it is a training example (labelled, from labels.jsonl:2); remove the row"),
        "{message}"
    );
}
