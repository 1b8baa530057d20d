//! Reads the rows of a file in any layout (JSON Lines, CSV, Parquet and so on). Each row becomes a
//! record: a JSON object, with its line or number in the file.
//!
//! A reader knows only the layout of its file. [`super::documents`] and [`super::answers`]
//! interpret the records, so they check fields in the same way for every layout. Each layout has
//! its own file of code; [`open`] chooses the reader.
//!
//! A record is at most [`LINE_LIMIT`](crate::lines::LINE_LIMIT) bytes long, so memory does not grow
//! with the file. Only the list of files in a folder or an archive does.

#[cfg(feature = "zip")]
mod archive;
#[cfg(not(feature = "zip"))]
#[path = "records/absent/archive.rs"]
mod archive;
mod comma_separated;
mod fasttext;
mod folder;
mod guess;
mod json_array;
mod json_lines;
mod packed;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "records/absent/parquet.rs"]
mod parquet;
mod pattern;
mod plain_text;
mod spooled;
mod spreadsheet;
mod text_file;
#[cfg(feature = "xlsx")]
mod workbook;
#[cfg(not(feature = "xlsx"))]
#[path = "records/absent/workbook.rs"]
mod workbook;

use std::io::Read;

use serde::Serialize;

use self::guess::Guess;
use crate::error::{InputError, InputProblem, Place, TableProblem, Told, shown};
use crate::format::cells::Line;
use crate::format::separated::Usual;
use crate::os_name::path_of;
use crate::source::{Encoding, Source};

pub use self::folder::is_text_file;
pub(super) use self::guess::is_tab_separated;
pub use self::parquet::ParquetRows;
#[cfg(feature = "parquet")]
pub(in crate::format) use self::parquet::{Cell, Taken};
pub use self::pattern::matching;
pub use self::spreadsheet::{guarded, unguarded};

/// What a row is in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text, perhaps with a label. The file does not name fields, so the reader has named them.
    Text,
    /// A JSON object.
    Object,
    /// Cells of a table below its header.
    Cells,
}

impl Shape {
    /// Whether the file names the fields, so that a user can refer to them.
    pub fn has_named_fields(self) -> bool {
        self != Self::Text
    }
}

/// One row of a file.
#[derive(Debug)]
pub struct Record<'a> {
    /// The row's line or number in its file.
    pub place: Place,
    /// The name of the row's file within a folder or an archive, if the row is in one.
    pub member: Option<&'a str>,
    /// What the row is in its file.
    pub shape: Shape,
    /// The row's bytes in the file; if the file is not text, the row's JSON object.
    pub bytes: &'a [u8],
    /// The row's JSON object, as text that is not parsed yet, or the row's error. Empty if the
    /// row's cells are in `line`.
    pub json: Result<&'a str, InputProblem>,
    /// The row's cells, if it was read with [`by_cell`].
    pub(in crate::format) line: Option<Line<'a>>,
}

impl Record<'_> {
    /// Returns the name of the row's file: `opened`, or the file within that folder or archive.
    pub fn file_name(&self, opened: &str) -> String {
        self.member.map_or_else(|| opened.to_owned(), |member| format!("{opened}/{member}"))
    }
}

/// Returns the remark that names the guessed layout of a file and the reason for the guess.
pub fn guessed_as(file: &str, description: &str, by: &str) -> String {
    format!("{} is read as {description}, by {by}", shown(file))
}

/// Reads the rows of a file, one after the other.
pub trait RecordReader: Send {
    /// Returns the next row; `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read any further. A bad row is no error here: [`Record::json`] contains
    /// the row's error.
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError>;

    /// Whether the next row can be read without waiting for a process that writes into a pipe.
    fn is_at_hand(&self) -> bool {
        true
    }

    /// Returns the BLAKE3 hash of the content, in hexadecimal. Call this only after the last row
    /// was read.
    fn hash(&self) -> String;

    /// Returns remarks for the user on how the file was read. Call this only after the last row was
    /// read.
    fn remarks(&self) -> Vec<Told> {
        Vec::new()
    }

    /// Returns the files in the folder or archive that are not read.
    fn passed_over(&self) -> &[PassedOver] {
        &[]
    }
}

/// A file in a folder or an archive that is not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PassedOver {
    /// The name of the folder or archive, as the user wrote it, followed by the name of the file
    /// within it.
    pub file: String,
    /// The reason why the file is not read.
    pub why: &'static str,
}

/// The layout of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One JSON object per line.
    JsonLines,
    /// One JSON array of objects.
    JsonArray,
    /// A text table with a header. The separator is found from the header; it is usually a comma.
    Csv,
    /// A text table with a header. If the header contains a tab, the separator is a tab.
    Tsv,
    /// A Parquet table.
    Parquet,
    /// One document per line, in the form `__label__x text`.
    FastText,
    /// One document per line.
    PlainText,
    /// A folder, in which every text file is a document.
    Folder,
    /// A ZIP archive with files of the other layouts.
    Zip,
    /// One sheet of an Excel workbook.
    Xlsx,
}

impl Layout {
    /// All layouts, with their names for `--format`.
    pub const NAMES: [(&'static str, Self); 10] = [
        ("jsonl", Self::JsonLines),
        ("json", Self::JsonArray),
        ("csv", Self::Csv),
        ("tsv", Self::Tsv),
        ("parquet", Self::Parquet),
        ("fasttext", Self::FastText),
        ("text", Self::PlainText),
        ("folder", Self::Folder),
        ("zip", Self::Zip),
        ("xlsx", Self::Xlsx),
    ];

    /// Returns the layout's name in messages.
    pub fn description(self) -> &'static str {
        match self {
            Self::JsonLines => "JSON Lines",
            Self::JsonArray => "a JSON array",
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Parquet => "Parquet",
            Self::FastText => "fastText lines",
            Self::PlainText => "plain text, one document per line",
            Self::Folder => "a folder, one document per text file",
            Self::Zip => "a ZIP archive",
            Self::Xlsx => "an Excel workbook",
        }
    }

    /// Whether files of the layout name their fields, so that a user can refer to them.
    pub fn has_named_fields(self) -> bool {
        !matches!(self, Self::FastText | Self::PlainText | Self::Folder)
    }

    /// Whether files of the layout are tables, with cells below a header.
    pub fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Parquet | Self::Xlsx)
    }

    /// Returns the error for a file of this layout without rows.
    pub fn no_rows(self) -> InputProblem {
        let expected = match self {
            Self::JsonLines => return InputProblem::NoRows,
            Self::JsonArray => "one JSON array of objects",
            Self::Csv | Self::Tsv | Self::Xlsx => "a header and at least one record",
            Self::Parquet => "at least one row",
            Self::FastText => "a text on each line, after __label__NAME if it is labelled",
            Self::PlainText => "a text on each line",
            Self::Folder => return InputProblem::EmptyFolder,
            Self::Zip => "at least one file with rows in the archive",
        };
        InputProblem::NoRecords { expected }
    }
}

/// Returns the error for a file whose layout this build cannot read, because it lacks `feature`.
#[cfg(not(all(feature = "parquet", feature = "zip", feature = "xlsx")))]
fn not_in_this_build(file: &str, layout: Layout, feature: &'static str) -> InputError {
    InputError::of_file(file, TableProblem::NotInThisBuild { layout: layout.description(), feature }.into())
}

/// The options for reading a file.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The layout; `None` to guess it from the name and the first bytes.
    pub layout: Option<Layout>,
    /// The encoding of the file's text.
    pub encoding: Encoding,
    /// The name of the sheet to read in a workbook; `None` for the first sheet.
    pub sheet: Option<String>,
    /// The field names that the caller needs. If the name of a table's column differs from one of
    /// them only in upper and lower case, the column gets that name.
    pub fields: Vec<String>,
}

/// An open file.
pub struct Opened {
    /// Reads the file's rows.
    pub reader: Box<dyn RecordReader>,
    /// The file's layout.
    pub layout: Layout,
    /// The reason for the guess of the layout; `None` if the user named the layout or if it is
    /// certain.
    pub guessed: Option<&'static str>,
    /// Remarks that were made when the file was opened.
    pub told: Vec<Told>,
}

/// A source of rows: a file, or any other source of bytes.
pub enum Input {
    /// The name of a file or folder, or `-` for standard input.
    File(String),
    /// A stream, such as an upload or a value in memory.
    Stream {
        /// The stream's name in messages; its suffix helps to guess the layout.
        name: String,
        /// The content.
        bytes: Box<dyn Read + Send>,
    },
}

impl Input {
    /// Returns the source's name in messages.
    pub fn name(&self) -> &str {
        match self {
            Self::File(name) | Self::Stream { name, .. } => name,
        }
    }
}

/// Opens a file, a folder, or standard input for `-`.
///
/// # Errors
/// The file cannot be read, or its content does not have its layout.
pub fn open(file: &str, reading: &Reading) -> Result<Opened, InputError> {
    if file == "-" {
        return open_stream(file, Box::new(std::io::stdin()), reading);
    }
    let path = path_of(file);
    if path.is_dir() && reading.layout.is_none_or(|layout| layout == Layout::Folder) {
        let reader = Box::new(folder::Folder::open(file, reading)?);
        return Ok(Opened { reader, layout: Layout::Folder, guessed: None, told: Vec::new() });
    }
    of_bytes(Source::open(file, reading.encoding)?, reading)
}

/// Opens a file or a stream.
///
/// # Errors
/// The errors of [`open`].
pub fn open_input(input: Input, reading: &Reading) -> Result<Opened, InputError> {
    match input {
        Input::File(file) => open(&file, reading),
        Input::Stream { name, bytes } => open_stream(&name, bytes, reading),
    }
}

/// Opens a stream. If its layout needs random access, copies the stream to a temporary file first.
fn open_stream(name: &str, mut bytes: Box<dyn Read + Send>, reading: &Reading) -> Result<Opened, InputError> {
    let mut head = Vec::with_capacity(4);
    (&mut bytes)
        .take(4)
        .read_to_end(&mut head)
        .map_err(|error| InputError::of_file(name, InputProblem::Unreadable { detail: error.to_string() }))?;
    let needs_file = spooled::is_needed(&head, reading.layout);
    let whole = std::io::Cursor::new(head).chain(bytes);
    if needs_file {
        return spooled::open(name, whole, reading);
    }
    of_bytes(Source::of_stream(name, Box::new(whole), reading.encoding)?, reading)
}

/// Opens a source in the layout that the user named, or else in the layout that its first bytes
/// suggest.
fn of_bytes(mut source: Source, reading: &Reading) -> Result<Opened, InputError> {
    let file = source.file().to_owned();
    let file = file.as_str();
    let (layout, guessed) = match reading.layout {
        Some(layout) => (layout, None),
        None => packed(file, guess::guess(file, source.first_bytes()?))?,
    };
    if !matches!(layout, Layout::Xlsx | Layout::Zip) && reading.sheet.is_some() {
        return Err(InputError::of_file(
            file,
            TableProblem::NoSheets { layout: layout.description() }.into(),
        ));
    }
    let mut told = Vec::new();
    let reader: Box<dyn RecordReader> = match layout {
        Layout::Parquet => Box::new(ParquetRows::open_surely(file, &reading.fields)?),
        Layout::Zip => Box::new(archive::Archive::open(file, reading)?),
        Layout::Xlsx => {
            let (workbook, choice) = workbook::Workbook::open(file, reading)?;
            told.extend(choice.map(|choice| choice.of_file(&shown(file))));
            Box::new(workbook)
        }
        Layout::Folder => {
            let detail = "this is not a folder".to_owned();
            return Err(InputError::of_file(file, InputProblem::Unreadable { detail }));
        }
        text => of_text(source, text, &reading.fields)?,
    };
    Ok(Opened { reader, layout, guessed, told })
}

/// Returns the final layout of a file, from a guess by its first bytes. A file in the ZIP format
/// may be a workbook or an archive. Fails for other Office files, with an error that names their
/// kind.
fn packed(file: &str, guess: Guess) -> Result<(Layout, Option<&'static str>), InputError> {
    let office = |kind| Err(InputError::of_file(file, TableProblem::OfficeFile { kind }.into()));
    match guess {
        Guess { layout: Layout::Xlsx, .. } => office("an old or encrypted Office file"),
        Guess { layout: Layout::Zip, by } => {
            match std::fs::File::open(path_of(file)).map(packed::kind) {
                Ok(packed::Kind::Workbook) => Ok((Layout::Xlsx, by)),
                Ok(packed::Kind::Other(kind)) => office(kind),
                // The archive's reader will report why the file cannot be opened.
                Ok(packed::Kind::Archive) | Err(_) => Ok((Layout::Zip, by)),
            }
        }
        Guess { layout, by } => Ok((layout, by)),
    }
}

/// Opens a source of text in a given layout.
pub(super) fn of_source(source: Source, layout: Layout, reading: &Reading) -> Result<Opened, InputError> {
    Ok(Opened { reader: of_text(source, layout, &reading.fields)?, layout, guessed: None, told: Vec::new() })
}

/// Opens a source with a text table whose rows are read as cells, not as JSON objects.
pub(super) fn by_cell(source: Source, usual: Usual) -> Result<Opened, InputError> {
    let layout = if usual == Usual::Tab { Layout::Tsv } else { Layout::Csv };
    let reader = Box::new(comma_separated::ByCell::of(source, usual)?);
    Ok(Opened { reader, layout, guessed: None, told: Vec::new() })
}

/// Returns the reader for a text layout; for any other layout, the reader for JSON Lines.
fn of_text(source: Source, layout: Layout, fields: &[String]) -> Result<Box<dyn RecordReader>, InputError> {
    let table = |source, usual| comma_separated::CommaSeparated::of(source, usual, fields);
    Ok(match layout {
        Layout::JsonArray => Box::new(json_array::JsonArray::of(source)),
        Layout::Csv => Box::new(table(source, Usual::Comma)?),
        Layout::Tsv => Box::new(table(source, Usual::Tab)?),
        Layout::FastText => Box::new(fasttext::FastText::of(source)),
        Layout::PlainText => Box::new(plain_text::PlainText::of(source)),
        _ => Box::new(json_lines::JsonLines::of(source)),
    })
}
