//! A workspace: the folder of one labelling project, with `querist.toml`, `querist.db` and
//! subfolders.
//!
//! The database `querist.db` holds all data of the project. `querist.toml` holds the user's
//! settings. Querist can write all other files again from the database (`rounds/`, `models/`). Only
//! one process at a time can write to a workspace: a [`Workspace`] that is open for writing holds a
//! lock until it is dropped.

mod artifacts;
mod asked_again;
mod assignments;
mod atomic;
mod backup;
mod decisions;
mod facts;
mod fields;
mod forget;
mod ids;
mod import;
mod indices;
mod ingest;
mod intake;
mod known_hash;
mod ledger;
mod legacy;
mod lock;
mod order;
mod past;
mod people;
mod places;
mod reading;
mod remarks;
mod returned;
mod rewritten;
mod roles;
mod rounds;
mod schema;
mod settle;
mod shared_texts;
mod sheets;
mod snapshot;
mod stored;
mod text_index;
mod texts;
mod undo;
mod vectors;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

pub(crate) use places::open_in_place;

pub use artifacts::NamedBytes;
pub use atomic::{Staged, write_atomically, write_atomically_with, write_together};
pub use decisions::Decision;
pub use facts::{Deed, Fact, LogEntry, Run};
pub use fields::Met;
pub use forget::{Quote, ToForget};
pub use import::{ImportAs, ImportCounts, ImportOptions};
pub use ingest::{IngestAs, IngestCounts, IngestOptions};
pub use remarks::Said;
pub use rounds::{Draft, Stage};
pub use shared_texts::SharedTexts;
pub use texts::{TextOf, WorkspaceTexts};
pub use undo::{ImportToUndo, InTheWay, IngestToUndo, Undoable};
pub use vectors::{AddedVectors, VectorAddition, VectorsToAdd};

use crate::error::{DatabaseContext, IoContext, StoreError};
use facts::Facts;
use lock::Lock;

/// The file name of the configuration. A folder that contains this file is a workspace.
pub const CONFIGURATION: &str = "querist.toml";
const DATABASE: &str = "querist.db";
/// How long a reader waits while another process migrates the database.
const MIGRATING: Duration = Duration::from_secs(5);
const FOLDERS: [&str; 3] = ["features", "models", "rounds"];

/// An open workspace.
pub struct Workspace {
    root: PathBuf,
    database: Connection,
    /// The numbers of the rounds whose files must be written again, because a process was killed
    /// while it wrote them.
    incomplete: Vec<u32>,
    /// The path of a copy of the database from before its migration; `None` if no migration was
    /// needed.
    backup: Option<PathBuf>,
    /// The person who works with the workspace, as the operating system names this person.
    who: Option<String>,
    /// What a reading connection needs while it is open. Declared after `database`, because fields
    /// are dropped in this order.
    _guard: reading::Guard,
    /// The lock for writing; released when dropped. `None` while the workspace is read only.
    _lock: Option<Lock>,
}

impl Workspace {
    /// Creates a workspace in `root` and returns it, open for writing. The folder `root` may exist,
    /// but must not be a workspace. A folder counts as a workspace if it contains `querist.toml`,
    /// so this file is written last.
    ///
    /// # Errors
    /// `root` is a workspace already, holds the database or the rounds of an earlier one, or cannot
    /// be written.
    pub fn create(root: &Path, configuration: &str) -> Result<Self, StoreError> {
        if root.join(CONFIGURATION).exists() {
            return Err(StoreError::AlreadyAWorkspace { path: root.to_owned() });
        }
        std::fs::create_dir_all(root).doing("make the folder", root)?;
        places::check(root)?;
        for folder in FOLDERS {
            places::make_folder(&root.join(folder))?;
        }
        let lock = Lock::acquire(root, "init")?;
        // Another process may have made a workspace between the first check and the lock.
        if root.join(CONFIGURATION).exists() {
            return Err(StoreError::AlreadyAWorkspace { path: root.to_owned() });
        }
        let path = database_path(root)?;
        // Make the file here, because the user's umask would not apply to a file that SQLite makes.
        places::open_in_place(&path)?;
        reading::prepare_to_write(&path)?;
        let (database, _) = schema::open(&path, OpenFlags::default() | OpenFlags::SQLITE_OPEN_NOFOLLOW)?;
        let used = "SELECT EXISTS (SELECT 1 FROM imports) OR EXISTS (SELECT 1 FROM rounds)";
        let used: bool = database.query_row(used, [], |row| row.get(0)).doing("read querist.db")?;
        if used || artifacts::has_rounds(root) {
            return Err(StoreError::Leftovers { path: root.to_owned() });
        }
        let workspace = Self::locked(root, database, lock)?;
        write_atomically(&root.join(CONFIGURATION), configuration.as_bytes())?;
        Ok(workspace)
    }

    /// Opens the workspace in `root` for reading. Reading works while another process writes, and
    /// in a read-only folder.
    ///
    /// # Errors
    /// The folder is not a workspace, or its database is damaged or was written by a later version.
    /// Or the database needs a migration, which is impossible while another process writes or the
    /// folder is read-only.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        Self::check(root)?;
        // If a killed process left unfinished files behind, only a writer may clean them up. If we
        // cannot become the writer (because another process writes, or the folder is read-only), we
        // read anyway: the database itself is consistent.
        if (artifacts::has_interrupted_export(root) || rewritten::is_waiting(root))
            && let Ok(workspace) = Self::open_to_write(root, "open")
        {
            return Ok(Self { _lock: None, ..workspace });
        }
        let path = root.join(DATABASE);
        let reading::Reading { database, guard, found } = reading::open(&database_path(root)?)?;
        if found < schema::NEWEST {
            drop((database, guard));
            // Only a writer may migrate an older database.
            return match Self::open_to_write_within(root, "open", MIGRATING) {
                Ok(workspace) => Ok(Self { _lock: None, ..workspace }),
                Err(error) if error.cannot_write() => {
                    Err(StoreError::SchemaTooOld { path, found, known: schema::NEWEST })
                }
                Err(error) => Err(error),
            };
        }
        let root = root.to_owned();
        Ok(Self {
            root,
            database,
            incomplete: Vec::new(),
            backup: None,
            who: None,
            _guard: guard,
            _lock: None,
        })
    }

    /// Opens the workspace in `root` for writing and takes its lock. While this process holds the
    /// lock, the error of any other process that wants it names `command` as the holder.
    ///
    /// # Errors
    /// The errors of [`Self::open`]; another process holds the lock; or the folder is read-only.
    pub fn open_to_write(root: &Path, command: &str) -> Result<Self, StoreError> {
        Self::open_to_write_within(root, command, Duration::ZERO)
    }

    /// Does the same as [`Self::open_to_write`], but waits up to `patience` for the lock.
    ///
    /// # Errors
    /// The errors of [`Self::open_to_write`].
    pub fn open_to_write_within(root: &Path, command: &str, patience: Duration) -> Result<Self, StoreError> {
        Self::check(root)?;
        let lock = Lock::acquire_within(root, command, patience)?;
        let path = database_path(root)?;
        reading::prepare_to_write(&path)?;
        let flags = OpenFlags::default() & !OpenFlags::SQLITE_OPEN_CREATE;
        let (database, backup) = schema::open(&path, flags | OpenFlags::SQLITE_OPEN_NOFOLLOW)?;
        for folder in FOLDERS {
            places::make_folder(&root.join(folder))?;
        }
        let backup = backup.and_then(|backup| Some(root.join(backup.file_name()?)));
        Ok(Self { backup, ..Self::locked(root, database, lock)? })
    }

    /// Builds a workspace from its open database and its lock. Finishes or removes what a killed
    /// process left behind.
    fn locked(root: &Path, database: Connection, lock: Lock) -> Result<Self, StoreError> {
        let (root, guard) = (root.to_owned(), reading::Guard::default());
        let (incomplete, backup) = (Vec::new(), None);
        let mut workspace =
            Self { root, database, incomplete, backup, who: None, _guard: guard, _lock: Some(lock) };
        workspace.incomplete = workspace.finish_interrupted_writes()?;
        Ok(workspace)
    }

    /// Checks that `root` is a workspace with a database, and that its files and folders are real
    /// files and folders.
    fn check(root: &Path) -> Result<(), StoreError> {
        if root.join(CONFIGURATION).is_file() {
            places::check(root)?;
            let path = root.join(DATABASE);
            if path.exists() { Ok(()) } else { Err(StoreError::MissingDatabase { path }) }
        } else {
            Err(StoreError::NotAWorkspace { path: root.to_owned() })
        }
    }

    /// Returns the workspace with `who` as the person to whom every later change is attributed.
    #[must_use]
    pub fn by(self, who: Option<String>) -> Self {
        Self { who, ..self }
    }

    /// Returns the workspace's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the text of `querist.toml`. If a new text is committed but not yet moved into place,
    /// returns the new text.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn configuration(&self) -> Result<String, StoreError> {
        let path = self.waiting_configuration()?.unwrap_or_else(|| self.root.join(CONFIGURATION));
        std::fs::read_to_string(&path).doing("read", &path)
    }

    /// Checks that the database is sound, in three steps:
    ///
    /// 1. SQLite checks its own data structures.
    /// 2. SQLite checks that every reference to a row leads to a row.
    /// 3. The three tables that list the documents (`documents`, `ids`, `sheets`) must list the
    ///    same number of them.
    ///
    /// # Errors
    /// The database cannot be read, or is damaged; the error describes the damage.
    pub fn check_integrity(&self) -> Result<(), StoreError> {
        let verdict: String = self
            .database
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .doing("check the database")?;
        let dangling: i64 = self
            .database
            .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
            .doing("check the database")?;
        if verdict != "ok" || dangling != 0 {
            let what = format!("damage ({verdict}; {dangling} dangling references)");
            return Err(StoreError::Inconsistent { what, remedy: "restore it from a backup" });
        }
        let facts = Facts::now(&self.database)?;
        let counts = "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM ids)";
        let (documents, ids): (i64, i64) = self
            .database
            .query_row(counts, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .doing("check the database")?;
        let in_sheets = sheets::for_each(&self.database, |_| Ok(()))? as i64;
        let present = (1..=in_sheets).filter(|number| !facts.documents.is_absent(*number)).count() as i64;
        if documents == in_sheets && ids == present { Ok(()) } else { Err(sheets::damaged()) }
    }

    /// Returns the path of the backup that was made before a migration, if opening the workspace
    /// migrated the database.
    pub fn backup(&self) -> Option<&Path> {
        self.backup.as_deref()
    }

    /// Makes a folder in a workspace, unless it exists. If the workspace belongs to a group,
    /// members of the group may use the new folder too.
    ///
    /// # Errors
    /// The folder cannot be made, or a link or a file is in its place.
    pub fn make_folder(folder: &Path) -> Result<(), StoreError> {
        places::make_folder(folder)
    }

    /// Returns the path of the folder for the users' own word embeddings. The folder need not
    /// exist; [`Self::make_embeddings_folder`] makes it.
    pub fn embeddings_folder(&self) -> PathBuf {
        self.root.join("embeddings")
    }

    /// Makes the folder for the users' own word embeddings, unless it exists, and returns its path.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn make_embeddings_folder(&self) -> Result<PathBuf, StoreError> {
        let folder = self.embeddings_folder();
        places::make_folder(&folder)?;
        Ok(folder)
    }

    /// Returns the path of the folder of round `number`, such as `rounds/0007`.
    pub(crate) fn round_folder(&self, number: u32) -> PathBuf {
        self.root.join("rounds").join(format!("{number:04}"))
    }
}

/// Returns the path of the database in `root`, with all links resolved. SQLite refuses a path that
/// contains a link, and `root` may be one.
fn database_path(root: &Path) -> Result<PathBuf, StoreError> {
    // The parent of a bare file name is the empty path, which cannot be resolved.
    let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    Ok(root.canonicalize().doing("open", root)?.join(DATABASE))
}
