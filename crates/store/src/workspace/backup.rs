//! A copy of the database before it is brought up to date: `querist.db.before-migration-N`, where N is its schema version.
//!
//! The copy is consistent, is synced, and appears whole or not at all. None is ever replaced: a second one gets another name. To go
//! back, put it in the place of `querist.db` while nobody has the workspace open.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::atomic::{sync_folder, temporary_in};
use crate::error::{DatabaseContext, IoContext, StoreError};

/// Copies the database. Gives the copy's path.
///
/// # Errors
/// The folder cannot be written.
pub(super) fn of(database: &Connection, path: &Path, version: usize) -> Result<PathBuf, StoreError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let file = temporary_in(folder).doing("write into", folder)?;
    let target = file.path().to_string_lossy().into_owned();
    database.execute("VACUUM INTO ?1", [target]).doing("back up querist.db")?;
    let permissions = std::fs::metadata(path).doing("read", path)?.permissions();
    file.as_file().set_permissions(permissions).doing("write", file.path())?;
    file.as_file().sync_all().doing("write", file.path())?;
    let mut file = file;
    for number in 1_u32.. {
        let again = if number == 1 { String::new() } else { format!("-{number}") };
        let name = folder.join(format!("querist.db.before-migration-{version}{again}"));
        match file.persist_noclobber(&name) {
            Ok(_) => {
                sync_folder(folder);
                return Ok(name);
            }
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => file = error.file,
            Err(error) => return Err(error.error).doing("write", &name),
        }
    }
    unreachable!("there are fewer files than numbers")
}
