//! A database that somebody edited by hand: every reader says which row and column it does not
//! know, and guesses nothing.

use rusqlite::Connection;

use crate::workbench::{Workbench, answers, documents};

/// What an error says wherever the database holds what this program never writes.
const BY_HAND: &str = "changed by hand or by a newer version";

/// A workspace with two rounds, answers with times to the first, and a decision of an expert.
fn workspace() -> Workbench {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "8", "--mix", "ratio=0.25,random=0.25"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let timed = answers(&batch, &["ana"], |_, _| Some("a".to_owned()))
        .replace("\"annotator\"", "\"time\":\"2026-03-01T10:00:00Z\",\"annotator\"");
    bench.write("answers.jsonl", timed);
    bench.ok(&["ingest", "answers.jsonl"]);
    bench.ok(&["round", "--size", "5"]);
    bench
}

/// Edits the database as a careless hand would: no check of its schema holds.
fn edit(bench: &Workbench, sql: &str) {
    let database = Connection::open(bench.path("querist.db")).unwrap();
    database.pragma_update(None, "ignore_check_constraints", true).unwrap();
    assert!(database.execute(sql, []).unwrap() > 0, "{sql}");
}

#[test]
fn what_nobody_wrote_is_an_error_that_names_row_and_column() {
    let bench = workspace();
    let cases: [(&str, &[&str], &[&str]); 17] = [
        (
            "UPDATE picks SET share = 'lottery' WHERE round = 1 AND rank = 3",
            &["report", "--round", "1"],
            &["pick 3 of round 1 has \"lottery\" in the column share"],
        ),
        (
            "UPDATE picks SET probabilities = x'0011' WHERE round = 1 AND rank = 2",
            &["report", "--round", "1"],
            &["pick 2 of round 1", "column probabilities"],
        ),
        (
            "UPDATE picks SET probabilities = x'000000000000f87f000000000000f87f000000000000f87f' WHERE round = 2 AND rank = 1",
            &["status"],
            &["pick 1 of round 2", "column probabilities"],
        ),
        (
            "UPDATE picks SET probabilities = CAST(probabilities || probabilities AS BLOB) WHERE round = 2 AND rank = 1",
            &["status"],
            &["pick 1 of round 2", "6 numbers for 3 labels", "column probabilities"],
        ),
        (
            "UPDATE rounds SET stage = 'finished' WHERE number = 2",
            &["report", "--round", "2"],
            &["round 2 has \"finished\" in the column stage"],
        ),
        (
            "UPDATE rounds SET seed = 'x' WHERE number = 1",
            &["report", "--round", "1"],
            &["round 1 has \"x\" in the column seed"],
        ),
        (
            "UPDATE rounds SET target = '{}' WHERE number = 1",
            &["status"],
            &["round 1 has \"{}\" in the column target"],
        ),
        (
            "UPDATE rounds SET basis = -4 WHERE number = 2",
            &["round"],
            &["round 2 has \"-4\" in the column basis"],
        ),
        ("UPDATE rounds SET settings = '[]' WHERE number = 1", &["status"], &["round 1", "column settings"]),
        ("UPDATE rounds SET summary = '' WHERE number = 2", &["report", "--round", "2"], &["column summary"]),
        (
            "UPDATE rounds SET summary = json_set(summary, '$.stop.classes[0]', 77) WHERE number = 2",
            &["report", "--round", "2"],
            &["column summary", "the class 77 of 3 labels"],
        ),
        (
            "UPDATE rounds SET manifest = NULL WHERE number = 1",
            &["export", "--round", "1"],
            &["round 1 is exported, and its column manifest is empty"],
        ),
        (
            "UPDATE rounds SET settings = json_set(settings, '$.batch.suggest', 'maybe') WHERE number = 1",
            &["export", "--round", "1"],
            &["column settings", "suggest = \"maybe\""],
        ),
        (
            "UPDATE rounds SET at = 'yesterday' WHERE number = 2",
            &["reproduce", "2"],
            &["round 2 has \"yesterday\" in the column at"],
        ),
        (
            "UPDATE ingests SET at = 'yesterday'",
            &["reproduce", "2"],
            &["row 1 of ingests has \"yesterday\" in the column at"],
        ),
        (
            "UPDATE annotations SET time = 'noon' WHERE number = 1",
            &["status"],
            &["an answer about document number", "\"noon\" in the column time"],
        ),
        (
            "UPDATE sheets SET kinds = CAST(zeroblob(length(kinds) - 1) || x'03' AS BLOB)",
            &["status"],
            &["documents"],
        ),
    ];
    for (sql, command, words) in cases {
        let copy = bench.copy();
        edit(&copy, sql);
        let said = copy.refused(command);
        for word in words {
            assert!(said.contains(word), "{sql}: {said}");
        }
        assert!(said.contains(BY_HAND), "{sql}: {said}");
    }
}

#[test]
fn an_unknown_role_is_no_document_of_the_pool() {
    let bench = workspace();
    edit(&bench, "UPDATE documents SET role = 'secret' WHERE id = 'p001'");
    bench.write("again.jsonl", documents("p", 3, false));
    let said = bench.refused(&["import", "again.jsonl"]);
    assert!(said.contains("the document \"p001\" has \"secret\" in the column role"), "{said}");
    assert!(said.contains(BY_HAND), "{said}");
    bench.write("answer.jsonl", "{\"id\":\"p001\",\"label\":\"a\",\"annotator\":\"ana\"}\n");
    let said = bench.refused(&["ingest", "answer.jsonl"]);
    assert!(said.contains("\"secret\" in the column role"), "{said}");
}

#[test]
fn fields_that_are_no_object_do_not_leave_the_workspace() {
    let bench = workspace();
    let first = bench.rows("rounds/0002/batch.jsonl")[0]["id"].as_str().unwrap().to_owned();
    edit(&bench, &format!("UPDATE documents SET meta = '}}, \"x\": {{' WHERE id = '{first}'"));
    let said = bench.refused(&["export", "--round", "2"]);
    assert!(said.contains(&first) && said.contains("column meta") && said.contains(BY_HAND), "{said}");
}

#[test]
fn an_annotator_is_no_pattern() {
    let bench = workspace();
    let id = bench.rows("rounds/0002/batch.jsonl")[0]["id"].as_str().unwrap().to_owned();
    let bad = "{\"id\":\"nowhere\",\"label\":\"a\"}\n";
    let answer = |label: &str| format!("{{\"id\":\"{id}\",\"label\":\"{label}\"}}\n");
    let ingest = |file: &str, annotator: &str| {
        bench.json(&["ingest", file, "--annotator", annotator, "--skip-bad-rows"])
    };
    // No name of an annotator stands in the files: it is part of what makes a file that one.
    bench.write("earlier.jsonl", answer("b"));
    bench.write("later.jsonl", answer("a") + bad);
    let annotators = ["anna", "%", "ann_", "ANNA", "an%"];
    for annotator in annotators {
        assert_eq!(ingest("earlier.jsonl", annotator)["new"], 1, "{annotator}");
    }
    for annotator in annotators {
        let told = ingest("later.jsonl", annotator);
        assert_eq!((&told["changed"], &told["unchanged"]), (&1.into(), &0.into()), "{annotator}: {told:#}");
    }
    // With its bad row mended, the file of each is one that was seen before.
    bench.write("mended.jsonl", answer("a") + bad);
    for annotator in annotators {
        let told = ingest("mended.jsonl", annotator);
        assert_eq!((&told["changed"], &told["unchanged"]), (&0.into(), &1.into()), "{annotator}: {told:#}");
    }
}
