//! What a killed process left behind: half-written files go, finished ones move into place.
//!
//! Files that wait for a commit move only if they are what was committed: the manifest in the
//! database names the hashes of batch and picks. Anything else stays out of the round's folder, and
//! whoever opened the workspace makes the files again.

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

/// How the names of the temporary files begin that safetensors writes, which are in `features/`
/// alone.
const OF_SAFETENSORS: &str = ".tmp";

/// What a manifest says came out of its round.
#[derive(Deserialize, Default)]
struct Outputs {
    #[serde(default)]
    outputs: BTreeMap<String, String>,
}

/// Removes the temporary files that a killed process left in a folder; their names begin with
/// `prefix`. Not in what a link leads to.
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

/// Whether there is a file, no link to one, with that hash.
pub(super) fn is_file_of(path: &Path, hash: &str) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| there.is_file())
        && fs::read(path).is_ok_and(|bytes| blake3::hash(&bytes).to_hex().as_str() == hash)
}

impl Workspace {
    /// How the names of the folders begin in which an embedding is put together, in
    /// [`Self::embeddings_folder`].
    pub const PENDING_EMBEDDING: &str = ".pending-";

    /// Settles what a killed process left behind. Gives the rounds whose files must be made again.
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
        // The workspace's own folder may be a link.
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

    /// Settles the files that wait for a round's commit. Gives whether the round, if it was
    /// committed, has its files now; else they go on waiting, so that whoever comes next knows.
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
                // A report changes as answers come in, so no hash of it is kept. One that is there
                // is not replaced.
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

    /// The manifest of a round that is exported.
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

    /// The rounds whose files were found damaged after a kill, and must be made again:
    /// [`Self::write_round_file`], then [`Self::round_is_whole`].
    pub fn incomplete_rounds(&self) -> &[u32] {
        &self.incomplete
    }

    /// Looks again whether a round has its files. Gives whether it has.
    ///
    /// # Errors
    /// The disk or the database cannot be read.
    pub fn round_is_whole(&self, number: u32) -> Result<bool, StoreError> {
        self.settle_round(number)
    }
}
