//! Answers are ingested from the exports of each annotation tool.

use std::io::Write;

use serde_json::{Value, json};

use crate::workbench::Workbench;

/// Makes a workspace with three documents; a batch has asked for two of them and has no answer.
fn workspace() -> Workbench {
    let bench = Workbench::with_labels("spam,ham,other");
    bench.write(
        "pool.jsonl",
        "{\"id\":\"t-1\",\"text\":\"Opossums are great\"}\n{\"id\":\"t-2\",\"text\":\"Great price.\"}\n{\"id\":\"t-3\",\"text\":\"=1+1\"}\n",
    );
    bench.ok(&["import", "pool.jsonl"]);
    bench
}

fn counts(outcome: &Value) -> [&Value; 4] {
    [&outcome["new"], &outcome["skips"], &outcome["rejections"], &outcome["unchanged"]]
}

#[test]
fn label_studio_comes_in_with_people_skips_and_seconds() {
    let bench = workspace();
    let result =
        json!([{"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["ham"]}}]);
    let export = json!([
        {"id": 1, "data": {"text": "Opossums are great", "querist_id": "t-1"}, "annotations": [
            {"id": 5, "completed_by": 3, "result": result, "was_cancelled": false, "lead_time": 2.5,
             "updated_at": "2026-05-01T12:00:00.5Z"},
            {"id": 6, "completed_by": {"id": 4, "email": "ana@x.org"}, "result": [], "was_cancelled": true}]},
        {"id": 2, "data": {"text": "Great price."}, "annotations": [{"id": 7, "completed_by": 3, "result": result}]}
    ]);
    bench.write("export.json", export.to_string());
    let ran = bench.run(&["ingest", "export.json"]);
    assert!(ran.stderr.contains("export.json is read as Label Studio\n"), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("Ingested: 3 new answers, 0 changed, 0 already there"), "{}", ran.stdout);
    assert_eq!(bench.json(&["ingest", "export.json"])["known_files"], 1);
    bench.write("bad.json", export.to_string().replace("Great price.", "Great prize."));
    let message = bench.refused_unharmed(&["ingest", "bad.json"]);
    assert!(
        message.starts_with("error: bad.json: item 2: no document has this text (\"Great prize."),
        "{message}"
    );
    bench.write("bad.json", export.to_string().replace("\"choices\":[\"ham\"]", "\"choices\":[\"hem\"]"));
    let message = bench.refused_unharmed(&["ingest", "bad.json", "--format", "label-studio"]);
    assert!(message.starts_with("error: bad.json: item 1: annotation 1: unknown label \"hem\""), "{message}");
}

#[test]
fn prodigy_s_rejections_are_kept_as_such() {
    let bench = workspace();
    let row = |text: &str, answer: &str| {
        json!({"text": text, "label": "spam", "answer": answer, "_timestamp": 1_694_858_483, "_annotator_id": "set-ana",
               "_input_hash": -1, "_task_hash": -2})
    };
    let rows = [row("Opossums are great", "accept"), row("Great price.", "reject"), row("=1+1", "ignore")];
    bench.write("out.jsonl", rows.iter().fold(String::new(), |text, row| text + &format!("{row}\n")));
    let outcome = bench.json(&["ingest", "out.jsonl"]);
    assert_eq!(counts(&outcome), [&json!(3), &json!(1), &json!(1), &json!(0)]);
    assert_eq!(
        bench.json(&["status"])["documents"]["labeled"],
        1,
        "a rejection among three classes labels nothing"
    );
    // The same answers, exported again with one more.
    let more = row("=1+1", "accept").to_string().replace("1694858483", "1694858999");
    bench
        .write("out2.jsonl", rows.iter().fold(String::new(), |text, row| text + &format!("{row}\n")) + &more);
    let outcome = bench.json(&["ingest", "out2.jsonl"]);
    assert_eq!((&outcome["changed"], &outcome["unchanged"]), (&json!(1), &json!(3)));
}

#[test]
fn doccano_s_files_are_named_after_people() {
    let bench = workspace();
    let row = |label: &str| {
        format!("{{\"id\":6110,\"text\":\"Great price.\",\"label\":[\"{label}\"],\"Comments\":[]}}\n")
    };
    let file = std::fs::File::create(bench.path("export.zip")).unwrap();
    let mut archive = zip::ZipWriter::new(file);
    for (name, label) in [("ana.jsonl", "ham"), ("../ben.jsonl", "ham"), ("unknown.jsonl", "")] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        let row = if label.is_empty() { row("").replace("[\"\"]", "[]") } else { row(label) };
        archive.write_all(row.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    let before = std::fs::read_dir(bench.root().parent().unwrap()).unwrap().count();
    let outcome = bench.json(&["ingest", "export.zip"]);
    assert_eq!(outcome["new"], 2, "{outcome}");
    assert_eq!(outcome["guesses"], json!(["export.zip is read as doccano"]));
    assert!(!bench.path("../ben.jsonl").exists() && !bench.path("ben.jsonl").exists());
    assert_eq!(std::fs::read_dir(bench.root().parent().unwrap()).unwrap().count(), before);
    // The same content under another name comes from another annotator.
    bench.write("cem.jsonl", row("ham"));
    bench.write("dan.jsonl", row("ham"));
    assert_eq!(bench.json(&["ingest", "cem.jsonl", "dan.jsonl"])["new"], 2);
    bench.write("all.jsonl", row("spam"));
    let message = bench.refused_unharmed(&["ingest", "all.jsonl"]);
    assert!(
        message.contains("all.jsonl:1: the file does not say who answered; name the annotator with"),
        "{message}"
    );
    assert_eq!(bench.json(&["ingest", "all.jsonl", "--annotator", "eva"])["new"], 1);
}

#[test]
fn argilla_and_tables_come_in() {
    let bench = workspace();
    let records = json!([{"id": "t-1", "fields": {"text": "Opossums are great"},
        "responses": {"label": [{"value": "ham", "user_id": "u-1"}, {"value": "spam", "user_id": "u-2"}]}}]);
    bench.write("argilla.json", records.to_string());
    assert_eq!(bench.json(&["ingest", "argilla.json"])["new"], 2);
    bench.write("crowd.tsv", "task\tworker\tlabel\nt-1\tw1\tham\nt-2\tw1\tspam\n");
    assert_eq!(bench.json(&["ingest", "crowd.tsv", "--format", "crowd-kit"])["new"], 2);
    bench.write("bad.csv", "task,worker,label\nt-1,w2,ham\nt-9,w2,ham\n");
    let message = bench.refused_unharmed(&["ingest", "bad.csv"]);
    assert!(message.starts_with("error: bad.csv:3: no document has the id \"t-9\""), "{message}");
}

#[test]
fn a_zip_bomb_is_refused() {
    let bench = workspace();
    let file = std::fs::File::create(bench.path("bomb.zip")).unwrap();
    let mut archive = zip::ZipWriter::new(file);
    archive.start_file("ana.jsonl", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::copy(&mut std::io::Read::take(std::io::repeat(b'\n'), 100 << 20), &mut archive).unwrap();
    archive.finish().unwrap();
    let message = bench.refused_unharmed(&["ingest", "bomb.zip"]);
    assert!(
        message.contains("more than 400 times its size, so it is refused as a decompression bomb"),
        "{message}"
    );
}
