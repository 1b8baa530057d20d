//! Files beside the database: written atomically, and together with a transaction.
//!
//! A round's files go first into `rounds/.NNNN.pending/`; then the database commits; then they move to `rounds/NNNN/`,
//! the manifest last. Whoever opens the workspace after a kill finds either no committed round, and removes the pending
//! files, or a committed one, and finishes the move.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use rusqlite::OptionalExtension;
use tempfile::NamedTempFile;

use super::Workspace;
use crate::error::{DatabaseContext, IoContext, StoreError};
use crate::format::rejected::Rejected;

/// A file's name and content.
pub type NamedBytes = (&'static str, Vec<u8>);

/// How the names of temporary files begin.
const TEMPORARY: &str = ".querist-";
/// And those of the files that safetensors writes, which are in `features/` alone.
const OF_SAFETENSORS: &str = ".tmp";

/// Replaces a file as a whole: readers see the old bytes or the new ones, also after a power cut.
///
/// # Errors
/// The folder cannot be written.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::with_prefix_in(TEMPORARY, folder).doing("write into", folder)?;
    file.write_all(bytes).doing("write", path)?;
    file.as_file().sync_all().doing("write", path)?;
    set_readable(file.path()).doing("write", path)?;
    file.persist(path).map_err(|error| error.error).doing("write", path)?;
    sync_folder(folder);
    Ok(())
}

/// As [`write_atomically`], of a content that is made as it is written, so that it need not be in memory as a whole.
///
/// # Errors
/// The folder cannot be written, or whatever `write` fails with; then the old file stays.
pub fn write_atomically_with<E: From<StoreError>>(
    path: &Path,
    write: impl FnOnce(&mut std::io::BufWriter<fs::File>) -> Result<(), E>,
) -> Result<(), E> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = NamedTempFile::with_prefix_in(TEMPORARY, folder).doing("write into", folder)?;
    let handle = file.as_file().try_clone().doing("write", path)?;
    let mut out = std::io::BufWriter::with_capacity(1 << 16, handle);
    write(&mut out)?;
    out.flush().doing("write", path)?;
    file.as_file().sync_all().doing("write", path)?;
    set_readable(file.path()).doing("write", path)?;
    file.persist(path).map_err(|error| error.error).doing("write", path)?;
    sync_folder(folder);
    Ok(())
}

/// Temporary files are private by default; what we write is meant to be shared.
#[cfg(unix)]
fn set_readable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_readable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Makes renames in a folder last. Not every system can; there is nothing to do where it cannot.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Whether a killed process left files of a round behind.
pub(super) fn has_interrupted_export(root: &Path) -> bool {
    entries(&root.join("rounds")).any(|entry| pending_number(&entry.file_name().to_string_lossy()).is_some())
}

/// Whether there is a folder of a round.
pub(super) fn has_rounds(root: &Path) -> bool {
    entries(&root.join("rounds")).any(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok())
}

/// What is in a folder; nothing where there is none.
fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok)
}

/// Removes the temporary files that a killed process left in a folder; their names begin with `prefix`.
fn remove_half_written(folder: &Path, prefix: &str) {
    for entry in entries(folder) {
        // Exactly the names that are made up for them: a user's own file must not go.
        let name = entry.file_name().to_string_lossy().into_owned();
        let made_up = name.strip_prefix(prefix);
        if made_up
            .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Where rows that were passed over are written down, in `rejected/`.
pub(super) fn rejected_rows(root: &Path) -> Rejected {
    Rejected::new(root.join("rejected"), TEMPORARY)
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
    set_readable(file.path()).doing("write", &path)?;
    file.persist(&path).map_err(|error| error.error).doing("write", &path)?;
    sync_folder(&folder);
    Ok(Some(path))
}

/// The round of a folder of staged files.
fn pending_number(name: &str) -> Option<u32> {
    name.strip_prefix('.')?.strip_suffix(".pending")?.parse().ok()
}

impl Workspace {
    /// Writes a file of a round again. Gives its path.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_round_file(&self, number: u32, (name, bytes): &NamedBytes) -> Result<PathBuf, StoreError> {
        let folder = self.round_folder(number);
        fs::create_dir_all(&folder).doing("make the folder", &folder)?;
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
        if pending.exists() {
            fs::remove_dir_all(&pending).doing("clear", &pending)?;
        }
        fs::create_dir_all(&pending).doing("make the folder", &pending)?;
        let staged = files
            .iter()
            .try_for_each(|(name, bytes)| write_atomically(&pending.join(name), bytes))
            .and_then(|()| fs::create_dir_all(&folder).doing("make the folder", &folder));
        if staged.is_err() {
            let _ = self.discard_files(number);
        }
        // The folder itself must outlast a power cut, or a committed round would have no files to move.
        sync_folder(&self.root.join("rounds"));
        staged
    }

    /// Removes staged files, and the round's folder if nothing is in it.
    fn discard_files(&self, number: u32) -> Result<(), StoreError> {
        let pending = self.pending_folder(number);
        fs::remove_dir_all(&pending).doing("remove", &pending)?;
        let _ = fs::remove_dir(self.round_folder(number));
        Ok(())
    }

    /// Moves staged files to their place, the manifest last.
    pub(super) fn publish_files(&self, number: u32) -> Result<(), StoreError> {
        let (pending, folder) = (self.pending_folder(number), self.round_folder(number));
        fs::create_dir_all(&folder).doing("make the folder", &folder)?;
        let entries = fs::read_dir(&pending).doing("read", &pending)?;
        let mut names: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.file_name()).collect();
        names.sort_by_key(|name| (name == "manifest.json", name.clone()));
        for name in names.iter().filter(|name| !name.to_string_lossy().starts_with('.')) {
            fs::rename(pending.join(name), folder.join(name)).doing("move into", &folder)?;
        }
        fs::remove_dir_all(&pending).doing("remove", &pending)?;
        sync_folder(&folder);
        Ok(())
    }

    /// Settles what a killed process left behind: half-written files go, finished ones move into place.
    pub(super) fn finish_interrupted_writes(&self) -> Result<(), StoreError> {
        for entry in entries(&self.root.join("rounds")) {
            match pending_number(&entry.file_name().to_string_lossy()) {
                Some(number) => self.settle(number)?,
                None => remove_half_written(&entry.path(), TEMPORARY),
            }
        }
        for folder in ["", "rounds", "models", "rejected"] {
            remove_half_written(&self.root.join(folder), TEMPORARY);
        }
        remove_half_written(&self.root.join("features"), OF_SAFETENSORS);
        Ok(())
    }

    fn settle(&self, number: u32) -> Result<(), StoreError> {
        let committed: Option<String> = self
            .database
            .query_row(
                "SELECT manifest FROM rounds WHERE number = ?1 AND stage = 'exported'",
                [number],
                |row| row.get::<_, Option<String>>(0),
            )
            .optional()
            .doing("read the rounds")?
            .flatten();
        let pending = self.pending_folder(number);
        let staged = fs::read(pending.join("manifest.json")).ok();
        match (committed, staged) {
            (Some(committed), Some(staged)) if committed.as_bytes() == staged.as_slice() => {
                self.publish_files(number)
            }
            _ => self.discard_files(number),
        }
    }

    fn pending_folder(&self, number: u32) -> PathBuf {
        self.root.join("rounds").join(format!(".{number:04}.pending"))
    }
}
