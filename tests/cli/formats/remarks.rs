//! Reasons, comments and flags of answers are kept. Results, reviews and reports show them.

use serde_json::{Value, json};

use crate::workbench::Workbench;

#[test]
fn what_people_write_beside_answers_is_kept_and_shown() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "10"]);
    bench.write(
        "answers.jsonl",
        [
            json!({"id": "p000", "label": "a", "annotator": "ana", "comment": "both | <b>fit</b>", "flag": true}),
            json!({"id": "p000", "label": "b", "annotator": "ben", "reason": "the last\nsentence"}),
            json!({"id": "p001", "label": null, "annotator": "ana", "reason": "not English", "flag": false}),
            json!({"id": "p002", "label": "c", "annotator": "ana", "comment": "plain"}),
        ]
        .map(|row| row.to_string() + "\n")
        .concat(),
    );
    bench.ok(&["ingest", "answers.jsonl"]);
    let review = bench.json(&["review"]);
    let of = |id: &str| {
        let documents = review["documents"].as_array().unwrap();
        documents.iter().find(|document| document["id"] == id).unwrap()["remarks"].clone()
    };
    assert_eq!(
        of("p000"),
        json!([{"by": "ana", "label": "a", "comment": "both | <b>fit</b>", "flag": "true"},
               {"by": "ben", "label": "b", "reason": "the last\nsentence"}])
    );
    assert_eq!(of("p001"), json!([{"by": "ana", "label": null, "reason": "not English"}]));
    assert!(bench.ok(&["review"]).contains("ben (b): reason: the last sentence"));
    bench.ok(&["report"]);
    let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
    let counts = ["flags", "comments", "reasons"].map(|count| report["remarks"][count].as_u64().unwrap());
    assert_eq!((counts, &report["remarks"]["documents"][0]["id"]), ([1, 2, 2], &json!("p000")));
    assert!(bench.read("rounds/0001/report.md").contains("left 1 flags, 2 comments and 2 reasons"));
    assert!(!bench.read("rounds/0001/report.html").contains("<b>fit</b>"));
    bench.ok(&["export", "--labeled", "labeled.jsonl"]);
    let rows = bench.rows("labeled.jsonl");
    let remarks = |id: &str| rows.iter().find(|row| row["id"] == id).unwrap()["remarks"].clone();
    assert_eq!(remarks("p002"), json!([{"by": "ana", "label": "c", "comment": "plain"}]));
    assert_eq!(remarks("l000"), json!([]));
}

#[test]
fn a_comment_that_comes_later_is_not_lost_and_comes_once() {
    let bench = Workbench::small();
    let row = |comment: &str| {
        json!({"id": "l000", "label": "a", "annotator": "ana", "time": 100, "comment": comment}).to_string()
            + "\n"
    };
    bench.write("one.jsonl", row(""));
    bench.write("two.jsonl", row("on second thoughts"));
    assert_eq!(bench.json(&["ingest", "one.jsonl"])["new"], 1);
    assert_eq!(bench.json(&["ingest", "two.jsonl"])["changed"], 1);
    bench.write("three.jsonl", row("on second thoughts") + "\n");
    assert_eq!(bench.json(&["ingest", "three.jsonl"])["unchanged"], 1);
    bench.write("four.jsonl", row("") + "\n\n");
    assert_eq!(
        bench.json(&["ingest", "four.jsonl"])["unchanged"],
        1,
        "an export without comments takes none away"
    );
}

#[test]
fn the_tools_comments_come_in_too() {
    let choices = json!([{"from_name": "label", "type": "choices", "value": {"choices": ["a"]}},
                         {"from_name": "why", "type": "textarea", "value": {"text": ["one", "two"]}}]);
    let studio = json!([{"data": {"querist_id": "p000"}, "annotations": [{"completed_by": "ana", "result": choices}]}]);
    let doccano =
        json!({"id": 1, "querist_id": "p000", "text": null, "label": ["a"], "Comments": ["one", "two"]});
    let prodigy = json!({"querist_id": "p000", "label": "a", "answer": "accept", "_annotator_id": "ana", "flagged": true,
                         "comment": "one\ntwo"});
    let csv = "id,annotator,label,comment,flag\np000,ana,a,\"one\ntwo\",no\n".to_owned();
    for (name, content, flag) in [
        ("studio.json", studio.to_string(), Value::Null),
        ("ana.jsonl", doccano.to_string(), Value::Null),
        ("prodigy.jsonl", prodigy.to_string(), json!("true")),
        ("a.csv", csv, Value::Null),
    ] {
        let bench = Workbench::small();
        bench.write(name, content);
        bench.ok(&["ingest", name]);
        bench.ok(&["export", "--labeled", "labeled.jsonl"]);
        let rows = bench.rows("labeled.jsonl");
        let remark = &rows.iter().find(|row| row["id"] == "p000").unwrap()["remarks"][0];
        assert_eq!((&remark["comment"], &remark["flag"]), (&json!("one\ntwo"), &flag), "{name}: {remark}");
    }
}
