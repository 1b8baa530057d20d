//! Forgetting documents for good: the one exception to "nothing is edited".
//!
//! The files go first, while the database still says what to look for; then one transaction erases
//! the rows and leaves a tombstone; then the whole database is written anew, because free pages and
//! the log still hold what was there. A process killed before the transaction begins again, and one
//! killed after it leaves a mark by which the next writer sweeps ([`Workspace::sweep`]).
//!
//! A document keeps its number and its row, both empty, so that the numbers have no gaps.

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
use crate::error::{DatabaseContext, StoreError};

const DOING: &str = "forget documents";

/// Documents to forget, and what forgetting them comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ToForget {
    /// The ids of documents that are there.
    #[serde(skip)]
    pub ids: Vec<String>,
    /// How many ids are of documents that were forgotten before.
    pub already: usize,
    /// Their numbers: of every text that a document ever had.
    #[serde(skip)]
    numbers: BTreeSet<i64>,
    /// Those texts.
    #[serde(skip)]
    texts: BTreeSet<String>,
    /// How many labels came with them.
    pub labels: u64,
    /// How many answers they have, those that no longer count among them.
    pub answers: u64,
    /// How many decisions of experts.
    pub decisions: u64,
    /// The rounds that picked them.
    pub rounds: Vec<u32>,
    /// Files of the workspace that hold them: they are written again without, or removed where they
    /// are made again.
    pub files: Vec<PathBuf>,
    /// Copies of the database from before migrations: they are removed.
    pub backups: Vec<PathBuf>,
    /// Models of rounds that knew them. They stay.
    pub models: Vec<PathBuf>,
    /// The files that they were imported from. They stay.
    pub sources: Vec<String>,
    /// Other files in the workspace's folder that hold their texts. They stay.
    pub elsewhere: Vec<PathBuf>,
    /// Files in the workspace's folder that cannot be searched, such as archives. They stay.
    pub may_hold: Vec<PathBuf>,
    /// What people said that quotes the texts: reasons, values, descriptions. It stays.
    pub quoted_in: Vec<Quote>,
    /// Other documents with the same text, by id. They stay.
    pub same_text: Vec<String>,
}

impl ToForget {
    /// How many texts they ever had.
    pub fn versions(&self) -> usize {
        self.numbers.len()
    }
}

impl Workspace {
    /// What forgetting the documents with these ids comes to.
    ///
    /// # Errors
    /// There is no such document, and was none, or the disk or the database cannot be read.
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
            (found.elsewhere, found.may_hold) = (there.elsewhere, there.may_hold);
            found.quoted_in = quotes::find(&self.database, &found)?;
            let models = rows::models(&self.database, &found.numbers).doing(DOING)?;
            let paths = models.iter().map(|hash| self.model_path(hash));
            found.models = paths.filter(|path| path.is_file()).collect();
        }
        Ok(found)
    }

    /// Forgets documents.
    ///
    /// # Errors
    /// The disk or the database cannot be written, or somebody else reads the database; then the
    /// same call, made again, finishes.
    pub fn forget(&mut self, found: &ToForget) -> Result<(), StoreError> {
        if !found.numbers.is_empty() {
            files::clean(&self.root, &files::Wanted::new(&found.ids, &found.texts))?;
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

    /// Whether documents were forgotten: rounds that knew them cannot be made again.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn has_forgotten(&self) -> Result<bool, StoreError> {
        Ok(facts::Facts::now(&self.database)?.documents.any_forgotten())
    }

    /// Leaves nothing of what was erased in free pages, the log and what is derived from texts.
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

    /// Sweeps after a process that was killed before it had.
    pub(super) fn finish_forgetting(&self) -> Result<(), StoreError> {
        let unswept = tombstones::any_unswept(&self.database).doing(DOING)?;
        // Who reads keeps the log in place; a later writer finds the mark again.
        match if unswept { self.sweep() } else { Ok(()) } {
            Err(StoreError::StillRead) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Writes the log into the database and empties it.
fn checkpoint(database: &Connection) -> Result<(), StoreError> {
    let busy: i64 =
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).doing(DOING)?;
    if busy == 0 { Ok(()) } else { Err(StoreError::StillRead) }
}
