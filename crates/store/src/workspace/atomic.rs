//! Writes files that appear whole or not at all. A file is first written under a temporary name in
//! its folder. When it is complete and safely on disk, it is renamed to its final name.
//!
//! A new file gets the permissions that the user's umask allows. A file that replaces an old file
//! gets the old file's permissions and group. If a link has the final name, the rename replaces the
//! link, not the file that it leads to.
//!
//! While a process writes a temporary file, it holds a lock on the file. A temporary file without a
//! lock was left by a killed process, and the next process that writes into the folder removes it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::{Builder, NamedTempFile};

use super::places::open_to_look;
use crate::error::{IoContext, StoreError};

/// The prefix of the names of temporary files.
pub(super) const TEMPORARY: &str = ".querist-";

/// A complete file under a temporary name. [`Self::publish`] renames it to its final path. If this
/// value is dropped before that, the file is removed.
#[derive(Debug)]
pub struct Staged {
    file: NamedTempFile,
    path: PathBuf,
}

impl Staged {
    /// Writes a temporary file in the folder of `path`, its final path. `write` writes the content
    /// piece by piece, so that it need not fit in memory.
    ///
    /// # Errors
    /// The folder cannot be written, `path` is something other than a file, or `write` fails.
    pub fn new<E: From<StoreError>>(
        path: &Path,
        write: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>,
    ) -> Result<Self, E> {
        let replaced = replaced(path)?;
        let folder = folder_of(path);
        remove_left_over(folder);
        // A file that replaces another may be private, so it starts out private.
        let file = if replaced.is_some() { private_in(folder, TEMPORARY) } else { temporary_in(folder) };
        let file = file.doing("write into", folder)?;
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

    /// Moves the file to its final path.
    ///
    /// # Errors
    /// The file cannot be moved; the old file, if any, then stays.
    pub fn publish(self) -> Result<(), StoreError> {
        self.file.persist(&self.path).map_err(|error| error.error).doing("write", &self.path)?;
        sync_folder(folder_of(&self.path));
        Ok(())
    }
}

/// Replaces the file at `path`, or makes it: even after a power cut, readers see either the old
/// content or the new.
///
/// # Errors
/// The folder cannot be written, or `path` is something other than a file.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    write_atomically_with(path, |out| out.write_all(bytes).doing("write", path))
}

/// Replaces a file as [`write_atomically`] does, but `write` writes the content piece by piece.
///
/// # Errors
/// The errors of [`write_atomically`], or `write` fails; the old file then stays.
pub fn write_atomically_with<E: From<StoreError>>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>,
) -> Result<(), E> {
    Ok(Staged::new(path, write)?.publish()?)
}

/// Replaces several files together. All new files are first written under temporary names, and only
/// then renamed. So if one of them cannot be written, all old files stay.
///
/// # Errors
/// The errors of [`write_atomically`].
pub fn write_together<'a>(files: impl IntoIterator<Item = (PathBuf, &'a [u8])>) -> Result<(), StoreError> {
    let staged: Result<Vec<Staged>, StoreError> = files
        .into_iter()
        .map(|(path, bytes)| Staged::new(&path, |out| out.write_all(bytes).doing("write", &path)))
        .collect();
    staged?.into_iter().try_for_each(Staged::publish)
}

/// Writes a folder's entries to disk, so that renames in it survive a power cut. On systems that
/// cannot do this, nothing happens.
pub(super) fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Returns the folder of a file; the current folder for a bare file name.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns the metadata of the file that a write to `path` will replace; `None` if there is none or
/// if `path` is a link. Fails if something else is at `path`, such as a folder or a device, because
/// a rename must not replace it.
pub(super) fn replaced(path: &Path) -> Result<Option<fs::Metadata>, StoreError> {
    match fs::metadata(path) {
        Ok(there) if !there.is_file() => Err(StoreError::NotAFile { path: path.to_owned() }),
        // Renaming replaces a link itself, so the permissions of the link's target do not matter.
        Ok(there) => Ok(fs::symlink_metadata(path).is_ok_and(|own| own.is_file()).then_some(there)),
        // Any other problem will show when the file is written.
        Err(_) => Ok(None),
    }
}

/// Makes a temporary file with the permissions that the user's umask allows. The library's default
/// would be a file that only its owner may read.
#[cfg(unix)]
pub(super) fn temporary_in(folder: &Path) -> std::io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = fs::Permissions::from_mode(0o666);
    held(|| Builder::new().prefix(TEMPORARY).permissions(permissions.clone()).tempfile_in(folder))
}

#[cfg(not(unix))]
pub(super) fn temporary_in(folder: &Path) -> std::io::Result<NamedTempFile> {
    private_in(folder, TEMPORARY)
}

/// Makes a temporary file that only its owner may read.
pub(super) fn private_in(folder: &Path, prefix: &str) -> std::io::Result<NamedTempFile> {
    held(|| Builder::new().prefix(prefix).tempfile_in(folder))
}

/// Makes a temporary file and locks it. Before the file is locked, another process may take it for
/// a leftover and remove it; then this function makes another file.
fn held(make: impl Fn() -> std::io::Result<NamedTempFile>) -> std::io::Result<NamedTempFile> {
    loop {
        let file = make()?;
        // On systems without locks, no process removes temporary files.
        let locked = file.as_file().try_lock();
        if locked.is_err() || fs::symlink_metadata(file.path()).is_ok() {
            return Ok(file);
        }
    }
}

/// Whether `name` is `prefix` followed by six letters or digits, as in the names of Querist's
/// temporary files. Only such files may be removed, never a user's own file.
pub(super) fn is_made_up(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix)
        .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Removes the temporary files that killed processes left in a folder. A process does this only
/// once for each folder. Links are not followed.
fn remove_left_over(folder: &Path) {
    static LOOKED_AT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let Ok(mut looked_at) = LOOKED_AT.lock() else { return };
    if !looked_at.insert(folder.to_owned()) {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        if is_made_up(&entry.file_name().to_string_lossy(), TEMPORARY)
            && let Some(file) = open_to_look(&path)
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(&path);
        }
    }
}

/// Gives a new file the owner, the group and the permissions of the file that it replaces, as far
/// as the system allows. If the system does not allow the old group, the new group gets no
/// permissions, because the old permissions were meant for the old group.
#[cfg(unix)]
pub(super) fn keep_permissions(file: &File, replaced: &fs::Metadata) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let own = file.metadata()?;
    if own.uid() != replaced.uid() {
        // Only root may change a file's owner.
        let _ = fchown(file, Some(replaced.uid()), None);
    }
    let same_group = own.gid() == replaced.gid() || fchown(file, None, Some(replaced.gid())).is_ok();
    let rights = replaced.mode() & if same_group { 0o777 } else { 0o707 };
    file.set_permissions(fs::Permissions::from_mode(rights))
}

#[cfg(not(unix))]
pub(super) fn keep_permissions(file: &File, replaced: &fs::Metadata) -> std::io::Result<()> {
    file.set_permissions(replaced.permissions())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_killed_process_left_goes_and_what_is_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join(".querist-abc123"), "left over").unwrap();
        fs::write(folder.join(".querist-my-notes"), "the user's").unwrap();
        let in_use = temporary_in(folder).unwrap();
        fs::write(outside.path().join("f"), "elsewhere").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(outside.path().join("f"), folder.join(".querist-link00")).unwrap();
        write_atomically(&folder.join("a"), b"a").unwrap();
        assert!(in_use.path().exists() && outside.path().join("f").exists());
        let names = names(folder);
        assert!(!names.contains(&".querist-abc123".to_owned()), "{names:?}");
        assert!(names.contains(&".querist-my-notes".to_owned()), "{names:?}");
    }

    #[test]
    fn files_are_replaced_together_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), "old").unwrap();
        fs::create_dir(path("b")).unwrap();
        let files = || [(path("a"), &b"new"[..]), (path("b"), b"new")];
        write_together(files()).unwrap_err();
        assert_eq!(
            (fs::read(path("a")).unwrap(), names(folder.path())),
            (b"old".to_vec(), vec!["a".into(), "b".into()])
        );
        fs::remove_dir(path("b")).unwrap();
        write_together(files()).unwrap();
        assert_eq!(fs::read(path("b")).unwrap(), b"new");
    }
}
