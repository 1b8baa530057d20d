//! Files that cannot be read, or whose content is not what their name says.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::workbench::{Workbench, documents, lines, ran};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The two commands that read files.
const READERS: [&str; 2] = ["import", "ingest"];

#[test]
fn a_file_without_rows_is_no_file_of_rows() {
    let bench = Workbench::small();
    bench.write("nothing.jsonl", "");
    bench.write("blank.jsonl", "\n \r\n\t\n");
    bench.write("mark.jsonl", "\u{feff}");
    bench.write("nothing.jsonl.gz", gzip(b""));
    for file in ["nothing.jsonl", "blank.jsonl", "mark.jsonl", "nothing.jsonl.gz"] {
        for command in READERS {
            let message = bench.refused_unharmed(&[command, file]);
            let words = "the file has no rows; expected one JSON object per line";
            assert_eq!(message, format!("error: {file}: {words}\n"));
            // `--skip-bad-rows` does not help, because there is no row to skip.
            bench.refused_unharmed(&[command, file, "--skip-bad-rows"]);
        }
    }
}

#[test]
fn a_folder_and_a_missing_file_are_named() {
    let bench = Workbench::small();
    for command in READERS {
        let message = bench.refused_unharmed(&[command, "rounds"]);
        assert!(message.starts_with("error: rounds: this is a folder"), "{message}");
        let message = bench.refused_unharmed(&[command, "poool.jsonl"]);
        assert!(message.starts_with("error: poool.jsonl: cannot be read: "), "{message}");
    }
}

#[test]
fn a_cut_or_damaged_gzip_leaves_nothing() {
    let bench = Workbench::with_labels("a,b,c");
    let whole = gzip(documents("p", 3_000, false).as_bytes());
    let last = whole.len() - 1;
    for cut in [2, 3, 9, 10, 11, whole.len() / 3, whole.len() / 2, last - 8, last] {
        bench.write("cut.jsonl.gz", &whole[..cut]);
        for arguments in [&["import", "cut.jsonl.gz"][..], &["import", "cut.jsonl.gz", "--skip-bad-rows"]] {
            let message = bench.refused_unharmed(arguments);
            assert!(message.starts_with("error: cut.jsonl.gz:"), "cut at {cut}: {message}");
            assert!(message.contains("the gzip data is cut off or damaged"), "cut at {cut}: {message}");
        }
    }
    // Damage in the middle, in the checksum and in the length; then rubbish after the end.
    for place in [whole.len() / 2, last - 7, last - 1] {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x55;
        bench.write("damaged.jsonl.gz", &damaged);
        let message = bench.refused_unharmed(&["import", "damaged.jsonl.gz"]);
        assert!(message.starts_with("error: damaged.jsonl.gz:"), "{place}: {message}");
    }
    bench.write("more.jsonl.gz", [&whole[..], b"rubbish"].concat());
    bench.refused_unharmed(&["import", "more.jsonl.gz"]);
    bench.write("whole.jsonl.gz", &whole);
    assert_eq!(bench.json(&["import", "whole.jsonl.gz"])["pool"], 3_000);
}

#[test]
fn a_cut_gzip_of_answers_leaves_nothing() {
    let bench = Workbench::small();
    let answer = |i: usize| json!({"id": format!("p{:03}", i % 60), "label": "a", "annotator": i / 60});
    let whole = gzip(lines((0..1_200).map(answer)).as_bytes());
    bench.write("cut.gz", &whole[..whole.len() / 2]);
    let message = bench.refused_unharmed(&["ingest", "cut.gz"]);
    assert!(message.contains("the gzip data is cut off or damaged"), "{message}");
    bench.write("whole.gz", &whole);
    assert_eq!(bench.json(&["ingest", "whole.gz"])["new"], 1_200);
}

#[test]
fn a_bad_second_file_leaves_nothing_of_the_first() {
    let bench = Workbench::small();
    bench.write("good.jsonl", documents("g", 4, false));
    bench.write("bad.jsonl", "{\"id\":\"x\",\"text\":\"t\"}\n{}\n");
    for second in ["bad.jsonl", "missing.jsonl", "rounds"] {
        let message = bench.refused_unharmed(&["import", "good.jsonl", second]);
        assert!(message.starts_with(&format!("error: {second}:")), "{message}");
    }
    bench.write("good-answers.jsonl", r#"{"id":"p001","label":"a","annotator":"x"}"#);
    for second in ["bad.jsonl", "missing.jsonl", "rounds"] {
        let message = bench.refused_unharmed(&["ingest", "good-answers.jsonl", second]);
        assert!(message.starts_with(&format!("error: {second}:")), "{message}");
    }
    assert_eq!(bench.json(&["ingest", "good-answers.jsonl"])["new"], 1, "nothing remembers the file");
}

#[test]
fn standard_input_a_byte_order_mark_and_carriage_returns_are_fine() {
    let bench = Workbench::with_labels("a,b,c");
    let windows = format!("\u{feff}{}", documents("p", 6, false).replace('\n', "\r\n"));
    let fed = bench.fed(&["import", "-", "--json"], windows.as_bytes());
    assert_eq!(fed.code, Some(0), "{}", fed.stderr);
    bench.write("plain.jsonl", documents("p", 6, false));
    assert_eq!(bench.json(&["import", "plain.jsonl"])["duplicates"], 6, "the same texts, to the letter");

    let fed = bench.fed(&["import", "-"], &gzip(documents("z", 3, true).as_bytes()));
    assert_eq!((fed.code, fed.stdout.as_str()), (Some(0), "Imported: 3 labelled\n"));
    let fed = bench.fed(&["ingest", "-"], b"{\"id\":\"p000\",\"label\":\"a\",\"annotator\":\"x\"}\r\n");
    assert!(fed.stdout.starts_with("Ingested: 1 new answer,"), "{}{}", fed.stdout, fed.stderr);
    let fed = bench.fed(&["import", "-"], b"\n{\"id\":1}\n");
    assert_eq!(fed.code, Some(2));
    assert!(fed.stderr.starts_with("error: <stdin>:2: the field \"text\" is missing"), "{}", fed.stderr);
}

const MIB: usize = 1 << 20;

/// Writes a good row, a line of 100 MiB and another good row.
fn huge_line(to: &mut impl Write) -> std::io::Result<()> {
    to.write_all(b"{\"id\":\"first\",\"text\":\"t\"}\n{\"id\":\"huge\",\"text\":\"")?;
    let part = vec![b'x'; MIB];
    for _ in 0..100 {
        to.write_all(&part)?;
    }
    to.write_all(b"\"}\n{\"id\":\"last\",\"text\":\"t\"}\n")
}

#[test]
fn a_line_of_100_mib_is_refused_in_little_memory() {
    let bench = Workbench::with_labels("a,b");
    huge_line(&mut File::create(bench.path("huge.jsonl")).unwrap()).unwrap();
    let message = bench.refused_unharmed(&["import", "huge.jsonl"]);
    assert!(
        message.starts_with(
            "error: huge.jsonl:2: the line is longer than 16 MiB; expected one document per line"
        ),
        "{message}"
    );
    let outcome = bench.json(&["import", "huge.jsonl", "--skip-bad-rows"]);
    assert_eq!((&outcome["pool"], &outcome["rejected"]), (&json!(2), &json!(1)));
    let rejected = bench.read(outcome["rejected_file"].as_str().unwrap());
    assert!(rejected.len() < 20_000, "only the beginning of a bad row is kept: {} bytes", rejected.len());
}

/// The peak memory of a running process so far, in bytes.
#[cfg(target_os = "linux")]
fn peak_memory(process: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_line() {
    let bench = Workbench::with_labels("a,b");
    let mut command = bench.command(&["import", "-", "--skip-bad-rows"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    huge_line(&mut stdin).unwrap();
    // The process has read everything except what is left in the pipe, and waits for more.
    let peak = peak_memory(child.id());
    drop(stdin);
    let end = ran(&child.wait_with_output().unwrap());
    assert_eq!(end.code, Some(0), "{}", end.stderr);
    assert!(end.stdout.starts_with("Imported: 2 to the pool, 1 bad row skipped"), "{}", end.stdout);
    assert!((4 * MIB..80 * MIB).contains(&peak), "{} MiB", peak / MIB);
}

#[test]
fn whoever_stops_reading_is_no_failure() {
    let bench = Workbench::small();
    for arguments in
        [&["status"][..], &["status", "--json"], &["round", "--size", "5"], &["report", "--json"]]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = bench.command(arguments).stdout(writer).output().unwrap();
        let end = ran(&output);
        assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
    assert_eq!(bench.json(&["status"])["rounds"][0]["picks"], 5, "the round was made all the same");

    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut command = bench.command(&["status"]);
    let mut child = command.stdout(writer).stderr(Stdio::null()).spawn().unwrap();
    // The command holds the writing end; if it stayed open, the read below would never end.
    drop(command);
    let mut first = [0];
    reader.read_exact(&mut first).unwrap();
    drop(reader);
    assert_eq!((child.wait().unwrap().code(), first), (Some(0), *b"W"));
}
