//! Files in a folder and files in an archive are read alike. Messages name the file inside.

use std::io::Write;

use serde_json::json;

use crate::workbench::Workbench;

fn zip(bench: &Workbench, name: &str, files: &[(&str, &[u8])]) {
    let mut archive = zip::ZipWriter::new(std::fs::File::create(bench.path(name)).unwrap());
    for (name, content) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap();
}

fn folder(bench: &Workbench, name: &str, files: &[(&str, &[u8])]) {
    std::fs::create_dir(bench.path(name)).unwrap();
    for (file, content) in files {
        std::fs::write(bench.path(name).join(file), content).unwrap();
    }
}

/// Puts files into a folder or an archive, depending on `kind`.
fn put(kind: &str, bench: &Workbench, name: &str, files: &[(&str, &[u8])]) {
    if kind == "zip" {
        zip(bench, name, files);
    } else {
        folder(bench, name, files);
    }
}

/// The documents: (id, text, meta).
fn documents(bench: &Workbench) -> Vec<(String, String, Option<String>)> {
    let database = rusqlite::Connection::open(bench.path("querist.db")).unwrap();
    let mut select = database.prepare("SELECT id, text, meta FROM documents ORDER BY id").unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_folder_and_an_archive_of_the_same_files_are_the_same_documents() {
    let packed = gzip(b"{\"id\":\"g\",\"body\":\"packed\"}\n");
    let files: [(&str, &[u8]); 6] = [
        ("a.txt", b"one text\nof two lines\n"),
        (
            "b.jsonl",
            b"{\"id\":\"b1\",\"body\":\"first\",\"secret\":1}\n{\"id\":\"b2\",\"body\":\"second\"}\n",
        ),
        ("c.csv", b"body\nwithout an id\n"),
        ("d.md", b"# a note\n"),
        ("e.jsonl.gz", &packed),
        ("picture.png", b"\x89PNG"),
    ];
    let read = |kind: &str| {
        let bench = Workbench::with_labels("a,b");
        put(kind, &bench, "in", &files);
        let outcome = bench.json(&["import", "in", "--text", "body", "--meta", ""]);
        let passed_over = outcome["passed_over"].to_string();
        assert!(passed_over.contains("picture.png") && !passed_over.contains(".md"), "{kind}: {passed_over}");
        documents(&bench)
    };
    let found = read("zip");
    assert_eq!(found, read("folder"));
    let texts: Vec<&str> = found.iter().map(|(_, text, _)| text.as_str()).collect();
    for text in ["one text\nof two lines", "first", "second", "without an id", "# a note", "packed"] {
        assert!(texts.contains(&text), "{text}: {found:?}");
    }
    assert!(found.iter().all(|(_, _, meta)| meta.is_none()), "{found:?}");
    assert!(found.iter().any(|(id, ..)| id == "a.txt"), "{found:?}");
}

#[test]
fn a_file_that_lacks_a_named_field_is_named_wherever_it_is() {
    let files: [(&str, &[u8]); 2] = [("1.csv", b"id,text,cat\n1,x,a\n"), ("2.csv", b"id,text,dog\n2,y,b\n")];
    for kind in ["zip", "folder"] {
        let bench = Workbench::with_labels("a,b");
        put(kind, &bench, "in", &files);
        let outcome = bench.json(&["import", "in", "--label", "cat"]);
        let remarks = outcome["remarks"].to_string();
        assert!(
            remarks.contains("in/2.csv has no field \\\"cat\\\", which --label names"),
            "{kind}: {remarks}"
        );
        let bench = Workbench::with_labels("a,b");
        put(kind, &bench, "in", &files);
        for flag in ["--text", "--label", "--meta"] {
            let message = bench.refused_unharmed(&["import", "in", flag, "nosuch"]);
            assert!(message.contains("nosuch"), "{kind} {flag}: {message}");
        }
    }
}

#[test]
fn the_place_of_a_document_names_the_file_in_the_folder_or_archive() {
    let files: [(&str, &[u8]); 2] = [("1.csv", b"id,text\n1,x\n"), ("2.csv", b"id,text\n1,y\n")];
    for kind in ["zip", "folder"] {
        let bench = Workbench::with_labels("a,b");
        put(kind, &bench, "h", &files);
        let message = bench.refused_unharmed(&["import", "h"]);
        assert!(message.starts_with("error: h/2.csv:2: the id \"1\" already belongs"), "{message}");
        assert!(message.contains("(from h/1.csv:2)"), "{message}");
    }
}

#[test]
fn files_without_rows_and_texts_beside_answers_are_named() {
    for kind in ["zip", "folder"] {
        let bench = Workbench::with_labels("a,b");
        let files: [(&str, &[u8]); 2] = [("1.csv", b"id,text\n1,x\n"), ("2.jsonl", b"")];
        put(kind, &bench, "in", &files);
        let remarks = bench.json(&["import", "in"])["remarks"].to_string();
        assert!(remarks.contains("2.jsonl has no rows"), "{kind}: {remarks}");
    }
    let bench = Workbench::with_labels("a,b");
    bench.write("pool.jsonl", "{\"id\":\"1\",\"text\":\"x\"}\n{\"id\":\"2\",\"text\":\"y\"}\n");
    bench.ok(&["import", "pool.jsonl"]);
    zip(
        &bench,
        "answers.zip",
        &[
            ("README.md", b"what this is"),
            ("ana.jsonl", b"{\"id\":9,\"text\":\"x\",\"label\":[\"a\"],\"Comments\":[]}\n"),
            ("own.csv", b"id,label,annotator\n2,b,zoe\n1,,zoe\n"),
        ],
    );
    let outcome = bench.json(&["ingest", "answers.zip"]);
    assert_eq!((&outcome["new"], &outcome["open"]["not labelled yet"]), (&json!(2), &json!(1)), "{outcome}");
    assert!(outcome["passed_over"].to_string().contains("README.md"), "{outcome}");
}

#[test]
fn lines_of_old_are_lines_and_other_packings_are_called_by_their_names() {
    let bench = Workbench::with_labels("a,b");
    bench.write("f.txt", "__label__a x\r__label__b y\r");
    assert_eq!(bench.json(&["import", "f.txt", "--format", "fasttext"])["labeled"], 2);
    bench.write("g.txt", "x y\rz\r");
    assert_eq!(bench.json(&["import", "g.txt"])["pool"], 2);
    std::fs::write(bench.path("h.jsonl.bz2"), b"BZh91AY&SY").unwrap();
    std::fs::write(bench.path("h.jsonl.xz"), b"\xfd7zXZ\0\0\x04").unwrap();
    for (file, name) in [("h.jsonl.bz2", "bzip2"), ("h.jsonl.xz", "xz")] {
        let message = bench.refused_unharmed(&["import", file]);
        assert!(
            message.starts_with(&format!("error: {file}: the compression {name} is not supported")),
            "{message}"
        );
    }
    // "日本" in Shift_JIS, then a byte that begins no character.
    std::fs::write(bench.path("j.csv"), b"id,text\n1,\x93\xfa\x96\x7b\n2,\xff\xff\n").unwrap();
    let message = bench.refused_unharmed(&["import", "j.csv", "--encoding", "shift_jis"]);
    assert!(message.starts_with("error: j.csv:3: the file is not in the encoding Shift_JIS"), "{message}");
    bench.write("k.json", "[[\"1\",\"x\"]]");
    let message = bench.refused_unharmed(&["import", "k.json"]);
    assert!(message.starts_with("error: k.json: item 1: this is a list, expected an object"), "{message}");
}
