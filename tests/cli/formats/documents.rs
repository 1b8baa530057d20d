//! Documents are imported with the commands that a user would type.

use std::process::Stdio;

use serde_json::json;

use crate::workbench::{Workbench, documents};

#[test]
fn the_guess_is_said_and_so_are_made_ids() {
    let bench = Workbench::with_labels("a,b");
    bench
        .write("t.csv", "\u{feff}text,label,channel\r\n\"one, two\",a,mail\r\n\"three\nfour\",,\"=web\"\r\n");
    let ran = bench.run(&["import", "t.csv"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "Imported: 1 to the pool, 1 labelled\n"));
    assert!(ran.stderr.contains("t.csv is read as CSV, by its name\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains("2 ids were made from the texts"), "{}", ran.stderr);
    // The same texts get the same ids, whatever the file.
    bench.write("t.jsonl", "{\"text\":\"one, two\"}\n{\"text\":\"new\"}\n");
    let outcome = bench.json(&["import", "t.jsonl"]);
    assert_eq!(
        (&outcome["duplicates"], &outcome["pool"], &outcome["ids_made"]),
        (&json!(1), &json!(1), &json!(2))
    );
    assert!(
        bench.refused_unharmed(&["import", "t.csv", "--id", "id"]).contains("the field \"id\" is missing")
    );
}

#[test]
fn a_wrong_guess_says_that_it_was_one() {
    let bench = Workbench::with_labels("a,b");
    bench.write("t.txt", "{\"id\": 1}\n");
    let message = bench.refused_unharmed(&["import", "t.txt"]);
    let words = "(read as JSON Lines, which is a guess; choose another format with --format)";
    assert!(message.contains(words), "{message}");
    assert_eq!(bench.json(&["import", "t.txt", "--format", "text"])["pool"], 1);
    let message = bench.refused_unharmed(&["import", "t.txt", "--format", "txt"]);
    assert!(message.contains("unknown format \"txt\"; expected one of: jsonl, json, csv"), "{message}");
}

#[test]
fn patterns_folders_columns_and_encodings() {
    let bench = Workbench::with_labels("a,b");
    std::fs::create_dir(bench.path("in")).unwrap();
    bench.write("in/1.tsv", b"key\tbody\tclass\tfrom\tto\n1\tGr\xfc\xdfe\ta\tx\ty\n");
    bench.write("in/2.tsv", b"key\tbody\tclass\tfrom\tto\n2\tna\xefve\tb\tx\ty\n");
    let columns =
        ["--id", "key", "--text", "body", "--label", "class", "--meta", "from", "--encoding", "latin1"];
    let outcome = bench.json(&[&["import", "in/*.tsv"][..], &columns].concat());
    assert_eq!(outcome["labeled"], 2);
    bench.write("more.jsonl", "{\"id\":\"1\",\"text\":\"Grüße\",\"label\":\"a\",\"from\":\"x\"}");
    assert_eq!(bench.json(&["import", "more.jsonl"])["duplicates"], 1, "decoded to the letter");
    let message = bench.refused_unharmed(&["import", "in/*.xml"]);
    assert!(message.starts_with("error: in/*.xml: no file matches the pattern"), "{message}");
    let message = bench.refused_unharmed(&["import", "in/1.tsv", "--text", "body", "--encoding", "utf-99"]);
    assert!(message.contains("unknown encoding \"utf-99\""), "{message}");

    std::fs::create_dir_all(bench.path("mails/sub")).unwrap();
    bench.write("mails/one.txt", "a text\nof two lines\n");
    bench.write("mails/sub/two.md", "another");
    assert_eq!(bench.json(&["import", "mails"])["pool"], 2);
    bench.write("again.jsonl", "{\"id\":\"sub/two.md\",\"text\":\"another\"}");
    assert_eq!(bench.json(&["import", "again.jsonl"])["duplicates"], 1, "the id is the path");
}

#[test]
fn zstd_and_a_json_array_come_from_standard_input() {
    let bench = Workbench::with_labels("a,b,c");
    let rows: Vec<serde_json::Value> =
        documents("p", 30, true).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let array = serde_json::to_string_pretty(&rows).unwrap();
    let packed = zstd::stream::encode_all(array.as_bytes(), 3).unwrap();
    let fed = bench.fed(&["import", "-"], &packed);
    assert_eq!((fed.code, fed.stdout.as_str()), (Some(0), "Imported: 30 labelled\n"), "{}", fed.stderr);
    assert!(fed.stderr.contains("<stdin> is read as a JSON array, by its first bytes"), "{}", fed.stderr);
    let fed = bench.fed(&["import", "-"], b"[{\"id\":1,\"text\":\"t\"},{\"id\":2}]");
    assert!(
        fed.stderr.starts_with("error: <stdin>: item 2: the field \"text\" is missing"),
        "{}",
        fed.stderr
    );
}

/// The peak memory in MiB that the import of a file of `mib` MiB needs.
#[cfg(target_os = "linux")]
fn peak(bench: &Workbench, format: &str, mib: usize) -> usize {
    use std::io::Write;
    let text = "word ".repeat(1_600);
    let rows = mib * 128;
    let mut command = bench.command(&["import", "-", "--format", format, "--as", "pool"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = std::io::BufWriter::new(child.stdin.take().unwrap());
    let (head, between) = match format {
        "json" => ("[", ","),
        "csv" => ("id,text\n", "\n"),
        _ => ("", "\n"),
    };
    stdin.write_all(head.as_bytes()).unwrap();
    for row in 0..rows {
        let row = match format {
            "csv" => format!("{format}{mib}-{row},\"{text}{row}\""),
            "fasttext" | "text" => format!("{text}{mib}-{row}"),
            _ => json!({"id": format!("{format}{mib}-{row}"), "text": format!("{text}{row}")}).to_string(),
        };
        stdin.write_all(row.as_bytes()).unwrap();
        stdin.write_all(between.as_bytes()).unwrap();
    }
    if format == "json" {
        stdin.write_all(b"{\"id\":\"the last\",\"text\":\"t\"}").unwrap();
    }
    stdin.flush().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak = line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() >> 10;
    if format == "json" {
        stdin.write_all(b"]").unwrap();
    }
    drop(stdin);
    let end = crate::workbench::ran(&child.wait_with_output().unwrap());
    assert_eq!(end.code, Some(0), "{format}: {}", end.stderr);
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_file() {
    for format in ["jsonl", "json", "csv", "fasttext", "text"] {
        let bench = Workbench::with_labels("a,b");
        let (small, large) = (peak(&bench, format, 8), peak(&bench, format, 40));
        assert!(large < small + 16, "{format}: {small} MiB for 8 MiB, {large} MiB for 40 MiB");
    }
}
