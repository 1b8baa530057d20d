//! Defines the errors of this crate. Each message tells the user what is wrong, where
//! (`file:line`), and what to do about it.

mod answer;
mod choice;
mod context;
mod crowd;
mod input;
mod packing;
mod prediction;
mod problem;
mod table;
mod vector;
mod words;

use std::path::PathBuf;

use querist_core::visible::visible;
use thiserror::Error;

pub use self::answer::AnswerProblem;
pub use self::choice::{Choice, FieldOption, Told};
pub use self::crowd::CrowdProblem;
pub(crate) use self::input::shown;
pub use self::input::{InputError, Place};
pub use self::packing::PackingProblem;
pub use self::prediction::PredictionProblem;
pub use self::problem::InputProblem;
pub use self::table::TableProblem;
pub use self::vector::VectorProblem;

pub(crate) use self::context::{DatabaseContext, IoContext};

/// Any error of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Bad input from the user.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The folder is not a workspace.
    #[error("{} is not a workspace (it has no querist.toml)", path.display())]
    NotAWorkspace {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is a workspace already.
    #[error("{} is a workspace already; choose another folder", path.display())]
    AlreadyAWorkspace {
        /// The folder.
        path: PathBuf,
    },
    /// Another process holds the workspace's lock.
    #[error("the workspace {} is in use: {holder}; wait for it to end, then try again", path.display())]
    Locked {
        /// The workspace.
        path: PathBuf,
        /// The command that holds the lock, in words.
        holder: String,
    },
    /// The database was written by a later version.
    #[error(
        "{} was made by a newer Querist: it has schema version {found}, but this Querist {} knows only \
         versions up to {known}; use a newer Querist",
        path.display(),
        env!("CARGO_PKG_VERSION")
    )]
    SchemaTooNew {
        /// The database.
        path: PathBuf,
        /// The database's schema version.
        found: i64,
        /// The newest schema version that this program knows.
        known: i64,
    },
    /// The database was written by an earlier version and cannot be migrated, because it is
    /// read-only.
    #[error(
        "{} has schema version {found}, but this Querist reads version {known}, and the workspace is \
         read-only; make it writable or copy it to a writable place, and the next command upgrades it",
        path.display()
    )]
    SchemaTooOld {
        /// The database.
        path: PathBuf,
        /// The database's schema version.
        found: i64,
        /// The schema version that this program reads.
        known: i64,
    },
    /// The folder for a new workspace contains the database or the rounds of an earlier one.
    #[error("{} holds documents or rounds of an earlier workspace; restore its querist.toml, or choose another folder", path.display())]
    Leftovers {
        /// The folder.
        path: PathBuf,
    },
    /// The workspace's database does not exist.
    #[error("{} is missing; restore it from a backup, or create a new workspace in another folder", path.display())]
    MissingDatabase {
        /// The path where the database should be.
        path: PathBuf,
    },
    /// The file is not a database of Querist.
    #[error("{} is not a Querist database; restore it from a backup", path.display())]
    ForeignDatabase {
        /// The file.
        path: PathBuf,
    },
    /// Querist would write to this path, but a symbolic link is there.
    #[error("{} is a symbolic link, and Querist does not write through links; replace it by the file or \
             folder it points to", path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// Querist needs a folder at this path, but something else is there, such as a file.
    #[error("{} is not a folder; move it away, and the next command creates the folder", path.display())]
    NotAFolder {
        /// The path where the folder should be.
        path: PathBuf,
    },
    /// Querist needs a file at this path, but something else is there, such as a folder.
    #[error("{} is not a file; move it away, or choose another name", path.display())]
    NotAFile {
        /// The path where the file should be.
        path: PathBuf,
    },
    /// The system refused a file operation.
    #[error("failed to {action} {}: {}", path.display(), system_message(source))]
    Io {
        /// The action that failed, as in "failed to {action}".
        action: &'static str,
        /// The path on which the action failed.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// SQLite reported an error.
    #[error("failed to {action}: {}", database_message(source))]
    Database {
        /// The action that failed, as in "failed to {action}".
        action: &'static str,
        /// SQLite's error.
        source: rusqlite::Error,
    },
    /// The database contains something that this program never writes.
    #[error("querist.db has {what}; {remedy}")]
    Inconsistent {
        /// The unexpected content, worded to follow "querist.db has".
        what: String,
        /// What the user should do, as the end of the message's sentence.
        remedy: &'static str,
    },
    /// A document's text or fields have changed since the import.
    #[error(
        "querist.db: the {what} of the document \"{}\" differs from the imported one: the database was \
         damaged or changed by hand; restore it from a backup",
        visible(id)
    )]
    NotAsImported {
        /// The part that has changed: "text", "fields", or "entry" (the document's id in an index).
        what: &'static str,
        /// The document's id.
        id: String,
    },
    /// The database has stored a round, but the round's files could not be moved to its folder.
    #[error(
        "round {number} is stored, but its files are not in place yet: {source}; fix that, and the next \
         command moves them"
    )]
    Unpublished {
        /// The round's number.
        number: u32,
        /// The reason why the files could not be moved.
        source: Box<StoreError>,
    },
    /// The content of a model's file has changed since Querist wrote it.
    #[error("querist.db has a model whose file {} was changed", path.display())]
    ModelChanged {
        /// The file.
        path: PathBuf,
    },
    /// No document has this id.
    #[error("there is no document \"{}\" in the workspace", visible(id))]
    NoSuchDocument {
        /// The requested id.
        id: String,
    },
    /// No round has this number.
    #[error("there is no round {number}{}", match last { Some(last) => format!("; the last one is {last}"), None => "; there is none yet".to_owned() })]
    NoSuchRound {
        /// The requested number.
        number: u32,
        /// The number of the last round; `None` if there is none.
        last: Option<u32>,
    },
    /// Documents were erased, but SQLite's write-ahead log still contains them. The log cannot be
    /// emptied while another process reads the database.
    #[error(
        "the documents are erased, but another process still reads querist.db, so the database's log still \
         has them; end that process, and run the command again"
    )]
    StillRead,
    /// No import, or no ingest, has this number.
    #[error("there is no {what} {number}{}", match last { Some(last) => format!("; the last one is {last}"), None => "; there is none yet".to_owned() })]
    NoSuchCommand {
        /// The kind of command: "import" or "ingest".
        what: &'static str,
        /// The requested number.
        number: i64,
        /// The number of the last command of this kind; `None` if there is none.
        last: Option<i64>,
    },
    /// The number belongs to one file of a command that read several files. Only the whole command
    /// can be undone.
    #[error("{what} {number} came together with {what} {first}; undo {what} {first} as a whole")]
    PartOfCommand {
        /// The kind of command: "import" or "ingest".
        what: &'static str,
        /// The requested number.
        number: i64,
        /// The number of the command's first file. With this number, the user can undo the whole
        /// command.
        first: i64,
    },
    /// The import or ingest was undone already.
    #[error("{what} {number} has been undone already")]
    UndoneAlready {
        /// The kind of command: "import" or "ingest".
        what: &'static str,
        /// The requested number.
        number: i64,
    },
    /// No import, or no ingest, can be undone.
    #[error("there is no {what} to undo")]
    NothingToUndo {
        /// The kind of command: "import" or "ingest".
        what: &'static str,
    },
}

impl StoreError {
    /// Whether the operation failed because the workspace is read-only.
    pub(crate) fn cannot_write(&self) -> bool {
        use std::io::ErrorKind;
        match self {
            Self::Io { source, .. } => {
                matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
            }
            Self::Database { source, .. } => {
                source.sqlite_error_code() == Some(rusqlite::ErrorCode::ReadOnly)
            }
            _ => false,
        }
    }
}

/// Returns the operating system's error as text, with advice for the user.
fn system_message(source: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            format!("the disk is full ({source}); free some space and try again")
        }
        ErrorKind::FileTooLarge => {
            format!(
                "the disk is full, or files may not grow this large ({source}); free some space and try again"
            )
        }
        ErrorKind::ReadOnlyFilesystem => format!("the file system is read-only ({source}); make it writable"),
        ErrorKind::PermissionDenied => {
            format!("{source}; it may be read-only for you: make it readable and writable")
        }
        _ => source.to_string(),
    }
}

/// Returns SQLite's error as text, with advice for the user.
fn database_message(source: &rusqlite::Error) -> String {
    use rusqlite::{Error, ErrorCode};
    match source {
        Error::FromSqlConversionFailure(_, _, why) => return format!("{why}"),
        Error::InvalidColumnType(..) | Error::IntegralValueOutOfRange(..) => {
            return format!(
                "{source}; the database was changed by hand or by a newer version of Querist; restore it from a backup"
            );
        }
        _ => {}
    }
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            "the disk is full, and nothing was changed; free some space and try again".to_owned()
        }
        Some(ErrorCode::ReadOnly) => {
            "the workspace is read-only, and nothing was changed; make it writable".to_owned()
        }
        Some(ErrorCode::CannotOpen) => {
            "querist.db cannot be opened: either you may not read and write it, or the process may not \
             open enough files (`ulimit -n`)"
                .to_owned()
        }
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            format!("querist.db is damaged ({source}); restore it from a backup")
        }
        Some(ErrorCode::SystemIoFailure) => {
            format!(
                "the disk refused ({source}), and nothing was changed; if it is full, free some space and \
                 try again"
            )
        }
        _ => source.to_string(),
    }
}
