//! Tables in the forms that users have, for every command that reads tables.

use crate::workbench::Workbench;

/// The text in little-endian UTF-16, with a byte-order mark.
fn wide(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[test]
fn a_folder_says_what_it_passed_over() {
    let bench = Workbench::with_labels("a,b");
    std::fs::create_dir(bench.path("in")).unwrap();
    bench.write("in/a.jsonl", "{\"id\":\"1\",\"text\":\"one\"}\n");
    bench.write("in/b.csv", "id;text\n2;two\n");
    bench.write("in/c.txt", "three");
    bench.write("in/.hidden.txt", "no");
    bench.write("in/d.pdf", "no");
    let ran = bench.run(&["import", "in", "--json"]);
    let outcome: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(outcome["pool"], 3, "{}", ran.stderr);
    assert_eq!(outcome["passed_over"][0]["file"], "in/.hidden.txt");
    assert_eq!(outcome["passed_over"][0]["why"], "hidden");
    assert!(ran.stderr.contains("1 file skipped (hidden): in/.hidden.txt\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains("in/d.pdf"), "{}", ran.stderr);
}

#[test]
fn quality_takes_encodings_columns_and_platforms() {
    let bench = Workbench::new();
    bench.write("a.csv", b"Frage;Wer;Antwort\r\n1;\xc4nn;ja\r\n1;Bob;nein\r\n2;\xc4nn;ja\r\n2;Bob;ja\r\n");
    let message = bench.refused(&["quality", "a.csv", "--item-field", "Frage"]);
    assert!(message.contains("the header has no column for the annotator"), "{message}");
    let named = ["--item-field", "frage", "--annotator-field", "Wer", "--label-field", "Antwort"];
    let message = bench.refused(&[&["quality", "a.csv"][..], &named].concat());
    assert!(message.contains("a.csv:2: invalid UTF-8") && message.contains("--encoding"), "{message}");
    let report = bench.json(&[&["quality", "a.csv", "--encoding", "windows-1252"][..], &named].concat());
    assert_eq!((&report["input"]["answers"], &report["refused"]), (&4.into(), &0.into()));
    bench.write("b.csv", wide("task\tworker\tlabel\r\n1\tÄnn\tyes\r\n1\tBob\tno\r\n"));
    assert_eq!(bench.json(&["quality", "b.csv"])["input"]["answers"], 2);

    let head = "INPUT:text\tOUTPUT:label\tGOLDEN:label\tASSIGNMENT:worker_id\tASSIGNMENT:status\n";
    let rows = "x\ta\t\tw1\tAPPROVED\nx\ta\t\tw2\tAPPROVED\ny\tb\tb\tw1\tAPPROVED\ny\ta\tb\tw3\tREJECTED\n";
    bench.write("toloka.tsv", format!("{head}{rows}"));
    let ran = bench.run(&["quality", "toloka.tsv", "--gold", "toloka.tsv", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&report["refused"], &report["golden"]), (&1.into(), &1.into()), "{}", ran.stderr);
    assert!(ran.stderr.contains("1 answers are left out"), "{}", ran.stderr);
    assert_eq!(report["input"]["gold"]["items"], 1);
}

#[test]
fn scores_may_be_in_any_encoding() {
    let bench = Workbench::with_labels("a,b");
    bench.write("pool.csv", "id,text\n1,one\n2,two\n");
    bench.write("labeled.csv", "id,text,label\nl1,three,a\nl2,four,b\n");
    bench.ok(&["import", "pool.csv", "labeled.csv"]);
    bench.write(
        "s.jsonl",
        wide("{\"id\":\"1\",\"probabilities\":[0.5,0.5]}\n{\"id\":\"2\",\"probabilities\":[1,0]}\n"),
    );
    bench.ok(&["round", "--size", "1", "--scores", "s.jsonl"]);
    let message = bench.refused(&["round", "--encoding", "utf-16le"]);
    assert!(message.contains("--scores"), "{message}");
}

#[test]
fn what_a_program_wrote_in_its_own_way_is_read_or_named() {
    let bench = Workbench::with_labels("a,b");
    // UTF-16 without a byte-order mark.
    bench.write("wide.csv", &wide("id,text\n1,one\n")[2..]);
    let message = bench.refused(&["import", "wide.csv"]);
    assert!(message.contains("looks like UTF-16 without a byte-order mark"), "{message}");
    assert!(message.contains("--encoding utf-16le"), "{message}");
    assert_eq!(bench.json(&["import", "wide.csv", "--encoding", "utf-16le"])["pool"], 1);
    // Cells separated by bars.
    bench.write("bars.csv", "id|text\n2|two, or; so\n");
    assert_eq!(bench.json(&["import", "bars.csv"])["pool"], 1);
    // A quote that is closed only in a later row.
    bench.write("quote.csv", "id,text,n\n3,\"open,1\n4,plain,2\n5,other\",3\n");
    let ran = bench.run(&["import", "quote.csv"]);
    assert!(
        ran.code == Some(0) && ran.stderr.contains("quote.csv: the record that begins on line 2"),
        "{}",
        ran.stderr
    );
    // Prose is no table, and an archive names the files that it skips.
    bench.write("notes.md", "first line\nsecond line\n");
    assert_eq!(bench.json(&["import", "notes.md"])["pool"], 2);
}

#[test]
fn a_label_that_is_no_label_is_told() {
    let bench = Workbench::with_labels("a,none");
    bench.write("l.csv", "id,text,label\n1,one,a\n2,two,none\n3,three,none\n");
    let imported = bench.json(&["import", "l.csv"]);
    let warning = imported["warnings"][0].as_str().unwrap();
    assert!(
        warning.starts_with("2 documents have the label \"none\", which looks like a missing value"),
        "{warning}"
    );
    bench.write("more.csv", "id,text,label\n4,four,a\n");
    assert_eq!(bench.json(&["import", "more.csv"])["warnings"], serde_json::json!([]));
    bench.write("nan.csv", "id,text,label\n5,five,NaN\n");
    let message = bench.refused(&["import", "nan.csv"]);
    assert!(message.contains("if it stands for a missing label, leave the field empty"), "{message}");
    bench.write("answers.csv", "id,annotator,label\n1,ana,a\n2,ana,none\n");
    let ingested = bench.json(&["ingest", "answers.csv"]);
    let warning = ingested["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("1 answers have the label \"none\""), "{warning}");
}

#[test]
fn a_list_of_one_is_a_label_in_every_command() {
    let bench = Workbench::with_labels("a,b");
    bench.write("pool.csv", "id,text\nx\u{e9},one\n2,two\n");
    bench.ok(&["import", "pool.csv"]);
    // The accent in the id has another encoding.
    bench.write("answers.csv", "id,annotator,label\nxe\u{301},ana,\"[\"\"a\"\"]\"\n2,ana,['b']\n");
    assert_eq!(bench.json(&["ingest", "answers.csv"])["new"], 2);
    bench.write("two.csv", "id,annotator,label\n2,ben,\"['a', 'b']\"\n");
    assert!(bench.refused(&["ingest", "two.csv"]).contains("two.csv:2: 2 labels; expected one"));
    bench.write("none.csv", "id,annotator,answer\n2,ben,a\n");
    assert!(bench.refused(&["ingest", "none.csv"]).contains("choose another field with --label-field"));
    let rows = |from: usize| -> String {
        let row = |n: usize| format!("{n},word{n} thing{},['{}']\n", n % 5, ["a", "b"][n % 2]);
        (from..from + 30).map(row).collect()
    };
    bench.write("train.csv", format!("id,text,label\n{}", rows(0)));
    bench.write("test.csv", format!("id,text,label\n{}", rows(100)));
    let asked =
        ["simulate", "--train", "train.csv", "--test", "test.csv", "--strategies", "random", "--out", "out"];
    let small = ["--initial", "4", "--rounds", "1", "--size", "4", "--seeds", "1"];
    let asked = [&asked[..], &small].concat();
    let ran = bench.run(&asked);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    bench.write("train.csv", "id,text,label\n1,one,\"['a', 'b']\"\n");
    let ran = bench.run(&asked);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("error: train.csv:2: 2 labels; expected one"), "{}", ran.stderr);
}
