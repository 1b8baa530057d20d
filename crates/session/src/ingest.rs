//! Ingest of answers, and of decisions of experts.

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
    /// Number of answers for each outcome: new, changed and so on.
    #[serde(flatten)]
    pub counts: IngestCounts,
    /// Sentences about suspicious answers, for the user.
    pub warnings: Vec<String>,
    /// The file with the skipped rows and the reason for each; `None` if none was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_file: Option<PathBuf>,
    /// What the user can do next.
    #[serde(skip)]
    pub next: AfterAnswers,
}

impl Session {
    /// Stores the answers in the inputs, and returns how many rows had which outcome. Inputs are
    /// the same as for [`Session::import`].
    ///
    /// A row is `{"id", "label", "annotator"}`, and a label of null is a skip. Optional are `time`
    /// (RFC 3339, or seconds since 1970) and `seconds` (how long the answer took). A row may also
    /// have the form that an annotation tool exports. [`IngestOptions::kind`] says whether rows are
    /// decisions of an expert. Warnings also go to `progress`.
    ///
    /// # Errors
    /// A row is bad and the options do not skip bad rows; the error names the first bad row.
    /// Nothing was changed then.
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

/// Returns an annotator's name as the workspace stores it: without white space at its ends.
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

/// Returns the time by this computer's clock, in microseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX / 2)
}
