//! Writes the rows that `--skip-bad-rows` skipped, as JSON Lines:
//! `{"file", "line", "error", "row"}`. If a file has items or rows instead of lines, the field
//! `line` is called `item` or `row`.
//!
//! The field `row` contains the row as it is in its file. Bytes that are not UTF-8 are replaced,
//! and the row is cut after [`ROW_LIMIT`] characters. Each row is written to a temporary file at
//! once, so even a file with only bad rows does not fill the memory.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::NamedTempFile;

use crate::error::{InputError, InputProblem, IoContext, Place, StoreError};

/// The largest number of characters of a bad row that are kept.
pub const ROW_LIMIT: usize = 10_000;

/// A function that makes a temporary file in a folder. It also makes the folder, if that does not
/// exist.
pub type Open = fn(&Path) -> Result<NamedTempFile, StoreError>;

/// A function that words the reason for which a row was skipped. An interface, such as the browser,
/// can replace the usual words by advice that fits its users.
#[derive(Debug, Clone, Copy)]
pub struct Wording(pub fn(&InputProblem) -> String);

impl Default for Wording {
    /// Returns the usual words, the error's message.
    fn default() -> Self {
        Self(InputProblem::to_string)
    }
}

/// Collects skipped rows in a temporary file.
#[derive(Debug)]
pub struct Rejected {
    folder: PathBuf,
    open: Open,
    wording: Wording,
    /// The temporary file, made when the first row is skipped.
    file: Option<BufWriter<NamedTempFile>>,
    rows: u64,
}

impl Rejected {
    /// Returns a collection without rows. When the first row is added, `open` makes a file in
    /// `folder`.
    pub fn new(folder: PathBuf, open: Open, wording: Wording) -> Self {
        Self { folder, open, wording, file: None, rows: 0 }
    }

    /// Adds a skipped row, with the error for which it was skipped, to the file.
    ///
    /// # Errors
    /// The file cannot be made or written.
    pub fn push(&mut self, error: &InputError, row: &[u8]) -> Result<(), StoreError> {
        // A character takes at most four bytes, so no more bytes are needed.
        let row = String::from_utf8_lossy(&row[..row.len().min(4 * ROW_LIMIT)]);
        let row: String = row.chars().take(ROW_LIMIT).collect();
        let unit = error.place.map_or("line", Place::unit);
        let number = error.place.map(Place::number);
        let reason = self.wording.0(&error.problem);
        let line = json!({"file": error.file, (unit): number, "error": reason, "row": row});
        self.rows += 1;
        let written = writeln!(self.file()?, "{line}");
        written.doing("write a bad row into", &self.folder)
    }

    /// Returns how many rows were skipped.
    pub fn len(&self) -> u64 {
        self.rows
    }

    /// Whether no row was skipped.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Returns the file, complete on disk and still temporary; `None` if no row was skipped.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> Result<Option<NamedTempFile>, StoreError> {
        let Some(file) = self.file.take() else { return Ok(None) };
        let file = file.into_inner().map_err(io::IntoInnerError::into_error);
        let synced = file.and_then(|file| file.as_file().sync_all().map(|()| file));
        Ok(Some(synced.doing("write the bad rows into", &self.folder)?))
    }

    /// Returns the file. Makes it if no row was skipped before.
    fn file(&mut self) -> Result<&mut BufWriter<NamedTempFile>, StoreError> {
        let file = match self.file.take() {
            Some(file) => file,
            None => BufWriter::new((self.open)(&self.folder)?),
        };
        Ok(self.file.insert(file))
    }
}

impl Drop for Rejected {
    fn drop(&mut self) {
        // A failed command must leave nothing behind, so the folder is removed too if it is empty.
        if self.file.take().is_some() {
            let _ = std::fs::remove_dir(&self.folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::error::InputProblem;

    use super::*;

    fn open(folder: &Path) -> Result<NamedTempFile, StoreError> {
        std::fs::create_dir_all(folder).doing("make", folder)?;
        NamedTempFile::new_in(folder).doing("write into", folder)
    }

    #[test]
    fn rows_are_on_disk_before_the_end_and_gone_with_a_failed_command() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().join("rejected");
        let mut rejected = Rejected::new(here.clone(), open, Wording::default());
        assert!(rejected.is_empty() && !here.exists());
        let error = InputError::at("a.jsonl", Place::Line(3), InputProblem::Folder);
        for _ in 0..1_000 {
            rejected.push(&error, b"{\"id\": 1}").unwrap();
        }
        let length = |entry: std::fs::DirEntry| entry.metadata().unwrap().len();
        let on_disk: u64 = std::fs::read_dir(&here).unwrap().map(|entry| length(entry.unwrap())).sum();
        assert!(on_disk > 50_000, "{on_disk} bytes of 1,000 rows are on disk");
        drop(rejected);
        assert!(!here.exists());
    }

    #[test]
    fn a_finished_file_has_every_row() {
        let folder = tempfile::tempdir().unwrap();
        let mut rejected = Rejected::new(folder.path().to_owned(), open, Wording::default());
        let error = InputError::at("a.jsonl", Place::Line(3), InputProblem::Folder);
        rejected.push(&error, &[0xff, b'x']).unwrap();
        assert_eq!(rejected.len(), 1);
        let text = std::fs::read_to_string(rejected.finish().unwrap().unwrap().path()).unwrap();
        let row: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&row["line"], &row["row"]), (&json!(3), &json!("\u{fffd}x")));
        let none = Rejected::new(folder.path().to_owned(), open, Wording::default());
        assert!(none.finish().unwrap().is_none());
    }
}
