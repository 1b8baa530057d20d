//! Takes back a whole import of documents or a whole ingest of answers. Earlier rounds can still be
//! reproduced.

use std::collections::{BTreeMap, BTreeSet};

use querist_core::Snapshot;
use querist_store::workspace::{ImportToUndo, InTheWay, IngestToUndo, Undoable};
use serde::Serialize;

use crate::error::{Result, SessionError};
use crate::opened::Opened;
use crate::progress::Progress;
use crate::session::Session;
use crate::withdraw::newly_open;

/// What to take back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// The latest import or ingest, whichever came later.
    Last,
    /// The import with this number.
    Import(i64),
    /// The ingest with this number; `None`: the last ingest.
    Ingest(Option<i64>),
}

/// What was taken back, or what a dry run would take back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// Whether this was a dry run, which changes nothing.
    pub dry_run: bool,
    /// The number of the import, or of the ingest. Imports and ingests are numbered apart.
    pub number: i64,
    /// Names of the files that were imported or ingested.
    pub files: Vec<String>,
    /// What the import or the ingest had changed, and is changed back.
    #[serde(flatten)]
    pub brought: Brought,
}

/// What an import or an ingest had changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "undone", rename_all = "snake_case")]
pub enum Brought {
    /// An import.
    Import {
        /// Number of documents that are removed. Other documents may get their ids.
        documents: u64,
        /// Number of labels that no longer count.
        labels: u64,
        /// Number of documents that return from another role to the pool.
        moved: u64,
        /// Number of documents that get their earlier text again.
        updated: u64,
    },
    /// An ingest.
    Ingest {
        /// Number of answers that no longer count.
        answers: u64,
        /// Number of decisions that no longer count.
        decisions: u64,
        /// Number of pool documents that become open.
        reopened: usize,
        /// Names of files that were ingested later. If they repeat answers of this ingest, these
        /// answers were not stored a second time. To get them back, ingest the files again.
        later: Vec<String>,
    },
}

/// Uses of an import's documents, which keep the import from being taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hindrance {
    /// Number of the documents that a round picked and that were not returned to the pool.
    pub picked: u64,
    /// Number of answers to the documents.
    pub answers: u64,
    /// Number of expert decisions about the documents.
    pub decisions: u64,
    /// Number of labels that later imports gave the documents.
    pub labels: u64,
    /// Number of the documents whose text a later import replaced.
    pub replaced: u64,
    /// Numbers of the rounds that picked documents.
    pub rounds: BTreeSet<u32>,
    /// Numbers of the ingests with the answers and decisions.
    pub ingests: BTreeSet<i64>,
    /// Numbers of the imports with the labels and texts.
    pub imports: BTreeSet<i64>,
}

impl Session {
    /// Takes back an import or an ingest, and returns what is changed back. A dry run changes
    /// nothing.
    ///
    /// # Errors
    /// - The import or ingest does not exist, or was already taken back.
    /// - The documents of the import have been used since.
    /// - The workspace cannot be written.
    ///
    /// In each case nothing was changed.
    pub fn undo(&self, what: Undo, dry_run: bool, progress: &dyn Progress) -> Result<Undone> {
        let mut opened = self.read_or_write("undo-import", dry_run, progress)?;
        let what = match what {
            Undo::Last => opened.workspace.last_to_undo()?,
            Undo::Import(number) => Undoable::Import(number),
            Undo::Ingest(Some(number)) => Undoable::Ingest(number),
            Undo::Ingest(None) => Undoable::Ingest(opened.workspace.last_ingest_to_undo()?),
        };
        match what {
            Undoable::Import(number) => import(&mut opened, number, dry_run),
            Undoable::Ingest(number) => ingest(&mut opened, number, dry_run),
        }
    }
}

/// Takes back the import `number`, or only says what this would change. Fails if its documents are
/// in use.
fn import(opened: &mut Opened, number: i64, dry_run: bool) -> Result<Undone> {
    let ImportToUndo { fact, number, files, documents, labels, moved, updated, in_the_way } =
        opened.workspace.import_to_undo(number)?;
    let (rounds, picked) = picked(&opened.snapshot()?, &opened.workspace.picks_of(documents)?);
    if picked > 0 || !in_the_way.is_nothing() {
        let InTheWay { answers, decisions, labels, replaced, ingests, imports } = in_the_way;
        let hindrance = Hindrance { picked, answers, decisions, labels, replaced, rounds, ingests, imports };
        return Err(SessionError::InTheWay { import: number, hindrance });
    }
    if !dry_run {
        opened.workspace.undo(&fact)?;
    }
    // The range of numbers includes replaced texts, but these are not new documents.
    let documents = (documents.1 - documents.0).unsigned_abs() - updated;
    let brought = Brought::Import { documents, labels, moved, updated };
    Ok(Undone { dry_run, number, files, brought })
}

/// Looks at `picks`, each the number of a round and the number of a document. Returns the rounds
/// from which documents have not been returned to the pool, and the number of these documents.
fn picked(snapshot: &Snapshot, picks: &[(u32, i64)]) -> (BTreeSet<u32>, u64) {
    let numbers = snapshot.documents.iter().map(|document| i64::from(document.place) + 1);
    let at: BTreeMap<i64, usize> = numbers.zip(0..).collect();
    let is_out = |(round, number): &&(u32, i64)| {
        let record = snapshot.rounds.iter().find(|record| record.number == *round);
        let document = at.get(number);
        record.zip(document).is_some_and(|(record, document)| !record.has_returned(*document))
    };
    let (rounds, documents): (BTreeSet<u32>, BTreeSet<i64>) = picks.iter().filter(is_out).copied().unzip();
    (rounds, documents.len() as u64)
}

/// Takes back the ingest `number`, or only says what this would change.
fn ingest(opened: &mut Opened, number: i64, dry_run: bool) -> Result<Undone> {
    let IngestToUndo { fact, number, files, answers, decisions, later } =
        opened.workspace.ingest_to_undo(number)?;
    let facts = [fact];
    let reopened = newly_open(opened, &opened.snapshot()?, &opened.snapshot_as_if(&facts)?)?;
    if !dry_run {
        opened.workspace.undo(&facts[0])?;
    }
    let brought = Brought::Ingest { answers, decisions, reopened, later };
    Ok(Undone { dry_run, number, files, brought })
}
