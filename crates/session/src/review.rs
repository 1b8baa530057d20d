//! Review: finds the documents that a person should look at, and says why, and who should do it.

mod hand_out;
mod sitting;

use std::path::Path;

use querist_core::Snapshot;
use querist_engine::{review, review_section};
use querist_report::Review;
use querist_store::format::batch::{self, BatchItem};
use querist_store::write_atomically;
use serde::Serialize;

pub use self::hand_out::ToExperts;
pub use self::sitting::{Asked, Case, Deciding, REASONS, Vote};
use crate::error::Result;
use crate::export::OutFile;
use crate::opened::Opened;
use crate::progress::{Progress, Step};
use crate::remarks;
use crate::session::Session;

/// The documents that need review.
#[derive(Debug, Clone, Serialize)]
pub struct Reviewed {
    /// The number of documents for each reason, and the documents on which a decision helps most.
    pub section: Review,
    /// Number of documents written to a file; `None` if none was asked for.
    pub written: Option<usize>,
    /// The files for experts; empty unless a tool's format was named.
    pub files: Vec<OutFile>,
}

/// Where to write the documents.
#[derive(Debug, Clone, Copy, Default)]
pub enum To<'a> {
    /// Do not write them.
    #[default]
    Nowhere,
    /// To this file, in the format of a batch (JSON Lines).
    File(&'a Path),
    /// To files for experts, in a tool's format.
    Experts(ToExperts<'a>),
}

impl Session {
    /// Finds the documents that need review; the document on which a decision helps most comes
    /// first. The result describes the first `listed` of them. Writes the first `top` of them to
    /// `to`, or all if `top` is `None`.
    ///
    /// # Errors
    /// The workspace cannot be read, or a file cannot be written.
    pub fn review(
        &self,
        listed: usize,
        top: Option<usize>,
        to: To<'_>,
        progress: &dyn Progress,
    ) -> Result<Reviewed> {
        let opened = self.read(progress)?;
        let snapshot = opened.snapshot()?;
        let situation = opened.situation(&snapshot)?;
        let standards = opened.standards()?;
        let cases = progress.step(Step::Weighing, || review(&snapshot, &situation, &standards))?;
        let mut section = review_section(&snapshot, &cases, listed, &mut opened.text_of(&snapshot))?;
        let remarks = remarks::by_document(&opened.workspace.remarks(&snapshot)?);
        for (case, item) in cases.iter().zip(&mut section.top) {
            item.remarks = remarks.get(&case.document).cloned().unwrap_or_default();
        }
        let chosen = cases.iter().take(top.unwrap_or(usize::MAX)).map(|case| case.document);
        let (written, files) = send(&opened, &snapshot, &chosen.collect::<Vec<_>>(), to)?;
        Ok(Reviewed { section, written, files })
    }
}

/// Writes documents to where `to` says. Returns how many were written (`None` for [`To::Nowhere`]),
/// and the files for experts.
///
/// # Errors
/// A text cannot be read, or a file cannot be written.
pub(crate) fn send(
    opened: &Opened,
    snapshot: &Snapshot,
    documents: &[usize],
    to: To<'_>,
) -> Result<(Option<usize>, Vec<OutFile>)> {
    Ok(match to {
        To::Nowhere => (None, Vec::new()),
        To::File(path) => (Some(write(opened, snapshot, documents.iter().copied(), path)?), Vec::new()),
        To::Experts(to) => (Some(documents.len()), hand_out::write(opened, snapshot, documents, &to)?),
    })
}

/// Writes documents to the file `path`, in the format of a batch. Returns their number.
///
/// # Errors
/// A text cannot be read, or the file cannot be written.
fn write(
    opened: &Opened,
    snapshot: &Snapshot,
    documents: impl Iterator<Item = usize>,
    path: &Path,
) -> Result<usize> {
    let mut items = Vec::new();
    for document in documents {
        let record = &snapshot.documents[document];
        let (id, found) = (record.id.to_string(), opened.workspace.text_of(record)?);
        items.push(BatchItem { id, text: found.text, meta: found.meta, suggestion: None, annotator: None });
    }
    write_atomically(path, &batch::write(&items, &snapshot.labels))?;
    Ok(items.len())
}
