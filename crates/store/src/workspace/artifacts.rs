//! Writes files that must appear exactly if a database transaction is committed, such as the files
//! of an exported round. Exporting round NNNN takes three steps:
//! 1. Its files are written to `rounds/.NNNN.pending/`.
//! 2. The database commits the round.
//! 3. The files move to `rounds/NNNN/`, the manifest last.
//!
//! If the process is killed in between, the next process that opens the workspace for writing looks
//! for the round in the database. If the round is there, it finishes step 3; if not, it removes the
//! pending files ([`super::settle`]).

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

/// A round's manifest. It is the last file to move into the round's folder, so its presence shows
/// that the folder is complete.
pub(super) const MANIFEST: &str = "manifest.json";
/// The suffix of a pending folder, in which a round's files wait until the database has committed
/// the round.
pub(super) const PENDING: &str = ".pending";
/// The suffix of the folder in which the annotators' files of a round wait until the database has
/// committed their assignments.
pub(super) const HANDOUT: &str = ".handout";

/// Whether a killed process left files behind that wait for a commit: files of a round, or skipped
/// rows.
pub(super) fn has_interrupted_export(root: &Path) -> bool {
    entries(&root.join("rounds")).any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        waiting_number(&name, PENDING).or(waiting_number(&name, HANDOUT)).is_some()
    }) || entries(&root.join("rejected")).any(|entry| entry.file_name().to_string_lossy().ends_with(PENDING))
}

/// Whether `rounds/` contains the folder of any exported round.
pub(super) fn has_rounds(root: &Path) -> bool {
    entries(&root.join("rounds")).any(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok())
}

/// Whether `name`, the name of a folder in `rounds/`, belongs to a round: a final folder such as
/// `0007`, or one in which files wait.
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

/// A complete file of skipped rows that waits until its import or ingest is committed. If this
/// value is dropped before [`Self::publish`], the file is removed.
pub(super) struct Waiting {
    /// "import" or "ingest"; the final file name begins with it.
    stem: &'static str,
    /// The file's path while it waits; `None` after [`Self::publish`].
    path: Option<PathBuf>,
}

/// Moves the file of skipped rows to a name in `rejected/` under which it waits for the commit,
/// such as `.import-7.pending`. `stem` is `import` or `ingest`; 7 is the number of the
/// transaction's last import or ingest. Returns `None` if no row was skipped.
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
            // A failed command should leave nothing behind, so the folder is removed too, unless it
            // contains other files.
            let _ = path.parent().map(fs::remove_dir);
        }
    }
}

/// Returns the number of the last import (if `stem` is `import`) or the last ingest; 0 if there is
/// none.
fn newest(database: &Connection, stem: &str) -> Result<i64, StoreError> {
    let table = if stem == "import" { "imports" } else { "ingests" };
    database
        .query_row(&format!("SELECT coalesce(max(number), 0) FROM {table}"), [], |row| row.get(0))
        .doing("read querist.db")
}

/// Renames a waiting file of skipped rows to the first free name `STEM-N.jsonl` in its folder.
/// Returns the new path.
fn move_rejected(waiting: &Path, stem: &str) -> Result<PathBuf, StoreError> {
    let folder = waiting.parent().unwrap_or(Path::new("."));
    let free = (1..10_000).map(|n| folder.join(format!("{stem}-{n}.jsonl"))).find(|path| !path.exists());
    let path = free.unwrap_or_else(|| folder.join(format!("{stem}.jsonl")));
    fs::rename(waiting, &path).doing("write", &path)?;
    sync_folder(folder);
    Ok(path)
}

/// Settles the waiting files of skipped rows that killed processes left. If the file's import or
/// ingest was committed, the file gets its final name; otherwise it is removed.
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

/// Returns the number in the name of a waiting folder: 7 for `.0007.pending` if `suffix` is
/// `.pending`. Returns `None` for a name of any other form.
pub(super) fn waiting_number(name: &str, suffix: &str) -> Option<u32> {
    name.strip_prefix('.')?.strip_suffix(suffix)?.parse().ok()
}

/// Removes a waiting file or folder, if it exists. If a link is in its place, removes only the
/// link.
pub(super) fn remove_waiting(folder: &Path) -> Result<(), StoreError> {
    let removed = match fs::symlink_metadata(folder) {
        Ok(there) if there.is_dir() => fs::remove_dir_all(folder),
        Ok(_) => fs::remove_file(folder),
        Err(_) => Ok(()),
    };
    removed.doing("remove", folder)
}

impl Workspace {
    /// Writes `bytes` to the file `name` in the folder of round `number`, replacing an existing
    /// file. Returns the file's path.
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

    /// Writes a file of round `number` as [`Self::write_round_file`] does, but `write` writes the
    /// content piece by piece, so that it need not fit in memory.
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

    /// Writes a model to a file in `models/` that is named by the hash of its content. Returns the
    /// hash, in hexadecimal.
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

    /// Writes files of a round to its pending folder, and makes its final folder. After this call,
    /// [`Self::publish_files`] needs no more disk space.
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
        // If a power cut removed the pending folder itself, a committed round would have no files
        // to move.
        sync_folder(&self.root.join("rounds"));
        staged
    }

    /// Removes the pending folder of a round, and its final folder if that is empty.
    pub(super) fn discard_files(&self, number: u32) -> Result<(), StoreError> {
        remove_waiting(&self.pending_folder(number))?;
        let _ = fs::remove_dir(self.round_folder(number));
        Ok(())
    }

    /// Moves files of a round from its pending folder to its final folder, the manifest last. Moves
    /// only files whose names `may_move` accepts.
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

    /// Returns the path of the pending folder of round `number`.
    pub(super) fn pending_folder(&self, number: u32) -> PathBuf {
        self.root.join("rounds").join(format!(".{number:04}{PENDING}"))
    }
}
