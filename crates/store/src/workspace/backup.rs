//! Backs up the database before a migration, as `querist.db.before-migration-N`, where N is the
//! database's schema version.
//!
//! A backup appears whole or not at all, and has the permissions and the group of the database. It
//! is never overwritten: a second backup of the same version gets the suffix `-2`. To restore a
//! backup, rename it to `querist.db` while no process has the workspace open.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::atomic::{keep_permissions, private_in, sync_folder};
use crate::error::{DatabaseContext, IoContext, StoreError};

/// The prefix of the backup's temporary name while it is being written.
pub(super) const PENDING: &str = ".querist-backup-";

/// Backs up the database at `path`, whose schema version is `version`. Returns the backup's path.
///
/// # Errors
/// The folder cannot be written, or the database cannot be read.
pub(super) fn of(database: &Connection, path: &Path, version: usize) -> Result<PathBuf, StoreError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // The copy is private while it is written, because the database may be private.
    let file = private_in(folder, PENDING).doing("write into", folder)?;
    let target = file.path().to_string_lossy().into_owned();
    database.execute("VACUUM INTO ?1", [target]).doing("back up querist.db")?;
    let original = std::fs::metadata(path).doing("read", path)?;
    keep_permissions(file.as_file(), &original).doing("write", file.path())?;
    file.as_file().sync_all().doing("write", file.path())?;
    let mut file = file;
    for number in 1_u32.. {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let name = folder.join(format!("querist.db.before-migration-{version}{suffix}"));
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

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{Permissions, metadata, set_permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

    use super::*;

    #[test]
    fn a_copy_is_for_those_whom_the_database_is_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("querist.db");
        let database = Connection::open(&path).unwrap();
        database.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)").unwrap();
        // Only root may give a file to a group that it is not in.
        let _ = chown(&path, None, Some(65_010));
        for mode in [0o600, 0o640, 0o664] {
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let copy = metadata(of(&database, &path, 3).unwrap()).unwrap();
            assert_eq!((copy.gid(), copy.mode() & 0o777), (metadata(&path).unwrap().gid(), mode));
        }
    }
}
