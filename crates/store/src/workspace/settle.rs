//! Settles what a killed process left behind: half-written files are removed, complete files move
//! to their place.
//!
//! Files that wait for a commit move only if they are what was committed: the manifest in the
//! database has the hashes of the batch and the picks. All other files stay out of the round's
//! folder, and the caller that opened the workspace makes the round's files again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::OptionalExtension;
use serde::Deserialize;

use super::Workspace;
use super::artifacts::{
    HANDOUT, MANIFEST, PENDING, entries, remove_waiting, settle_rejected, waiting_number,
};
use super::atomic::{TEMPORARY, is_made_up};
use super::backup;
use super::places::check_folder;
use crate::error::{DatabaseContext, StoreError};

/// The prefix of the temporary files that safetensors writes, which it does only in `features/`.
const OF_SAFETENSORS: &str = ".tmp";

/// The part of a manifest that lists the files of its round, with their hashes.
#[derive(Deserialize, Default)]
struct Outputs {
    #[serde(default)]
    outputs: BTreeMap<String, String>,
}

/// Removes the temporary files that a killed process left in a folder, if their names begin with
/// `prefix`. Does nothing if the folder is a link.
fn remove_half_written(folder: &Path, prefix: &str) {
    if !check_folder(folder).unwrap_or(false) {
        return;
    }
    for entry in entries(folder) {
        if is_made_up(&entry.file_name().to_string_lossy(), prefix) {
            let _ = remove_waiting(&entry.path());
        }
    }
}

/// Whether the path is a file, not a link, whose content has this hash.
pub(super) fn is_file_of(path: &Path, hash: &str) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| there.is_file())
        && fs::read(path).is_ok_and(|bytes| blake3::hash(&bytes).to_hex().as_str() == hash)
}

impl Workspace {
    /// The prefix of the folders in [`Self::embeddings_folder`] in which an embedding is assembled.
    pub const PENDING_EMBEDDING: &str = ".pending-";

    /// Settles what a killed process left behind. Returns the rounds whose files must be made
    /// again.
    pub(super) fn finish_interrupted_writes(&self) -> Result<Vec<u32>, StoreError> {
        let mut incomplete = Vec::new();
        self.settle_configuration()?;
        for entry in entries(&self.root.join("rounds")) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(number) = waiting_number(&name, PENDING) {
                if !self.settle_round(number)? {
                    incomplete.push(number);
                }
            } else if let Some(number) = waiting_number(&name, HANDOUT) {
                self.settle_handout(number)?;
            } else {
                remove_half_written(&entry.path(), TEMPORARY);
            }
        }
        for name in ["rounds", "models", "rejected"] {
            remove_half_written(&self.root.join(name), TEMPORARY);
        }
        // The workspace's own folder may be a link, which the function would not enter.
        let own = self.root.canonicalize();
        let own = own.as_deref().unwrap_or(&self.root);
        remove_half_written(own, TEMPORARY);
        remove_half_written(own, backup::PENDING);
        settle_rejected(&self.root, &self.database)?;
        remove_half_written(&self.root.join("features"), OF_SAFETENSORS);
        remove_half_written(&self.embeddings_folder(), Self::PENDING_EMBEDDING);
        self.finish_forgetting()?;
        incomplete.sort_unstable();
        Ok(incomplete)
    }

    /// Settles the files that wait for a round's commit. Returns false if the round was committed
    /// but lacks files; then the waiting files stay, so that the next process notices.
    pub(super) fn settle_round(&self, number: u32) -> Result<bool, StoreError> {
        let (pending, folder) = (self.pending_folder(number), self.round_folder(number));
        let committed = self.committed_manifest(number)?;
        let is_folder = fs::symlink_metadata(&pending).is_ok_and(|there| there.is_dir());
        let (Some(committed), true) = (committed, is_folder) else {
            self.discard_files(number)?;
            return Ok(true);
        };
        let expected: Outputs = serde_json::from_str(&committed).unwrap_or_default();
        let manifest_hash = blake3::hash(committed.as_bytes()).to_hex();
        let may_move = |name: &str| {
            let staged = pending.join(name);
            match expected.outputs.get(name) {
                Some(hash) => is_file_of(&staged, hash),
                None if name == MANIFEST => is_file_of(&staged, &manifest_hash),
                // A report changes as answers come in, so the manifest has no hash of it. An
                // existing report is not replaced.
                None => {
                    name.starts_with("report.")
                        && fs::symlink_metadata(&staged).is_ok_and(|there| there.is_file())
                        && fs::symlink_metadata(folder.join(name)).is_err()
                }
            }
        };
        self.publish_files(number, may_move)?;
        let mut outputs = expected.outputs.iter();
        let whole = outputs.all(|(name, hash)| is_file_of(&folder.join(name), hash))
            && is_file_of(&folder.join(MANIFEST), &manifest_hash);
        if whole {
            remove_waiting(&pending)?;
        }
        Ok(whole)
    }

    /// The manifest of an exported round; `None` if there is no such round.
    fn committed_manifest(&self, number: u32) -> Result<Option<String>, StoreError> {
        let found = self
            .database
            .query_row(
                "SELECT manifest FROM rounds WHERE number = ?1 AND stage = 'exported'",
                [number],
                |row| row.get::<_, Option<String>>(0),
            )
            .optional()
            .doing("read the rounds")?;
        Ok(found.flatten())
    }

    /// The rounds whose files were found damaged after a kill. Make them again with
    /// [`Self::write_round_file`], then call [`Self::round_is_whole`].
    pub fn incomplete_rounds(&self) -> &[u32] {
        &self.incomplete
    }

    /// Checks again whether a round has all its files.
    ///
    /// # Errors
    /// The disk or the database cannot be read.
    pub fn round_is_whole(&self, number: u32) -> Result<bool, StoreError> {
        self.settle_round(number)
    }
}
