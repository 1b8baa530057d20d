//! Changes querist.toml and records the change as facts: either both happen, or neither. This takes
//! three steps:
//! 1. The new text is written to a file next to querist.toml, the waiting text. Its name contains
//!    the number of the last fact that records the change.
//! 2. The database commits the facts.
//! 3. The waiting text replaces querist.toml.
//!
//! If the process is killed in between and the database has the fact, the waiting text counts, and
//! the next writer finishes step 3. Otherwise the next writer removes it.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::TransactionBehavior;

use super::artifacts::entries;
use super::atomic::{sync_folder, write_atomically};
use super::facts::{self, Fact};
use super::{CONFIGURATION, Workspace};
use crate::error::{DatabaseContext, IoContext, StoreError};

/// The suffix of the name of a waiting text.
const WAITING: &str = ".pending";

/// Returns the number of the fact in the file name of a waiting text; `None` for any other file
/// name.
fn number_of(name: &str) -> Option<i64> {
    let rest = name.strip_prefix('.')?.strip_prefix(CONFIGURATION)?.strip_prefix('.')?;
    rest.strip_suffix(WAITING)?.parse().ok()
}

/// Returns the paths of the waiting texts, each with the number of its fact.
fn waiting(root: &Path) -> impl Iterator<Item = (i64, PathBuf)> {
    entries(root).filter_map(|entry| Some((number_of(&entry.file_name().to_string_lossy())?, entry.path())))
}

/// Whether any text waits to replace querist.toml.
pub(super) fn is_waiting(root: &Path) -> bool {
    waiting(root).next().is_some()
}

impl Workspace {
    /// Appends facts to the log and replaces the text of querist.toml by `text`: either both or
    /// neither.
    ///
    /// # Errors
    /// There are two cases:
    ///
    /// - The disk or the database cannot be written. Then nothing was changed.
    /// - The facts are stored, but the new text cannot be moved from its waiting file to
    ///   querist.toml. Then the next writer moves it.
    pub fn note_and_configure(&mut self, facts: &[Fact], text: &str) -> Result<(), StoreError> {
        let (doing, who) = ("note what was done", self.who.clone());
        let transaction =
            self.database.transaction_with_behavior(TransactionBehavior::Immediate).doing(doing)?;
        for fact in facts {
            facts::add(&transaction, fact, who.as_deref()).doing(doing)?;
        }
        let number = facts::last(&transaction).doing(doing)?;
        let waits = self.root.join(format!(".{CONFIGURATION}.{number}{WAITING}"));
        write_atomically(&waits, text.as_bytes())?;
        if let Err(error) = transaction.commit().doing(doing) {
            // If this fails, the next writer removes the waiting text.
            let _ = fs::remove_file(&waits);
            return Err(error);
        }
        self.place(&waits)
    }

    /// Replaces querist.toml by a waiting text.
    fn place(&self, waits: &Path) -> Result<(), StoreError> {
        let path = self.root.join(CONFIGURATION);
        fs::rename(waits, &path).doing("write", &path)?;
        sync_folder(&self.root);
        Ok(())
    }

    /// Returns the path of the waiting text whose fact is in the database; `None` if querist.toml
    /// itself is current.
    pub(super) fn waiting_configuration(&self) -> Result<Option<PathBuf>, StoreError> {
        if !is_waiting(&self.root) {
            return Ok(None);
        }
        let last = facts::last(&self.database).doing("read what was done")?;
        Ok(waiting(&self.root).find(|(number, _)| *number <= last).map(|(_, path)| path))
    }

    /// Replaces querist.toml by the waiting text whose fact is in the database, and removes all
    /// other waiting texts.
    pub(super) fn settle_configuration(&self) -> Result<(), StoreError> {
        if let Some(waits) = self.waiting_configuration()? {
            self.place(&waits)?;
        }
        for (_, path) in waiting(&self.root) {
            let _ = fs::remove_file(path);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excluded() -> Fact {
        Fact::Excluded { name: "ana".to_owned(), why: "left".to_owned() }
    }

    #[test]
    fn a_text_moves_if_its_fact_is_there_and_goes_if_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let mut workspace = Workspace::create(root, "old").unwrap();
        workspace.note_and_configure(&[excluded()], "new").unwrap();
        assert_eq!(workspace.configuration().unwrap(), "new");
        drop(workspace);
        // First as if the process was killed after the commit, then before it.
        for (number, counts) in [(1, true), (2, false)] {
            let waits = root.join(format!(".querist.toml.{number}.pending"));
            fs::write(root.join(CONFIGURATION), "new").unwrap();
            fs::write(&waits, "newer").unwrap();
            let expected = if counts { "newer" } else { "new" };
            let workspace = Workspace::open_to_write(root, "test").unwrap();
            assert_eq!(workspace.configuration().unwrap(), expected);
            assert_eq!(fs::read_to_string(root.join(CONFIGURATION)).unwrap(), expected);
            assert!(!waits.exists());
        }
        assert_eq!(number_of(".querist.toml.12.pending"), Some(12));
        assert_eq!(number_of(".querist.toml.x.pending"), None);
    }
}
