//! An answer that is none of the classes is an error that says where it is. Only the format's own
//! mark for "nothing chosen" leaves a document open.

use serde_json::{Value, json};

use crate::workbench::Workbench;

fn workspace() -> Workbench {
    let bench = Workbench::with_labels("a,b,c");
    let rows = [("1", "one"), ("2", "two"), ("3", "three")];
    let rows = rows.map(|(id, text)| json!({"id": id, "text": text}).to_string() + "\n");
    bench.write("pool.jsonl", rows.concat());
    bench.ok(&["import", "pool.jsonl"]);
    bench
}

fn flat(number: u64, text: &str, topic: &Value) -> Value {
    json!({"id": number, "text": text, "annotation_id": number, "annotator": 1, "topic": topic})
}

#[test]
fn label_studio_s_flat_export_is_read_by_the_field_that_the_first_record_shows() {
    for answer in [
        json!("zzz"),
        json!("A"),
        json!(7),
        json!(true),
        json!({"rating": 3}),
        json!([{"start": 0, "end": 2, "labels": ["a"]}]),
        json!({"choices": ["a", "zzz"]}),
    ] {
        let bench = workspace();
        let rows = json!([flat(9, "one", &json!("a")), flat(8, "two", &answer)]);
        bench.write("min.json", rows.to_string());
        let message = bench.refused_unharmed(&["ingest", "min.json"]);
        assert!(message.starts_with("error: min.json: item 2: "), "{answer}: {message}");
        let message = bench.refused_unharmed(&["ingest", "min.json", "--control", "topic"]);
        assert!(message.starts_with("error: min.json: item 2: "), "{answer}: {message}");
    }
    let nothing = [Value::Null, json!(""), json!([]), json!({"choices": []})];
    for answer in nothing {
        let bench = workspace();
        let rows = json!([flat(9, "one", &json!("a")), flat(8, "two", &answer)]);
        bench.write("min.json", rows.to_string());
        let outcome = bench.json(&["ingest", "min.json"]);
        assert_eq!((&outcome["new"], &outcome["skips"]), (&json!(1), &json!(0)), "{answer}: {outcome}");
        assert_eq!(outcome["open"]["submitted with nothing chosen"], 1, "{answer}: {outcome}");
    }
    let bench = workspace();
    bench.write("min.csv", "annotation_id,annotator,id,lead_time,text,label\n1,3,9,2.5,one,zzz\n");
    assert!(bench.refused_unharmed(&["ingest", "min.csv"]).starts_with("error: min.csv:2: unknown label"));
}

#[test]
fn a_class_of_a_part_of_the_text_is_no_class_of_the_document() {
    let bench = workspace();
    let result = json!([{"from_name": "topic", "to_name": "text", "type": "choices",
        "value": {"start": 0, "end": 2, "choices": ["a"]}}]);
    let task = json!([{"data": {"text": "one"}, "annotations": [{"completed_by": 1, "result": result}]}]);
    bench.write("region.json", task.to_string());
    let message = bench.refused_unharmed(&["ingest", "region.json"]);
    assert!(message.starts_with("error: region.json: item 1: annotation 1: "), "{message}");
    assert!(message.contains("of a part of the text"), "{message}");
}

#[test]
fn a_named_field_that_a_row_lacks_is_no_skip() {
    for name in ["Topic", "label"] {
        let bench = workspace();
        let rows = format!(
            "{{\"id\":\"1\",\"{name}\":\"a\",\"annotator\":\"x\"}}\n{{\"id\":\"2\",\"topic\":\"b\",\"annotator\":\"x\"}}\n"
        );
        bench.write("answers.jsonl", rows);
        let message = bench.refused_unharmed(&["ingest", "answers.jsonl", "--label-field", name]);
        let words = format!("error: answers.jsonl:2: the field \"{name}\" is missing");
        assert!(message.starts_with(&words) && message.contains("--label-field"), "{message}");
    }
    let bench = workspace();
    bench.write("answers.jsonl", "{\"doc\":null,\"label\":\"a\",\"annotator\":\"x\"}\n");
    let message = bench.refused_unharmed(&["ingest", "answers.jsonl", "--item-field", "doc"]);
    assert!(message.starts_with("error: answers.jsonl:1: the field \"doc\" is null"), "{message}");
}

#[test]
fn a_tool_s_own_number_is_no_id_of_a_document() {
    for (name, content) in [
        ("ana.csv", "id,data,label\n2,one,a\n"),
        ("ana.csv", "id,data,label,Comments\n2,one,a,\n"),
        ("ls.csv", "annotation_id,annotator,id,lead_time,text,label\n1,ana,2,2.5,one,a\n"),
        ("ls.csv", "annotation_id,annotator,id,lead_time,body,label\n1,ana,2,2.5,one,a\n"),
        (
            "ls.json",
            "[{\"id\":2,\"annotation_id\":1,\"annotator\":\"ana\",\"body\":\"one\",\"topic\":\"a\"}]",
        ),
    ] {
        let bench = workspace();
        bench.write(name, content);
        let outcome = bench.json(&["ingest", name, "--annotator", "ana"]);
        assert_eq!(outcome["new"], 1, "{content}: {outcome}");
        let answered = "SELECT d.id FROM annotations a JOIN documents d ON d.number = a.document";
        let database = rusqlite::Connection::open(bench.path("querist.db")).unwrap();
        let id: String = database.query_row(answered, [], |row| row.get(0)).unwrap();
        assert_eq!(id, "1", "{content}");
    }
}

#[test]
fn a_time_without_a_zone_is_taken_for_utc_and_that_is_said() {
    for (name, content) in [
        ("a.csv", "id,label,annotator,time\n1,a,x,2026-05-01T12:00:00\n2,b,x,2026-05-01\n"),
        ("b.csv", "id,label,annotator,time\n1,a,x,2026-05-01 12:00:00\n2,b,x,2026-05-01\n"),
        (
            "c.jsonl",
            "{\"id\":1,\"label\":\"a\",\"annotator\":\"x\",\"time\":\"2026-05-01T12:00:00\"}\n\
             {\"id\":2,\"label\":\"b\",\"annotator\":\"x\",\"time\":\"2026-05-01\"}\n",
        ),
    ] {
        let bench = workspace();
        bench.write(name, content);
        let outcome = bench.json(&["ingest", name]);
        assert_eq!(outcome["new"], 2, "{outcome}");
        assert!(outcome["remarks"].to_string().contains("2 times have no time zone"), "{outcome}");
        bench.write(
            "zoned.jsonl",
            "{\"id\":1,\"label\":\"a\",\"annotator\":\"x\",\"time\":\"2026-05-01T12:00:00Z\"}\n",
        );
        assert_eq!(bench.json(&["ingest", "zoned.jsonl"])["unchanged"], 1, "{name}");
    }
}

#[test]
fn what_is_written_beside_no_answer_is_said_to_be_left_out() {
    let bench = workspace();
    bench.write("a.csv", "id,label,annotator,comment\n1,a,x,\n2,,x,which of the two?\n");
    let outcome = bench.json(&["ingest", "a.csv"]);
    let remarks = outcome["remarks"].to_string();
    assert!(remarks.contains("1 reasons, comments or flags came without an answer"), "{remarks}");
}
