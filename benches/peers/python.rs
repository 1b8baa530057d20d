//! The peers: Python processes.
//!
//! One process (`serve.py`) lives for the whole run and answers one request after another, so that
//! no measured time includes a start.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::THREADS;

/// The running Python process with its input and output.
pub(crate) struct Peers {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Peers {
    /// Starts the peers; if they cannot run, prints why and returns `None`.
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

    /// Sends a request and waits for the answer.
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
        // The peers end when their input closes.
        self.requests = None;
        // Waiting fails only if the process is already gone, which is what we want.
        let _ = self.child.wait();
    }
}

/// The cost and the output of a whole process.
pub(crate) struct Measured {
    pub(crate) seconds: f64,
    /// Peak memory in bytes.
    pub(crate) peak: f64,
    /// What the process printed, as JSON.
    pub(crate) output: Value,
}

/// Runs a process to its end and measures it. A Python process gets `threads` threads.
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

/// The number in the field `name` of an answer.
pub(crate) fn number(answer: &Value, name: &str) -> f64 {
    answer[name].as_f64().unwrap_or_else(|| panic!("no number {name} in {answer}"))
}

/// A program that lies in the same folder as this file.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(name)
}

/// The Python interpreter: `QUERIST_PYTHON`, or else `python3`.
pub(crate) fn interpreter() -> PathBuf {
    std::env::var_os("QUERIST_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from)
}

/// The command that starts the interpreter with `threads` threads.
fn command(threads: usize) -> Command {
    let mut command = Command::new(interpreter());
    for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
        command.env(name, threads.to_string());
    }
    // The programs lie in the source folder, so Python must not write its caches there.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
