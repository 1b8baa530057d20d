//! Cleans up after a killed process. Removes half-written files. If files were waiting for a commit
//! and the database did commit, moves them to their final paths.
//!
//! A round's file is moved only if its content has the hash that the round's manifest in the
//! database lists. If a round still lacks files after that, the caller that opened the workspace
//! must make them again ([`Workspace::incomplete_rounds`]).

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

/// The prefix of the temporary files that the library safetensors makes. Querist uses it to write
/// files only in `features/`.
const OF_SAFETENSORS: &str = ".tmp";

/// The part of a round's manifest that lists its files.
#[derive(Deserialize, Default)]
struct Outputs {
    /// The hash of each file's content, in hexadecimal, by the file's name.
    #[serde(default)]
    outputs: BTreeMap<String, String>,
}

/// Removes temporary files and folders from `folder`. Their names are `prefix` followed by six
/// letters or digits. Does nothing if `folder` is a link.
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

/// Whether `path` is a file, not a link, and its content has this hash.
pub(super) fn is_file_of(path: &Path, hash: &str) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| there.is_file())
        && fs::read(path).is_ok_and(|bytes| blake3::hash(&bytes).to_hex().as_str() == hash)
}

impl Workspace {
    /// The prefix of the temporary folders in [`Self::embeddings_folder`] in which embeddings are
    /// assembled.
    pub const PENDING_EMBEDDING: &str = ".pending-";

    /// Cleans up after killed processes in the whole workspace. Returns the numbers of the rounds
    /// whose files must be made again.
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
        self.settle_vectors()?;
        for name in ["rounds", "models", "rejected", "vectors"] {
            remove_half_written(&self.root.join(name), TEMPORARY);
        }
        // The workspace's own folder may be a link, and `remove_half_written` would skip it.
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

    /// Moves the waiting files of a round to its folder if the database has the round, and
    /// otherwise removes them. Returns `false` if the database has the round and the round still
    /// lacks files. In that case, the waiting files stay, and the next process tries again.
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
                // A report changes as answers arrive, so the manifest has no hash of it. An
                // existing report may be newer than the waiting one, so it is not replaced.
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

    /// Returns the manifest of an exported round; `None` if the round was not exported.
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

    /// Returns the numbers of the rounds that lacked files when the workspace was opened, because a
    /// process had been killed. The caller should make their files again with
    /// [`Self::write_round_file`] and then call [`Self::round_is_whole`].
    pub fn incomplete_rounds(&self) -> &[u32] {
        &self.incomplete
    }

    /// Checks again whether a round has all its files. If it has, removes its pending folder.
    ///
    /// # Errors
    /// The disk or the database cannot be read, or a file cannot be moved.
    pub fn round_is_whole(&self, number: u32) -> Result<bool, StoreError> {
        self.settle_round(number)
    }
}
