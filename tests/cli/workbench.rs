//! Functions for testing the binary: a folder, commands that run in it, and files to write and
//! read.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt::Display;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// The path of the binary.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_querist");

/// A temporary folder in which commands run.
pub(crate) struct Workbench {
    folder: tempfile::TempDir,
}

/// The result of a command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Workbench {
    /// Makes an empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Makes a workspace with these labels.
    pub(crate) fn with_labels(labels: &str) -> Self {
        let bench = Self::new();
        bench.ok(&["init", "--labels", labels]);
        bench
    }

    /// Makes a workspace (labels a, b, c) with 60 pool documents of six words each, 12 labelled
    /// documents, 12 test documents and 6 control items.
    pub(crate) fn small() -> Self {
        let bench = Self::with_labels("a,b,c");
        bench.write("pool.jsonl", documents("p", 60, false));
        bench.write("labeled.jsonl", documents("l", 12, true));
        bench.write("test.jsonl", documents("t", 12, true));
        bench.write("control.jsonl", documents("c", 6, true));
        bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
        bench.ok(&["import", "test.jsonl", "--as", "test"]);
        bench.ok(&["import", "control.jsonl", "--as", "control"]);
        bench
    }

    /// The path of the folder.
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Reads a JSON Lines file.
    pub(crate) fn rows(&self, name: &str) -> Vec<Value> {
        self.read(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The binary with these arguments, ready to run in the folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program(BINARY);
        command.args(arguments);
        command
    }

    /// Another program, ready to run in the folder, without the `QUERIST_` variables of the user
    /// who runs the tests.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.root());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("QUERIST_")) {
            command.env_remove(name);
        }
        command
    }

    /// Runs the binary.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        ran(&self.command(arguments).output().unwrap())
    }

    /// Runs the binary, which must succeed, and returns its standard output.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "querist {arguments:?}: {}", ran.stderr);
        ran.stdout
    }

    /// Runs the binary with `--json`, which must succeed, and returns the parsed output.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let mut value: Value = serde_json::from_str(&self.ok(&[arguments, &["--json"]].concat())).unwrap();
        // The time since which a batch is out differs between workspaces that are otherwise equal.
        for out in value.get_mut("out").and_then(Value::as_array_mut).into_iter().flatten() {
            out.as_object_mut().unwrap().remove("since");
        }
        value
    }

    /// Runs the binary, which must fail with exit code 2, and returns its standard error.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(2), "querist {arguments:?}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
        ran.stderr
    }

    /// Like [`Self::refused`], but the workspace must also stay the same.
    pub(crate) fn refused_unharmed(&self, arguments: &[&str]) -> String {
        let before = (self.json(&["status"]), self.artifacts());
        let stderr = self.refused(arguments);
        assert_eq!(before.0, self.json(&["status"]), "querist {arguments:?}");
        assert_eq!(differing(&before.1, &self.artifacts()), [""; 0], "querist {arguments:?}");
        stderr
    }

    /// Runs the binary with `input` on its standard input.
    pub(crate) fn fed(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that has failed no longer reads; the test checks its message.
        let _ = stdin.write_all(input);
        drop(stdin);
        ran(&child.wait_with_output().unwrap())
    }
}

/// The output of a process as text.
pub(crate) fn ran(output: &Output) -> Ran {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// Copies the binary in a separate process. If this process wrote the copy, a program that another
/// test starts at that moment would inherit the open file, and running the copy would fail with
/// "text file busy".
#[cfg(unix)]
pub(crate) fn copy_binary(to: &Path) {
    assert!(Command::new("cp").arg(BINARY).arg(to).status().unwrap().success());
}

/// `n` made-up documents of the classes a, b and c in turn, as JSON Lines. Two of the six words of
/// a document depend on its class.
pub(crate) fn documents(prefix: &str, n: usize, labeled: bool) -> String {
    const WORDS: [[&str; 4]; 3] = [
        ["apple", "almond", "anchor", "acorn"],
        ["banana", "bridge", "basket", "barrel"],
        ["cherry", "candle", "copper", "castle"],
    ];
    let row = |i: usize| {
        let (class, other) = (i % 3, (i / 7) % 3);
        let words = [
            WORDS[class][i % 4],
            WORDS[class][(i / 3) % 4],
            WORDS[other][(i / 5) % 4],
            "the",
            ["red", "green", "blue"][(i / 2) % 3],
        ];
        let text = format!("{} number {prefix}{i}", words.join(" "));
        let mut row = json!({"id": format!("{prefix}{i:03}"), "text": text});
        if labeled {
            row["label"] = json!(["a", "b", "c"][class]);
        }
        row.to_string() + "\n"
    };
    (0..n).map(row).collect()
}

/// Writes each thing on a line, such as JSON values as JSON Lines.
pub(crate) fn lines<T: Display>(things: impl IntoIterator<Item = T>) -> String {
    things.into_iter().fold(String::new(), |text, thing| text + &thing.to_string() + "\n")
}

/// Answers to a batch as JSON Lines: each annotator gives `label(id, annotator)`, and `None` is a
/// skip.
pub(crate) fn answers(
    batch: &[Value],
    annotators: &[&str],
    label: impl Fn(&str, &str) -> Option<String>,
) -> String {
    let mut out = String::new();
    for annotator in annotators {
        for row in batch {
            let id = row["id"].as_str().unwrap();
            out += &json!({"id": id, "label": label(id, annotator), "annotator": annotator}).to_string();
            out.push('\n');
        }
    }
    out
}

impl Workbench {
    /// Makes a new folder with the files below `folder`; "" means all files.
    pub(crate) fn copy_of(&self, folder: &str) -> Self {
        let copy = Self::new();
        copy.put("", self, folder);
        copy
    }

    /// Makes a new folder with the same files.
    pub(crate) fn copy(&self) -> Self {
        self.copy_of("")
    }

    /// Copies the files below a folder of another workbench to a folder of this one.
    pub(crate) fn put(&self, to: &str, other: &Self, from: &str) {
        fs::create_dir_all(self.path(to)).unwrap();
        for (name, bytes) in other.files(from) {
            let name = format!("{to}{}", &name[from.len()..]);
            match name.strip_suffix('/') {
                Some(folder) => fs::create_dir_all(self.path(folder)).unwrap(),
                None => self.write(&name, bytes),
            }
        }
    }

    /// All files below a folder, with their bytes, and all folders, whose names end with a slash.
    /// `folder` is "" or a name that ends with a slash.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(self.path(&folder)).unwrap() {
                let entry = entry.unwrap();
                let name = format!("{folder}{}", entry.file_name().to_str().unwrap());
                if entry.file_type().unwrap().is_dir() {
                    folders.push(format!("{name}/"));
                    found.insert(format!("{name}/"), Vec::new());
                } else {
                    found.insert(name, fs::read(entry.path()).unwrap());
                }
            }
        }
        found
    }

    /// [`Self::files`] of a workspace without the database and the lock, which contain times.
    pub(crate) fn artifacts(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files("");
        files.retain(|name, _| !name.starts_with("querist.db") && name != "querist.lock");
        files
    }
}

/// The names of files that exist on only one side or differ.
pub(crate) fn differing(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    names.into_iter().filter(|name| left.get(*name) != right.get(*name)).cloned().collect()
}
