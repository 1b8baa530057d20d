//! Erases documents for good, in three steps. Nothing else removes documents, labels or answers.
//! 1. The workspace's files are cleaned, while the database still has the texts to search for.
//! 2. One transaction erases the rows, and stores hashes of them, the tombstones.
//! 3. The whole database is rewritten, because its unused parts and its log still contain the
//!    erased rows ([`Workspace::sweep`]). If a process is killed before this step, the next writer
//!    does it.
//!
//! A forgotten document keeps an emptied row with its number, so that the numbers have no gaps.

mod elsewhere;
mod files;
mod quotes;
mod rows;
mod tombstones;
mod withheld;

use std::collections::BTreeSet;
use std::path::PathBuf;

use rusqlite::{Connection, TransactionBehavior};
use serde::Serialize;

pub use self::quotes::Quote;
pub(super) use self::tombstones::Tombstones;
use super::Workspace;
use super::facts::{self, Fact};
use super::undo::drop_draft;
use super::vectors;
use crate::error::{DatabaseContext, StoreError};

const DOING: &str = "forget documents";

/// Documents to forget, and the consequences of forgetting them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ToForget {
    /// The ids of the documents to forget that exist.
    #[serde(skip)]
    pub ids: Vec<String>,
    /// How many of the requested ids belong to documents that were forgotten earlier.
    pub already: usize,
    /// The numbers of the documents to forget. A document whose text was replaced has one number
    /// for each of its texts.
    #[serde(skip)]
    numbers: BTreeSet<i64>,
    /// Every text that the documents ever had.
    #[serde(skip)]
    texts: BTreeSet<String>,
    /// How many labels were imported for the documents.
    pub labels: u64,
    /// How many answers the documents have, including answers that no longer count.
    pub answers: u64,
    /// How many decisions of experts the documents have.
    pub decisions: u64,
    /// The numbers of the rounds that picked the documents.
    pub rounds: Vec<u32>,
    /// Querist's own files that contain the documents. They are rewritten without the documents, or
    /// removed if they can be made again.
    pub files: Vec<PathBuf>,
    /// Copies of the database from before migrations. They are removed.
    pub backups: Vec<PathBuf>,
    /// Files of models that may have learned from the documents. They stay.
    pub models: Vec<PathBuf>,
    /// The files from which the documents were imported. They stay.
    pub sources: Vec<String>,
    /// Other files in the workspace's folder that contain the texts. They stay.
    pub elsewhere: Vec<PathBuf>,
    /// Files in the workspace's folder that cannot be searched for the texts, such as archives.
    /// They stay.
    pub may_hold: Vec<PathBuf>,
    /// Places where people quoted the texts, such as the reason for an exclusion. They stay.
    pub quoted_in: Vec<Quote>,
    /// The ids of other documents that have one of the same texts. They stay.
    pub same_text: Vec<String>,
}

impl ToForget {
    /// Returns the number of texts that the documents ever had, in total.
    pub fn versions(&self) -> usize {
        self.numbers.len()
    }
}

impl Workspace {
    /// Returns what forgetting the documents with these ids would erase, and what would stay.
    ///
    /// # Errors
    /// No document has or had one of the ids, or the disk or the database cannot be read.
    pub fn to_forget(&self, ids: &BTreeSet<String>) -> Result<ToForget, StoreError> {
        let tombstones = Tombstones::of(&self.database).doing(DOING)?;
        let mut found = rows::find(&self.database, ids)?;
        for id in ids.iter().filter(|id| !found.ids.contains(*id)) {
            if !tombstones.has_id(id) {
                return Err(StoreError::NoSuchDocument { id: id.clone() });
            }
            found.already += 1;
        }
        found.backups = files::backups(&self.root);
        if !found.numbers.is_empty() {
            let wanted = files::Wanted::new(&found.ids, &found.texts);
            let (holding, seen) = files::with(&self.root, &wanted)?;
            let mut there = ToForget::default();
            elsewhere::find(&self.root, &wanted, &seen, &mut there);
            found.files = holding;
            found.files.extend(vectors::with(&self.database, &self.root, &found.numbers)?);
            (found.elsewhere, found.may_hold) = (there.elsewhere, there.may_hold);
            found.quoted_in = quotes::find(&self.database, &found)?;
            let models = rows::models(&self.database, &found.numbers).doing(DOING)?;
            let paths = models.iter().map(|hash| self.model_path(hash));
            found.models = paths.filter(|path| path.is_file()).collect();
        }
        Ok(found)
    }

    /// Erases the documents that [`Self::to_forget`] found.
    ///
    /// # Errors
    /// The disk or the database cannot be written, or another process reads the database. To finish
    /// the job, repeat the call.
    pub fn forget(&mut self, found: &ToForget) -> Result<(), StoreError> {
        if !found.numbers.is_empty() {
            files::clean(&self.root, &files::Wanted::new(&found.ids, &found.texts))?;
            vectors::without(&self.database, &self.root, &found.numbers)?;
            let who = self.who.clone();
            self.database.pragma_update(None, "secure_delete", true).doing(DOING)?;
            let transaction =
                self.database.transaction_with_behavior(TransactionBehavior::Immediate).doing(DOING)?;
            tombstones::add(&transaction, found).doing(DOING)?;
            rows::erase(&transaction, &found.numbers)?;
            let fact = Fact::Forgotten {
                documents: found.numbers.iter().copied().collect(),
                ids: Some(found.ids.len() as u64),
            };
            facts::add(&transaction, &fact, who.as_deref()).doing(DOING)?;
            drop_draft(&transaction).doing(DOING)?;
            transaction.commit().doing(DOING)?;
        }
        self.sweep()
    }

    /// Whether any document was forgotten. Rounds that contained a forgotten document cannot be
    /// made again.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn has_forgotten(&self) -> Result<bool, StoreError> {
        Ok(facts::Facts::now(&self.database)?.documents.any_forgotten())
    }

    /// Removes the last traces of the erased documents: in unused parts of the database, in its
    /// log, in its backups, and in files derived from texts.
    fn sweep(&self) -> Result<(), StoreError> {
        files::remove_derived(&self.root)?;
        for backup in files::backups(&self.root) {
            files::remove(&backup)?;
        }
        self.database.execute_batch("VACUUM").doing(DOING)?;
        checkpoint(&self.database)?;
        tombstones::set_swept(&self.database).doing(DOING)?;
        checkpoint(&self.database)
    }

    /// Does the sweep of an earlier process that was killed before it had finished.
    pub(super) fn finish_forgetting(&self) -> Result<(), StoreError> {
        let unswept = tombstones::any_unswept(&self.database).doing(DOING)?;
        // A sweep fails while another process reads the database. That is no error here, because a
        // later writer tries again.
        match if unswept { self.sweep() } else { Ok(()) } {
            Err(StoreError::StillRead) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Moves the write-ahead log into the database and empties the log. Fails while another process
/// reads the database.
fn checkpoint(database: &Connection) -> Result<(), StoreError> {
    let busy: i64 =
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).doing(DOING)?;
    if busy == 0 { Ok(()) } else { Err(StoreError::StillRead) }
}
