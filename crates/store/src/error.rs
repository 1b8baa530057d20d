//! What can go wrong between disk and core, said so that a user can mend it: what, where (`file:line`), what to do.

mod context;

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

pub(crate) use self::context::{DatabaseContext, IoContext};

/// A row or a file that cannot be taken in.
#[derive(Debug)]
pub struct InputError {
    /// The file as the user named it; `-` is standard input.
    pub file: String,
    /// The line, from 1; `None` when the whole file is meant.
    pub line: Option<u64>,
    /// What is wrong with it.
    pub problem: InputProblem,
}

impl fmt::Display for InputError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = shown(&self.file);
        match self.line {
            Some(line) => write!(out, "{file}:{line}: {}", self.problem),
            None => write!(out, "{file}: {}", self.problem),
        }
    }
}

impl std::error::Error for InputError {}

/// A file as messages name it.
pub(crate) fn shown(file: &str) -> &str {
    if file == "-" { "<stdin>" } else { file }
}

/// What is wrong with a row or a file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InputProblem {
    /// Not JSON, or not an object.
    #[error("malformed JSON: {detail}; expected one JSON object on each line")]
    MalformedJson {
        /// The parser's words and the column.
        detail: String,
    },
    /// A field that must be there is not.
    #[error("the field \"{field}\" is missing{}", renaming(field, *flag))]
    MissingField {
        /// The field's name in the file.
        field: String,
        /// The flag that renames it, if there is one.
        flag: Option<&'static str>,
    },
    /// A field that stands twice in one object.
    #[error("the field \"{field}\" stands twice in this object; keep one of them")]
    RepeatedField {
        /// The field's name in the file.
        field: String,
    },
    /// A field of another JSON type than expected.
    #[error("the field \"{field}\" is {found}, expected {expected}")]
    WrongType {
        /// The field's name in the file.
        field: String,
        /// The type that it has.
        found: &'static str,
        /// The type that it should have.
        expected: &'static str,
    },
    /// A field whose text is empty or only white space.
    #[error("the field \"{field}\" is empty; expected {expected}")]
    EmptyField {
        /// The field's name in the file.
        field: String,
        /// What should be there.
        expected: &'static str,
    },
    /// Bytes that are not UTF-8.
    #[error(
        "invalid UTF-8 at byte {byte} of the line; expected UTF-8, convert the file (for example with iconv)"
    )]
    InvalidUtf8 {
        /// The first bad byte of the line, from 1.
        byte: usize,
    },
    /// A NUL character, raw or escaped.
    #[error("a NUL character in {place}; expected text without NUL, remove it")]
    Nul {
        /// Where it is.
        place: String,
    },
    /// A control character in an identifier.
    #[error("the field \"{field}\" holds a control character; expected printable text")]
    ControlCharacter {
        /// The field's name in the file.
        field: String,
    },
    /// A line over the limit.
    #[error(
        "the line is longer than {limit_mib} MiB; expected one document a line, is a line break missing?"
    )]
    LineTooLong {
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// Nothing in it.
    #[error("the file has no rows; expected one JSON object on each line")]
    NoRows,
    /// A gzip stream that ends early or is damaged.
    #[error(
        "the gzip data is cut off or damaged ({detail}); expected a whole file, fetch or compress it again"
    )]
    BrokenGzip {
        /// The decompressor's words.
        detail: String,
    },
    /// A folder where a file was expected.
    #[error("this is a folder; expected a file, name the files in it")]
    Folder,
    /// The file cannot be read.
    #[error("cannot be read: {detail}")]
    Unreadable {
        /// The system's words.
        detail: String,
    },
    /// An id seen before with another text.
    #[error(
        "the id \"{id}\" is already taken by another text (from {first}); expected ids to be unique, rename one"
    )]
    IdTaken {
        /// The repeated id.
        id: String,
        /// Where it came from first.
        first: String,
    },
    /// A label that is not in querist.toml.
    #[error("unknown label \"{label}\"{}; expected one of: {known}", did_you_mean(nearest.as_deref()))]
    UnknownLabel {
        /// The label as given.
        label: String,
        /// The known label most like it.
        nearest: Option<String>,
        /// All known labels.
        known: String,
    },
    /// A label other than the one stored before.
    #[error(
        "\"{id}\" is already labelled \"{stored}\" (from {first}), not \"{label}\"; pass --relabel to replace it"
    )]
    LabelDiffers {
        /// The document.
        id: String,
        /// Its label so far.
        stored: String,
        /// Where that came from.
        first: String,
        /// The label of this row.
        label: String,
    },
    /// A document that has another role already, and that role must not change.
    #[error("\"{id}\" cannot become a {wanted} document: {why}")]
    RoleTaken {
        /// The document.
        id: String,
        /// The role asked for.
        wanted: &'static str,
        /// Why not.
        why: String,
    },
    /// An answer for a document that the workspace does not have.
    #[error(
        "no document has the id \"{id}\"{}; expected the id of a document of this workspace, import it first",
        did_you_mean(nearest.as_deref())
    )]
    UnknownDocument {
        /// The id as given.
        id: String,
        /// A known id most like it, if one is near.
        nearest: Option<String>,
    },
    /// An answer for a held-out document.
    #[error("\"{id}\" belongs to the test set; its answers cannot count, remove the row")]
    AnswerForTest {
        /// The document.
        id: String,
    },
    /// A time that is neither of the two accepted forms.
    #[error(
        "the time \"{time}\" is not understood; expected RFC 3339 (2026-05-01T12:00:00Z) or seconds since 1970"
    )]
    MalformedTime {
        /// The time as given.
        time: String,
    },
}

fn renaming(field: &str, flag: Option<&'static str>) -> String {
    match flag {
        Some(flag) => format!("; expected it on every row, name another field with {flag} NAME"),
        None => format!("; expected {{\"{field}\": …}} on every row"),
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!(" (did you mean \"{nearest}\"?)")).unwrap_or_default()
}

/// Any failure of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Bad input from the user.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The folder is not a workspace.
    #[error("{} is not a workspace (it has no querist.toml); make one with `querist init --labels a,b,c`, or name one with -w DIR", path.display())]
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
    #[error("{} has schema version {found}, this querist knows up to {known}; use a newer querist", path.display())]
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
        "{} has schema version {found}, this querist reads version {known}, and the workspace is read-only; \
         make it writable, or copy it to where it is, and the next command brings it up to date",
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
    #[error("{} is missing; restore it from a backup, or make a new workspace in another folder", path.display())]
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
    #[error("querist.db holds {what}; {remedy}")]
    Inconsistent {
        /// What it holds.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A round that is committed but whose files could not be moved into place.
    #[error(
        "round {number} is stored, but its files are not in place yet: {source}; mend that, and the next command moves them"
    )]
    Unpublished {
        /// The round.
        number: u32,
        /// Why not.
        source: Box<StoreError>,
    },
    /// A round that does not exist.
    #[error("there is no round {number}{}", match last { Some(last) => format!("; the last one is {last}"), None => "; there is none yet, run `querist round`".to_owned() })]
    NoSuchRound {
        /// The round asked for.
        number: u32,
        /// The last round there is.
        last: Option<u32>,
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
                "the disk is full, or files may not grow so large ({source}); free some space and try again"
            )
        }
        ErrorKind::ReadOnlyFilesystem => format!("the workspace is read-only ({source}); make it writable"),
        ErrorKind::PermissionDenied => {
            format!("{source}; is the workspace read-only? make it readable and writable for you")
        }
        _ => source.to_string(),
    }
}

fn database_message(source: &rusqlite::Error) -> String {
    use rusqlite::ErrorCode;
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            "the disk is full; nothing was changed, free some space and try again".to_owned()
        }
        Some(ErrorCode::ReadOnly) => {
            "the workspace is read-only; nothing was changed, make it writable".to_owned()
        }
        Some(ErrorCode::CannotOpen) => {
            "querist.db cannot be opened; is the workspace readable and writable?".to_owned()
        }
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            format!("querist.db is damaged ({source}); restore it from a backup")
        }
        Some(ErrorCode::SystemIoFailure) => {
            format!(
                "the disk refused ({source}); nothing was changed, if it is full free some space and try again"
            )
        }
        _ => source.to_string(),
    }
}
