//! Saves the intermediate results of a long computation as lines of a file, so that the computation
//! can continue after an interruption.
//!
//! One system call writes a line together with its line break. If the process is killed, at most
//! the last line of the file is incomplete; the next process cuts it off.
//!
//! A writer holds a lock of the operating system on the file, which keeps other writers out. The
//! system releases the lock when the process ends. A line may contain any text except line breaks.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{IoContext, StoreError};
use crate::workspace::open_in_place;

/// An open file of lines, with its lock.
#[derive(Debug)]
pub struct LineLog {
    path: PathBuf,
    file: File,
}

impl LineLog {
    /// Opens the file at `path`, or creates it, and locks it. Returns the open file and its
    /// complete lines. The file does not change: only [`Self::keep`] cuts off an incomplete last
    /// line. So the caller can first check whether the file really is one of its own.
    ///
    /// # Errors
    /// Another process has locked the file, the file is not UTF-8, or it cannot be read and
    /// written.
    pub fn open(path: &Path) -> Result<(Self, Vec<String>), StoreError> {
        let mut file = open_in_place(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked {
                    path: path.to_owned(),
                    holder: "another querist".to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => {
                return Err(StoreError::Io { action: "lock", path: path.to_owned(), source });
            }
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).doing("read", path)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        bytes.truncate(whole);
        let text = String::from_utf8(bytes).map_err(|error| std::io::Error::other(error.utf8_error()));
        let lines = text.doing("read", path)?.lines().map(str::to_owned).collect();
        Ok((Self { path: path.to_owned(), file }, lines))
    }

    /// Shortens the file to `lines`, which must be its first lines.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep(&mut self, lines: &[String]) -> Result<(), StoreError> {
        let length: usize = lines.iter().map(|line| line.len() + 1).sum();
        self.file.set_len(length as u64).doing("write", &self.path)?;
        self.file.seek(SeekFrom::End(0)).doing("write", &self.path)?;
        Ok(())
    }

    /// Appends a line, which must not contain a line break.
    ///
    /// # Errors
    /// The file cannot be written; it may then end with an incomplete line.
    pub fn append(&mut self, line: &str) -> Result<(), StoreError> {
        // The line is written in one call, so that it is complete or incomplete, but never mixed
        // with another line.
        self.file.write_all(format!("{line}\n").as_bytes()).doing("write", &self.path)
    }

    /// Waits until all appended lines are on disk, so that they survive a power cut.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.file.sync_data().doing("write", &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_end_is_cut_and_lines_go_on_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "one\ntwo\nthr").unwrap();
        let (mut log, lines) = LineLog::open(&path).unwrap();
        assert_eq!(lines, ["one", "two"]);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\nthr", "opening changes nothing");
        log.keep(&lines).unwrap();
        log.append("three").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\nthree\n");
    }

    #[test]
    fn a_second_writer_is_kept_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let (log, lines) = LineLog::open(&path).unwrap();
        assert!(lines.is_empty());
        assert!(matches!(LineLog::open(&path), Err(StoreError::Locked { .. })));
        drop(log);
        assert!(LineLog::open(&path).is_ok());
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, b"\xff\n").unwrap();
        assert!(LineLog::open(&path).unwrap_err().to_string().contains("failed to read"));
    }
}
