//! Runs crowd-kit through `benches/peers/aggregate.py`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::data::Arguments;
use crate::set::Set;

/// crowd-kit's result for one set and method.
pub(crate) struct Peer {
    pub(crate) seconds: f64,
    /// The share of correct gold items, with crowd-kit's labels as they are.
    pub(crate) accuracy: f64,
    /// The same share if a tie of k labels counts 1/k.
    pub(crate) shared: f64,
}

/// Runs crowd-kit on a set; returns its result by method, or nothing without `--python`.
pub(crate) fn run(arguments: &Arguments, set: &Set, methods: &[String]) -> BTreeMap<String, Peer> {
    let Some(python) = arguments.text("python") else { return BTreeMap::new() };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/aggregate.py");
    let mut command = Command::new(python);
    command.arg(script).arg(&set.answers_file).arg(&set.gold_file).arg(methods.join(","));
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONWARNINGS", "ignore");
    let done = command.output().expect("the interpreter");
    assert!(done.status.success(), "{python}: {}", String::from_utf8_lossy(&done.stderr));
    let lines = String::from_utf8_lossy(&done.stdout).into_owned();
    let parsed = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let peer = |line: Value| {
        let number = |field: &str| line[field].as_f64().expect("a number");
        let peer =
            Peer { seconds: number("seconds"), accuracy: number("accuracy"), shared: number("shared") };
        (line["method"].as_str().expect("a method").to_owned(), peer)
    };
    parsed.map(peer).collect()
}
