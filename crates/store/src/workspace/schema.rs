//! The database's schema, its version and its migrations.
//!
//! `user_version` is the schema version; a migration is one entry of [`MIGRATIONS`] and runs in a transaction. A database
//! from a later version is refused, never guessed at.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::{DatabaseContext, StoreError};

/// "Qrst" in ASCII: marks the file as ours.
const APPLICATION_ID: i64 = 0x5172_7374;

/// `MIGRATIONS[v]` brings a database from version v to v + 1.
const MIGRATIONS: [&str; 1] = [VERSION_1];

const VERSION_1: &str = "
CREATE TABLE imports (
    number INTEGER PRIMARY KEY,
    file TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    text_hash BLOB NOT NULL,
    meta TEXT,
    role TEXT NOT NULL CHECK (role IN ('pool', 'control', 'test')),
    import INTEGER NOT NULL REFERENCES imports (number),
    line INTEGER NOT NULL
) STRICT;
-- Labels that came with documents. Never updated: a replaced one stays, no longer current.
CREATE TABLE gold (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (number),
    label TEXT NOT NULL,
    import INTEGER NOT NULL REFERENCES imports (number),
    line INTEGER NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX gold_current ON gold (document) WHERE current = 1;
CREATE TABLE ingests (
    number INTEGER PRIMARY KEY,
    file TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL
) STRICT;
-- Answers of annotators. Never updated: a changed one stays, no longer current. A null label is a skip.
CREATE TABLE annotations (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (number),
    annotator TEXT NOT NULL,
    label TEXT,
    time TEXT,
    ingest INTEGER NOT NULL REFERENCES ingests (number),
    line INTEGER NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX annotations_current ON annotations (document, annotator) WHERE current = 1;
CREATE INDEX annotations_history ON annotations (document, annotator, number);
CREATE TABLE rounds (
    number INTEGER PRIMARY KEY CHECK (number > 0),
    stage TEXT NOT NULL CHECK (stage IN ('trained', 'scored', 'selected', 'exported')),
    seed TEXT NOT NULL,
    settings TEXT NOT NULL,
    inputs TEXT NOT NULL,
    model TEXT,
    target TEXT,
    summary TEXT NOT NULL,
    manifest TEXT,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE picks (
    round INTEGER NOT NULL REFERENCES rounds (number) ON DELETE CASCADE,
    rank INTEGER NOT NULL CHECK (rank > 0),
    document INTEGER NOT NULL REFERENCES documents (number),
    share TEXT NOT NULL CHECK (share IN ('uncertainty', 'ratio', 'random', 'control')),
    reason TEXT NOT NULL,
    fallback INTEGER NOT NULL CHECK (fallback IN (0, 1)),
    score REAL,
    probabilities BLOB,
    PRIMARY KEY (round, rank),
    UNIQUE (round, document)
) STRICT;
CREATE INDEX picks_document ON picks (document);
";

/// Opens the database for writing, making or migrating it where needed.
pub(super) fn open(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let mut database = Connection::open_with_flags(path, flags).doing("open querist.db")?;
    database.busy_timeout(Duration::from_secs(10)).doing("open querist.db")?;
    let found = version(&database, path)?;
    // A workspace's database was never empty: filling it would pass the loss of everything over in silence.
    if found == 0 && !flags.contains(OpenFlags::SQLITE_OPEN_CREATE) {
        return Err(StoreError::ForeignDatabase { path: path.to_owned() });
    }
    // FULL: an answer that was acknowledged survives a power cut.
    database
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")
        .doing("prepare querist.db")?;
    for (from, migration) in MIGRATIONS.iter().enumerate().skip(found) {
        let transaction = database.transaction().doing("migrate querist.db")?;
        transaction.execute_batch(migration).doing("migrate querist.db")?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).doing("migrate querist.db")?;
        transaction.pragma_update(None, "user_version", from as i64 + 1).doing("migrate querist.db")?;
        transaction.commit().doing("migrate querist.db")?;
    }
    Ok(database)
}

/// Opens the database for reading. In a folder that cannot be written SQLite cannot share a write-ahead log; without a
/// log there is nothing to share, and the file can be read as it stands. Also gives whether the schema is the newest.
pub(super) fn open_read_only(path: &Path) -> Result<(Connection, bool), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let try_open = |uri: &str| {
        let database = Connection::open_with_flags(uri, flags)?;
        database.busy_timeout(Duration::from_secs(10))?;
        database.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
        Ok(database)
    };
    let uri = format!("file:{}", percent_encoded(&path.to_string_lossy()));
    let database = match try_open(&uri) {
        Err(_) if !has_log(path) && path.exists() => try_open(&format!("{uri}?immutable=1")),
        other => other,
    }
    .doing("open querist.db")?;
    let found = version(&database, path)?;
    if found == 0 {
        return Err(StoreError::ForeignDatabase { path: path.to_owned() });
    }
    let current = found == MIGRATIONS.len();
    Ok((database, current))
}

/// Whether there is a write-ahead log with anything in it.
fn has_log(path: &Path) -> bool {
    std::fs::metadata(path.with_extension("db-wal")).is_ok_and(|log| log.len() > 0)
}

/// The characters that mean something in a SQLite URI, escaped.
fn percent_encoded(path: &str) -> String {
    path.replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

/// The schema version, checked: 0 for a new file.
fn version(database: &Connection, path: &Path) -> Result<usize, StoreError> {
    let read = |pragma: &str| database.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let found = read("user_version").doing("read querist.db")?;
    let application = read("application_id").doing("read querist.db")?;
    let tables: i64 = database
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .doing("read querist.db")?;
    if application != APPLICATION_ID && (application != 0 || found != 0 || tables != 0) {
        return Err(StoreError::ForeignDatabase { path: path.to_owned() });
    }
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(StoreError::SchemaTooNew { path: path.to_owned(), found, known });
    }
    Ok(usize::try_from(found).unwrap_or_default())
}
