//! Files beside the database that appear together with a transaction.
//!
//! A round's files are first written to `rounds/.NNNN.pending/`. Then the database commits. Then
//! the files move to `rounds/NNNN/`, the manifest last. After a kill, the next process that opens
//! the workspace either finds no committed round and removes the pending files, or finds a
//! committed round and finishes the move ([`super::settle`]).

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

/// Whether a killed process left files of a round behind.
pub(super) fn has_interrupted_export(root: &Path) -> bool {
    entries(&root.join("rounds")).any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        waiting_number(&name, PENDING).or(waiting_number(&name, HANDOUT)).is_some()
    }) || entries(&root.join("rejected")).any(|entry| entry.file_name().to_string_lossy().ends_with(PENDING))
}

/// Whether any round has a folder.
pub(super) fn has_rounds(root: &Path) -> bool {
    entries(&root.join("rounds")).any(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok())
}

/// Whether a folder of this name in `rounds/` holds a round's files, published or waiting.
pub(super) fn is_of_round(name: &str) -> bool {
    name.parse::<u32>().is_ok() || waiting_number(name, PENDING).or(waiting_number(name, HANDOUT)).is_some()
}

/// The entries of a folder; none if the folder does not exist.
pub(super) fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok)
}

/// The writer for skipped rows, which puts them into `rejected/`.
pub(super) fn rejected_rows(root: &Path, wording: Wording) -> Rejected {
    let open: Open = |folder| {
        make_folder(folder)?;
        temporary_in(folder).doing("write into", folder)
    };
    Rejected::new(root.join("rejected"), open, wording)
}

/// Skipped rows, all of them on disk, that wait for the commit of their import or ingest.
pub(super) struct Waiting {
    stem: &'static str,
    /// `None` once the file has moved.
    path: Option<PathBuf>,
}

/// Stores the skipped rows in `rejected/`, under a name such as `.import-7.pending`, until the
/// commit. The number is the transaction's newest import or ingest. Returns `None` if no row was
/// skipped.
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
    /// Moves the rows to their final name, after the commit. Returns the new path.
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

fn newest(database: &Connection, stem: &str) -> Result<i64, StoreError> {
    let table = if stem == "import" { "imports" } else { "ingests" };
    database
        .query_row(&format!("SELECT coalesce(max(number), 0) FROM {table}"), [], |row| row.get(0))
        .doing("read querist.db")
}

fn move_rejected(waiting: &Path, stem: &str) -> Result<PathBuf, StoreError> {
    let folder = waiting.parent().unwrap_or(Path::new("."));
    let free = (1..10_000).map(|n| folder.join(format!("{stem}-{n}.jsonl"))).find(|path| !path.exists());
    let path = free.unwrap_or_else(|| folder.join(format!("{stem}.jsonl")));
    fs::rename(waiting, &path).doing("write", &path)?;
    sync_folder(folder);
    Ok(path)
}

/// Publishes the waiting rows of committed imports and ingests, and removes all other waiting rows.
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

/// The round's number in the name of a waiting folder, which ends with `suffix`.
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
    /// Writes a file of a round again. Returns its path.
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

    /// Stores a model under its content's hash. Returns the hash.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_model(&self, bytes: &[u8]) -> Result<String, StoreError> {
        let hash = blake3::hash(bytes).to_hex().to_string();
        let path = self.model_path(&hash);
        // Writing again also repairs a file that was damaged since.
        if !fs::read(&path).is_ok_and(|there| there == bytes) {
            write_atomically(&path, bytes)?;
        }
        Ok(hash)
    }

    /// Reads a model and checks that its content still has this hash.
    ///
    /// # Errors
    /// It cannot be read, or its bytes have changed.
    pub fn read_model(&self, hash: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.model_path(hash);
        let bytes = fs::read(&path).doing("read", &path)?;
        if blake3::hash(&bytes).to_hex().as_str() == hash {
            return Ok(bytes);
        }
        Err(StoreError::ModelChanged { path })
    }

    /// The path of a model's file.
    pub fn model_path(&self, hash: &str) -> PathBuf {
        self.root.join("models").join(format!("{hash}.safetensors"))
    }

    /// The path of a round's file, which need not exist yet.
    pub fn round_path(&self, number: u32, name: &str) -> PathBuf {
        self.round_folder(number).join(name)
    }

    /// Writes a round's files to the folder in which they wait for the commit, and makes their
    /// final folder. After that, moving them needs no disk space.
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

    /// Removes staged files, and the round's folder if it is empty.
    pub(super) fn discard_files(&self, number: u32) -> Result<(), StoreError> {
        remove_waiting(&self.pending_folder(number))?;
        let _ = fs::remove_dir(self.round_folder(number));
        Ok(())
    }

    /// Moves staged files to their final folder, the manifest last. Only files for which `may_move`
    /// returns true are moved.
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
