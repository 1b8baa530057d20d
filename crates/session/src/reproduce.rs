//! Reproduces an earlier round: makes it again, and compares the result with the stored round byte
//! by byte.
//!
//! Only the cache in `features/` is written, which Querist can always compute again.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::brought::{self, ScoresFile};
use crate::conditions;
use crate::error::{Result, SessionError};
use crate::past::Past;
use crate::progress::{Progress, Step};
use crate::round::{Chosen, choose, files};
use crate::session::Session;

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What came out when a round was made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reproduced {
    /// Number of the round.
    pub round: u32,
    /// The version of Querist that made the round, if it is another than this one.
    pub made_by: Option<String>,
    /// The inputs that have changed since. If there are any, the round was not made again.
    pub other_inputs: Vec<OtherInput>,
    /// The parts of the round, each with its old and its new hash.
    pub parts: Vec<Part>,
    /// If the file of the model from which training started is missing: the model's hash.
    pub start_missing: Option<String>,
    /// What is wrong with the file of the manifest; `None` if nothing is. The database has a copy.
    pub manifest: Option<OnDisk>,
}

/// An input of the round that has changed since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherInput {
    /// Name of the input.
    pub input: String,
    /// A possible reason for the change.
    pub why: &'static str,
}

/// A part of the round, compared by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Which part it is.
    pub name: PartName,
    /// BLAKE3 hash of the part as it was first made, in hex.
    pub then: String,
    /// BLAKE3 hash of the part made again, in hex.
    pub now: String,
    /// What is wrong with the part's file; `None` if nothing is.
    pub on_disk: Option<OnDisk>,
    /// The first line that differs, if the original file still exists.
    pub difference: Option<Difference>,
}

/// Which part of a round is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PartName {
    /// The file of the user's own predictions.
    Scores,
    /// The model.
    Model,
    /// The output file of this name.
    File(&'static str),
}

/// A file that does not have the hash in the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OnDisk {
    /// Path of the file.
    pub path: PathBuf,
    /// What is wrong.
    pub fault: FileFault,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFault {
    /// The file's content has changed.
    Other,
    /// The file is missing.
    Missing,
    /// The file cannot be read, for this reason. Its content may be right.
    Unreadable(String),
}

/// The first line in which two files differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Number of the line, from 1.
    pub line: usize,
    /// The line in the original file; `None` beyond its end.
    pub then: Option<String>,
    /// The line in the new file; `None` beyond its end.
    pub now: Option<String>,
}

impl Reproduced {
    /// Returns whether all inputs are the same and every part equals the original.
    pub fn is_identical(&self) -> bool {
        self.other_inputs.is_empty() && self.parts.iter().all(Part::is_identical)
    }
}

impl Part {
    /// Returns whether the new part equals the original.
    pub fn is_identical(&self) -> bool {
        self.then == self.now
    }
}

impl Session {
    /// Makes a round again, and compares it with the stored round. If the user's own predictions
    /// chose the round, `scores` names their file.
    ///
    /// # Errors
    /// The round does not exist, `scores` is missing or not needed, or the workspace cannot be
    /// read.
    pub fn reproduce(
        &self,
        round: u32,
        scores: Option<&ScoresFile>,
        progress: &dyn Progress,
    ) -> Result<Reproduced> {
        let mut past = Past::of(self.root(), round, progress)?;
        let made_by = past.manifest["querist"].as_str().unwrap_or("?");
        let mut reproduced = Reproduced {
            round,
            made_by: (made_by != VERSION).then(|| made_by.to_owned()),
            other_inputs: Vec::new(),
            parts: Vec::new(),
            start_missing: None,
            manifest: None,
        };
        for (input, why) in past.other_inputs()? {
            reproduced.other_inputs.push(OtherInput { input, why });
        }
        if reproduced.other_inputs.is_empty() {
            conditions::choose_among_part(&past.opened, &mut past.bench)?;
            remake(&past, scores, &mut reproduced, progress)?;
            let then = past.round.manifest.as_ref();
            let then = then.map(|manifest| blake3::hash(manifest.as_bytes()).to_hex());
            reproduced.manifest = then.and_then(|then| on_disk(&past, "manifest.json", then.as_str()));
        }
        Ok(reproduced)
    }
}

/// Makes the round again. Compares each part with the original, and adds the result to
/// `reproduced`.
fn remake(
    past: &Past,
    scores: Option<&ScoresFile>,
    reproduced: &mut Reproduced,
    progress: &dyn Progress,
) -> Result<()> {
    let Past { opened, bench, manifest, .. } = past;
    let brought_then = manifest["scores"].as_str();
    let scores = match (scores, brought_then) {
        (Some(file), Some(_)) => Some(progress.step(Step::Scores, || brought::read(file, bench))?),
        (None, Some(hash)) => {
            return Err(SessionError::ScoresNeeded { hash: hash.to_owned() });
        }
        (Some(_), None) => {
            return Err(SessionError::option("scores", "the round trained a model of its own"));
        }
        (None, None) => None,
    };
    let prepared = opened.prepare(bench, progress)?;
    let Chosen { draft, picks } = choose(opened, bench, &prepared, scores.as_ref(), progress)?;
    let start = manifest["start"].as_str().filter(|start| !opened.workspace.model_path(start).is_file());
    reproduced.start_missing = start.map(str::to_owned);
    let part = |name, then: &str, now: String| {
        let (on_disk, difference) = (None, None);
        Part { name, then: then.to_owned(), now, on_disk, difference }
    };
    if let (Some(scores), Some(then)) = (&scores, brought_then) {
        reproduced.parts.push(part(PartName::Scores, then, scores.section.file.clone()));
    }
    let none = "none";
    let then = manifest["model"].as_str().unwrap_or(none);
    let now = draft.draft.record.model.clone().unwrap_or_else(|| none.to_owned());
    reproduced.parts.push(part(PartName::Model, then, now));
    for (name, bytes) in files::batch_and_picks(opened, bench, &draft.draft, &picks)? {
        reproduced.parts.push(file(past, name, &bytes)?);
    }
    Ok(())
}

/// Compares the new content of an output file with the file's hash in the manifest.
fn file(past: &Past, name: &'static str, bytes: &[u8]) -> Result<Part> {
    let then = past.manifest["outputs"][name].as_str().ok_or_else(|| {
        SessionError::changed_by_hand(format!("the manifest of round {} has no {name}", past.bench.number))
    })?;
    let now = blake3::hash(bytes).to_hex().to_string();
    let on_disk = on_disk(past, name, then);
    // The line that differs can be found only if the file on disk is still the original. Its hash
    // tells.
    let difference = if then != now && on_disk.is_none() {
        let path = past.opened.workspace.round_path(past.bench.number, name);
        first_difference(&std::fs::read(path).unwrap_or_default(), bytes)
    } else {
        None
    };
    Ok(Part { name: PartName::File(name), then: then.to_owned(), now, on_disk, difference })
}

/// Returns what is wrong with a file of the round; `None` if it has the hash `then`.
fn on_disk(past: &Past, name: &str, then: &str) -> Option<OnDisk> {
    let path = past.opened.workspace.round_path(past.bench.number, name);
    fault_of(&path, then).map(|fault| OnDisk { path, fault })
}

/// Returns what is wrong with the file at `path`; `None` if its hash is `then`.
fn fault_of(path: &Path, then: &str) -> Option<FileFault> {
    match std::fs::read(path) {
        Ok(bytes) if blake3::hash(&bytes).to_hex().as_str() == then => None,
        Ok(_) => Some(FileFault::Other),
        Err(error) if error.kind() == ErrorKind::NotFound => Some(FileFault::Missing),
        Err(error) => Some(FileFault::Unreadable(error.to_string())),
    }
}

/// Returns the first line in which two files differ; `None` if all lines are equal.
fn first_difference(then: &[u8], now: &[u8]) -> Option<Difference> {
    let lines =
        |bytes: &[u8]| -> Vec<String> { String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect() };
    let (then, now) = (lines(then), lines(now));
    let at = (0..then.len().max(now.len())).find(|at| then.get(*at) != now.get(*at))?;
    Some(Difference { line: at + 1, then: then.get(at).cloned(), now: now.get(at).cloned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_told() {
        assert_eq!(first_difference(b"a\nb\n", b"a\nb\n"), None);
        let told = first_difference(b"a\nb\n", b"a\n").unwrap();
        assert_eq!(told, Difference { line: 2, then: Some("b".to_owned()), now: None });
    }
}
