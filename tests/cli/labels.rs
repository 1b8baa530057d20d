//! Classes are added, renamed, merged and removed. querist.toml and the answers follow; earlier
//! rounds stay the same.

use serde_json::{Value, json};

use crate::workbench::{Workbench, lines};

/// Makes a workspace with two rounds that ana has answered correctly.
fn played() -> Workbench {
    let bench = Workbench::small();
    for number in 1..=2 {
        bench.ok(&["round", "--size", "12", "--mix", "ratio=0.5,random=0.5", "--ratio", "a=0.5,b=0.3,c=0.2"]);
        answer(&bench, number, "ana");
    }
    bench
}

/// Ingests answers of `who` to a round.
fn answer(bench: &Workbench, number: u32, who: &str) {
    let batch = bench.rows(&format!("rounds/{number:04}/batch.jsonl"));
    let rows = batch.iter().filter(|row| row["id"].as_str().unwrap().starts_with('p')).map(|row| {
        let id = row["id"].as_str().unwrap();
        let class = ["a", "b", "c"][id[1..].parse::<usize>().unwrap() % 3];
        json!({"id": id, "label": class, "annotator": who})
    });
    bench.write("answers.jsonl", lines(rows));
    bench.ok(&["ingest", "answers.jsonl"]);
}

fn counts(bench: &Workbench) -> Value {
    bench.json(&["status"])["labels"].clone()
}

fn reproduces(bench: &Workbench, rounds: u32) {
    for number in 1..=rounds {
        let said = bench.ok(&["reproduce", &number.to_string()]);
        assert!(said.contains("identical"), "{said}");
    }
}

#[test]
fn a_renamed_class_keeps_everything_and_goes_by_both_names() {
    let bench = played();
    let text = bench.read("querist.toml");
    let ratio = "ratio = { a = 0.5, b = 0.3, c = 0.2 } # ours";
    bench.write(
        "querist.toml",
        text.replace("ratio = \"balance\"", ratio) + "\n[rules]\n# of apples\na = ['apple']\n",
    );
    let before = counts(&bench);
    let dry = bench.json(&["labels", "rename", "a", "apple", "--dry-run"]);
    assert_eq!(
        (&dry["labels"], &dry["changed"][0]["documents"]),
        (&json!(["apple", "b", "c"]), &before["a"])
    );
    assert_eq!(counts(&bench), before);
    bench.ok(&["labels", "rename", "a", "apple"]);
    let toml = bench.read("querist.toml");
    assert!(toml.contains("ratio = { apple = 0.5, b = 0.3, c = 0.2 } # ours"), "{toml}");
    assert!(toml.contains("# of apples\napple = ['apple']"), "{toml}");
    assert_eq!(counts(&bench)["apple"], before["a"]);
    // Ingesting the old file again brings nothing new, and a tool may keep using the old name.
    bench.ok(&["round", "--size", "9"]);
    let again = bench.json(&["ingest", "answers.jsonl"]);
    assert_eq!((&again["new"], &again["changed"]), (&json!(0), &json!(0)));
    answer(&bench, 3, "ana");
    reproduces(&bench, 3);
    assert!(bench.refused(&["labels", "add", "a"]).contains("was the name of another class"));
    assert!(bench.refused(&["labels", "rename", "b", "apple"]).contains("is already a class"));
    assert!(bench.refused(&["labels", "rename", "appel", "x"]).contains("did you mean \"apple\""));
    bench.ok(&["labels", "rename", "apple", "a"]);
    assert!(bench.read("querist.toml").contains("ratio = { a = 0.5"));
    reproduces(&bench, 3);
}

#[test]
fn a_rename_is_no_new_label_for_the_stopping_rules() {
    let bench = played();
    bench.ok(&["labels", "rename", "b", "banana"]);
    bench.ok(&["round", "--size", "6"]);
    let rounds = bench.json(&["status"])["stopping"].clone();
    let evidence = rounds["rounds"].as_array().unwrap();
    assert_eq!(evidence.len(), 3, "{rounds}");
    // Only the answers of round 2 arrived between the models of rounds 2 and 3.
    let came = evidence[1]["labeled"].as_u64().unwrap();
    assert!(evidence[2]["new_labels"].as_u64().unwrap() <= came, "{rounds}");
}

#[test]
fn two_classes_become_one_and_reports_of_earlier_rounds_follow() {
    let bench = played();
    let before = counts(&bench);
    let n = |label: &str| before[label].as_u64().unwrap();
    bench.ok(&["labels", "merge", "a", "b", "--into", "fruit"]);
    assert_eq!(counts(&bench), json!({"fruit": n("a") + n("b"), "c": n("c")}));
    bench.ok(&["round", "--size", "9"]);
    answer(&bench, 3, "ben");
    for number in ["1", "2", "3"] {
        bench.ok(&["report", "--round", number]);
    }
    let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
    assert_eq!(report["labels"], json!(["fruit", "c"]));
    assert_eq!(report["model"]["labeled"].as_array().unwrap().len(), 2);
    reproduces(&bench, 3);
    // Annotators see the current classes.
    bench.ok(&["export", "--format", "label-studio", "--round", "2"]);
    assert!(bench.refused(&["labels", "merge", "fruit", "--into", "fruit"]).contains("two classes"));
    assert!(
        bench.refused(&["labels", "merge", "fruit", "c", "--into", "all"]).contains("would become invalid")
    );
}

#[test]
fn a_class_that_is_taken_out_leaves_skips_and_comes_back() {
    let bench = played();
    let before = counts(&bench);
    assert!(bench.refused(&["labels", "remove", "c"]).contains("--to-skip"));
    let said = bench.json(&["labels", "remove", "c", "--to-skip"]);
    assert_eq!(said["unlabeled"], before["c"]);
    assert_eq!(counts(&bench), json!({"a": before["a"], "b": before["b"]}));
    bench.ok(&["round", "--size", "6", "--mix", "random=1"]);
    bench.ok(&["report"]);
    reproduces(&bench, 3);
    bench.ok(&["labels", "add", "c"]);
    assert_eq!(counts(&bench), before);
    reproduces(&bench, 3);
    // The class comes back with all its former names.
    bench.ok(&["labels", "rename", "c", "cherry"]);
    bench.ok(&["labels", "remove", "cherry", "--to-skip"]);
    assert!(bench.refused(&["labels", "add", "c"]).contains("use that name"));
    bench.ok(&["labels", "add", "cherry"]);
    assert_eq!(counts(&bench)["cherry"], before["c"]);
    bench.ok(&["labels", "rename", "cherry", "c"]);
    assert!(bench.refused(&["labels", "merge", "a", "a", "--into", "b"]).contains("named twice"));
    assert!(bench.refused(&["config", "set", "batch", "{size=3}"]).contains("batch is a table"));
    bench.ok(&["labels", "add", "new one"]);
    bench.ok(&["labels", "remove", "new one"]);
}

#[test]
fn a_class_that_was_not_the_last_comes_back_at_the_end() {
    let bench = played();
    let before = counts(&bench);
    bench.ok(&["labels", "remove", "a", "--to-skip"]);
    assert_eq!(bench.json(&["labels", "add", "a", "--dry-run"])["labels"], json!(["b", "c", "a"]));
    bench.ok(&["labels", "add", "a"]);
    assert_eq!(counts(&bench), before);
    reproduces(&bench, 2);
    bench.ok(&["round", "--size", "9"]);
    answer(&bench, 3, "ben");
    // The class was the last one, but another class now stands after it.
    bench.ok(&["labels", "remove", "c", "--to-skip"]);
    bench.ok(&["labels", "add", "z"]);
    bench.ok(&["labels", "add", "c"]);
    reproduces(&bench, 3);
    // Another class is renamed to the removed one and joins it.
    bench.ok(&["labels", "remove", "z"]);
    bench.ok(&["labels", "remove", "a", "--to-skip"]);
    let dry = bench.json(&["labels", "rename", "b", "a", "--dry-run"]);
    assert_eq!(dry["labels"], json!(["c", "a"]));
    bench.ok(&["labels", "merge", "b", "--into", "a"]);
    assert_eq!(bench.json(&["labels"])["labels"][1]["imported"], 20);
    assert!(bench.read("querist.toml").contains("labels = [\"c\", \"a\"]"));
    bench.ok(&["round", "--size", "6", "--mix", "random=1"]);
    reproduces(&bench, 4);
    for number in ["1", "2", "3", "4"] {
        bench.ok(&["report", "--round", number]);
    }
}

#[test]
fn what_merges_and_goes_leaves_the_other_comments() {
    let bench = Workbench::small();
    let list = "labels = [\r\n  \"a\", # apples\r\n  \"b\", # bananas\r\n  \"c\", # cherries\r\n]\r\n";
    let rest = "[rules]\r\n# of a\r\na = ['apple']\r\n# of c\r\nc = ['cherry']\r\n";
    bench.write("querist.toml", format!("{list}{rest}"));
    bench.ok(&["labels", "describe", "a", "another"]);
    bench.ok(&["labels", "describe", "b", "of its own"]);
    bench.ok(&["labels", "merge", "a", "b", "--into", "b"]);
    assert_eq!(bench.json(&["labels"])["labels"][0]["description"], "of its own");
    let toml = bench.read("querist.toml");
    let expected = list.replace("  \"a\", # apples\r\n", "") + &rest.replace("a = [", "b = [");
    assert!(toml.starts_with(&expected), "{toml}");
    assert_eq!(toml.matches('\n').count(), toml.matches("\r\n").count());
}

#[test]
fn who_names_a_class_of_before_hears_what_became_of_it() {
    let bench = played();
    bench.ok(&["labels", "rename", "a", "apple"]);
    bench.ok(&["labels", "remove", "c", "--to-skip"]);
    bench.ok(&["labels", "add", "d"]);
    let ratio = |class: &str| bench.refused(&["round", "--ratio", &format!("{class}=0.5,b=0.5")]);
    assert!(ratio("c").contains("the class was removed; adding the class \"c\" brings it back"));
    bench.write("answer.jsonl", lines([json!({"id": "p000", "label": "c", "annotator": "ana"})]));
    let refused = bench.refused(&["ingest", "answer.jsonl"]);
    assert!(refused.contains("the class \"c\" was removed") && refused.contains("apple, b, d"), "{refused}");
    assert!(ratio("a").contains("unknown label \"a\" (it is now called \"apple\")"));
    let text = bench.read("querist.toml").replace("ratio = \"balance\"", "ratio = { a = 0.5, b = 0.5 }");
    bench.write("querist.toml", text);
    let refused = bench.refused(&["round"]);
    assert!(refused.contains("(it is now called \"apple\")"), "{refused}");
}

#[test]
fn a_class_that_only_held_out_documents_have_is_said_to_be_there() {
    let bench = Workbench::with_labels("a,b,z");
    bench.write("t.jsonl", lines([json!({"id": "t1", "text": "one", "label": "z"})]));
    bench.ok(&["import", "t.jsonl", "--as", "test"]);
    let refused = bench.refused(&["labels", "remove", "z"]);
    assert!(refused.contains("\"z\" is in use: 1 test document or control item;"), "{refused}");
    assert_eq!(bench.json(&["labels"])["labels"][2]["held_out"], 1);
}

#[test]
fn classes_are_listed_with_what_belongs_to_them() {
    let bench = Workbench::small();
    bench.ok(&["labels", "describe", "a", "  anything with apples  "]);
    let labels = bench.json(&["labels"]);
    assert_eq!(labels["labels"][0]["description"], "anything with apples");
    assert_eq!((&labels["labels"][0]["imported"], &labels["labels"][0]["answers"]), (&json!(10), &json!(0)));
    assert!(bench.ok(&["labels"]).contains("anything with apples"));
    bench.ok(&["labels", "rename", "a", "apple"]);
    assert!(bench.read("querist.toml").contains("apple = \"anything with apples\""));
    bench.ok(&["labels", "describe", "apple"]);
    assert_eq!(bench.json(&["labels"])["labels"][0].get("description"), None);
    let bench = Workbench::small();
    let text = bench.read("querist.toml") + "\n[classes.descriptions]\npear = \"x\"\n";
    bench.write("querist.toml", text);
    assert!(bench.refused(&["status"]).contains("pear"));
}

#[test]
fn an_empty_description_is_none_and_hints_name_the_class() {
    let bench = Workbench::small();
    bench.ok(&["labels", "rename", "a", "ripe apples"]);
    bench.ok(&["labels", "describe", "ripe apples", "round"]);
    let said = bench.ok(&["labels", "describe", "ripe apples", ""]);
    assert_eq!(said.trim(), "ripe apples has no description any more");
    assert_eq!(bench.json(&["labels"])["labels"][0]["description"], serde_json::Value::Null);
    let message = bench.refused(&["labels", "remove", "ripe apples"]);
    assert!(message.contains("`querist labels merge 'ripe apples' --into OTHER`"), "{message}");
    bench.write("x.jsonl", "{\"id\":\"p000\",\"label\":\"b\",\"annotator\":\"ana\"}\n");
    let said = bench.ok(&["ingest", "x.jsonl"]);
    assert!(
        said.contains("1 new answer,") && said.contains("1 answer is for a document that no batch"),
        "{said}"
    );
    let message = bench.refused(&["people", "rename", "ana", "a,b"]);
    assert!(message.starts_with("error: NEW: the name \"a,b\" has a comma"), "{message}");
}
