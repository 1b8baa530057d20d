//! Ingests annotators' answers and experts' decisions.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use querist_engine::doubts;
use querist_store::Told;
use querist_store::format::answers::{self, AnswerFormat};
use querist_store::format::records::Input;
use querist_store::workspace::{IngestCounts, IngestOptions};
use serde::Serialize;

use crate::error::{Result, SessionError};
use crate::inputs::{self, unknown_format};
use crate::next::{self, AfterAnswers};
use crate::progress::{Progress, Step};
use crate::session::Session;

/// The result of an ingest.
#[derive(Debug, Clone, Serialize)]
pub struct Ingested {
    /// Number of rows with each outcome: new, changed and so on.
    #[serde(flatten)]
    pub counts: IngestCounts,
    /// Warnings about suspicious answers, as sentences for the user.
    pub warnings: Vec<String>,
    /// The file that lists the skipped rows with the reason for each; `None` if none was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_file: Option<PathBuf>,
    /// What the user can do next.
    #[serde(skip)]
    pub next: AfterAnswers,
}

impl Session {
    /// Stores the answers in the inputs. Returns how many rows had which outcome. Inputs are the
    /// same as for [`Session::import`].
    ///
    /// A row is `{"id", "label", "annotator"}`; the label null is a skip. `time` (RFC 3339, or
    /// seconds since 1970) and `seconds` (how long the answer took) may be added. A row may also
    /// have the form of an annotation tool's export. [`IngestOptions::kind`] says whether the rows
    /// are an expert's decisions. Warnings are returned and also sent to `progress`.
    ///
    /// # Errors
    /// A row is bad, and the options do not say to skip bad rows. The error names the first bad
    /// row, and nothing was changed.
    pub fn ingest(
        &self,
        inputs: Vec<Input>,
        options: &IngestOptions,
        progress: &dyn Progress,
    ) -> Result<Ingested> {
        let mut opened = self.write("ingest", progress)?;
        let names = inputs::expanded_inputs(inputs)?;
        let labels = opened.labels.clone();
        let result = progress.step(Step::Answers, || opened.workspace.ingest_from(names, &labels, options));
        let (counts, rejected_file) = result?;
        let remarks: Vec<Told> = counts.guesses.iter().chain(&counts.remarks).cloned().collect();
        inputs::tell(&remarks, &counts.passed_over, progress);
        let snapshot = opened.snapshot()?;
        let warnings = doubts(&snapshot, now());
        progress.warn(&warnings);
        let next = next::after_answers(&opened, &snapshot)?;
        Ok(Ingested { counts, warnings, rejected_file, next })
    }
}

/// Returns the answer format with this name: jsonl, csv, label-studio, label-studio-min, prodigy,
/// argilla or doccano.
///
/// # Errors
/// No format has this name.
pub fn format(name: &str) -> Result<&'static dyn AnswerFormat> {
    answers::format(name).ok_or_else(|| {
        let known: Vec<&str> = answers::FORMATS.iter().map(|format| format.name()).collect();
        unknown_format(name, &known)
    })
}

/// Returns the form of an annotator's name that the workspace stores, without white space at its
/// ends.
///
/// # Errors
/// The name is empty.
pub fn annotator(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() {
        return Err(SessionError::out_of_range("annotator", "empty", "a name"));
    }
    Ok(name.to_owned())
}

/// Returns the current time by this computer's clock, in microseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX / 2)
}
