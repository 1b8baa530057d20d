//! `querist documents` finds documents by their state. Its counts agree with `querist status`.

use serde_json::{Value, json};

use crate::workbench::{Workbench, documents, lines};

/// Makes a workspace with ties, skips, picks without an answer, and a document that an expert
/// excluded.
fn workspace() -> Workbench {
    let bench = Workbench::small();
    bench.write(
        "more.jsonl",
        lines([
            json!({"id": "x1", "text": "Das Ärgernis", "lang": "de"}),
            json!({"id": "x2", "text": "ein a\u{308}rgerlicher Fall", "lang": "de"}),
            json!({"id": "x3", "text": "nothing of the kind", "lang": "en"}),
        ]),
    );
    bench.ok(&["import", "more.jsonl"]);
    bench.ok(&["round", "--size", "20", "--mix", "random=0.8,control=0.2"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let given = batch.iter().enumerate().flat_map(|(i, row)| {
        let one = |who: &str, label: Value| json!({"id": row["id"], "annotator": who, "label": label});
        match i % 5 {
            0 => vec![one("ana", Value::Null)],
            1 => vec![one("ana", json!("a")), one("ben", json!("b"))],
            2 => vec![],
            _ => vec![one("ana", json!("c"))],
        }
    });
    bench.write("answers.jsonl", lines(given));
    bench.ok(&["ingest", "answers.jsonl"]);
    bench.write("expert.jsonl", lines([json!({"id": "p059", "label": null, "annotator": "eve"})]));
    bench.ok(&["ingest", "--as", "expert", "expert.jsonl"]);
    bench
}

#[test]
fn the_states_are_those_that_status_counts() {
    let bench = workspace();
    let status = bench.json(&["status"])["documents"].clone();
    let mut pool = 0;
    for (state, key) in [
        ("open", "open"),
        ("out", "out"),
        ("labelled", "labeled"),
        ("tied", "tied"),
        ("skipped", "skipped"),
        ("left-out", "left_out"),
        ("control", "control"),
        ("test", "test"),
    ] {
        let listed = bench.json(&["documents", "--state", state, "--limit", "200"]);
        assert_eq!(listed["found"], status[key], "{state}");
        assert!(listed["found"].as_u64().unwrap() > 0, "{state}");
        let rows = listed["documents"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["state"] == key), "{state}");
        if !["control", "test"].contains(&state) {
            pool += rows.len();
        }
    }
    assert_eq!(status["pool"], pool);
    let all = bench.json(&["documents", "--limit", "0"]);
    assert_eq!((&all["found"], &all["documents"]), (&json!(75 + 12 + 6), &json!([])));
}

#[test]
fn words_are_found_whatever_their_case_and_accents() {
    let bench = workspace();
    let ids = |flags: &[&str]| -> Vec<String> {
        let listed = bench.json(&[&["documents"][..], flags].concat());
        let rows = listed["documents"].as_array().unwrap().iter();
        rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&["--search", "äRGER"]), ["x1", "x2"]);
    assert_eq!(ids(&["--search", "A\u{308}rgernis"]), ["x1"]);
    assert_eq!(ids(&["--where", "lang=de", "--search", "fall"]), ["x2"]);
    assert_eq!(ids(&["--where", "lang!=de", "--where", "lang!=de", "--search", "kind"]), ["x3"]);
    assert_eq!(ids(&["--search", "no such words"]), [""; 0]);
    let x1 = &bench.json(&["documents", "--search", "Ärgernis"])["documents"][0];
    assert_eq!((&x1["meta"], &x1["text"]), (&json!({"lang": "de"}), &json!("Das Ärgernis")));
}

#[test]
fn pages_follow_each_other_and_a_batch_is_a_page() {
    let bench = workspace();
    let page =
        |offset: &str| bench.json(&["documents", "--state", "open", "--limit", "10", "--offset", offset]);
    let (first, second) = (page("0"), page("10"));
    let both = bench.json(&["documents", "--state", "open", "--limit", "20"]);
    let rows = |page: &Value| page["documents"].as_array().unwrap().clone();
    assert_eq!([rows(&first), rows(&second)].concat(), rows(&both));
    let text = bench.ok(&["documents", "--state", "open", "--limit", "10"]);
    assert!(text.trim_end().ends_with("documents; --offset 10 lists the next ones"), "{text}");

    let picked = bench.json(&["documents", "--round", "1"]);
    assert_eq!(picked["found"], 20);
    assert!(rows(&picked).iter().all(|row| row["rounds"] == json!([1])));
    let of_class = bench.json(&["documents", "--round", "1", "--class", "c", "--state", "labelled"]);
    assert!(of_class["found"].as_u64().unwrap() > 0);
    assert!(rows(&of_class).iter().all(|row| row["class"] == "c"));
}

#[test]
fn what_there_is_not_is_refused() {
    let bench = workspace();
    for (flags, told) in [
        (["--class", "d"], "--class: unknown label \"d\""),
        (["--round", "7"], "round 7"),
        (["--where", "lan=de"], "did you mean \"lang\"?"),
        (["--where", "lang"], "--where: \"lang\"; expected FIELD=VALUE"),
    ] {
        let message = bench.refused(&[&["documents"][..], &flags].concat());
        assert!(message.contains(told), "{message}");
    }
    let bare = Workbench::with_labels("a,b");
    bare.write("pool.jsonl", documents("p", 3, false));
    bare.ok(&["import", "pool.jsonl"]);
    let message = bare.refused(&["documents", "--where", "lang=de"]);
    assert!(message.contains("the documents have no fields other than id, text and label"), "{message}");
}

#[test]
fn a_state_is_printed_as_its_option_has_it() {
    let bench = Workbench::small();
    let listed = bench.ok(&["documents", "--state", "labelled"]);
    assert_eq!(listed, bench.ok(&["documents", "--state", "labeled"]));
    assert!(listed.contains("  labelled  ") && !listed.contains("labeled"), "{listed}");
}
