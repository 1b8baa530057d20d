//! What can go wrong between disk and core, said so that a user can mend it: what, where
//! (`file:line`), what to do.

mod answer;
mod choice;
mod context;
mod crowd;
mod input;
mod packing;
mod prediction;
mod problem;
mod table;
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

pub(crate) use self::context::{DatabaseContext, IoContext};

/// Any failure of this crate.
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
    /// Another process is writing.
    #[error("the workspace {} is in use: {holder}; wait for it to end, then try again", path.display())]
    Locked {
        /// The workspace.
        path: PathBuf,
        /// Who holds it.
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
        /// Its version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The database was written by an earlier version and cannot be brought up to date where it is.
    #[error(
        "{} has schema version {found}, but this Querist reads version {known}, and the workspace is \
         read-only; make it writable or copy it to a writable place, and the next command upgrades it",
        path.display()
    )]
    SchemaTooOld {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The one that this program reads.
        known: i64,
    },
    /// The folder holds what is left of another workspace.
    #[error("{} holds documents or rounds of an earlier workspace; restore its querist.toml, or choose another folder", path.display())]
    Leftovers {
        /// The folder.
        path: PathBuf,
    },
    /// The workspace has lost its database.
    #[error("{} is missing; restore it from a backup, or create a new workspace in another folder", path.display())]
    MissingDatabase {
        /// Where it should be.
        path: PathBuf,
    },
    /// The file is not a database of ours.
    #[error("{} is not a Querist database; restore it from a backup", path.display())]
    ForeignDatabase {
        /// The file.
        path: PathBuf,
    },
    /// A link where Querist writes or deletes.
    #[error("{} is a symbolic link, and Querist does not write through links; replace it by the file or \
             folder it points to", path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// Something else where a folder should be.
    #[error("{} is not a folder; move it away, and the next command creates the folder", path.display())]
    NotAFolder {
        /// Where the folder should be.
        path: PathBuf,
    },
    /// Something else where a file should be.
    #[error("{} is not a file; move it away, or choose another name", path.display())]
    NotAFile {
        /// Where the file should be.
        path: PathBuf,
    },
    /// The system refused a file operation.
    #[error("failed to {action} {}: {}", path.display(), system_message(source))]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("failed to {action}: {}", database_message(source))]
    Database {
        /// What was tried.
        action: &'static str,
        /// SQLite's words.
        source: rusqlite::Error,
    },
    /// The database holds something that this program never writes.
    #[error("querist.db has {what}; {remedy}")]
    Inconsistent {
        /// What it holds.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A text, or what stands beside it, that differs from what the import noted of it.
    #[error(
        "querist.db: the {what} of the document \"{}\" differs from the imported one: the database was \
         damaged or changed by hand; restore it from a backup",
        visible(id)
    )]
    NotAsImported {
        /// The part: its text, its fields or its entry.
        what: &'static str,
        /// The document's id.
        id: String,
    },
    /// A round that is committed but whose files could not be moved into place.
    #[error(
        "round {number} is stored, but its files are not in place yet: {source}; fix that, and the next \
         command moves them"
    )]
    Unpublished {
        /// The round.
        number: u32,
        /// Why not.
        source: Box<StoreError>,
    },
    /// A model's file that is not the one that was written.
    #[error("querist.db has a model whose file {} was changed", path.display())]
    ModelChanged {
        /// The file.
        path: PathBuf,
    },
    /// A document that does not exist.
    #[error("there is no document \"{}\" in the workspace", visible(id))]
    NoSuchDocument {
        /// The id asked for.
        id: String,
    },
    /// A round that does not exist.
    #[error("there is no round {number}{}", match last { Some(last) => format!("; the last one is {last}"), None => "; there is none yet".to_owned() })]
    NoSuchRound {
        /// The round asked for.
        number: u32,
        /// The last round there is.
        last: Option<u32>,
    },
    /// The database is read by somebody, so what was erased is still in its log.
    #[error(
        "the documents are erased, but another process still reads querist.db, so its log keeps them; end \
         that process, and run the command again"
    )]
    StillRead,
    /// An import or an ingest that does not exist.
    #[error("there is no {what} {number}{}", match last { Some(last) => format!("; the last one is {last}"), None => "; there is none yet".to_owned() })]
    NoSuchCommand {
        /// What was asked for: an import or an ingest.
        what: &'static str,
        /// Its number.
        number: i64,
        /// The number of the last one.
        last: Option<i64>,
    },
    /// A file that came with others in one import or ingest.
    #[error("{what} {number} came together with {what} {first}; undo {what} {first} as a whole")]
    PartOfCommand {
        /// What it is: an import or an ingest.
        what: &'static str,
        /// The number.
        number: i64,
        /// The number of the whole.
        first: i64,
    },
    /// An import or an ingest that was taken back before.
    #[error("{what} {number} has been undone already")]
    UndoneAlready {
        /// What it is: an import or an ingest.
        what: &'static str,
        /// Its number.
        number: i64,
    },
    /// There is no import, or no ingest, to take back.
    #[error("there is no {what} to undo")]
    NothingToUndo {
        /// What was asked for: an import or an ingest.
        what: &'static str,
    },
}

impl StoreError {
    /// Whether the workspace is read-only.
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

fn database_message(source: &rusqlite::Error) -> String {
    use rusqlite::{Error, ErrorCode};
    match source {
        Error::FromSqlConversionFailure(_, _, why) => return format!("{why}"),
        Error::InvalidColumnType(..) | Error::IntegralValueOutOfRange(..) => {
            return format!(
                "{source}; the database was changed by hand or by a newer version: restore it from a backup"
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
