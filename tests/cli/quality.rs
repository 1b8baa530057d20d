//! `querist quality` turns a plain file of answers into a consensus and a report.

mod bad_rows;
mod kappa;
mod ordered;
mod page;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::workbench::Workbench;

/// All files that the command writes.
const FILES: [&str; 5] = ["consensus.jsonl", "annotators.csv", "report.html", "report.md", "report.json"];

/// Three items by three annotators: (item, annotator, label). Item 2 is a tie between two labels.
const ANSWERS: [(&str, &str, &str); 8] = [
    ("1", "ana", "spam"),
    ("1", "ben", "spam"),
    ("1", "cleo", "größer"),
    ("2", "ana", "spam"),
    ("2", "ben", "größer"),
    ("3", "ana", "größer"),
    ("3", "ben", "größer"),
    ("3", "cleo", "größer"),
];

fn json_lines(answers: &[(&str, &str, &str)]) -> String {
    let line = |(item, annotator, label): &(&str, &str, &str)| {
        json!({"item": item, "annotator": annotator, "label": label}).to_string() + "\n"
    };
    answers.iter().map(line).collect()
}

fn table(head: &str, separator: &str, answers: &[(&str, &str, &str)]) -> String {
    let row =
        |(item, annotator, label): &(&str, &str, &str)| [*item, *annotator, *label].join(separator) + "\n";
    head.to_owned() + "\n" + &answers.iter().map(row).collect::<String>()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    std::iter::once(head).chain(rows).collect()
}

#[test]
fn votes_become_labels() {
    let bench = Workbench::new();
    bench.write("answers.jsonl", json_lines(&ANSWERS));
    let report = bench.json(&["quality", "answers.jsonl", "--method", "mv"]);
    assert_eq!(report["labels"], json!(["größer", "spam"]));
    assert_eq!(report["consensus"]["labeled"], json!([1, 1]));
    assert_eq!(report["consensus"]["ties"], 1);
    let rows = bench.rows("quality/consensus.jsonl");
    let third = 1.0 / 3.0;
    let near =
        |row: &Value, label: &str, p: f64| (row["posterior"][label].as_f64().unwrap() - p).abs() < 1e-12;
    assert_eq!(
        (&rows[0]["item"], &rows[0]["label"], &rows[0]["answers"]),
        (&json!("1"), &json!("spam"), &json!(3))
    );
    assert!(near(&rows[0], "spam", 2.0 * third) && near(&rows[0], "größer", third), "{}", rows[0]);
    assert_eq!((&rows[1]["label"], &rows[1]["tied"]), (&Value::Null, &json!(["größer", "spam"])));
    assert_eq!(rows[2]["label"], "größer");
    assert!(rows[2].get("tied").is_none());
    for name in FILES {
        assert!(bench.path("quality").join(name).exists(), "{name}");
    }
}

#[test]
fn every_form_of_the_file_gives_the_same_bytes() {
    let bench = Workbench::new();
    let hashless = |out: &str| {
        let mut report: Value = serde_json::from_str(&bench.read(&format!("{out}/report.json"))).unwrap();
        report["input"]["hash"] = Value::Null;
        let files = FILES[..4].iter().map(|name| bench.read(&format!("{out}/{name}")));
        files.chain([report.to_string()]).collect::<Vec<_>>()
    };
    bench.write("a", json_lines(&ANSWERS));
    bench.ok(&["quality", "a", "--method", "mv", "--out", "a.out"]);
    let expected = hashless("a.out");
    let mut backwards = ANSWERS;
    backwards.reverse();
    let tasks = json_lines(&ANSWERS).replace("\"item\"", "\"task\"").replace("\"annotator\"", "\"worker\"");
    for (name, bytes) in [
        ("gz", gzip(&json_lines(&ANSWERS))),
        ("backwards", json_lines(&backwards).into_bytes()),
        ("tasks", tasks.into_bytes()),
        ("comma", table("task,worker,label", ",", &ANSWERS).into_bytes()),
        ("comma.gz", gzip(&table("task,performer,label", ",", &ANSWERS))),
        ("tab", table("task\tannotator\tlabel", "\t", &ANSWERS).into_bytes()),
        ("crlf", table("item;annotator;label", ";", &ANSWERS).replace('\n', "\r\n").into_bytes()),
    ] {
        bench.write(name, bytes);
        let out = format!("{name}.out");
        bench.ok(&["quality", name, "--method", "mv", "--out", &out]);
        assert_eq!(hashless(&out), expected, "{name}");
    }
}

#[test]
fn files_are_read_one_after_the_other_and_from_standard_input() {
    let bench = Workbench::new();
    bench.write("first.csv", table("task,worker,label", ",", &ANSWERS[..4]));
    bench.write("second.jsonl", json_lines(&ANSWERS[4..]));
    let both = bench.json(&["quality", "first.csv", "second.jsonl"]);
    assert_eq!((&both["input"]["answers"], &both["input"]["rows"]), (&json!(8), &json!(8)));
    let input = table("task,worker,label", ",", &ANSWERS);
    let piped = bench.fed(&["quality", "-", "--out", "piped", "--json"], input.as_bytes());
    assert_eq!(piped.code, Some(0), "{}", piped.stderr);
    assert_eq!(bench.read("piped/consensus.jsonl"), bench.read("quality/consensus.jsonl"));
}

#[test]
fn the_last_answer_of_a_pair_counts_and_is_counted() {
    let bench = Workbench::new();
    let again =
        [("1", "ana", "a"), ("1", "ben", "b"), ("1", "ana", "b"), ("2", "ana", "a"), ("1", "ana", "b")];
    bench.write("answers.csv", table("task,worker,label", ",", &again) + "2,ben,\n");
    let report = bench.json(&["quality", "answers.csv", "--method", "mv"]);
    let input = &report["input"];
    assert_eq!(
        (&input["rows"], &input["answers"], &input["replaced"], &input["skips"]),
        (&json!(6), &json!(3), &json!(2), &json!(1))
    );
    assert_eq!(bench.rows("quality/consensus.jsonl")[0]["label"], "b");
    let shown = bench.ok(&["quality", "answers.csv", "--method", "mv"]);
    assert!(shown.contains("2 (by a later answer of the same annotator)"), "{shown}");
    assert!(shown.contains("1 row without a label"), "{shown}");
}

#[test]
fn gold_measures_annotators_and_method() {
    let bench = Workbench::new();
    bench.write("answers.jsonl", json_lines(&ANSWERS));
    bench.write("gold.csv", "task,label\n1,spam\n2,spam\n3,spam\n9,spam\n");
    let report = bench.json(&["quality", "answers.jsonl", "--gold", "gold.csv", "--method", "mv"]);
    let accuracy = &report["consensus"]["accuracy"];
    // Item 1 is right; the tie and item 3 are not.
    assert_eq!((&accuracy["correct"], &accuracy["n"]), (&json!(1), &json!(3)));
    assert_eq!(
        (&report["input"]["gold"]["items"], &report["input"]["gold"]["unanswered"]),
        (&json!(4), &json!(1))
    );
    let rows = csv_rows(&bench.read("quality/annotators.csv"));
    assert_eq!(
        rows[0],
        [
            "annotator",
            "answers",
            "skill",
            "skill_low",
            "skill_high",
            "gold_answers",
            "gold_right",
            "gold_accuracy",
            "gold_low",
            "gold_high",
            "flags"
        ]
    );
    let cells: Vec<&[String]> = rows[1..].iter().map(|row| &row[5..7]).collect();
    assert_eq!(cells, [["3", "2"], ["3", "1"], ["2", "0"]]);
    // Wilson's interval of 0 of 2: from 0 to z² / (2 + z²).
    let z = 1.959_963_984_540_054_f64;
    let high: f64 = rows[3][9].parse().unwrap();
    assert!(rows[3][8] == "0" && (high - z * z / (2.0 + z * z)).abs() < 1e-12, "{:?}", rows[3]);
    // If the method receives the gold labels, they decide their items.
    bench.ok(&[
        "quality",
        "answers.jsonl",
        "--gold",
        "gold.csv",
        "--use-gold",
        "--method",
        "mv",
        "--out",
        "told",
    ]);
    assert!(bench.rows("told/consensus.jsonl").iter().all(|row| row["label"] == "spam"));
    assert!(bench.read("told/report.md").contains("so they cannot measure its accuracy"));
}

#[test]
fn no_cell_of_the_table_is_a_formula() {
    let bench = Workbench::new();
    let names = ["=1+1", "+a", "-a", "@a", "a=b"];
    let answers: Vec<(&str, &str, &str)> =
        names.iter().map(|name| ("1", *name, "x")).chain([("2", "a=b", "y")]).collect();
    bench.write("answers.jsonl", json_lines(&answers));
    bench.ok(&["quality", "answers.jsonl"]);
    let rows = csv_rows(&bench.read("quality/annotators.csv"));
    let written: Vec<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(written, ["'+a", "'-a", "'=1+1", "'@a", "a=b"]);
}

#[test]
fn one_item_with_ten_thousand_answers() {
    let bench = Workbench::new();
    let mut text = String::from("task,worker,label\n");
    for worker in 0..10_000 {
        text += &format!("1,w{worker},{}\n", if worker % 3 == 0 { "a" } else { "b" });
    }
    bench.write("answers.csv", text);
    for method in ["mv", "ds"] {
        let report = bench.json(&["quality", "answers.csv", "--method", method]);
        assert_eq!(report["input"]["answers"], 10_000);
        let row = &bench.rows("quality/consensus.jsonl")[0];
        assert_eq!((&row["label"], &row["answers"]), (&json!("b"), &json!(10_000)), "{method}");
    }
}

#[test]
fn a_hundred_thousand_annotators_with_one_answer_each() {
    let bench = Workbench::new();
    let mut text = String::from("task,worker,label\n");
    for worker in 0..100_000 {
        text += &format!("{},w{worker:06},{}\n", worker % 20_000, if worker % 5 < 4 { "a" } else { "b" });
    }
    bench.write("answers.csv", text);
    for method in ["mv", "ds"] {
        let report = bench.json(&["quality", "answers.csv", "--method", method]);
        assert_eq!(
            (&report["input"]["annotators"], &report["input"]["items"]),
            (&json!(100_000), &json!(20_000))
        );
        assert_eq!(bench.read("quality/annotators.csv").lines().count(), 100_001);
        // The size of what a person reads does not grow with the crowd.
        assert!(bench.read("quality/report.html").len() < 300_000);
        assert!(report["annotators"].as_array().unwrap().len() <= 50);
    }
}

#[test]
fn one_label_alone_is_no_failure() {
    let bench = Workbench::new();
    bench.write("answers.csv", "task,worker,label\n1,ana,x\n1,ben,x\n2,ana,x\n");
    let report = bench.json(&["quality", "answers.csv"]);
    assert_eq!((&report["method"], &report["consensus"]["labeled"]), (&json!("mv"), &json!([2])));
    assert!(report["headlines"].to_string().contains("All answers are the same label"));
    let alpha = &report["agreement"]["measures"][0];
    assert!(alpha["value"].is_null() && alpha["undefined"].is_string(), "{alpha}");
    assert!(!bench.read("quality/report.md").contains("NaN"));
}

#[cfg(unix)]
#[test]
fn others_may_read_what_is_written() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Workbench::new();
    bench.write("answers.jsonl", json_lines(&ANSWERS));
    bench.ok(&["quality", "answers.jsonl"]);
    for name in FILES {
        let mode = std::fs::metadata(bench.path("quality").join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644, "{name}");
    }
}

#[test]
fn the_summary_to_the_letter() {
    let bench = Workbench::new();
    bench.write("answers.jsonl", json_lines(&ANSWERS));
    bench.write("gold.jsonl", "{\"item\":\"1\",\"label\":\"spam\"}\n");
    let mut command = bench.command(&["quality", "answers.jsonl", "--gold", "gold.jsonl", "--method", "mv"]);
    let output = command.output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("quality", text);
    });
}
