//! Exports the labelled documents, each with its label, posterior probability and annotators.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use querist_core::Role;
use querist_store::format::results::{self, LabeledRow};
use querist_store::workspace::write_atomically_with;
use serde::Serialize;
use serde_json::json;

use super::Failure;
use crate::error::{Result, SessionError};
use crate::progress::Progress;
use crate::remarks;
use crate::session::Session;

/// The result of an export of labelled documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabeledFile {
    /// Path of the file.
    pub file: PathBuf,
    /// Number of labelled documents in the file.
    pub labeled: u64,
    /// How many of these labels come from "annotators", from an "expert", or were "imported".
    pub sources: BTreeMap<&'static str, u64>,
}

impl Session {
    /// Writes every labelled document of the pool to `file`, one row each, ordered by id. The
    /// extension of `file` decides the format.
    ///
    /// # Errors
    /// No format has this extension, the workspace cannot be read, or the file cannot be written.
    /// An existing file of that name then stays as it was.
    pub fn export_labeled(&self, file: &Path, progress: &dyn Progress) -> Result<LabeledFile> {
        let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
        if !results::ENDINGS.contains(&ending.as_str()) {
            return Err(wrong_ending(file, &results::ENDINGS.join(", .")));
        }
        let opened = self.read(progress)?;
        let snapshot = opened.snapshot()?;
        let situation = opened.situation(&snapshot)?;
        let mut by_document: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for answer in snapshot.answers.iter().filter(|answer| answer.label.is_some()) {
            let annotator = &snapshot.annotators[answer.annotator as usize];
            by_document.entry(answer.document).or_default().push(annotator);
        }
        let remarks = remarks::by_document(&opened.workspace.remarks(&snapshot)?);
        let mut sources: BTreeMap<&'static str, u64> = BTreeMap::new();
        let written = write_atomically_with(file, |out| -> Result<(), Failure> {
            let Some(mut writer) = results::labeled(&ending, out)? else { return Ok(()) };
            for (document, record) in snapshot.documents.iter().enumerate() {
                let Some(class) = situation.label_of[document].filter(|_| record.role == Role::Pool) else {
                    continue;
                };
                let source = if snapshot.settled(document).is_some() {
                    "expert"
                } else if record.label.is_some() {
                    "imported"
                } else {
                    "annotators"
                };
                let item = situation.item_of(document).filter(|_| source == "annotators");
                let found = opened.workspace.text_of(record)?;
                *sources.entry(source).or_default() += 1;
                let remarks = remarks.get(&document).map(|remarks| json!(remarks).to_string());
                writer.row(&LabeledRow {
                    id: &record.id,
                    text: &found.text,
                    label: snapshot.labels.name(class),
                    source,
                    posterior: item.map(|item| situation.posteriors.of(item, class)),
                    annotators: by_document.get(&document).map_or(&[][..], Vec::as_slice),
                    remarks: remarks.as_deref(),
                    meta: found.meta.as_deref(),
                })?;
            }
            Ok(writer.finish()?)
        });
        written.map_err(|failure| failure.0)?;
        Ok(LabeledFile { file: file.to_owned(), labeled: sources.values().sum(), sources })
    }
}

/// Returns the error that no format has the extension of `file`. `known` lists the formats.
pub(super) fn wrong_ending(file: &Path, known: &str) -> SessionError {
    let file = querist_core::visible::visible(&file.to_string_lossy()).into_owned();
    SessionError::Input { what: format!("{file}: expected a name that ends in .{known}") }
}
