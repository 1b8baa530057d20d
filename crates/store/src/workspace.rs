//! The workspace: `querist.toml`, `querist.db` and the folders around them.
//!
//! The database is the only truth. Everything else is either the user's own (`querist.toml`) or can
//! be written again from it (`rounds/`, `models/`). A [`Workspace`] for writing holds the lock for
//! as long as it lives.

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

use crate::error::{DatabaseContext, IoContext, StoreError};
use facts::Facts;
use lock::Lock;

/// The configuration's file name; a folder with it is a workspace.
pub const CONFIGURATION: &str = "querist.toml";
const DATABASE: &str = "querist.db";
/// How long a reader waits for another one that brings the database up to date.
const MIGRATING: Duration = Duration::from_secs(5);
const FOLDERS: [&str; 3] = ["features", "models", "rounds"];

/// An open workspace.
pub struct Workspace {
    root: PathBuf,
    database: Connection,
    /// The rounds whose files must be made again.
    incomplete: Vec<u32>,
    /// The database as it was before it was brought up to date, if it just was.
    backup: Option<PathBuf>,
    /// Who works with it, as the system names this person.
    who: Option<String>,
    /// After the connection: it is dropped after it.
    _guard: reading::Guard,
    /// Held for writing; let go when dropped.
    _lock: Option<Lock>,
}

impl Workspace {
    /// Makes a workspace in `root`, which may exist already but must not be one. The configuration
    /// is written last, so a folder is a workspace only once it is whole.
    ///
    /// # Errors
    /// The folder is a workspace already, or cannot be written.
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
        // Another process may have made one between the first look and the lock.
        if root.join(CONFIGURATION).exists() {
            return Err(StoreError::AlreadyAWorkspace { path: root.to_owned() });
        }
        let path = database_path(root)?;
        // SQLite would make a file that the user's mask has no say in.
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

    /// Opens a workspace for reading. Works beside a writer, and on a read-only folder.
    ///
    /// # Errors
    /// Not a workspace, a damaged database, one from a later version, or one from an earlier
    /// version that cannot be brought up to date because somebody else writes or the folder is
    /// read-only.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        Self::check(root)?;
        // Only a writer may settle what a killed process left behind. Where that cannot be (a round
        // is being exported this very moment, or the folder is read-only), the database is whole
        // all the same.
        if (artifacts::has_interrupted_export(root) || rewritten::is_waiting(root))
            && let Ok(workspace) = Self::open_to_write(root, "open")
        {
            return Ok(Self { _lock: None, ..workspace });
        }
        let path = root.join(DATABASE);
        let reading::Reading { database, guard, found } = reading::open(&database_path(root)?)?;
        if found < schema::NEWEST {
            drop((database, guard));
            // Only a writer may bring an older database up to date.
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

    /// Opens a workspace for writing and takes its lock; `command` is what others are told who find
    /// it locked.
    ///
    /// # Errors
    /// As [`Self::open`]; and somebody else holds the lock, or the folder is read-only.
    pub fn open_to_write(root: &Path, command: &str) -> Result<Self, StoreError> {
        Self::open_to_write_within(root, command, Duration::ZERO)
    }

    /// [`Self::open_to_write`], which waits for the lock as long as `patience` says.
    ///
    /// # Errors
    /// As there.
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

    /// A workspace whose lock is held, with what a killed process left behind settled.
    fn locked(root: &Path, database: Connection, lock: Lock) -> Result<Self, StoreError> {
        let (root, guard) = (root.to_owned(), reading::Guard::default());
        let (incomplete, backup) = (Vec::new(), None);
        let mut workspace =
            Self { root, database, incomplete, backup, who: None, _guard: guard, _lock: Some(lock) };
        workspace.incomplete = workspace.finish_interrupted_writes()?;
        Ok(workspace)
    }

    fn check(root: &Path) -> Result<(), StoreError> {
        if root.join(CONFIGURATION).is_file() {
            places::check(root)?;
            let path = root.join(DATABASE);
            if path.exists() { Ok(()) } else { Err(StoreError::MissingDatabase { path }) }
        } else {
            Err(StoreError::NotAWorkspace { path: root.to_owned() })
        }
    }

    /// Notes from here on that `who` does what is done.
    #[must_use]
    pub fn by(self, who: Option<String>) -> Self {
        Self { who, ..self }
    }

    /// The workspace's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The text of querist.toml.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn configuration(&self) -> Result<String, StoreError> {
        let path = self.waiting_configuration()?.unwrap_or_else(|| self.root.join(CONFIGURATION));
        std::fs::read_to_string(&path).doing("read", &path)
    }

    /// Whether SQLite finds the database sound: its own integrity check and every foreign key.
    ///
    /// # Errors
    /// The database cannot be read, or what is wrong with it.
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

    /// The database as it was before opening the workspace brought it up to date, if it did.
    pub fn backup(&self) -> Option<&Path> {
        self.backup.as_deref()
    }

    /// Makes a folder in a workspace, unless it is there: for the group too, if the workspace is
    /// the group's.
    ///
    /// # Errors
    /// It cannot be made, or there is a link or a file in its place.
    pub fn make_folder(folder: &Path) -> Result<(), StoreError> {
        places::make_folder(folder)
    }

    /// Where the users' own word embeddings are kept. It need not be there;
    /// [`Self::make_embeddings_folder`] makes it.
    pub fn embeddings_folder(&self) -> PathBuf {
        self.root.join("embeddings")
    }

    /// Makes the folder for the users' own word embeddings, unless it is there. Gives its path.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make_embeddings_folder(&self) -> Result<PathBuf, StoreError> {
        let folder = self.embeddings_folder();
        places::make_folder(&folder)?;
        Ok(folder)
    }

    pub(crate) fn round_folder(&self, number: u32) -> PathBuf {
        self.root.join("rounds").join(format!("{number:04}"))
    }
}

/// The database's path, without links: SQLite refuses every link in a path, and the workspace's own
/// folder may be one.
fn database_path(root: &Path) -> Result<PathBuf, StoreError> {
    // The parent of a bare file name is no path.
    let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    Ok(root.canonicalize().doing("open", root)?.join(DATABASE))
}
