//! Reads streams in layouts that need random access, such as Parquet and archives. The stream is
//! first copied to a temporary file, which is removed when its reader is dropped. Messages show the
//! name of the stream, not the name of the temporary file.

use std::fs::File;
use std::io::Read;

use tempfile::NamedTempFile;

use super::{Layout, Opened, PassedOver, Reading, Record, RecordReader};
use crate::error::{InputError, InputProblem, Told};
use crate::os_name::text_of;

/// The first bytes of files that need random access: Parquet, and ZIP files (archives and
/// workbooks).
const MAGIC: [&[u8]; 2] = [b"PAR1", b"PK\x03\x04"];

/// Whether a stream must be copied to a file first. `head` has its first four bytes; `layout` is
/// the layout that the user named.
pub(super) fn is_needed(head: &[u8], layout: Option<Layout>) -> bool {
    matches!(layout, Some(Layout::Parquet | Layout::Zip | Layout::Xlsx)) || MAGIC.contains(&head)
}

/// Copies a stream to a temporary file and opens the file.
///
/// # Errors
/// The stream cannot be read, the disk is full, or the content is not valid in its layout.
pub(super) fn open(name: &str, mut bytes: impl Read, reading: &Reading) -> Result<Opened, InputError> {
    let failed = |error: std::io::Error| {
        InputError::of_file(name, InputProblem::Unreadable { detail: error.to_string() })
    };
    let mut file = NamedTempFile::new().map_err(failed)?;
    std::io::copy(&mut bytes, &mut file).map_err(failed)?;
    let names = Names { file: text_of(file.path().as_os_str()), name: name.to_owned() };
    let opened = super::open(&names.file, reading).map_err(|error| names.error(error))?;
    let Opened { reader, layout, guessed, told } = opened;
    let told = told.into_iter().map(|told| names.told(told)).collect();
    let passed_over = reader.passed_over().iter();
    let passed_over =
        passed_over.map(|passed| PassedOver { file: names.text(&passed.file), why: passed.why }).collect();
    let reader = Box::new(Spooled { reader, names, passed_over, _file: file });
    Ok(Opened { reader, layout, guessed, told })
}

/// The names of the temporary file and of the stream. In messages, the stream's name replaces the
/// file's name.
struct Names {
    file: String,
    name: String,
}

impl Names {
    /// Returns a text with the name of the stream in place of the name of the file.
    fn text(&self, text: &str) -> String {
        text.replace(&self.file, &self.name)
    }

    /// Returns a remark with the name of the stream.
    fn told(&self, told: Told) -> Told {
        told.map(|text| self.text(&text))
    }

    /// Returns an error with the name of the stream.
    fn error(&self, error: InputError) -> InputError {
        InputError { file: self.text(&error.file), ..error }
    }
}

/// A reader together with the temporary file that it reads.
struct Spooled {
    reader: Box<dyn RecordReader>,
    names: Names,
    passed_over: Vec<PassedOver>,
    /// Declared after the reader, so that the file is removed after the reader is dropped.
    _file: NamedTempFile<File>,
}

impl RecordReader for Spooled {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        let names = &self.names;
        self.reader.next_record().map_err(|error| names.error(error))
    }

    fn hash(&self) -> String {
        self.reader.hash()
    }

    fn remarks(&self) -> Vec<Told> {
        self.reader.remarks().into_iter().map(|told| self.names.told(told)).collect()
    }

    fn passed_over(&self) -> &[PassedOver] {
        &self.passed_over
    }
}
