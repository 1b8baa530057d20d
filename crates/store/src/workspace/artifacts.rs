//! Files beside the database that appear together with a transaction.
//!
//! A round's files go first into `rounds/.NNNN.pending/`; then the database commits; then they move
//! to `rounds/NNNN/`, the manifest last. Whoever opens the workspace after a kill finds either no
//! committed round, and removes the pending files, or a committed one, and finishes the move
//! ([`super::settle`]).

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
    }) || entries(&root.join("rejected")).any(|entry| entry.file_name().to_string_lossy().ends_with(PENDING))
}

/// Whether there is a folder of a round.
pub(super) fn has_rounds(root: &Path) -> bool {
    entries(&root.join("rounds")).any(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok())
}

/// Whether a folder of that name, in `rounds/`, has a round's files or those that wait.
pub(super) fn is_of_round(name: &str) -> bool {
    name.parse::<u32>().is_ok() || waiting_number(name, PENDING).or(waiting_number(name, HANDOUT)).is_some()
}

/// What is in a folder; nothing where there is none.
pub(super) fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok)
}

/// Where rows that were passed over are written down, in `rejected/`.
pub(super) fn rejected_rows(root: &Path, wording: Wording) -> Rejected {
    let open: Open = |folder| {
        make_folder(folder)?;
        temporary_in(folder).doing("write into", folder)
    };
    Rejected::new(root.join("rejected"), open, wording)
}

/// Rows that were passed over, all of them on disk, where they wait for the commit of what they
/// were passed over in.
pub(super) struct Waiting {
    stem: &'static str,
    /// Empty once they have moved.
    path: Option<PathBuf>,
}

/// Lets the rows that were passed over wait in `rejected/`, as `.import-7.pending`: the number is
/// that of the newest import, or ingest, of the transaction. `None` when there are none.
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
    /// Gives the rows a name of their own, after the commit. Gives the path.
    pub(super) fn publish(mut self) -> Result<PathBuf, StoreError> {
        self.path.take().map_or_else(|| Ok(PathBuf::new()), |path| move_rejected(&path, self.stem))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            let _ = fs::remove_file(&path);
            // A failed command leaves nothing, so its folder goes too where nothing else is in it.
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

/// Moves the rows that wait for an import or ingest that was committed; those of others go.
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

    /// [`Self::write_round_file`], written by `write`, so that it need not be in memory.
    ///
    /// # Errors
    /// It cannot be written, or `write` failed; then the old file stays.
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
        Err(StoreError::ModelChanged { path })
    }

    /// Where a model is kept.
    pub fn model_path(&self, hash: &str) -> PathBuf {
        self.root.join("models").join(format!("{hash}.safetensors"))
    }

    /// Where a round's file is, or will be.
    pub fn round_path(&self, number: u32, name: &str) -> PathBuf {
        self.round_folder(number).join(name)
    }

    /// Writes a round's files where they wait for the commit, and makes their folder: moving them
    /// needs no space then.
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
        // The folder itself must outlast a power cut, or a committed round would have no files to
        // move.
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
