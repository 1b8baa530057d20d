//! Documents are imported: their roles, changes of role, and the names of their fields.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::workbench::{Workbench, documents, lines};

/// Writes rows to a file and imports it. Returns the import's counts without zeros.
fn import(bench: &Workbench, rows: &[Value], flags: &[&str]) -> Value {
    bench.write("rows.jsonl", lines(rows));
    let mut outcome = bench.json(&[&["import", "rows.jsonl"], flags].concat());
    outcome.as_object_mut().unwrap().retain(|_, count| *count != 0 && *count != json!([]));
    outcome
}

/// Imports one row, which must be refused, and returns the message.
fn refused(bench: &Workbench, row: &Value, flags: &[&str]) -> String {
    bench.write("rows.jsonl", row.to_string());
    bench.refused_unharmed(&[&["import", "rows.jsonl"], flags].concat())
}

fn counts(bench: &Workbench) -> [u64; 4] {
    let status = bench.json(&["status"]);
    ["open", "labeled", "control", "test"].map(|name| status["documents"][name].as_u64().unwrap())
}

#[test]
fn gzip_is_read_like_plain_text_whatever_its_name() {
    let (plain, packed) = (Workbench::with_labels("a,b,c"), Workbench::with_labels("a,b,c"));
    for (name, rows) in
        [("pool.jsonl", documents("p", 50, false)), ("labeled.jsonl", documents("l", 12, true))]
    {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(rows.as_bytes()).unwrap();
        packed.write(name, encoder.finish().unwrap());
        plain.write(name, rows);
    }
    let [one, other] = [&plain, &packed].map(|bench| {
        let outcome = bench.json(&["import", "pool.jsonl", "labeled.jsonl"]);
        bench.ok(&["round", "--size", "10"]);
        (outcome, bench.json(&["status"]), bench.files("rounds/"), bench.files("models/"))
    });
    assert!(one == other);
    assert_eq!((&one.0["pool"], &one.0["labeled"]), (&json!(50), &json!(12)));
}

#[test]
fn fields_may_be_called_otherwise() {
    let bench = Workbench::with_labels("a,b");
    let rows = [
        json!({"key": 1, "body": "one", "class": "a", "id": "mine", "text": 5}),
        json!({"key": 2, "body": "two", "class": "", "label": "also mine"}),
    ];
    let flags = ["--id", "key", "--text", "body", "--label", "class"];
    assert_eq!(import(&bench, &rows, &flags), json!({"pool": 1, "labeled": 1}));
    bench.ok(&["round"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    assert_eq!(
        batch,
        [json!({"id": "2", "text": "two", "labels": ["a", "b"], "meta": {"label": "also mine"}})]
    );
    let message = refused(&bench, &json!({"id": 3, "body": "three"}), &flags);
    assert!(message.contains("rows.jsonl:1: the field \"key\" is missing"), "{message}");
}

#[test]
fn as_pool_leaves_labels_out_for_good() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("labeled.jsonl", documents("l", 12, true));
    bench.write("odd.jsonl", r#"{"id":"odd","text":"t","label":["no", "label"],"kept":1}"#);
    let outcome = bench.json(&["import", "labeled.jsonl", "odd.jsonl", "--as", "pool"]);
    assert_eq!((&outcome["pool"], &outcome["labels_left_out"]), (&json!(13), &json!(13)));
    assert_eq!(counts(&bench), [13, 0, 0, 0]);
    bench.ok(&["round"]);
    for row in bench.rows("rounds/0001/batch.jsonl") {
        let own = if row["id"] == "odd" { json!({"kept": 1}) } else { json!({}) };
        assert_eq!(row["meta"], own, "{row}");
    }
}

#[test]
fn a_label_may_come_later() {
    let bench = Workbench::with_labels("a,b");
    let bare = json!({"id": "x", "text": "t"});
    let labeled = json!({"id": "x", "text": "t", "label": "a"});
    assert_eq!(import(&bench, &[bare.clone(), json!({"id": "y", "text": "u"})], &[]), json!({"pool": 2}));
    assert_eq!(
        import(&bench, std::slice::from_ref(&labeled), &["--as", "labeled"]),
        json!({"newly_labeled": 1})
    );
    assert_eq!(counts(&bench), [1, 1, 0, 0]);
    assert_eq!(import(&bench, &[labeled.clone(), bare], &[]), json!({"duplicates": 2}));
    let message = refused(&bench, &json!({"id": "y", "text": "u"}), &["--as", "labeled"]);
    assert!(message.contains("rows.jsonl:1: the field \"label\" is missing"), "{message}");

    let other = json!({"id": "x", "text": "t", "label": "b"});
    assert!(refused(&bench, &other, &[]).contains("pass --relabel to replace it"));
    assert_eq!(import(&bench, std::slice::from_ref(&other), &["--relabel"]), json!({"relabeled": 1}));
    assert_eq!(bench.json(&["status"])["labels"], json!({"a": 0, "b": 1}));
    assert!(refused(&bench, &labeled, &[]).contains("is already labelled \"b\" (from rows.jsonl:1)"));
    assert_eq!(import(&bench, &[other], &["--relabel"]), json!({"duplicates": 1}));
}

#[test]
fn a_label_that_came_with_a_document_outweighs_answers() {
    let bench = Workbench::small();
    bench.write("answers.jsonl", r#"{"id":"l000","label":"c","annotator":"x"}"#);
    bench.ok(&["ingest", "answers.jsonl"]);
    assert_eq!(bench.json(&["status"])["labels"], json!({"a": 4, "b": 4, "c": 4}));
    bench.write("answers.jsonl", r#"{"id":"p000","label":"c","annotator":"x"}"#);
    bench.ok(&["ingest", "answers.jsonl"]);
    assert_eq!(bench.json(&["status"])["labels"], json!({"a": 4, "b": 4, "c": 5}));
    let text = bench.rows("pool.jsonl")[0]["text"].clone();
    import(&bench, &[json!({"id": "p000", "text": text, "label": "b"})], &[]);
    assert_eq!(bench.json(&["status"])["labels"], json!({"a": 4, "b": 5, "c": 4}));
}

#[test]
fn only_untouched_pool_documents_become_control_or_test() {
    let bench = Workbench::small();
    let text = |id: &str| {
        let number: usize = id[1..].parse().unwrap();
        let row = documents(&id[..1], number + 1, false).lines().last().unwrap().to_owned();
        serde_json::from_str::<Value>(&row).unwrap()["text"].clone()
    };
    let row = |id: &str| json!({"id": id, "text": text(id), "label": "b"});
    assert_eq!(counts(&bench), [60, 12, 6, 12]);
    assert_eq!(import(&bench, &[row("p000")], &["--as", "control"]), json!({"moved": 1}));
    assert_eq!(import(&bench, &[row("p001")], &["--as", "test"]), json!({"moved": 1}));
    assert_eq!(counts(&bench), [58, 12, 7, 13]);
    assert_eq!(import(&bench, &[row("p000")], &["--as", "control"]), json!({"duplicates": 1}));
    // Held-out documents keep their role.
    for (id, flags, words) in [
        ("p000", &["--as", "test"][..], "\"p000\" cannot become a test document: it is a control document"),
        ("p001", &["--as", "control"], "\"p001\" cannot become a control document: it is a test document"),
        ("p001", &[], "\"p001\" cannot become a labeled document: it is a test document"),
        ("c001", &["--as", "labeled"], "\"c001\" cannot become a labeled document: it is a control document"),
        ("l001", &["--as", "test"], "\"l001\" cannot become a test document: it is a training example"),
    ] {
        let message = refused(&bench, &row(id), flags);
        assert!(message.contains(words) && message.contains("remove the row"), "{message}");
    }
    bench.ok(&["round", "--size", "5", "--mix", "uncertainty=1"]);
    let sent = bench.rows("rounds/0001/batch.jsonl");
    let id = sent[0]["id"].as_str().unwrap();
    assert!(
        refused(&bench, &row(id), &["--as", "control"]).contains("it has already been sent to annotators")
    );
    let open = (0..60)
        .map(|i| format!("p{i:03}"))
        .skip(2)
        .find(|id| sent.iter().all(|row| row["id"] != id.as_str()))
        .unwrap();
    bench.write("answers.jsonl", json!({"id": open, "label": "a", "annotator": "x"}).to_string());
    bench.ok(&["ingest", "answers.jsonl"]);
    assert!(refused(&bench, &row(&open), &["--as", "test"]).contains("sent to annotators"));
    // A document that became a control item is chosen as one, and its label is known.
    bench.ok(&["round", "--size", "14", "--mix", "control=0.5"]);
    let picks = bench.rows("rounds/0002/picks.jsonl");
    let moved = picks.iter().find(|pick| pick["id"] == "p000").unwrap();
    assert_eq!(moved["share"], "control");
    assert!(picks.iter().all(|pick| pick["id"] != "p001"));
}

#[test]
fn the_order_of_import_does_not_matter() {
    let forwards = documents("p", 40, false);
    let backwards = lines(forwards.lines().rev());
    let [one, other] = [forwards, backwards].map(|pool| {
        let bench = Workbench::with_labels("a,b,c");
        bench.write("pool.jsonl", pool);
        bench.write("labeled.jsonl", documents("l", 12, true));
        bench.ok(&["import", "labeled.jsonl", "pool.jsonl"]);
        bench.ok(&["round", "--size", "10"]);
        bench.files("rounds/")
    });
    assert!(one == other);
}
