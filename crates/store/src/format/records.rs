//! Records: any file of rows, as JSON objects one after the other, each with its place.
//!
//! A reader knows how its file is laid out and nothing of what the rows mean: [`super::documents`]
//! and [`super::answers`] say that, so that every check of a field holds for every format. One file
//! a format; [`open`] chooses. Memory is bounded by [`LINE_LIMIT`](crate::lines::LINE_LIMIT), not
//! by the file; only the list of files in a folder or an archive is kept.

mod archive;
mod comma_separated;
mod fasttext;
mod folder;
mod guess;
mod json_array;
mod json_lines;
mod parquet;
mod pattern;
mod plain_text;
mod spooled;
mod spreadsheet;
mod text_file;
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
pub(in crate::format) use self::parquet::{Cell, Taken};
pub use self::pattern::matching;
pub use self::spreadsheet::{guarded, unguarded};

/// What a row was before it was an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text and perhaps a label: the reader names the fields, not the file.
    Text,
    /// An object.
    Object,
    /// Cells below a header.
    Cells,
}

impl Shape {
    /// Whether its fields have names that a user can choose.
    pub fn has_named_fields(self) -> bool {
        self != Self::Text
    }
}

/// One row of a file.
#[derive(Debug)]
pub struct Record<'a> {
    /// Where it is.
    pub place: Place,
    /// The file in the folder or archive that it is in.
    pub member: Option<&'a str>,
    /// What it was before it was an object.
    pub shape: Shape,
    /// The row as it stood, or the object if it was none.
    pub bytes: &'a [u8],
    /// What should be one JSON object; it is not parsed yet. Nothing, if the row was left in its
    /// cells.
    pub json: Result<&'a str, InputProblem>,
    /// The cells of a row that was left in them ([`by_cell`]).
    pub(in crate::format) line: Option<Line<'a>>,
}

impl Record<'_> {
    /// The name of the file that it is in: that of the file that was opened, or of its member.
    pub fn file_name(&self, opened: &str) -> String {
        self.member.map_or_else(|| opened.to_owned(), |member| format!("{opened}/{member}"))
    }
}

/// What to say of a file whose layout was guessed: its description, and what it was guessed by.
pub fn guessed_as(file: &str, description: &str, by: &str) -> String {
    format!("{} is read as {description}, by {by}", shown(file))
}

/// A file of rows.
pub trait RecordReader: Send {
    /// The next row, or `None` at the end.
    ///
    /// # Errors
    /// There is no reading on. A bad row is not an error here; it comes with its problem.
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError>;

    /// Whether asking for the next row certainly does not wait for whoever writes into a pipe. Most
    /// files do not wait.
    fn is_at_hand(&self) -> bool {
        true
    }

    /// BLAKE3 of the content, in hex: of all of it, once the last row is read.
    fn hash(&self) -> String;

    /// What a user should know of how the file was read, in words, once the last row is read.
    fn remarks(&self) -> Vec<Told> {
        Vec::new()
    }

    /// Files in a folder or an archive that were not read.
    fn passed_over(&self) -> &[PassedOver] {
        &[]
    }
}

/// A file in a folder or an archive that was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PassedOver {
    /// The folder or the archive, as the user named it, and the file in it.
    pub file: String,
    /// Why not.
    pub why: &'static str,
}

/// How a file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One JSON object a line.
    JsonLines,
    /// One JSON array of objects.
    JsonArray,
    /// Cells separated by what the header says, usually commas, with a header.
    Csv,
    /// Cells separated by tabs if the header has any, with a header.
    Tsv,
    /// A table by columns.
    Parquet,
    /// `__label__x text`, a line each.
    FastText,
    /// A line a document.
    PlainText,
    /// A text file a document.
    Folder,
    /// Files of the other layouts in an archive.
    Zip,
    /// A sheet of an Excel workbook.
    Xlsx,
}

impl Layout {
    /// All of them, with the names that `--format` knows.
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

    /// What people call it.
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

    /// Whether its columns have names that a user can choose.
    pub fn has_named_fields(self) -> bool {
        !matches!(self, Self::FastText | Self::PlainText | Self::Folder)
    }

    /// Whether its cells are text and nothing else, below a header.
    pub fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Parquet | Self::Xlsx)
    }

    /// What to say of a file without rows.
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

/// How to read a file.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Its layout; `None`: guessed, by the name and the first bytes.
    pub layout: Option<Layout>,
    /// How its text is encoded.
    pub encoding: Encoding,
    /// The sheet of a workbook; `None`: the first one.
    pub sheet: Option<String>,
    /// The names by which fields will be asked for: a column of a table whose name differs from one
    /// only in case is that one.
    pub fields: Vec<String>,
}

/// A file that is open.
pub struct Opened {
    /// Its rows.
    pub reader: Box<dyn RecordReader>,
    /// Its layout.
    pub layout: Layout,
    /// What the layout was guessed by; `None` when it was named or is beyond doubt.
    pub guessed: Option<&'static str>,
    /// What else to say of it.
    pub told: Vec<Told>,
}

/// Rows to read: from a file, or from anything else that has bytes.
pub enum Input {
    /// A file or a folder by its name, or standard input for `-`.
    File(String),
    /// A stream, such as an upload or a value in memory.
    Stream {
        /// What messages call it; its ending helps to guess the layout.
        name: String,
        /// Its bytes.
        bytes: Box<dyn Read + Send>,
    },
}

impl Input {
    /// What messages call it.
    pub fn name(&self) -> &str {
        match self {
            Self::File(name) | Self::Stream { name, .. } => name,
        }
    }
}

/// Opens a file, a folder, or standard input for `-`.
///
/// # Errors
/// The file cannot be read, or is not laid out so.
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

/// Opens a file, or a stream.
///
/// # Errors
/// As [`open`].
pub fn open_input(input: Input, reading: &Reading) -> Result<Opened, InputError> {
    match input {
        Input::File(file) => open(&file, reading),
        Input::Stream { name, bytes } => open_stream(&name, bytes, reading),
    }
}

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

/// The rows of a source.
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

/// Tells a workbook from an archive, both of which are packed the same way. What no reader has is
/// refused by its name.
fn packed(file: &str, guess: Guess) -> Result<(Layout, Option<&'static str>), InputError> {
    let office = |kind| Err(InputError::of_file(file, TableProblem::OfficeFile { kind }.into()));
    match guess {
        Guess { layout: Layout::Xlsx, .. } => office("an old or encrypted Office file"),
        Guess { layout: Layout::Zip, by } => {
            match std::fs::File::open(path_of(file)).map(workbook::kind) {
                Ok(workbook::Kind::Workbook) => Ok((Layout::Xlsx, by)),
                Ok(workbook::Kind::Other(kind)) => office(kind),
                // What is wrong is said by whoever opens it.
                Ok(workbook::Kind::Archive) | Err(_) => Ok((Layout::Zip, by)),
            }
        }
        Guess { layout, by } => Ok((layout, by)),
    }
}

/// The rows of a text file that is open already.
pub(super) fn of_source(source: Source, layout: Layout, reading: &Reading) -> Result<Opened, InputError> {
    Ok(Opened { reader: of_text(source, layout, &reading.fields)?, layout, guessed: None, told: Vec::new() })
}

/// The rows of a table of text that is open already, left in their cells.
pub(super) fn by_cell(source: Source, usual: Usual) -> Result<Opened, InputError> {
    let layout = if usual == Usual::Tab { Layout::Tsv } else { Layout::Csv };
    let reader = Box::new(comma_separated::ByCell::of(source, usual)?);
    Ok(Opened { reader, layout, guessed: None, told: Vec::new() })
}

/// The rows of a text file; of a layout that is none, lines of JSON.
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
