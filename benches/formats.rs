//! Seconds and peak memory of every format, through the built binary, beside Python's json and
//! pandas.
//!
//! `cargo bench --features peers --bench formats -- [--documents 100000] [--python PATH]`
//!
//! Each layout is imported into a workspace of its own. Then a batch of all documents is exported
//! for each tool, answered in the tool's way (not timed) and ingested. With `--python`, a Python
//! with pandas and pyarrow reads the same files into memory; for exports it reads the exported rows
//! and writes them again. Prints a Markdown table. Linux only: it reads /proc.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[expect(dead_code, reason = "shared with benchmarks that read data sets")]
mod data;

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use data::{Arguments, lines};
use serde_json::{Value, json};

/// The Python program that reads a whole file into memory.
const PYTHON_READ: &str = "
import sys, json
name, layout = sys.argv[1:3]
if layout in ('csv', 'tsv'):
    import pandas; rows = pandas.read_csv(name, sep=',' if layout == 'csv' else '\\t')
elif layout == 'parquet':
    import pandas; rows = pandas.read_parquet(name)
elif layout == 'json':
    rows = json.load(open(name))
elif layout == 'jsonl':
    rows = [json.loads(line) for line in open(name)]
else:
    rows = [line.rstrip('\\n') for line in open(name)]
";

/// The Python program that writes these rows again.
const PYTHON_WRITE: &str = "
out = 'python.' + layout
if layout == 'csv':
    rows.to_csv(out, index=False)
elif layout == 'parquet':
    rows.to_parquet(out, index=False)
else:
    with open(out, 'w') as file:
        if layout == 'json':
            json.dump(rows, file)
        else:
            file.writelines(json.dumps(row) + '\\n' for row in rows)
";

struct Cost {
    seconds: f64,
    megabytes: u64,
}

fn main() {
    let arguments = Arguments::parse();
    let n = arguments.number("documents", 100_000) as usize;
    let python = arguments.text("python");
    let written = format!("{PYTHON_READ}{PYTHON_WRITE}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    println!("| what | s | peak MB | Python s | Python peak MB |\n| --- | --- | --- | --- | --- |");
    write_documents(root, n);
    for layout in ["jsonl", "json", "csv", "tsv", "fasttext", "text"] {
        let name = format!("pool.{layout}");
        let workspace = format!("w-{layout}");
        querist(root, &["init", &workspace, "--labels", "a,b"]);
        let cost = querist(root, &["-w", &workspace, "import", &name, "--format", layout]);
        let other = python.map(|python| command(root, python, &["-c", PYTHON_READ, &name, layout]));
        print(&format!("import {layout}"), &cost, other.as_ref());
    }
    let workspace = "w-jsonl";
    fs::write(root.join("seed.jsonl"), "{\"id\":\"s1\",\"text\":\"one\",\"label\":\"a\"}\n{\"id\":\"s2\",\"text\":\"two\",\"label\":\"b\"}\n")
        .expect("a file");
    querist(root, &["-w", workspace, "import", "seed.jsonl"]);
    let size = n.to_string();
    let round = ["-w", workspace, "round", "--size", &size, "--mix", "random=1", "--near-duplicates", "off"];
    querist(root, &round);
    for format in ["jsonl", "label-studio", "prodigy", "prodigy-binary", "doccano", "argilla", "csv"] {
        let out = format!("out-{format}");
        let cost = querist(root, &["-w", workspace, "export", "--format", format, "--out", &out]);
        let mut files =
            fs::read_dir(root.join(&out)).expect("a folder").map(|entry| entry.expect("a file").path());
        let file = files.find(|path| path.extension().is_none_or(|ending| ending != "xml")).expect("a file");
        let layout = file.extension().and_then(|ending| ending.to_str()).expect("an ending").to_owned();
        let name = file.display().to_string();
        let other = python.map(|python| command(root, python, &["-c", &written, &name, &layout]));
        print(&format!("export {format}"), &cost, other.as_ref());
        let answers = root.join(format!("{format}.{layout}"));
        answer(&file, &answers, format);
        let answers = answers.display().to_string();
        let cost = querist(
            root,
            &["-w", workspace, "ingest", &answers, "--format", format.trim_end_matches("-binary")],
        );
        let other = python.map(|python| command(root, python, &["-c", PYTHON_READ, &answers, &layout]));
        print(&format!("ingest {format}"), &cost, other.as_ref());
    }
    for (flag, file) in [
        ("--labeled", "labeled.jsonl"),
        ("--labeled", "labeled.csv"),
        ("--labeled", "labeled.parquet"),
        ("--scores", "scores.parquet"),
    ] {
        let cost = querist(root, &["-w", workspace, "export", flag, file]);
        let (_, layout) = file.split_once('.').expect("an ending");
        let other = python.map(|python| command(root, python, &["-c", &written, file, layout]));
        print(&format!("export {flag} {file}"), &cost, other.as_ref());
    }
    querist(root, &["init", "w-parquet", "--labels", "a,b"]);
    let cost = querist(root, &["-w", "w-parquet", "import", "labeled.parquet"]);
    let other =
        python.map(|python| command(root, python, &["-c", PYTHON_READ, "labeled.parquet", "parquet"]));
    print("import parquet", &cost, other.as_ref());
}

fn print(what: &str, cost: &Cost, other: Option<&Cost>) {
    let (seconds, megabytes) = other.map_or_else(Default::default, |other| {
        (format!("{:.2}", other.seconds), other.megabytes.to_string())
    });
    println!("| {what} | {:.2} | {} | {seconds} | {megabytes} |", cost.seconds, cost.megabytes);
}

/// Writes the documents in each layout: words of the bundled tickets, with an id, a text and a
/// field.
fn write_documents(root: &Path, n: usize) {
    let tickets = lines(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data/support_tickets/pool.jsonl.gz"));
    let text = |line: &String| {
        serde_json::from_str::<Value>(line).expect("JSON")["text"].as_str().expect("text").to_owned()
    };
    let tickets: Vec<String> = tickets.iter().map(text).collect();
    let create =
        |layout: &str| BufWriter::new(File::create(root.join(format!("pool.{layout}"))).expect("a file"));
    let mut files = ["jsonl", "json", "csv", "tsv", "fasttext", "text"].map(create);
    let write = |file: &mut BufWriter<File>, text: &str| file.write_all(text.as_bytes()).expect("a file");
    for (file, head) in files.iter_mut().zip(["", "[", "id,text,channel\n", "id\ttext\tchannel\n", "", ""]) {
        write(file, head);
    }
    for number in 0..n {
        let text = format!("{} w{number}", tickets[number % tickets.len()].replace(['\n', '\r', '\t'], " "));
        let id = format!("doc-{number:08}");
        let row = json!({"id": id, "text": text, "channel": "mail"}).to_string();
        let quoted = text.replace('"', "\"\"");
        let rows = [
            format!("{row}\n"),
            format!("{}{row}", if number > 0 { ",\n" } else { "" }),
            format!("{id},\"{quoted}\",mail\n"),
            format!("{id}\t\"{quoted}\"\tmail\n"),
            format!("__label__a {text}\n"),
            format!("{text}\n"),
        ];
        files.iter_mut().zip(&rows).for_each(|(file, row)| write(file, row));
    }
    write(&mut files[1], "]\n");
}

/// Answers every row of an exported file in the format and the name of the tool.
fn answer(from: &Path, to: &Path, format: &str) {
    let text = fs::read_to_string(from).expect("a file");
    let mut out = BufWriter::new(File::create(to).expect("a file"));
    if format == "csv" {
        return out.write_all(text.replace(",\"\",\"\",", ",\"a\",\"csv\",").as_bytes()).expect("a file");
    }
    for line in text.lines() {
        let Ok(mut row) = serde_json::from_str::<Value>(line.trim_end_matches(',')) else {
            writeln!(out, "{line}").expect("a file");
            continue;
        };
        match format {
            "label-studio" => {
                let result = json!([{"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["a"]}}]);
                row["annotations"] = json!([{"completed_by": 1, "result": result, "lead_time": 2.5}]);
            }
            "prodigy" | "prodigy-binary" => {
                row["answer"] = json!("accept");
                row["_annotator_id"] = json!(format);
                if format == "prodigy" {
                    row["accept"] = json!(["a"]);
                }
            }
            "doccano" => row["label"] = json!(["a"]),
            "argilla" => row["responses"] = json!({"label": [{"value": "a", "user_id": "argilla"}]}),
            _ => {
                row["label"] = json!("a");
                row["annotator"] = json!("jsonl");
            }
        }
        writeln!(out, "{row}{}", if line.ends_with(',') { "," } else { "" }).expect("a file");
    }
}

fn querist(root: &Path, arguments: &[&str]) -> Cost {
    command(root, env!("CARGO_BIN_EXE_querist"), arguments)
}

/// Runs a program in a folder and watches its memory until it ends.
fn command(root: &Path, program: &str, arguments: &[&str]) -> Cost {
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let status = format!("/proc/{}/status", child.id());
    let mut megabytes = 0;
    let ended = loop {
        if let Some(peak) = fs::read_to_string(&status).ok().and_then(|status| peak(&status)) {
            megabytes = megabytes.max(peak);
        }
        match child.try_wait().expect("the program") {
            Some(ended) => break ended,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    let mut talk = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut talk).expect("text");
    assert!(ended.success(), "{program} {arguments:?}: {talk}");
    Cost { seconds, megabytes }
}

/// The peak of resident memory in MB, from the text of `/proc/PID/status`.
fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}
