//! A database that was edited by hand: every command that meets an unknown value names its row and
//! column, and does not guess.

use rusqlite::Connection;

use crate::workbench::{Workbench, answers, documents};

/// The words of every error about a value that this program never writes.
const BY_HAND: &str = "changed by hand or by a newer version";

/// Makes a workspace with two rounds, timed answers to the first round, and an expert's decision.
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

/// Edits the database without the checks of its schema, as a careless user might.
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
        ("UPDATE rounds SET summary = '' WHERE number = 2", &["report", "--round", "2"], &["summary column"]),
        (
            "UPDATE rounds SET summary = json_set(summary, '$.stop.classes[0]', 77) WHERE number = 2",
            &["report", "--round", "2"],
            &["summary column", "the class 77 of 3 labels"],
        ),
        (
            "UPDATE rounds SET manifest = NULL WHERE number = 1",
            &["export", "--round", "1"],
            &["round 1 is exported, and its manifest column is empty"],
        ),
        (
            "UPDATE rounds SET settings = json_set(settings, '$.batch.suggest', 'maybe') WHERE number = 1",
            &["export", "--round", "1"],
            &["settings column", "suggest = \"maybe\""],
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
    // The files do not contain the annotator's name, so the name is part of a file's identity.
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
    // For each annotator, the same content under another file name was seen before.
    bench.write("mended.jsonl", answer("a") + bad);
    for annotator in annotators {
        let told = ingest("mended.jsonl", annotator);
        assert_eq!((&told["changed"], &told["unchanged"]), (&0.into(), &1.into()), "{annotator}: {told:#}");
    }
}
