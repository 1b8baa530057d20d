//! Data sets and command-line arguments of the benchmarks.
#![expect(clippy::print_stderr, reason = "a benchmark says why it does not run")]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The folder of data sets from `QUERIST_DATA`; prints a message and returns `None` if it is not
/// set.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("QUERIST_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!(
            "skipped: set QUERIST_DATA to a folder of data sets, each with train.jsonl and test.jsonl (or .jsonl.gz)"
        );
    }
    folder
}

/// The arguments of a benchmark: pairs of `--name value`.
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    /// Takes the arguments of this process.
    pub(crate) fn parse() -> Self {
        Self(std::env::args().collect())
    }

    /// The value after `--name`, if it is there.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let at = self.0.iter().position(|argument| argument.strip_prefix("--") == Some(name))?;
        self.0.get(at + 1).map(String::as_str)
    }

    /// The values after `--name`, separated by commas; else those of `default`.
    pub(crate) fn list(&self, name: &str, default: &str) -> Vec<String> {
        self.text(name).unwrap_or(default).split(',').map(str::to_owned).collect()
    }

    /// The number after `--name`, or `default`.
    pub(crate) fn number(&self, name: &str, default: u64) -> u64 {
        self.text(name).map_or(default, |value| value.parse().expect("a number"))
    }
}

/// The file `train` or `test` of a set, plain or gzip.
pub(crate) fn file(data: &Path, set: &str, part: &str) -> PathBuf {
    let plain = data.join(set).join(format!("{part}.jsonl"));
    if plain.exists() { plain } else { data.join(set).join(format!("{part}.jsonl.gz")) }
}

/// The lines of a file, plain or gzip.
pub(crate) fn lines(path: &Path) -> Vec<String> {
    let file = fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let gzip = path.extension().is_some_and(|extension| extension == "gz");
    let reader: Box<dyn Read> =
        if gzip { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
    BufReader::new(reader).lines().map(|line| line.expect("text")).collect()
}
