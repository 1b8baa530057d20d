//! Files beside the database that appear together with a transaction.
//!
//! A round's files go first into `rounds/.NNNN.pending/`; then the database commits; then they move to `rounds/NNNN/`,
//! the manifest last. Whoever opens the workspace after a kill finds either no committed round, and removes the pending
//! files, or a committed one, and finishes the move ([`super::settle`]).

use std::fs;
use std::path::{Path, PathBuf};

use super::Workspace;
use super::atomic::{sync_folder, temporary_in, write_atomically};
use super::places::make_folder;
use crate::error::{IoContext, StoreError};
use crate::format::rejected::Rejected;

/// A file's name and content.
pub type NamedBytes = (&'static str, Vec<u8>);

/// The file of a round that says that it is whole.
pub(super) const MANIFEST: &str = "manifest.json";
/// How the names of the folders end in which a round's files wait for their commit.
pub(super) const PENDING: &str = ".pending";
/// And those in which the files for its annotators do.
pub(super) const HANDOUT: &str = ".handout";

/// Whether a killed process left files of a round behind.
pub(super) fn has_interrupted_export(root: &Path) -> bool {
    entries(&root.join("rounds")).any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        waiting_number(&name, PENDING).or(waiting_number(&name, HANDOUT)).is_some()
    })
}

/// Whether there is a folder of a round.
pub(super) fn has_rounds(root: &Path) -> bool {
    entries(&root.join("rounds")).any(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok())
}

/// What is in a folder; nothing where there is none.
pub(super) fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok)
}

/// Where rows that were passed over are written down, in `rejected/`.
pub(super) fn rejected_rows(root: &Path) -> Rejected {
    Rejected::new(root.join("rejected"), |folder| {
        make_folder(folder)?;
        temporary_in(folder).doing("write into", folder)
    })
}

/// Gives the rows that were passed over a name of their own in `rejected/`, before what they were passed over in is committed.
/// Gives the path; `None` when there are none.
pub(super) fn keep_rejected(
    root: &Path,
    stem: &str,
    rejected: Rejected,
) -> Result<Option<PathBuf>, StoreError> {
    let Some(file) = rejected.finish()? else { return Ok(None) };
    let folder = root.join("rejected");
    let free = (1..10_000).map(|n| folder.join(format!("{stem}-{n}.jsonl"))).find(|path| !path.exists());
    let path = free.unwrap_or_else(|| folder.join(format!("{stem}.jsonl")));
    file.persist(&path).map_err(|error| error.error).doing("write", &path)?;
    sync_folder(&folder);
    Ok(Some(path))
}

/// The round of a folder of files that wait; its name ends with `suffix`.
pub(super) fn waiting_number(name: &str, suffix: &str) -> Option<u32> {
    name.strip_prefix('.')?.strip_suffix(suffix)?.parse().ok()
}

/// Removes a folder of files that wait. A link in its place goes, and what it leads to stays.
pub(super) fn remove_waiting(folder: &Path) -> Result<(), StoreError> {
    let removed = match fs::symlink_metadata(folder) {
        Ok(there) if there.is_dir() => fs::remove_dir_all(folder),
        Ok(_) => fs::remove_file(folder),
        Err(_) => Ok(()),
    };
    removed.doing("remove", folder)
}

impl Workspace {
    /// Writes a file of a round again. Gives its path.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_round_file(&self, number: u32, (name, bytes): &NamedBytes) -> Result<PathBuf, StoreError> {
        let folder = self.round_folder(number);
        make_folder(&folder)?;
        let path = folder.join(name);
        write_atomically(&path, bytes)?;
        Ok(path)
    }

    /// Removes a file of a round that no longer belongs to it, if it is there.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove_round_file(&self, number: u32, name: &str) -> Result<(), StoreError> {
        let path = self.round_path(number, name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).doing("remove", &path),
            _ => Ok(()),
        }
    }

    /// Stores a model by its content's hash. Gives the hash.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_model(&self, bytes: &[u8]) -> Result<String, StoreError> {
        let hash = blake3::hash(bytes).to_hex().to_string();
        let path = self.model_path(&hash);
        // Also mends a file that was damaged since.
        if !fs::read(&path).is_ok_and(|there| there == bytes) {
            write_atomically(&path, bytes)?;
        }
        Ok(hash)
    }

    /// Reads a model and checks that it is the one that was written.
    ///
    /// # Errors
    /// It cannot be read, or its bytes have changed.
    pub fn read_model(&self, hash: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.model_path(hash);
        let bytes = fs::read(&path).doing("read", &path)?;
        if blake3::hash(&bytes).to_hex().as_str() == hash {
            return Ok(bytes);
        }
        let what = format!("a model whose file {} was changed", path.display());
        Err(StoreError::Inconsistent { what, remedy: "run `querist train` again" })
    }

    /// Where a model is kept.
    pub fn model_path(&self, hash: &str) -> PathBuf {
        self.root.join("models").join(format!("{hash}.safetensors"))
    }

    /// Where a round's file is, or will be.
    pub fn round_path(&self, number: u32, name: &str) -> PathBuf {
        self.round_folder(number).join(name)
    }

    /// Writes a round's files where they wait for the commit, and makes their folder: moving them needs no space then.
    pub(super) fn stage_files(&self, number: u32, files: &[NamedBytes]) -> Result<(), StoreError> {
        let (pending, folder) = (self.pending_folder(number), self.round_folder(number));
        remove_waiting(&pending)?;
        make_folder(&pending)?;
        let staged = files
            .iter()
            .try_for_each(|(name, bytes)| write_atomically(&pending.join(name), bytes))
            .and_then(|()| make_folder(&folder));
        if staged.is_err() {
            let _ = self.discard_files(number);
        }
        // The folder itself must outlast a power cut, or a committed round would have no files to move.
        sync_folder(&self.root.join("rounds"));
        staged
    }

    /// Removes staged files, and the round's folder if nothing is in it.
    pub(super) fn discard_files(&self, number: u32) -> Result<(), StoreError> {
        remove_waiting(&self.pending_folder(number))?;
        let _ = fs::remove_dir(self.round_folder(number));
        Ok(())
    }

    /// Moves staged files to their place, the manifest last; `may_move` says which of them.
    pub(super) fn publish_files(
        &self,
        number: u32,
        may_move: impl Fn(&str) -> bool,
    ) -> Result<(), StoreError> {
        let (pending, folder) = (self.pending_folder(number), self.round_folder(number));
        make_folder(&folder)?;
        let entries = fs::read_dir(&pending).doing("read", &pending)?;
        let names = entries.filter_map(Result::ok).filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
        names.sort_by_key(|name| (name == MANIFEST, name.clone()));
        for name in names.iter().filter(|name| may_move(name)) {
            fs::rename(pending.join(name), folder.join(name)).doing("move into", &folder)?;
        }
        sync_folder(&folder);
        Ok(())
    }

    pub(super) fn pending_folder(&self, number: u32) -> PathBuf {
        self.root.join("rounds").join(format!(".{number:04}{PENDING}"))
    }
}
