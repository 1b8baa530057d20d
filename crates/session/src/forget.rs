//! Documents are forgotten for good: the one exception to "nothing is edited".

use std::collections::BTreeSet;
use std::path::PathBuf;

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
    /// How many of the documents asked for were forgotten before.
    pub already: usize,
    /// How many labels came with them.
    pub labels: u64,
    /// How many answers they had.
    pub answers: u64,
    /// How many decisions of experts.
    pub decisions: u64,
    /// The rounds that picked them.
    pub rounds: Vec<u32>,
    /// Files of the workspace that held them, and are written again without, or removed.
    pub files: Vec<PathBuf>,
    /// Copies of the database from before migrations, which are removed.
    pub backups: Vec<PathBuf>,
    /// Models of rounds that knew them. They stay.
    pub models: Vec<PathBuf>,
    /// The files that they came from. They stay.
    pub sources: Vec<String>,
    /// Other files in the workspace's folder that hold their texts. They stay.
    pub elsewhere: Vec<PathBuf>,
    /// Other documents with the same text, by id. They stay.
    pub same_text: Vec<String>,
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
        let texts = found.versions();
        let ToForget { ids, already, labels, answers, decisions, rounds, files, backups, .. } = found;
        Ok(Forgotten {
            dry_run,
            documents: ids.len(),
            texts,
            already,
            labels,
            answers,
            decisions,
            rounds,
            files,
            backups,
            models: found.models,
            sources: found.sources,
            elsewhere: found.elsewhere,
            same_text: found.same_text,
        })
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
