//! Defines the database's schema, its version and its migrations.
//!
//! SQLite stores the schema version in its field `user_version`. Each entry of [`MIGRATIONS`]
//! raises the version by one. All migrations that an old database needs run in one transaction,
//! after a backup. If the version is newer than this program, opening fails.
//!
//! The table `documents` holds the documents. Two more tables repeat parts of it, for speed. `ids`
//! finds a document by its id. `sheets` has everything except the texts, in a few long rows
//! ([`super::sheets`]). All three are written in the same transactions.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction};

use super::backup;
use super::sheets::{Entry, SheetWriter, role_at};
use crate::error::{DatabaseContext, StoreError};

/// "Qrst" in ASCII. SQLite stores this number in a database, and it shows that Querist made the
/// database.
const APPLICATION_ID: i64 = 0x5172_7374;

/// SQLite's page size, in bytes. SQLite's default is 4,096; with larger pages, a long import has
/// fewer pages to keep track of.
const PAGE_SIZE: i64 = 8192;

type Migration = fn(&Transaction<'_>) -> Result<(), StoreError>;

/// `MIGRATIONS[v]` migrates a database from version v to v + 1.
const MIGRATIONS: [Migration; 7] =
    [version_1, version_2, version_3, version_4, version_5, version_6, version_7];

/// The newest schema version.
pub(super) const NEWEST: i64 = MIGRATIONS.len() as i64;

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

/// In `documents_2`, short columns come before long ones, so that SQLite can read a short column
/// without skipping over a text.
const VERSION_2: &str = "
ALTER TABLE rounds ADD COLUMN basis INTEGER;
-- Numbers have no gaps: documents are never deleted. An import appends here, and enters its ids into `ids` at the end, in
-- their order: ids that come in any order would else be written all over a large index.
CREATE TABLE documents_2 (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('pool', 'control', 'test')),
    import INTEGER NOT NULL REFERENCES imports (number),
    line INTEGER NOT NULL,
    text TEXT NOT NULL,
    meta TEXT
) STRICT;
INSERT INTO documents_2 SELECT number, id, role, import, line, text, meta FROM documents ORDER BY number;
CREATE TABLE ids (
    id TEXT PRIMARY KEY,
    document INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO ids SELECT id, number FROM documents ORDER BY id;
-- Sheet n has documents 1024 n + 1 to 1024 n + 1024.
CREATE TABLE sheets (
    number INTEGER PRIMARY KEY,
    kinds BLOB NOT NULL,
    text_hashes BLOB NOT NULL,
    meta_hashes BLOB NOT NULL,
    ids TEXT NOT NULL
) STRICT;
";

const VERSION_2_AFTER: &str = "
DROP TABLE documents;
ALTER TABLE documents_2 RENAME TO documents;
";

const VERSION_3: &str = "
-- How long the answer took.
ALTER TABLE annotations ADD COLUMN seconds REAL CHECK (seconds >= 0);
-- What experts decided. Never updated: a changed decision stays, no longer current. Without a label no class fits, and the
-- document is left out.
CREATE TABLE settled (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (number),
    label TEXT,
    expert TEXT NOT NULL,
    time TEXT,
    ingest INTEGER NOT NULL REFERENCES ingests (number),
    line INTEGER NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX settled_current ON settled (document) WHERE current = 1;
CREATE INDEX settled_history ON settled (document, number);
-- Which documents of a batch were handed to which annotators.
CREATE TABLE assignments (
    round INTEGER NOT NULL REFERENCES rounds (number) ON DELETE CASCADE,
    document INTEGER NOT NULL REFERENCES documents (number),
    annotator TEXT NOT NULL,
    PRIMARY KEY (round, document, annotator)
) STRICT, WITHOUT ROWID;
";

const VERSION_4: &str = "
-- The class that an answer says is wrong, if it is a rejection.
ALTER TABLE annotations ADD COLUMN rejects TEXT;
";

const VERSION_5: &str = "
-- What people wrote beside their answers: why, anything else, and that somebody should look at the document.
ALTER TABLE annotations ADD COLUMN reason TEXT;
ALTER TABLE annotations ADD COLUMN comment TEXT;
ALTER TABLE annotations ADD COLUMN flag TEXT;
ALTER TABLE settled ADD COLUMN reason TEXT;
ALTER TABLE settled ADD COLUMN comment TEXT;
ALTER TABLE settled ADD COLUMN flag TEXT;
";

const VERSION_6: &str = "
-- The class whose quota a pick fills, by its place in the labels. Of earlier rounds the reason says it: `legacy.rs` reads that.
ALTER TABLE picks ADD COLUMN quota INTEGER;
";

const VERSION_7: &str = "
-- What people did apart from imports, ingests and rounds, as JSON: `facts.rs`. Never updated.
CREATE TABLE facts (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT,
    fact TEXT NOT NULL
) STRICT;
-- Who did it, as the system names this person.
ALTER TABLE imports ADD COLUMN who TEXT;
ALTER TABLE ingests ADD COLUMN who TEXT;
ALTER TABLE rounds ADD COLUMN who TEXT;
-- The first import or ingest of the same command, which may bring several files; none where that is not known.
ALTER TABLE imports ADD COLUMN command INTEGER;
-- The number of the first document that came with it, or would have; none where that is not known.
ALTER TABLE imports ADD COLUMN first INTEGER;
ALTER TABLE ingests ADD COLUMN command INTEGER;
-- The last fact that the round knew; none of earlier rounds.
ALTER TABLE rounds ADD COLUMN facts INTEGER NOT NULL DEFAULT 0;
-- Hashes of the ids and texts of documents that were forgotten; swept: nothing of them is left in the file.
CREATE TABLE forgotten (
    hash BLOB PRIMARY KEY,
    is_text INTEGER NOT NULL CHECK (is_text IN (0, 1)),
    swept INTEGER NOT NULL CHECK (swept IN (0, 1))
) STRICT, WITHOUT ROWID;
";

/// Creates the first tables.
fn version_1(database: &Transaction<'_>) -> Result<(), StoreError> {
    database.execute_batch(VERSION_1).doing("migrate querist.db")
}

/// Replaces the table `documents`, and fills the new tables `ids` and `sheets`.
fn version_2(database: &Transaction<'_>) -> Result<(), StoreError> {
    let gap: bool = database
        .query_row("SELECT coalesce(max(number), 0) <> count(*) FROM documents", [], |row| row.get(0))
        .doing("migrate querist.db")?;
    if gap {
        let what = "documents whose numbers have gaps".to_owned();
        return Err(StoreError::Inconsistent { what, remedy: "restore it from a backup" });
    }
    database.execute_batch(VERSION_2).doing("migrate querist.db")?;
    let mut sheets = SheetWriter::new();
    let mut read = || -> Result<(), rusqlite::Error> {
        let mut select =
            database.prepare("SELECT id, role, text_hash, meta FROM documents ORDER BY number")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let meta: Option<String> = row.get(3)?;
            let meta_hash = meta.map(|meta| *blake3::hash(meta.as_bytes()).as_bytes());
            let text_hash: [u8; 32] = row.get(2)?;
            let id = row.get_ref(0)?.as_str()?;
            let role = role_at(row, 1, 0)?;
            let meta_hash = meta_hash.as_ref();
            sheets.push(database, &Entry { id, role, text_hash: &text_hash, meta_hash })?;
        }
        sheets.finish(database)
    };
    read().doing("migrate querist.db")?;
    database.execute_batch(VERSION_2_AFTER).doing("migrate querist.db")
}

/// Adds the experts' decisions, the assignments, and the seconds that an answer took.
fn version_3(database: &Transaction<'_>) -> Result<(), StoreError> {
    database.execute_batch(VERSION_3).doing("migrate querist.db")
}

/// Adds to each answer the class that it rejects, if it is a rejection.
fn version_4(database: &Transaction<'_>) -> Result<(), StoreError> {
    database.execute_batch(VERSION_4).doing("migrate querist.db")
}

/// Adds remarks to answers and decisions.
fn version_5(database: &Transaction<'_>) -> Result<(), StoreError> {
    database.execute_batch(VERSION_5).doing("migrate querist.db")
}

/// Adds to each pick the class whose quota it fills.
fn version_6(database: &Transaction<'_>) -> Result<(), StoreError> {
    database.execute_batch(VERSION_6).doing("migrate querist.db")
}

/// Adds facts, the people who ran commands, the commands' files, and tombstones.
fn version_7(database: &Transaction<'_>) -> Result<(), StoreError> {
    database.execute_batch(VERSION_7).doing("migrate querist.db")
}

/// Opens the database for writing. Migrates an old database; creates a new one if `flags` allow it.
/// Returns the connection and, if the database was migrated, the path of its backup.
pub(super) fn open(path: &Path, flags: OpenFlags) -> Result<(Connection, Option<PathBuf>), StoreError> {
    let mut database = connect(path, flags).doing("open querist.db")?;
    let found = version(&database, path)?;
    // The database of a workspace is never empty. If the file is empty, all data was lost, and
    // creating new tables would hide the loss.
    if found == 0 && !flags.contains(OpenFlags::SQLITE_OPEN_CREATE) {
        return Err(StoreError::ForeignDatabase { path: path.to_owned() });
    }
    if found == 0 {
        database.pragma_update(None, "page_size", PAGE_SIZE).doing("prepare querist.db")?;
    }
    // FULL: a stored answer survives a power cut. `wal_autocheckpoint = 0`: SQLite moves the
    // write-ahead log into the database file only when the last process closes the database. Users
    // who may only read rely on that (`reading.rs`).
    database
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
             PRAGMA journal_size_limit = 67108864; PRAGMA foreign_keys = OFF;",
        )
        .doing("prepare querist.db")?;
    let old = found > 0 && (found as i64) < NEWEST;
    let backup = old.then(|| backup::of(&database, path, found)).transpose()?;
    if let Err(error) = migrate(&mut database, found) {
        // The failed migration was rolled back, so the backup is not needed.
        let _ = backup.map(std::fs::remove_file);
        return Err(error);
    }
    // References between tables are enforced only from here on, because a migration may replace a
    // table to which other tables refer.
    database.pragma_update(None, "foreign_keys", true).doing("prepare querist.db")?;
    Ok((database, backup))
}

/// Migrates the database from version `found` to the newest version, in one transaction.
fn migrate(database: &mut Connection, found: usize) -> Result<(), StoreError> {
    if found == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = database.transaction().doing("migrate querist.db")?;
    for migration in &MIGRATIONS[found..] {
        migration(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).doing("migrate querist.db")?;
    transaction.pragma_update(None, "user_version", NEWEST).doing("migrate querist.db")?;
    transaction.commit().doing("migrate querist.db")
}

/// Connects to the database. If another process has locked it, a query waits for up to ten seconds.
pub(super) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, rusqlite::Error> {
    let database = Connection::open_with_flags(path, flags)?;
    database.busy_timeout(Duration::from_secs(10))?;
    // Without this setting, SQLite may plan a statement again for every parameter value. Planning
    // takes many times as long as finding one document.
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(database)
}

/// Returns the database's schema version; 0 for a new file. Fails if the file is not a database of
/// Querist, or if its version is later than [`NEWEST`].
pub(super) fn version(database: &Connection, path: &Path) -> Result<usize, StoreError> {
    let read = |pragma: &str| database.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let found = read("user_version").doing("read querist.db")?;
    let application = read("application_id").doing("read querist.db")?;
    let tables: i64 = database
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .doing("read querist.db")?;
    if application != APPLICATION_ID && (application != 0 || found != 0 || tables != 0) {
        return Err(StoreError::ForeignDatabase { path: path.to_owned() });
    }
    if found > NEWEST {
        return Err(StoreError::SchemaTooNew { path: path.to_owned(), found, known: NEWEST });
    }
    Ok(usize::try_from(found).unwrap_or_default())
}
