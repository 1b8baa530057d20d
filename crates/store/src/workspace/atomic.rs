//! Files that appear whole or not at all: written beside their place under a temporary name, synced, then renamed.
//!
//! A new file has the permissions that the user's mask leaves; a file that is replaced keeps its own, and its group. Renaming
//! replaces a link, so nothing is ever written through one.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::error::{IoContext, StoreError};

/// How the names of temporary files begin.
pub(super) const TEMPORARY: &str = ".querist-";

/// A file that is written and synced, but not yet in its place. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Staged {
    file: NamedTempFile,
    path: PathBuf,
}

impl Staged {
    /// Writes a file beside its place; `write` makes the content as it is written, so that it need not be in memory as a whole.
    ///
    /// # Errors
    /// The folder cannot be written, there is something else than a file in its place, or whatever `write` fails with.
    pub fn new<E: From<StoreError>>(
        path: &Path,
        write: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>,
    ) -> Result<Self, E> {
        let replaced = replaced(path)?;
        let folder = folder_of(path);
        let file = temporary_in(folder).doing("write into", folder)?;
        let handle = file.as_file().try_clone().doing("write", path)?;
        let mut out = BufWriter::with_capacity(1 << 16, handle);
        write(&mut out)?;
        out.flush().doing("write", path)?;
        if let Some(replaced) = replaced {
            keep_permissions(file.as_file(), &replaced).doing("write", path)?;
        }
        file.as_file().sync_all().doing("write", path)?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Moves it into its place.
    ///
    /// # Errors
    /// It cannot be moved; then what was there stays.
    pub fn publish(self) -> Result<(), StoreError> {
        self.file.persist(&self.path).map_err(|error| error.error).doing("write", &self.path)?;
        sync_folder(folder_of(&self.path));
        Ok(())
    }
}

/// Replaces a file as a whole: readers see the old bytes or the new ones, also after a power cut.
///
/// # Errors
/// The folder cannot be written, or there is something else than a file in its place.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    write_atomically_with(path, |out| out.write_all(bytes).doing("write", path))
}

/// As [`write_atomically`], of a content that is made as it is written.
///
/// # Errors
/// As [`write_atomically`], or whatever `write` fails with; then the old file stays.
pub fn write_atomically_with<E: From<StoreError>>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>,
) -> Result<(), E> {
    Ok(Staged::new(path, write)?.publish()?)
}

/// Makes renames in a folder last. Not every system can; there is nothing to do where it cannot.
pub(super) fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// A file's folder; the current one for a bare name.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The file that will be replaced, if there is one. What is neither a file nor a link is not ours to replace: renaming would
/// put a file in the place of a device.
pub(super) fn replaced(path: &Path) -> Result<Option<fs::Metadata>, StoreError> {
    match fs::metadata(path) {
        Ok(there) if !there.is_file() => Err(StoreError::NotAFile { path: path.to_owned() }),
        // A link is replaced itself, so the permissions of what it leads to do not matter.
        Ok(there) => Ok(fs::symlink_metadata(path).is_ok_and(|own| own.is_file()).then_some(there)),
        // Whatever else is wrong with it shows when it is written.
        Err(_) => Ok(None),
    }
}

/// A temporary file. The library makes them private; the user's mask is what decides here.
#[cfg(unix)]
pub(super) fn temporary_in(folder: &Path) -> std::io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = fs::Permissions::from_mode(0o666);
    Builder::new().prefix(TEMPORARY).permissions(permissions).tempfile_in(folder)
}

#[cfg(not(unix))]
pub(super) fn temporary_in(folder: &Path) -> std::io::Result<NamedTempFile> {
    Builder::new().prefix(TEMPORARY).tempfile_in(folder)
}

/// Gives a new file the owner, group and permissions of the one that it replaces, as far as the system lets us. Where the group
/// must be another one, it gets no rights: they were meant for the old group.
#[cfg(unix)]
fn keep_permissions(file: &File, replaced: &fs::Metadata) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let own = file.metadata()?;
    if own.uid() != replaced.uid() {
        // Only root may; everybody else owns what they write.
        let _ = fchown(file, Some(replaced.uid()), None);
    }
    let same_group = own.gid() == replaced.gid() || fchown(file, None, Some(replaced.gid())).is_ok();
    let rights = replaced.mode() & if same_group { 0o777 } else { 0o707 };
    file.set_permissions(fs::Permissions::from_mode(rights))
}

#[cfg(not(unix))]
fn keep_permissions(file: &File, replaced: &fs::Metadata) -> std::io::Result<()> {
    file.set_permissions(replaced.permissions())
}
