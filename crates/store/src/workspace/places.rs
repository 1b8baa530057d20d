//! Opens and makes the folders and files of a workspace. It never follows a link. If the group may
//! write the workspace's folder, it may write new files and folders too.
//!
//! Another user with write access to the workspace could put a link into it, and Querist would
//! overwrite or delete files outside. So folders must be real folders, and files are opened without
//! following a link. Only the workspace's own folder may be a link, because the user chose it.
//!
//! The checks do not protect against a user who puts a link in place between a check and the write
//! after it.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

use crate::error::{IoContext, StoreError};

/// The folders that Querist writes into or deletes in.
const FOLDERS: [&str; 7] = ["features", "models", "rounds", "embeddings", "vectors", "rejected", "label"];
/// The files that Querist writes in place.
const FILES: [&str; 5] =
    ["querist.lock", "querist.db", "querist.db-wal", "querist.db-shm", "querist.db-journal"];

/// Checks that each existing folder and file of the workspace is a real folder or a real file, and
/// not a link.
pub(super) fn check(root: &Path) -> Result<(), StoreError> {
    for name in FOLDERS {
        check_folder(&root.join(name))?;
    }
    for name in FILES {
        let path = root.join(name);
        match fs::symlink_metadata(&path) {
            Ok(there) if there.is_symlink() => return Err(StoreError::Link { path }),
            Ok(there) if !there.is_file() => return Err(StoreError::NotAFile { path }),
            _ => {}
        }
    }
    Ok(())
}

/// Checks that `path`, if it exists, is a folder and not a link. Returns whether it exists.
pub(crate) fn check_folder(path: &Path) -> Result<bool, StoreError> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_dir() => Ok(true),
        Ok(there) if there.is_symlink() => Err(StoreError::Link { path: path.to_owned() }),
        Ok(_) => Err(StoreError::NotAFolder { path: path.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).doing("read", path),
    }
}

/// Makes a folder in a workspace, unless it exists. Lets the group write the new folder if
/// [`share`] allows that.
pub(crate) fn make_folder(path: &Path) -> Result<(), StoreError> {
    if check_folder(path)? {
        return Ok(());
    }
    match fs::create_dir(path) {
        Ok(()) => share(path).doing("make the folder", path),
        // Another process made the folder after the check.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => check_folder(path).map(|_| ()),
        Err(error) => Err(error).doing("make the folder", path),
    }
}

/// Opens a file for reading and writing, without following a link. The file is then changed in
/// place, not replaced. Makes the file if it does not exist.
pub(crate) fn open_in_place(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    not_through_links(&mut options);
    let (file, made) = match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => (options.open(path), false),
        made => (made, true),
    };
    let file = file.map_err(|error| {
        let link = fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
        if link {
            return StoreError::Link { path: path.to_owned() };
        }
        StoreError::Io { action: "open for writing", path: path.to_owned(), source: error }
    })?;
    let metadata = file.metadata().doing("read", path)?;
    if !metadata.is_file() {
        return Err(StoreError::NotAFile { path: path.to_owned() });
    }
    if made {
        share(path).doing("make", path)?;
    }
    Ok(file)
}

/// Opens a file for reading, without following a link. Returns `None` if `path` cannot be opened or
/// is not a file.
pub(super) fn open_to_look(path: &Path) -> Option<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    not_through_links(&mut options);
    let file = options.open(path).ok()?;
    file.metadata().is_ok_and(|there| there.is_file()).then_some(file)
}

#[cfg(unix)]
/// Makes opening fail if the path is a link.
fn not_through_links(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    // NONBLOCK: if the path is a pipe, opening it must not wait for a process at the other end.
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    options.custom_flags(flags.bits().cast_signed());
}

#[cfg(not(unix))]
fn not_through_links(_options: &mut OpenOptions) {}

/// Whether the file has another name (a hard link), which may be outside the workspace.
#[cfg(unix)]
pub(super) fn has_other_names(file: &File) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(file.metadata()?.nlink() > 1)
}

#[cfg(not(unix))]
pub(super) fn has_other_names(_file: &File) -> std::io::Result<bool> {
    Ok(false)
}

/// Lets the group write a new file or folder, so that all users of a shared workspace can write it.
/// All three conditions must hold:
///
/// - The parent folder belongs to the same group.
/// - The group may write the parent folder.
/// - The user's umask lets the group read the new file or folder.
#[cfg(unix)]
pub(super) fn share(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let Some(folder) = path.parent() else { return Ok(()) };
    let (own, around) = (fs::symlink_metadata(path)?, fs::metadata(folder)?);
    let shared = around.mode() & 0o020 != 0 && around.gid() == own.gid() && own.mode() & 0o040 != 0;
    if !shared || own.mode() & 0o020 != 0 || own.is_symlink() {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(own.mode() & 0o7777 | 0o020))
}

#[cfg(not(unix))]
pub(super) fn share(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
