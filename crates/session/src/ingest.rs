//! Answers back, and decisions of experts.

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

/// What taking answers in came to.
#[derive(Debug, Clone, Serialize)]
pub struct Ingested {
    /// How many answers became what.
    #[serde(flatten)]
    pub counts: IngestCounts,
    /// What is odd about the answers, as sentences.
    pub warnings: Vec<String>,
    /// The rows that were passed over, each with its reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_file: Option<PathBuf>,
    /// What can be done now.
    #[serde(skip)]
    pub next: AfterAnswers,
}

impl Session {
    /// Takes in answers; inputs are those of [`Session::import`]. A row is
    /// `{"id", "label", "annotator"}`, where a label of null is a skip, with `time` (RFC 3339, or
    /// seconds since 1970) and `seconds` (how long the answer took) where they are known; or what
    /// an annotation tool exports. [`IngestOptions::kind`] says whether the rows are decisions of
    /// an expert. Warnings also go to `progress`.
    ///
    /// # Errors
    /// The first bad row (unless they are passed over); then nothing was changed.
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

/// The format of answers of that name: jsonl, csv, label-studio, label-studio-min, prodigy, argilla
/// or doccano.
///
/// # Errors
/// There is none.
pub fn format(name: &str) -> Result<&'static dyn AnswerFormat> {
    answers::format(name).ok_or_else(|| {
        let known: Vec<&str> = answers::FORMATS.iter().map(|format| format.name()).collect();
        unknown_format(name, &known)
    })
}

/// A name as it is kept.
///
/// # Errors
/// It is empty.
pub fn annotator(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() {
        return Err(SessionError::out_of_range("annotator", "empty", "a name"));
    }
    Ok(name.to_owned())
}

/// This computer's clock, in microseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX / 2)
}
