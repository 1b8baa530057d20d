//! Tables as a user brings them, to every command that reads tables.

use crate::workbench::Workbench;

/// In UTF-16, with a byte-order mark.
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
    assert!(ran.stderr.contains("1 file passed over (hidden): in/.hidden.txt\n"), "{}", ran.stderr);
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
