//! Files beside the database that appear together with a transaction.
//!
//! A round's files are first written to `rounds/.NNNN.pending/`. Then the database commits. Then
//! the files move to `rounds/NNNN/`, the manifest last. If a kill interrupts this, the next process
//! that opens the workspace for writing looks for the round in the database. If the round is there,
//! that process finishes the move; if not, it removes the pending files ([`super::settle`]).

use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::Workspace;
use super::atomic::{sync_folder, temporary_in, write_atomically, write_atomically_with};
use super::places::{check_folder, make_folder};
use crate::error::{DatabaseContext, IoContext, StoreError};
use crate::format::rejected::{Open, Rejected, Wording};

/// A file's name and content.
pub type NamedBytes = (&'static str, Vec<u8>);

/// The file whose presence says that a round's folder is complete.
pub(super) const MANIFEST: &str = "manifest.json";
/// The suffix of folders in which a round's files wait for their commit.
pub(super) const PENDING: &str = ".pending";
/// The suffix of folders in which the files for a round's annotators wait for their commit.
pub(super) const HANDOUT: &str = ".handout";

/// Whether a killed process left waiting files of a round, or waiting skipped rows, behind.
pub(super) fn has_interrupted_export(root: &Path) -> bool {
    entries(&root.join("rounds")).any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        waiting_number(&name, PENDING).or(waiting_number(&name, HANDOUT)).is_some()
    }) || entries(&root.join("rejected")).any(|entry| entry.file_name().to_string_lossy().ends_with(PENDING))
}

/// Whether `rounds/` contains the folder of any published round.
pub(super) fn has_rounds(root: &Path) -> bool {
    entries(&root.join("rounds")).any(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok())
}

/// Whether `name`, a folder's name in `rounds/`, is a name of a round's folder, whether published
/// or waiting.
pub(super) fn is_of_round(name: &str) -> bool {
    name.parse::<u32>().is_ok() || waiting_number(name, PENDING).or(waiting_number(name, HANDOUT)).is_some()
}

/// Returns the entries of a folder that can be read; none if the folder cannot be read.
pub(super) fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok)
}

/// Returns a writer that collects skipped rows in a temporary file in `rejected/`.
pub(super) fn rejected_rows(root: &Path, wording: Wording) -> Rejected {
    let open: Open = |folder| {
        make_folder(folder)?;
        temporary_in(folder).doing("write into", folder)
    };
    Rejected::new(root.join("rejected"), open, wording)
}

/// A file of skipped rows, complete on disk, that waits for the commit of its import or ingest.
/// Dropping it before [`Self::publish`] removes the file.
pub(super) struct Waiting {
    stem: &'static str,
    /// The file's path; `None` after the file has moved.
    path: Option<PathBuf>,
}

/// Gives the file of skipped rows a name such as `.import-7.pending` in `rejected/`, under which it
/// waits for the commit. `stem` is `import` or `ingest`; the number is the last import or ingest of
/// the transaction. Returns `None` if no row was skipped.
pub(super) fn keep_rejected(
    root: &Path,
    stem: &'static str,
    rejected: Rejected,
    transaction: &Connection,
) -> Result<Option<Waiting>, StoreError> {
    let Some(file) = rejected.finish()? else { return Ok(None) };
    let number = newest(transaction, stem)?;
    let path = root.join("rejected").join(format!(".{stem}-{number}{PENDING}"));
    file.persist(&path).map_err(|error| error.error).doing("write", &path)?;
    Ok(Some(Waiting { stem, path: Some(path) }))
}

impl Waiting {
    /// Moves the file of skipped rows to its final name, after the commit. Returns the new path.
    pub(super) fn publish(mut self) -> Result<PathBuf, StoreError> {
        self.path.take().map_or_else(|| Ok(PathBuf::new()), |path| move_rejected(&path, self.stem))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            let _ = fs::remove_file(&path);
            // A failed command leaves nothing behind, so the folder goes too if it is empty.
            let _ = path.parent().map(fs::remove_dir);
        }
    }
}

// Returns the number of the last import or ingest; 0 if there is none.
fn newest(database: &Connection, stem: &str) -> Result<i64, StoreError> {
    let table = if stem == "import" { "imports" } else { "ingests" };
    database
        .query_row(&format!("SELECT coalesce(max(number), 0) FROM {table}"), [], |row| row.get(0))
        .doing("read querist.db")
}

// Renames a waiting file to the first free name `STEM-N.jsonl` in its folder. Returns the new path.
fn move_rejected(waiting: &Path, stem: &str) -> Result<PathBuf, StoreError> {
    let folder = waiting.parent().unwrap_or(Path::new("."));
    let free = (1..10_000).map(|n| folder.join(format!("{stem}-{n}.jsonl"))).find(|path| !path.exists());
    let path = free.unwrap_or_else(|| folder.join(format!("{stem}.jsonl")));
    fs::rename(waiting, &path).doing("write", &path)?;
    sync_folder(folder);
    Ok(path)
}

/// Gives waiting files of skipped rows their final names if their import or ingest was committed,
/// and removes all others.
pub(super) fn settle_rejected(root: &Path, database: &Connection) -> Result<(), StoreError> {
    let folder = root.join("rejected");
    if !check_folder(&folder)? {
        return Ok(());
    }
    for entry in entries(&folder) {
        let name = entry.file_name().to_string_lossy().into_owned();
        for stem in ["import", "ingest"] {
            let Some(rest) = name.strip_prefix(&format!(".{stem}-")) else { continue };
            let Some(number) = waiting_number(&format!(".{rest}"), PENDING) else { continue };
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if is_file && i64::from(number) <= newest(database, stem)? {
                move_rejected(&entry.path(), stem)?;
            } else {
                remove_waiting(&entry.path())?;
            }
        }
    }
    Ok(())
}

/// Returns the round's number in `name`, the name of a waiting folder such as `.0007.pending`;
/// `None` unless the name has this form and ends with `suffix`.
pub(super) fn waiting_number(name: &str, suffix: &str) -> Option<u32> {
    name.strip_prefix('.')?.strip_suffix(suffix)?.parse().ok()
}

/// Removes a waiting folder. If a link is in its place, only the link is removed.
pub(super) fn remove_waiting(folder: &Path) -> Result<(), StoreError> {
    let removed = match fs::symlink_metadata(folder) {
        Ok(there) if there.is_dir() => fs::remove_dir_all(folder),
        Ok(_) => fs::remove_file(folder),
        Err(_) => Ok(()),
    };
    removed.doing("remove", folder)
}

impl Workspace {
    /// Replaces the file `name` of round `number` by these bytes. Returns the file's path.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_round_file(&self, number: u32, (name, bytes): &NamedBytes) -> Result<PathBuf, StoreError> {
        let folder = self.round_folder(number);
        make_folder(&folder)?;
        let path = folder.join(name);
        write_atomically(&path, bytes)?;
        Ok(path)
    }

    /// Does the same as [`Self::write_round_file`], but `write` streams the content, so that it
    /// need not fit in memory.
    ///
    /// # Errors
    /// The file cannot be written, or `write` failed; the old file then stays.
    pub fn write_round_file_with<E: From<StoreError>>(
        &self,
        number: u32,
        name: &str,
        write: impl FnOnce(&mut BufWriter<fs::File>) -> Result<(), E>,
    ) -> Result<PathBuf, E> {
        let folder = self.round_folder(number);
        make_folder(&folder)?;
        let path = folder.join(name);
        write_atomically_with(&path, write)?;
        Ok(path)
    }

    /// Removes the file `name` from the folder of round `number`, if it is there.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn remove_round_file(&self, number: u32, name: &str) -> Result<(), StoreError> {
        let path = self.round_path(number, name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).doing("remove", &path),
            _ => Ok(()),
        }
    }

    /// Writes a model to `models/`, under the hash of its content. Returns the hash in hexadecimal.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_model(&self, bytes: &[u8]) -> Result<String, StoreError> {
        let hash = blake3::hash(bytes).to_hex().to_string();
        let path = self.model_path(&hash);
        // If the file exists but differs, it was damaged, and writing it again repairs it.
        if !fs::read(&path).is_ok_and(|there| there == bytes) {
            write_atomically(&path, bytes)?;
        }
        Ok(hash)
    }

    /// Reads the model with this hash and checks that the file's content still has the hash.
    ///
    /// # Errors
    /// The file cannot be read, or its content has changed.
    pub fn read_model(&self, hash: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.model_path(hash);
        let bytes = fs::read(&path).doing("read", &path)?;
        if blake3::hash(&bytes).to_hex().as_str() == hash {
            return Ok(bytes);
        }
        Err(StoreError::ModelChanged { path })
    }

    /// Returns the path of the file of the model with this hash.
    pub fn model_path(&self, hash: &str) -> PathBuf {
        self.root.join("models").join(format!("{hash}.safetensors"))
    }

    /// Returns the path of a file of round `number`; the file need not exist yet.
    pub fn round_path(&self, number: u32, name: &str) -> PathBuf {
        self.round_folder(number).join(name)
    }

    /// Writes files of a round to the folder in which they wait for the commit, and makes the
    /// round's folder. After this, publishing the files needs no more disk space.
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
        // The folder itself must survive a power cut, or a committed round would have no files to
        // move.
        sync_folder(&self.root.join("rounds"));
        staged
    }

    /// Removes the waiting files of a round, and the round's folder if it is empty.
    pub(super) fn discard_files(&self, number: u32) -> Result<(), StoreError> {
        remove_waiting(&self.pending_folder(number))?;
        let _ = fs::remove_dir(self.round_folder(number));
        Ok(())
    }

    /// Moves those waiting files of a round whose names `may_move` accepts to the round's folder,
    /// the manifest last.
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
        // `false` sorts before `true`, so the manifest is last.
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
