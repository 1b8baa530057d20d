//! Documents are forgotten for good: the one exception to "nothing is edited".

use std::collections::BTreeSet;

use querist_store::workspace::ToForget;
use serde::Serialize;

use crate::error::Result;
use crate::opened::Opened;
use crate::progress::Progress;
use crate::round::files;
use crate::session::Session;

/// What was forgotten, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// How many documents.
    pub documents: usize,
    /// How many texts they ever had.
    pub texts: usize,
    /// What it comes to.
    #[serde(flatten)]
    pub of: ToForget,
}

impl Session {
    /// Forgets the documents with these ids: everything that the workspace has of them is erased, and they may not come again.
    ///
    /// # Errors
    /// There is no such document, or the disk or the database cannot be written; then the same call, made again, finishes.
    pub fn forget(
        &self,
        ids: &BTreeSet<String>,
        dry_run: bool,
        progress: &dyn Progress,
    ) -> Result<Forgotten> {
        let mut opened = self.read_or_write("forget", dry_run, progress)?;
        let found = opened.workspace.to_forget(ids)?;
        if !dry_run {
            opened.workspace.forget(&found)?;
            make_reports_again(&opened)?;
        }
        Ok(Forgotten { dry_run, documents: found.ids.len(), texts: found.versions(), of: found })
    }
}

/// Writes the missing reports again, also those that a killed process removed.
fn make_reports_again(opened: &Opened) -> Result<()> {
    let last = opened.workspace.last_round()?.unwrap_or_default();
    for number in 1..=last {
        if !opened.workspace.round_path(number, "report.json").exists() {
            files::write_report(opened, number)?;
        }
    }
    Ok(())
}
