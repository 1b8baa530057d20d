//! Damaged files, and files in the way: a text that differs from the imported one, a tokenizer that
//! makes its library panic, a result file that cannot be written.

use std::fs;

use rusqlite::Connection;

use crate::workbench::Workbench;

/// Changes the database behind Querist's back.
fn edit(bench: &Workbench, sql: &str) {
    let database = Connection::open(bench.path("querist.db")).unwrap();
    assert!(database.execute(sql, []).unwrap() > 0, "{sql}");
}

#[test]
fn a_text_that_is_not_what_was_imported_is_noticed() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "6"]);
    let first = bench.rows("rounds/0001/batch.jsonl")[0]["id"].as_str().unwrap().to_owned();
    let damaged = format!("querist.db: the text of the document \"{first}\" differs from the imported one");
    edit(&bench, &format!("UPDATE documents SET text = replace(text, 'e', 'f') WHERE id = '{first}'"));
    let said = bench.refused(&["export", "--format", "csv"]);
    assert!(said.contains(&damaged), "{said}");
    // A round reads texts too, and notices the damage.
    fs::remove_dir_all(bench.path("features")).unwrap();
    let said = bench.refused(&["round", "--size", "6"]);
    assert!(said.contains(&damaged), "{said}");
    edit(&bench, &format!("UPDATE documents SET text = replace(text, 'f', 'e') WHERE id = '{first}'"));
    bench.ok(&["export", "--format", "csv"]);
}

#[test]
fn an_id_that_leads_to_another_document_is_noticed() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "6"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let [first, second] = [0, 1].map(|at| batch[at]["id"].as_str().unwrap().to_owned());
    edit(
        &bench,
        &format!(
            "UPDATE ids SET document = (SELECT document FROM ids WHERE id = '{second}') WHERE id = '{first}'"
        ),
    );
    let answer = serde_json::json!({"id": first, "label": "a", "annotator": "ana"});
    bench.write("answers.jsonl", answer.to_string());
    let said = bench.refused(&["ingest", "answers.jsonl"]);
    assert!(
        said.contains(&format!("the entry of the document \"{first}\" differs from the imported one")),
        "{said}"
    );
}

#[test]
fn a_tokenizer_over_which_its_library_panics_is_refused_by_name_and_line() {
    let bench = Workbench::small();
    bench.write("querist.toml", "labels = [\"a\", \"b\", \"c\"]\n[features]\ntokenizer = \"tok.json\"\n");
    for file in [
        r#"{"normalizer":{"type":"Precompiled","precompiled_charsmap":"AAAA"},"pre_tokenizer":{"type":"Whitespace"}}"#,
        r#"{"pre_tokenizer":{"type":"FixedLength","length":0}}"#,
    ] {
        bench.write("tok.json", file);
        let said = bench.refused(&["round", "--size", "6"]);
        assert!(said.contains("querist.toml:3"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    bench.write("tok.json", r#"{"pre_tokenizer":{"type":"Whitespace"}}"#);
    bench.ok(&["round", "--size", "6"]);
}

#[test]
fn results_are_all_replaced_or_none() {
    let bench = Workbench::new();
    let rows =
        |label: &str| format!("item,annotator,label\n1,ana,{label}\n1,ben,{label}\n2,ana,b\n2,ben,{label}\n");
    bench.write("old.csv", rows("a"));
    bench.write("new.csv", rows("c"));
    bench.ok(&["quality", "old.csv", "--out", "out"]);
    fs::remove_file(bench.path("out/report.json")).unwrap();
    fs::create_dir(bench.path("out/report.json")).unwrap();
    let before = bench.files("out/");
    let said = bench.refused(&["quality", "new.csv", "--out", "out"]);
    assert!(said.contains("report.json is not a file"), "{said}");
    assert!(bench.files("out/") == before, "all of them, and no temporary file");

    fs::create_dir_all(bench.path("man/querist.1")).unwrap();
    bench.write("man/querist-audit.1", "old");
    let said = bench.refused(&["man", "man"]);
    assert!(said.contains("querist.1 is not a file"), "{said}");
    assert_eq!(bench.read("man/querist-audit.1"), "old");
    assert_eq!(fs::read_dir(bench.path("man")).unwrap().count(), 2);
}

#[test]
fn what_a_kill_left_outside_the_workspace_goes_with_the_next_export() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "6"]);
    let export = ["export", "--format", "csv", "--annotators", "ana,ben", "--out", "out"];
    bench.ok(&export);
    bench.write("out/.querist-aB3xY9", "half of a batch");
    bench.write("out/.querist-mynotes", "the user's own");
    bench.ok(&export);
    assert!(!bench.path("out/.querist-aB3xY9").exists());
    assert!(bench.path("out/.querist-mynotes").exists());
}

#[test]
fn rows_that_wait_for_an_import_that_never_came_go() {
    let bench = Workbench::small();
    bench.write("mixed.jsonl", "{\"id\":\"x1\",\"text\":\"one more\"}\n{\"id\":1}\n");
    bench.ok(&["import", "mixed.jsonl", "--skip-bad-rows"]);
    assert_eq!(bench.rows("rejected/import-1.jsonl").len(), 1);
    // The small workspace has four imports, and the import above is the fifth, so number 5 is
    // committed.
    bench.write("rejected/.import-5.pending", "committed, and not moved yet\n");
    bench.write("rejected/.import-6.pending", "not committed\n");
    bench.ok(&["status"]);
    assert!(!bench.path("rejected/.import-6.pending").exists());
    assert_eq!(bench.read("rejected/import-2.jsonl"), "committed, and not moved yet\n");
    assert_eq!(fs::read_dir(bench.path("rejected")).unwrap().count(), 2);
}

#[test]
fn status_checks_the_whole_database_when_it_is_told_to() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "6"]);
    assert!(bench.ok(&["status", "--check"]).contains("The database is sound"));
    assert!(!bench.ok(&["status"]).contains("The database is sound"));
    // A reference to a document that does not exist. No page is damaged, and no other command looks
    // for it.
    let database = Connection::open(bench.path("querist.db")).unwrap();
    database.pragma_update(None, "foreign_keys", false).unwrap();
    let added =
        "INSERT INTO gold (document, label, import, line, current) VALUES (9999999, 'billing', 1, 1, 0)";
    assert_eq!(database.execute(added, []).unwrap(), 1);
    drop(database);
    let said = bench.refused(&["status", "--check"]);
    assert!(said.contains("querist.db has damage") && said.contains("restore it from a backup"), "{said}");
}
