//! Only what the tool itself calls a skip counts as a skip. Anything else is an answer, is left
//! open, or is an error that says where it is.

use serde_json::{Value, json};

use crate::workbench::Workbench;

/// Makes a workspace with two documents and the classes billing, tech and other.
fn workspace() -> Workbench {
    let bench = Workbench::with_labels("billing,tech,other");
    bench.write(
        "pool.jsonl",
        "{\"id\":\"t-1\",\"text\":\"invoice card late\"}\n{\"id\":\"t-2\",\"text\":\"app crash\"}\n",
    );
    bench.ok(&["import", "pool.jsonl"]);
    bench
}

/// Ingests one file in a workspace of its own and returns the output of `--json`.
fn ingested(name: &str, content: &str, flags: &[&str]) -> Value {
    let bench = workspace();
    bench.write(name, content);
    bench.json(&[&["ingest", name], flags].concat())
}

/// Ingests one file, which must be refused, and returns the message.
fn refused(name: &str, content: &str, flags: &[&str]) -> String {
    let bench = workspace();
    bench.write(name, content);
    bench.refused_unharmed(&[&["ingest", name], flags].concat())
}

fn is_one_answer(outcome: &Value) {
    assert_eq!((&outcome["new"], &outcome["skips"]), (&json!(1), &json!(0)), "{outcome}");
}

/// A Label Studio task with one annotation.
fn task(result: &Value) -> String {
    let annotation = json!({"id": 1, "completed_by": 1, "result": result});
    json!([{"id": 1, "data": {"text": "invoice card late"}, "annotations": [annotation]}]).to_string()
}

fn result(control: &str, kind: &str, value: &Value) -> Value {
    json!({"from_name": control, "to_name": "t", "type": kind, "value": value})
}

#[test]
fn label_studio_s_one_control_is_taken_whatever_its_name() {
    let choices = |control: &str| result(control, "choices", &json!({"choices": ["tech"]}));
    for results in [
        json!([choices("sentiment")]),
        json!([choices("label")]),
        json!([result("tree", "taxonomy", &json!({"taxonomy": [["tech"]]}))]),
        json!([choices("topic"), result("stars", "rating", &json!({"rating": 4}))]),
    ] {
        is_one_answer(&ingested("ls.json", &task(&results), &[]));
    }
    let bench = workspace();
    bench
        .write("ls.json", task(&json!([choices("topic"), result("stars", "rating", &json!({"rating": 4}))])));
    let said = bench.run(&["ingest", "ls.json"]).stderr;
    assert!(said.contains("the answers to \"stars\" (rating) are not read"), "{said}");
}

#[test]
fn label_studio_s_other_results_are_errors_that_say_how_to_choose() {
    let choices = |control: &str| result(control, "choices", &json!({"choices": ["tech"]}));
    let spans = result("label", "labels", &json!({"labels": ["tech"], "start": 0, "end": 3}));
    for (results, words) in [
        (json!([spans]), "this annotation chooses no class: it has \"label\" (labels)"),
        (
            json!([choices("topic"), choices("mood")]),
            "\"mood\" and \"topic\" ask for a class; choose the one",
        ),
        (
            json!([result("tree", "taxonomy", &json!({"taxonomy": [["other", "tech"]]}))]),
            "the answer to \"tree\" is a path of a taxonomy with several levels",
        ),
        (
            json!([result("label", "choices", &json!({"choices": ["tech", "billing"]}))]),
            "2 labels; expected one",
        ),
        (json!([result("label", "choices", &json!({"labels": ["tech"]}))]), "without \"choices\""),
        (json!([result("a", "pairwise", &json!({"selected": "left"}))]), "it has \"a\" (pairwise)"),
        (json!([result("a", "textarea", &json!({"text": ["tech"]}))]), "it has \"a\" (textarea)"),
    ] {
        let message = refused("ls.json", &task(&results), &[]);
        assert!(message.starts_with("error: ls.json: item 1: annotation 1: "), "{message}");
        assert!(message.contains(words), "{message}");
    }
    is_one_answer(&ingested(
        "ls.json",
        &task(&json!([choices("topic"), choices("mood")])),
        &["--control", "mood"],
    ));
    let text = task(&json!([result("a", "textarea", &json!({"text": ["tech"]}))]));
    is_one_answer(&ingested("ls.json", &text, &["--control", "a"]));
    let message = refused("ls.json", &task(&json!([choices("topic")])), &["--control", "topci"]);
    let words = "no record has an answer to \"topci\" (did you mean \"topic\"?)";
    assert!(message.starts_with(&format!("error: ls.json: {words}")), "{message}");
}

#[test]
fn two_questions_are_two_even_when_nobody_answered_both() {
    let choices = |control: &str| json!([result(control, "choices", &json!({"choices": ["tech"]}))]);
    let annotation =
        |id: u32, control: &str| json!({"id": id, "completed_by": id, "result": choices(control)});
    let export = json!([{"id": 1, "data": {"text": "app crash"}, "annotations": [annotation(1, "a"), annotation(2, "b")]}]);
    let message = refused("ls.json", &export.to_string(), &[]);
    assert!(message.contains("annotation 2: \"a\" and \"b\" ask for a class"), "{message}");
}

#[test]
fn what_was_submitted_with_nothing_chosen_is_no_skip_and_is_said() {
    let bench = workspace();
    bench.write("ls.json", task(&json!([])));
    let ran = bench.run(&["ingest", "ls.json"]);
    assert!(ran.stderr.contains("ls.json has no answers: 1 submitted with nothing chosen"), "{}", ran.stderr);
    assert!(ran.stdout.contains("Without an answer: 1 submitted with nothing chosen"), "{}", ran.stdout);
    let cancelled = task(&json!([])).replace("\"completed_by\"", "\"was_cancelled\":true,\"completed_by\"");
    assert_eq!(ingested("ls.json", &cancelled, &[])["skips"], 1);
}

#[test]
fn label_studio_s_flat_export_has_its_answer_in_the_only_field_with_a_label() {
    let row = |fields: &Value| {
        let mut row = json!({"id": 1, "text": "invoice card late", "annotator": 1, "annotation_id": 2,
                             "updated_at": "2024-01-01T00:00:00.000Z", "lead_time": 3.5});
        row.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!([row]).to_string()
    };
    for fields in [
        json!({"sentiment": "tech", "source": "mail"}),
        json!({"label": "tech"}),
        json!({"label": {"choices": ["tech"]}}),
        json!({"tree": [["tech"]]}),
        json!({"label": "tech", "querist_id": "t-1", "channel": "billing"}),
    ] {
        is_one_answer(&ingested("min.json", &row(&fields), &[]));
    }
    for (fields, words) in [
        (json!({"sentiment": "teck", "source": "mail"}), "no field has an answer"),
        (json!({"sentiment": "tech", "topic": "other"}), "\"sentiment\" and \"topic\" ask for a class"),
        (json!({"label": [{"start": 0, "end": 3, "labels": ["tech"]}]}), "a list of marks, such as spans"),
        (json!({"label": {"choices": ["tech", "other"]}}), "2 labels; expected one"),
        (json!({"label": "teck"}), "unknown label \"teck\""),
    ] {
        let message = refused("min.json", &row(&fields), &[]);
        assert!(message.starts_with("error: min.json: item 1: ") && message.contains(words), "{message}");
    }
    is_one_answer(&ingested(
        "min.json",
        &row(&json!({"sentiment": "tech", "topic": "other"})),
        &["--control", "topic"],
    ));
}

#[test]
fn prodigy_s_tasks_without_a_class_are_errors() {
    let task = |rest: &str| {
        format!("{{\"text\":\"app crash\",\"_task_hash\":1,\"_annotator_id\":\"ana\",{rest}}}\n")
    };
    for (rest, words) in [
        (r#""answer":"accept","spans":[{"label":"tech"}]"#, "no field has an answer; expected \"accept\""),
        (r#""answer":"accept","options":[{"id":"tech"}]"#, "no field has an answer; expected \"accept\""),
        (r#""answer":"reject","spans":[]"#, "no field has an answer"),
        (
            r#""answer":"maybe","label":"tech""#,
            "\"answer\" is \"maybe\"; expected one of: accept, reject or ignore",
        ),
        (r#""answer":null,"label":"tech""#, "\"answer\" is null"),
        (r#""answer":"accept","accept":["tech","other"]"#, "2 labels; expected one"),
        (r#""answer":"accept","accept":"tech""#, "\"accept\" is not a list"),
    ] {
        let message = refused("p.jsonl", &task(rest), &[]);
        assert!(message.starts_with("error: p.jsonl:1: ") && message.contains(words), "{message}");
    }
    is_one_answer(&ingested("p.jsonl", &task(r#""answer":"accept","accept":["tech"]"#), &[]));
    assert_eq!(ingested("p.jsonl", &task(r#""answer":"ignore""#), &[])["skips"], 1);
}

#[test]
fn argilla_1_is_read_and_says_what_it_does_not_know() {
    let record = |rest: &str| {
        format!(
            "{{\"id\":\"1\",\"text\":\"app crash\",\"annotation_agent\":\"argilla\",\"prediction\":null,\
             \"inputs\":{{\"text\":\"app crash\"}},{rest}}}\n"
        )
    };
    // The id is the tool's own and names no document, so the text identifies the document.
    is_one_answer(&ingested("a.jsonl", &record(r#""annotation":"tech","status":"Validated""#), &[]));
    is_one_answer(&ingested(
        "a.jsonl",
        &record(r#""annotation":["tech"],"multi_label":true,"status":"Validated""#),
        &[],
    ));
    assert_eq!(ingested("a.jsonl", &record(r#""annotation":null,"status":"Discarded""#), &[])["skips"], 1);
    let open = ingested("a.jsonl", &record(r#""annotation":null,"status":"Default""#), &[]);
    assert_eq!(
        (&open["new"], &open["remarks"]),
        (&json!(0), &json!(["a.jsonl has no answers: 1 not labelled yet"]))
    );
    for (rest, words) in [
        (r#""annotation":["tech","other"],"status":"Validated""#, "2 labels; expected one"),
        (r#""annotation":[["tech",0,3]],"status":"Validated""#, "the answer to \"annotation\" is"),
        (
            r#""annotation":"tech","status":"Finished""#,
            "\"status\" is \"Finished\"; expected one of: Validated",
        ),
        (r#""annotation":"teck","status":"Validated""#, "did you mean \"tech\"?"),
    ] {
        let message = refused("a.jsonl", &record(rest), &[]);
        assert!(message.starts_with("error: a.jsonl:1: ") && message.contains(words), "{message}");
    }
    let feedback = json!({"external_id": "t-2", "fields": {"text": "app crash"}, "responses": [
        {"user_id": "u", "status": "submitted", "values": {"topic": {"value": "tech"}}},
        {"user_id": "v", "status": "discarded", "values": {}}]});
    let outcome = ingested("f.jsonl", &format!("{feedback}\n"), &[]);
    assert_eq!((&outcome["new"], &outcome["skips"]), (&json!(2), &json!(1)), "{outcome}");
}

#[test]
fn argilla_s_responses_are_taken_from_one_question_and_one_status() {
    let record = |responses: &Value| {
        format!("{}\n", json!({"id": "t-1", "fields": {"text": "invoice card late"}, "responses": responses}))
    };
    is_one_answer(&ingested("a.jsonl", &record(&json!({"topic": [{"value": "tech", "user_id": "u"}]})), &[]));
    is_one_answer(&ingested(
        "a.jsonl",
        &record(&json!({"topic": [{"value": ["tech"], "user_id": "u"}]})),
        &[],
    ));
    let both =
        json!({"topic": [{"value": "tech", "user_id": "u"}], "mood": [{"value": "other", "user_id": "u"}]});
    is_one_answer(&ingested("a.jsonl", &record(&both), &["--control", "mood"]));
    for (responses, words) in [
        (
            both,
            "\"mood\" and \"topic\" ask for a class; choose the one whose answers count with --control NAME",
        ),
        (
            json!({"label": [{"value": ["tech", "other"], "user_id": "u"}]}),
            "response 1: 2 labels; expected one",
        ),
        (json!({"label": [{"value": [{"label": "tech", "start": 0}], "user_id": "u"}]}), "such as spans"),
        (json!({"label": [{"value": "tech", "user_id": "u", "status": "done"}]}), "\"status\" is \"done\""),
    ] {
        let message = refused("a.jsonl", &record(&responses), &[]);
        assert!(message.starts_with("error: a.jsonl:1: ") && message.contains(words), "{message}");
    }
    // Submitted without an answer to the question: this is no skip.
    let blank = ingested(
        "a.jsonl",
        &record(&json!({"label": [{"value": null, "user_id": "u", "status": "submitted"}]})),
        &[],
    );
    assert_eq!((&blank["new"], &blank["open"]), (&json!(0), &json!({"submitted with nothing chosen": 1})));
}

#[test]
fn files_of_open_records_say_why_nothing_came_of_them() {
    for (name, content, why) in [
        (
            "ana.jsonl",
            "{\"id\":1,\"text\":\"app crash\",\"label\":[],\"Comments\":[]}\n",
            "1 not labelled yet",
        ),
        ("a.csv", "id,annotator,label\nt-1,ana,\nt-2,ana, \n", "2 not labelled yet"),
        (
            "r.jsonl",
            "{\"id\":\"t-1\",\"fields\":{\"text\":\"invoice card late\"},\"responses\":{}}\n",
            "1 without a response",
        ),
    ] {
        let outcome = ingested(name, content, &[]);
        assert_eq!(outcome["new"], 0, "{outcome}");
        assert_eq!(outcome["remarks"], json!([format!("{name} has no answers: {why}")]));
    }
}

#[test]
fn a_table_s_row_is_a_skip_only_when_it_says_so() {
    for (rows, words) in [
        ("t-1,ana,tech,true\n", "the row is a skip but has the label \"tech\""),
        ("t-1,ana,,perhaps\n", "the field \"skip\" is \"perhaps\""),
    ] {
        let message = refused("a.csv", &format!("id,annotator,label,skip\n{rows}"), &[]);
        assert!(message.starts_with("error: a.csv:2: ") && message.contains(words), "{message}");
    }
    is_one_answer(&ingested("a.csv", "id,annotator,label,skip\nt-1,ana,tech,false\n", &[]));
    assert_eq!(ingested("a.csv", "id,annotator,label,skip\nt-1,ana,,x\n", &[])["skips"], 1);
}

#[test]
fn querist_s_own_batch_without_an_annotator_is_not_taken_for_another_tool_s() {
    let row = |rest: &str| {
        format!(
            "{{\"id\":\"t-1\",\"text\":\"invoice card late\",\"labels\":[\"billing\",\"tech\",\"other\"],\"meta\":{{}}{rest}}}\n"
        )
    };
    let outcome = ingested("b.jsonl", &row(",\"label\":null"), &["--annotator", "ana"]);
    assert_eq!((&outcome["new"], &outcome["skips"]), (&json!(1), &json!(1)), "{outcome}");
    let message = refused("b.jsonl", &row(""), &["--annotator", "ana"]);
    assert!(message.starts_with("error: b.jsonl:1: the field \"label\" is missing"), "{message}");
}

#[test]
fn marks_in_a_text_are_no_class_of_it() {
    let part = json!([result("c", "choices", &json!({"start": 0, "end": 3, "choices": ["tech"]}))]);
    let message = refused("ls.json", &task(&part), &[]);
    assert!(message.contains("the answer to \"c\" is of a part of the text (choices)"), "{message}");
    for line in [
        r#"{"id":9,"text":"app crash","label":[[0,3,"tech"]],"Comments":[]}"#,
        r#"{"id":9,"text":"app crash","entities":[{"label":"tech","start_offset":0,"end_offset":3}],"relations":[],"Comments":[]}"#,
    ] {
        let message = refused("ana.jsonl", line, &[]);
        assert!(
            message.contains("marks parts of the text; expected one label for the whole document"),
            "{message}"
        );
    }
}
