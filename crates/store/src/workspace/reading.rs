//! Opens the database for reading. Other processes can still write, and no files are left behind.
//!
//! SQLite keeps two files beside an open database: its write-ahead log (`-wal`) and the log's index
//! (`-shm`). Every process that opens the database creates them, but only a process that may write
//! the database removes them. Files that another user left could keep the database's owner from
//! writing.
//!
//! So if this user may write the database, it is opened for writing, with all writes forbidden by a
//! setting. If not, it is opened under a shared lock ([`open_guarded`]).

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::atomic::temporary_in;
use super::schema::{connect, version};
use crate::error::{DatabaseContext, IoContext, StoreError};

/// The lock on the database file and the temporary copy of the database, if any. They must exist as
/// long as the connection.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// The locked database file. When a process closes any handle of a file, the system releases
    /// all its locks on that file, so this handle must stay open.
    _lock: Option<File>,
    _copy: Option<tempfile::TempDir>,
}

/// A connection that can only read, with the resources that it needs.
pub(super) struct Reading {
    pub(super) database: Connection,
    pub(super) guard: Guard,
    /// The schema version of the database.
    pub(super) found: i64,
}

/// Opens the database at `path` for reading. Fails if the file is not a database of Querist.
pub(super) fn open(path: &Path) -> Result<Reading, StoreError> {
    let (database, guard) = open_any(path).doing("open querist.db")?;
    let found = version(&database, path)?;
    if found == 0 {
        return Err(StoreError::ForeignDatabase { path: path.to_owned() });
    }
    Ok(Reading { database, guard, found: found as i64 })
}

/// Opens the database for reading in the way that this user's permissions allow.
fn open_any(path: &Path) -> Result<(Connection, Guard), rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if may_write(path) {
        let database = tried(path, flags | OpenFlags::SQLITE_OPEN_READ_WRITE);
        // If the disk is full, SQLite cannot create the log's index. The code below can still read
        // the database then.
        if let Ok(database) = database {
            database.pragma_update(None, "query_only", true)?;
            return Ok((database, Guard::default()));
        }
    }
    let mut last = None;
    // An attempt fails if a writer opens or closes the database meanwhile, so try three times.
    for _ in 0..3 {
        match open_guarded(path, flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI) {
            Err(error) => last = Some(error),
            opened => return opened,
        }
    }
    Err(last.unwrap_or_else(busy))
}

/// Opens the database for a user who may not write it, or if the disk is too full for the log's
/// index.
///
/// Querist's writers move the log into the database file, and remove it, only when they close the
/// database ([`super::schema::open`]). For that, they need an exclusive lock, so our shared lock
/// prevents it. There are three cases:
///
/// - There is no log, or it is empty: the database file is complete.
/// - There is a log with an index: SQLite reads both.
/// - There is a log without an index: we read a temporary copy of the database and its log.
fn open_guarded(path: &Path, flags: OpenFlags) -> Result<(Connection, Guard), rusqlite::Error> {
    let uri = |options: &str| PathBuf::from(format!("file:{}?{options}", percent_encoded(path)));
    let lock = shared_lock(path)?;
    if !has_log(path) {
        return Ok((tried(&uri("immutable=1"), flags)?, Guard { _lock: lock, _copy: None }));
    }
    let failed = match tried(&uri("readonly_shm=1"), flags) {
        Ok(database) => return Ok((database, Guard { _lock: lock, _copy: None })),
        Err(error) => error,
    };
    // After the failed attempt, SQLite closed the database file, and so the system released our
    // lock.
    drop(lock);
    let (Some(lock), Ok(copy)) = (shared_lock(path)?, tempfile::tempdir()) else { return Err(failed) };
    let target = copy.path().join("querist.db");
    if copied(&lock, path, &target).is_err() {
        return Err(failed);
    }
    let database = tried(&target, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    database.pragma_update(None, "query_only", true)?;
    Ok((database, Guard { _lock: Some(lock), _copy: Some(copy) }))
}

/// Returns the error that another process is using the database.
fn busy() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None)
}

/// Connects to the database and runs a query, because connecting alone does not show whether SQLite
/// can read the database.
fn tried(path: &Path, flags: OpenFlags) -> Result<Connection, rusqlite::Error> {
    let database = connect(path, flags)?;
    database.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    Ok(database)
}

/// Copies the database file and its log. `database` is the open file at `path`; `target` is the
/// path of the copy. The caller must hold the shared lock. Then the database file does not change
/// and the log only grows, so the copy can miss only the newest changes.
fn copied(mut database: &File, path: &Path, target: &Path) -> io::Result<()> {
    database.seek(SeekFrom::Start(0))?;
    io::copy(&mut database, &mut File::create_new(target)?)?;
    io::copy(&mut File::open(beside(path, "-wal"))?, &mut File::create_new(beside(target, "-wal"))?)?;
    Ok(())
}

/// Whether the database has a write-ahead log that is not empty.
fn has_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// Returns `path` with `suffix` appended to its file name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Returns the path, with an escape for each character that has a meaning in a SQLite URI.
#[cfg(unix)]
fn percent_encoded(path: &Path) -> String {
    // A path need not be valid UTF-8, so every byte outside ASCII is escaped too.
    path.as_os_str().as_encoded_bytes().iter().fold(String::new(), |uri, byte| match byte {
        b'%' | b'?' | b'#' | 0x80.. => uri + &format!("%{byte:02x}"),
        plain => uri + char::from(*plain).encode_utf8(&mut [0; 4]),
    })
}

/// Returns the path, with an escape for each character that has a meaning in a SQLite URI.
#[cfg(not(unix))]
fn percent_encoded(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

/// Takes a shared lock on the whole database file, of the same kind (`fcntl`) as SQLite's own
/// locks. Returns the locked file, or `None` if the file cannot be opened. If the file system has
/// no such locks, returns the file without a lock, because then no other process can lock it
/// either.
///
/// # Errors
/// For ten seconds, another process held an exclusive lock, as a writer does while it closes the
/// database.
#[cfg(unix)]
fn shared_lock(path: &Path) -> Result<Option<File>, rusqlite::Error> {
    use rustix::fs::{FlockOperation, fcntl_lock};
    use rustix::io::Errno;
    let Ok(file) = File::open(path) else { return Ok(None) };
    for _ in 0..500 {
        match fcntl_lock(&file, FlockOperation::NonBlockingLockShared) {
            Err(Errno::ACCESS | Errno::AGAIN) => std::thread::sleep(Duration::from_millis(20)),
            _ => return Ok(Some(file)),
        }
    }
    Err(busy())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "where there are such locks, it may fail")]
fn shared_lock(path: &Path) -> Result<Option<File>, rusqlite::Error> {
    Ok(File::open(path).ok())
}

/// Whether this user can safely open the database for writing. Two conditions must hold:
///
/// - The user may write the database, its folder, and an existing log.
/// - If SQLite created a log as this user, everyone who may write the database could write that
///   log.
#[cfg(unix)]
fn may_write(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let Some(folder) = path.parent() else { return false };
    let log = [beside(path, "-wal"), beside(path, "-shm")];
    if !(writable(path) && writable(folder) && log.iter().all(|log| !log.exists() || writable(log))) {
        return false;
    }
    let (Ok(own), Ok(around)) = (fs::metadata(path), fs::metadata(folder)) else { return false };
    // SQLite gives a new log the permissions of the database. But the log belongs to the folder's
    // group only if the folder has the set-group-ID bit.
    let of_the_group = around.mode() & 0o2000 != 0 && around.gid() == own.gid();
    own.mode() & 0o020 == 0 || of_the_group || log.iter().all(|log| log.exists())
}

#[cfg(not(unix))]
fn may_write(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| !file.permissions().readonly())
}

/// Whether this process may write to the path.
#[cfg(unix)]
fn writable(path: &Path) -> bool {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS).is_ok()
}

/// Checks that this user may write the database, and replaces a log that another user left. Without
/// the check, SQLite would open the database for reading only and leave a log that belongs to this
/// user.
///
/// # Errors
/// This user may not write the database, or cannot replace another user's log.
#[cfg(unix)]
pub(super) fn prepare_to_write(path: &Path) -> Result<(), StoreError> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    let allowed = accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS);
    allowed.map_err(io::Error::from).doing("open for writing", path)?;
    take_over_log(path)
}

#[cfg(not(unix))]
pub(super) fn prepare_to_write(_path: &Path) -> Result<(), StoreError> {
    Ok(())
}

/// If another user left a log that this user may not write, replaces it by a copy that this user
/// owns. Earlier versions left such logs when a user read a shared workspace.
///
/// # Errors
/// Another process has the database open, or the folder cannot be written.
#[cfg(unix)]
fn take_over_log(path: &Path) -> Result<(), StoreError> {
    use rustix::fs::{FlockOperation, fcntl_lock};
    let (log, index) = (beside(path, "-wal"), beside(path, "-shm"));
    let foreign = [&log, &index].into_iter().any(|file| file.exists() && !writable(file));
    if !foreign {
        return Ok(());
    }
    let file = File::options().read(true).write(true).open(path).doing("open", path)?;
    if fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        let holder = "another user reads it".to_owned();
        let path = path.parent().unwrap_or(path).to_owned();
        return Err(StoreError::Locked { path, holder });
    }
    if has_log(path) {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut own = temporary_in(folder).doing("write into", folder)?;
        File::open(&log).and_then(|mut from| io::copy(&mut from, &mut own)).doing("copy", &log)?;
        let permissions = file.metadata().doing("read", path)?.permissions();
        own.as_file().set_permissions(permissions).doing("write", &log)?;
        own.as_file().sync_all().doing("write", &log)?;
        own.persist(&log).map_err(|error| error.error).doing("replace", &log)?;
    } else if log.exists() {
        fs::remove_file(&log).doing("remove", &log)?;
    }
    if index.exists() {
        fs::remove_file(&index).doing("remove", &index)?;
    }
    Ok(())
}
