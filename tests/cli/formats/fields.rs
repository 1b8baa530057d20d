//! Fields that the user names, and fields that could be mistaken for the label.

use serde_json::json;

use crate::workbench::Workbench;

const CATEGORY: &str = "id,text,category\n1,abc def,spam\n2,ghi jkl,ham\n";

#[test]
fn a_named_field_that_no_row_has_is_an_error_with_the_one_that_may_be_meant() {
    let bench = Workbench::with_labels("spam,ham");
    bench.write("cat.csv", CATEGORY);
    bench.write("cat.jsonl", "{\"id\":\"1\",\"text\":\"abc def\",\"category\":\"spam\"}\n");
    for (flags, words) in [
        (
            &["--label", "categroy"][..],
            "no row has the field \"categroy\" (did you mean \"category\"?); the fields are ",
        ),
        (&["--meta", "nosuch"], "; name one of them with --meta"),
        (&["--meta", "category,nosuch"], "no row has the field \"nosuch\"; the fields are "),
        (&["--as", "pool", "--label", "categroy"], "no row has the field \"categroy\""),
        (
            &["--text", "txt"],
            "the field \"txt\" is missing (did you mean \"text\"?); every row must have it; choose \
             another field with --text",
        ),
        (&["--id", "idd"], "the field \"idd\" is missing (did you mean \"id\"?)"),
        (&["--text", "txt", "--skip-bad-rows"], "no row has the field \"txt\" (did you mean \"text\"?)"),
    ] {
        for file in ["cat.csv", "cat.jsonl"] {
            let message = bench.refused_unharmed(&[&["import", file], flags].concat());
            assert!(
                message.starts_with(&format!("error: {file}")) && message.contains(words),
                "{flags:?}: {message}"
            );
        }
    }
    // If only one of two files lacks the field, a remark says so.
    bench.write("plain.csv", "id,text\n3,mno\n");
    let ran = bench.run(&["import", "cat.csv", "plain.csv", "--label", "category"]);
    assert!(
        ran.stderr.contains("plain.csv has no field \"category\", which --label names"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.starts_with("Imported: 1 to the pool, 2 labelled"), "{}", ran.stdout);
}

#[test]
fn a_field_that_looks_like_the_label_gets_a_word() {
    for (name, content, field) in [
        ("cat.csv", CATEGORY, "category"),
        ("labs.jsonl", "{\"id\":\"1\",\"text\":\"a b\",\"labels\":[\"spam\"]}\n", "labels"),
        ("kind.jsonl", "{\"id\":\"1\",\"text\":\"a b\",\"kind\":\"ham\"}\n", "kind"),
    ] {
        let bench = Workbench::with_labels("spam,ham");
        bench.write(name, content);
        let said = bench.run(&["import", name]).stderr;
        let words = format!("{name} has no field \"label\"; \"{field}\" was kept as a field of its own");
        assert!(said.contains(&words) && said.contains(&format!("--label {field}")), "{said}");
        let bench = Workbench::with_labels("spam,ham");
        bench.write(name, content);
        let said = bench.run(&["import", name, "--as", "pool"]).stderr;
        assert!(said.contains("annotators would see it"), "{said}");
    }
    let bench = Workbench::with_labels("spam,ham");
    bench.write("in.jsonl", "{\"id\":\"1\",\"text\":\"a b\",\"source\":\"mail\"}\n");
    assert!(!bench.run(&["import", "in.jsonl"]).stderr.contains("has no field"));
}

#[test]
fn other_fields_of_a_known_document_are_said() {
    let bench = Workbench::with_labels("spam,ham");
    let row = |id: &str, more: &str| format!("{{\"id\":\"{id}\",\"text\":\"text {id}\"{more}}}\n");
    bench.write("a.jsonl", row("1", ",\"n\":1,\"s\":\"x\"") + &row("2", ""));
    bench.ok(&["import", "a.jsonl"]);
    bench.write("b.jsonl", row("1", ",\"n\":2") + &row("2", ",\"n\":1"));
    let ran = bench.run(&["import", "b.jsonl"]);
    assert!(
        ran.stderr.contains("2 known documents came with different fields of their own (the first is \"1\")"),
        "{}",
        ran.stderr
    );
    assert_eq!(bench.json(&["import", "b.jsonl"])["other_fields"], 2, "they keep the fields they had");
    // A table has the same values as text; a subset of the fields is no difference.
    bench.write("c.csv", "id,text,n,label\n1,text 1,1,spam\n2,text 2,,ham\n");
    assert_eq!(bench.json(&["import", "c.csv"])["other_fields"], json!(0));
}
