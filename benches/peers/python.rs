//! The peers' side: Python processes.
//!
//! One process (`serve.py`) lives through the run and answers requests in turn, so that what is
//! timed has no start in it.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::THREADS;

/// The peers, ready to be asked.
pub(crate) struct Peers {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Peers {
    /// Starts them; says so when they cannot be had.
    pub(crate) fn start() -> Option<Self> {
        let found = command(THREADS).args(["-c", "import sklearn"]).stderr(Stdio::null()).status();
        let problem = match found {
            Ok(status) if status.success() => None,
            Ok(_) => Some("has no scikit-learn".to_owned()),
            Err(error) => Some(format!("does not run: {error}")),
        };
        if let Some(problem) = problem {
            let name = interpreter();
            eprintln!("skipped: the peers, because {} {problem}; set QUERIST_PYTHON", name.display());
            return None;
        }
        let mut child = command(THREADS)
            .arg(script("serve.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the interpreter that ran just now");
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("a piped output"));
        Some(Self { child, requests, answers })
    }

    /// Asks, and waits for the answer.
    pub(crate) fn ask(&mut self, request: &Value) -> Value {
        let requests = self.requests.as_mut().expect("a piped input");
        writeln!(requests, "{request}").expect("peers that read");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("peers that answer");
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{request}: {error}"))
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        // They end with their input.
        self.requests = None;
        // A process that is gone already is what was wanted.
        let _ = self.child.wait();
    }
}

/// What a whole process took.
pub(crate) struct Measured {
    pub(crate) seconds: f64,
    /// Peak memory in bytes.
    pub(crate) peak: f64,
    /// What it printed, as JSON.
    pub(crate) output: Value,
}

/// Runs a process to its end and measures it; a Python process gets that many threads.
pub(crate) fn measure(program: &Path, arguments: &[OsString], threads: usize) -> Measured {
    let run = command(threads)
        .arg(script("measure.py"))
        .arg(program)
        .args(arguments)
        .output()
        .expect("an interpreter");
    let problem = String::from_utf8_lossy(&run.stderr);
    let measured: Value =
        serde_json::from_slice(&run.stdout).unwrap_or_else(|error| panic!("{error}: {problem}"));
    assert_eq!(measured["status"], 0, "{} {arguments:?}: {problem}", program.display());
    let output = measured["output"].as_str().expect("an output");
    Measured {
        seconds: number(&measured, "seconds"),
        peak: number(&measured, "peak"),
        output: serde_json::from_str(output).expect("JSON"),
    }
}

/// The number of that name in an answer.
pub(crate) fn number(answer: &Value, name: &str) -> f64 {
    answer[name].as_f64().unwrap_or_else(|| panic!("no number {name} in {answer}"))
}

/// A program that is beside this file.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(name)
}

/// The interpreter.
pub(crate) fn interpreter() -> PathBuf {
    std::env::var_os("QUERIST_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from)
}

/// The interpreter with that many threads.
fn command(threads: usize) -> Command {
    let mut command = Command::new(interpreter());
    for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
        command.env(name, threads.to_string());
    }
    // The folder of the programs is the source's: nothing is written there.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
