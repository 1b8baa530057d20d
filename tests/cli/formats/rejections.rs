//! Answers that reject a class ("not b" next to "a"), and rows that contradict themselves.

use serde_json::{Value, json};

use crate::workbench::Workbench;

fn workspace(labels: &str) -> Workbench {
    let bench = Workbench::with_labels(labels);
    bench.write("pool.jsonl", "{\"id\":\"1\",\"text\":\"one\"}\n{\"id\":\"2\",\"text\":\"two\"}\n");
    bench.ok(&["import", "pool.jsonl"]);
    bench
}

fn rows(answers: &[(&str, &str)]) -> String {
    let row = |(label, answer): &(&str, &str)| {
        json!({"text": "one", "label": label, "answer": answer, "_annotator_id": "ana"}).to_string() + "\n"
    };
    answers.iter().map(row).collect()
}

/// The label that counts, or null if there is none.
fn stands(bench: &Workbench) -> Value {
    let database = rusqlite::Connection::open(bench.path("querist.db")).unwrap();
    let label = "SELECT label FROM annotations WHERE current = 1";
    json!(database.query_row(label, [], |row| row.get::<_, Option<String>>(0)).unwrap())
}

#[test]
fn a_rejection_of_another_class_leaves_the_label_whichever_comes_first() {
    let (a, not_b, not_c, not_a) = (("a", "accept"), ("b", "reject"), ("c", "reject"), ("a", "reject"));
    for (answers, expected) in [
        (&[a, not_b][..], json!("a")),
        (&[not_b, a], json!("a")),
        (&[not_b, a, not_c], json!("a")),
        (&[not_b, not_c], Value::Null),
        (&[a, not_a], Value::Null),
    ] {
        let bench = workspace("a,b,c");
        bench.write("out.jsonl", rows(answers));
        let outcome = bench.json(&["ingest", "out.jsonl"]);
        assert_eq!((&outcome["new"], stands(&bench)), (&json!(1), expected), "{answers:?}: {outcome}");
        let rejections = answers.iter().filter(|(_, answer)| *answer == "reject").count();
        assert_eq!(outcome["rejections"], rejections, "{answers:?}: {outcome}");
        // A longer export changes nothing.
        bench.write("later.jsonl", rows(answers) + "\n");
        let again = bench.json(&["ingest", "later.jsonl"]);
        assert_eq!(again["unchanged"], answers.len(), "{answers:?}: {again}");
    }
    // The rejection in a file of its own.
    let bench = workspace("a,b,c");
    bench.write("one.jsonl", rows(&[a]));
    bench.write("two.jsonl", rows(&[not_b]));
    let outcome = bench.json(&["ingest", "one.jsonl", "two.jsonl"]);
    assert_eq!((stands(&bench), &outcome["changed"]), (json!("a"), &json!(0)), "{outcome}");
    // With two classes, a rejection of one is an answer for the other.
    let bench = workspace("a,b");
    bench.write("out.jsonl", rows(&[not_b]));
    bench.ok(&["ingest", "out.jsonl"]);
    assert_eq!(stands(&bench), json!("a"));
}

#[test]
fn a_label_and_a_rejection_that_does_not_follow_from_it_are_refused() {
    let row = |label: Value, rejects: &str| {
        json!({"id": "1", "annotator": "x", "label": label, "rejects": rejects}).to_string() + "\n"
    };
    for (label, rejects) in [("a", "a"), ("a", "b")] {
        let bench = workspace("a,b,c");
        bench.write("own.jsonl", row(json!(label), rejects));
        bench.write("own.csv", format!("id,annotator,label,rejects\n1,x,{label},{rejects}\n"));
        for (file, place) in [("own.jsonl", 1), ("own.csv", 2)] {
            let message = bench.refused_unharmed(&["ingest", file]);
            let words =
                format!("error: {file}:{place}: the row has the label \"{label}\" and rejects \"{rejects}\"");
            assert!(message.starts_with(&words), "{message}");
        }
    }
    let bench = workspace("a,b,c");
    bench.write("own.jsonl", row(json!("a"), "zzz"));
    assert!(bench.refused_unharmed(&["ingest", "own.jsonl"]).contains("unknown label \"zzz\""));
    bench.write("own.jsonl", row(Value::Null, "b"));
    assert_eq!(bench.json(&["ingest", "own.jsonl"])["rejections"], 1);
    let two = workspace("a,b");
    two.write("own.jsonl", row(json!("a"), "b"));
    assert_eq!(two.json(&["ingest", "own.jsonl"])["new"], 1);
}

#[test]
fn a_skip_with_a_label_is_refused_with_and_without_a_workspace() {
    let bench = workspace("a,b");
    bench.write("a.csv", "id,annotator,label,skip\n1,x,a,true\n2,x,b,\n");
    bench.write("a.jsonl", "{\"id\":\"1\",\"annotator\":\"x\",\"label\":\"a\",\"skip\":true}\n");
    for (file, line) in [("a.csv", 2), ("a.jsonl", 1)] {
        for command in ["ingest", "quality"] {
            let message = bench.refused_unharmed(&[command, file]);
            let words = format!("error: {file}:{line}: the row is a skip but has the label \"a\"");
            assert!(message.starts_with(&words), "{command}: {message}");
        }
    }
}
