//! A whole import of documents or a whole ingest of answers is taken back. Rounds of before come
//! out as they did.

use std::collections::{BTreeMap, BTreeSet};

use querist_core::Snapshot;
use querist_store::workspace::{ImportToUndo, InTheWay, IngestToUndo, Undoable};
use serde::Serialize;

use crate::error::{Result, SessionError};
use crate::opened::Opened;
use crate::progress::Progress;
use crate::session::Session;
use crate::withdraw::newly_open;

/// What is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// The import or ingest that came last.
    Last,
    /// The import with that number.
    Import(i64),
    /// The ingest with that number; `None`: the last one.
    Ingest(Option<i64>),
}

/// What was taken back, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Its number, among imports or among ingests.
    pub number: i64,
    /// Its files.
    pub files: Vec<String>,
    /// What it brought.
    #[serde(flatten)]
    pub brought: Brought,
}

/// What an import or an ingest had brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "undone", rename_all = "snake_case")]
pub enum Brought {
    /// An import.
    Import {
        /// Documents that are no longer there. Their ids are free.
        documents: u64,
        /// Labels that no longer stand.
        labels: u64,
        /// Documents that are back in the pool.
        moved: u64,
        /// Documents that have their earlier text again.
        updated: u64,
    },
    /// An ingest.
    Ingest {
        /// Answers that no longer count.
        answers: u64,
        /// Decisions that no longer count.
        decisions: u64,
        /// Documents of the pool that may be picked again and could not be before.
        reopened: usize,
        /// Files that came later. What they only repeated was not stored with them: they may come
        /// again and bring it.
        later: Vec<String>,
    },
}

/// What stands in the way of taking an import back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hindrance {
    /// Documents that rounds asked for and that are still out, or have an answer.
    pub picked: u64,
    /// Answers to its documents.
    pub answers: u64,
    /// Decisions of experts about them.
    pub decisions: u64,
    /// Labels that later imports brought for them.
    pub labels: u64,
    /// Documents whose text a later import replaced.
    pub replaced: u64,
    /// The rounds of those picks.
    pub rounds: BTreeSet<u32>,
    /// The numbers of the ingests that brought those answers and decisions.
    pub ingests: BTreeSet<i64>,
    /// The numbers of the imports that brought those labels and texts.
    pub imports: BTreeSet<i64>,
}

impl Session {
    /// Takes an import or an ingest back.
    ///
    /// # Errors
    /// There is no such one, it was taken back before, something stands in the way, or the
    /// workspace cannot be written; then nothing was changed.
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
    let documents = (documents.1 - documents.0).unsigned_abs() - updated;
    let brought = Brought::Import { documents, labels, moved, updated };
    Ok(Undone { dry_run, number, files, brought })
}

/// Of picks by round and document's number, those that did not go back: their rounds, and how many
/// documents they are.
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
