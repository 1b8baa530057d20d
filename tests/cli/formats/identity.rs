//! If a row has the id of one document and the text of another, the error names both. No label gets
//! to the wrong document.

use serde_json::json;

use crate::workbench::Workbench;

fn workspace() -> Workbench {
    let bench = Workbench::with_labels("billing,tech,other");
    let rows = [
        ("d116", "slow freeze slow screen crash freeze number 116"),
        ("d25", "refund refund invoice money invoice money number 25"),
        ("d3", "=1+1 caf\u{e9}  au\nlait"),
    ];
    let rows = rows.map(|(id, text)| json!({"id": id, "text": text}).to_string() + "\n");
    bench.write("pool.jsonl", rows.concat());
    bench.ok(&["import", "pool.jsonl"]);
    bench
}

const SWAPPED: [(&str, &str); 2] = [
    ("d116", "refund refund invoice money invoice money number 25"),
    ("d25", "slow freeze slow screen crash freeze number 116"),
];

#[test]
fn a_sorted_column_is_noticed_in_every_format() {
    let bench = workspace();
    let [(id, text), (other, _)] = SWAPPED;
    let csv = SWAPPED.map(|(id, text)| format!("{id},\"{text}\",tech,ana\n")).concat();
    let jsonl = json!({"id": id, "text": text, "label": "tech", "annotator": "ana"});
    let choices = json!([{"from_name": "label", "type": "choices", "value": {"choices": ["tech"]}}]);
    let studio = json!([{"data": {"text": text, "querist_id": id}, "annotations": [{"completed_by": 1, "result": choices}]}]);
    let flat = json!([{"text": text, "querist_id": id, "label": "tech", "annotator": 1, "annotation_id": 2}]);
    let prodigy =
        json!({"text": text, "querist_id": id, "accept": ["tech"], "answer": "accept", "_annotator_id": "a"});
    let doccano = json!({"id": 1, "text": text, "querist_id": id, "label": ["tech"]});
    let argilla = json!({"id": id, "fields": {"text": text}, "responses": {"label": [{"value": "tech", "user_id": "u"}]}});
    for (name, content, place) in [
        ("a.csv", format!("id,text,label,annotator\n{csv}"), ":2"),
        ("a.jsonl", jsonl.to_string(), ":1"),
        ("studio.json", studio.to_string(), ": item 1"),
        ("flat.json", flat.to_string(), ": item 1"),
        ("prodigy.jsonl", prodigy.to_string(), ":1"),
        ("ana.jsonl", doccano.to_string(), ":1"),
        ("argilla.jsonl", argilla.to_string(), ":1"),
    ] {
        bench.write(name, content);
        let message = bench.refused_unharmed(&["ingest", name]);
        assert!(message.starts_with(&format!("error: {name}{place}: ")), "{message}");
        let words = format!("does not belong to \"{id}\", but to \"{other}\"");
        assert!(message.contains(&words), "{name}: {message}");
    }
    let platforms = [
        ("turk.csv", format!("HITId,WorkerId,Input.id,Input.text,Answer.label\nH,W,{id},{text},tech\n")),
        (
            "toloka.tsv",
            format!("INPUT:id\tINPUT:text\tOUTPUT:label\tASSIGNMENT:worker_id\n{id}\t{text}\ttech\tT\n"),
        ),
        ("appen.csv", format!("_unit_id,_worker_id,category,category_gold,id,text\n99,A,tech,,{id},{text}\n")),
        (
            "argilla.csv.json",
            json!([{"id": id, "fields": {"review": text}, "responses": {"label": [{"value": "tech", "user_id": "u"}]}}])
                .to_string(),
        ),
    ];
    for (name, content) in platforms {
        bench.write(name, content);
        let message = bench.refused_unharmed(&["ingest", name]);
        let words = format!("does not belong to \"{id}\", but to \"{other}\"");
        assert!(message.contains(&words), "{name}: {message}");
    }
    bench.write("expert.jsonl", jsonl.to_string());
    assert!(bench.refused_unharmed(&["ingest", "--as", "expert", "expert.jsonl"]).contains("but to \"d25\""));
    // If bad rows are skipped, both rows count as bad.
    let outcome = bench.json(&["ingest", "a.csv", "--skip-bad-rows"]);
    assert_eq!((&outcome["new"], &outcome["rejected"]), (&json!(0), &json!(2)), "{outcome}");
}

#[test]
fn a_text_of_nobody_contradicts_an_id_too() {
    let bench = workspace();
    bench.write("a.csv", "id,text,label,annotator\nd25,something else,tech,ana\n");
    let message = bench.refused_unharmed(&["ingest", "a.csv"]);
    assert!(
        message.contains(
            "a.csv:2: the text (\"something else…\") does not belong to \"d25\", and no document has it"
        ),
        "{message}"
    );
}

#[test]
fn what_tools_do_to_a_text_is_no_contradiction() {
    for text in ["'=1+1 caf\u{e9}  au\nlait", "=1+1 cafe\u{301} au lait", " =1+1 caf\u{e9}  au\r\nlait ", ""]
    {
        let bench = workspace();
        bench.write("a.csv", format!("id,text,label,annotator\nd3,\"{text}\",tech,ana\n"));
        assert_eq!(bench.json(&["ingest", "a.csv"])["new"], 1, "{text:?}");
    }
}

#[test]
fn an_import_of_a_known_id_with_another_text_names_both_documents() {
    let bench = workspace();
    let rows = SWAPPED.map(|(id, text)| json!({"id": id, "text": text, "label": "tech"}).to_string() + "\n");
    bench.write("labeled.jsonl", rows.concat());
    let message = bench.refused_unharmed(&["import", "labeled.jsonl"]);
    assert!(
        message.contains("labeled.jsonl:1: the id \"d116\" already belongs to another text"),
        "{message}"
    );
    assert!(message.contains("this text belongs to \"d25\""), "{message}");
    // A text that differs only in white space or in the encoding of accents is the same text; the
    // stored one stays.
    bench.write(
        "again.jsonl",
        json!({"id": "d3", "text": "=1+1 cafe\u{301} au lait", "label": "tech"}).to_string(),
    );
    let ran = bench.run(&["import", "again.jsonl"]);
    assert!(
        ran.stderr.contains("1 known documents came with different white space or accents in their text"),
        "{}",
        ran.stderr
    );
    assert_eq!(bench.json(&["status"])["documents"]["labeled"], 1);
}

#[test]
fn a_text_alone_tells_the_document_in_every_spelling() {
    for text in ["=1+1 caf\u{e9}  au\nlait", "=1+1 cafe\u{301} au lait", "'=1+1 caf\u{e9} au lait "] {
        let bench = workspace();
        bench.write(
            "ana.jsonl",
            json!({"id": 7, "text": text, "label": ["tech"], "Comments": []}).to_string(),
        );
        assert_eq!(bench.json(&["ingest", "ana.jsonl"])["new"], 1, "{text:?}");
    }
}
