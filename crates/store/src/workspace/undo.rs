//! Undoes an import or an ingest: records the undoing as a fact, and updates which labels, answers
//! and roles are current.
//!
//! The documents, labels, answers and decisions of the undone command no longer count. But they
//! stay in the database, so that earlier rounds can be made again. New documents may have the ids
//! of the removed documents, and the files of an undone ingest can be ingested again.

mod found;

use std::collections::{BTreeMap, BTreeSet};

use querist_core::Role;
use rusqlite::{Transaction, TransactionBehavior, params};

pub use self::found::{ImportToUndo, InTheWay, IngestToUndo, Undoable};
use super::Workspace;
use super::facts::{self, Documents, Fact, Facts};
use super::ingest::IngestAs;
use super::known_hash;
use super::ledger::Ledger;
use super::roles;
use super::sheets::{SheetWriter, n_documents};
use crate::error::{DatabaseContext, StoreError};

const DOING: &str = "take it back";

impl Workspace {
    /// Undoes the import or the ingest that `fact` describes. Get the fact from
    /// [`Self::import_to_undo`] or [`Self::ingest_to_undo`].
    ///
    /// # Errors
    /// The database cannot be written; then nothing was changed.
    pub fn undo(&mut self, fact: &Fact) -> Result<(), StoreError> {
        let who = self.who.clone();
        let transaction =
            self.database.transaction_with_behavior(TransactionBehavior::Immediate).doing(DOING)?;
        let before = Facts::now(&transaction)?.documents;
        facts::add(&transaction, fact, who.as_deref()).doing(DOING)?;
        let now = Facts::now(&transaction)?.documents;
        match fact {
            Fact::ImportUndone { import, last, documents, .. } => {
                free_ids(&transaction, *documents, &before).doing(DOING)?;
                mark_labels(&transaction, (*import, *last), &now).doing(DOING)?;
                set_roles(&transaction, &now)?;
            }
            Fact::IngestUndone { ingest, last, .. } => {
                known_hash::free(&transaction, (*ingest, *last)).doing(DOING)?;
                mark_answers(&transaction, (*ingest, *last), &now).doing(DOING)?;
            }
            _ => {}
        }
        drop_draft(&transaction).doing(DOING)?;
        transaction.commit().doing(DOING)
    }
}

/// Deletes the draft of the next round, because it may contain documents that no longer count. The
/// user can make the draft again at any time.
pub(super) fn drop_draft(transaction: &Transaction<'_>) -> Result<(), rusqlite::Error> {
    transaction.execute("DELETE FROM rounds WHERE stage <> 'exported'", []).map(|_| ())
}

/// Removes documents from the table `ids`, so that new documents can have their ids. If a removed
/// document had replaced an older one, its id leads to the older document again. `documents` is
/// (first number, one past the last number); `before` is the state before the undoing.
fn free_ids(
    transaction: &Transaction<'_>,
    documents: (i64, i64),
    before: &Documents,
) -> Result<(), rusqlite::Error> {
    let ids: Vec<(String, i64)> = {
        let mut select =
            transaction.prepare("SELECT id, number FROM documents WHERE number >= ?1 AND number < ?2")?;
        let rows =
            select.query_map(params![documents.0, documents.1], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    let mut delete = transaction.prepare("DELETE FROM ids WHERE id = ?1 AND document = ?2")?;
    for (id, number) in ids {
        delete.execute(params![id, number])?;
    }
    let mut enter = transaction
        .prepare("INSERT INTO ids (id, document) SELECT id, number FROM documents WHERE number = ?1")?;
    for old in before.replaced_by(documents) {
        enter.execute([old])?;
    }
    Ok(())
}

/// For each document that the undone imports had labelled, marks the label that is current now, if
/// any. The undone imports have the numbers `import` to `last`; `now` is the state after the
/// undoing.
fn mark_labels(
    transaction: &Transaction<'_>,
    (import, last): (i64, i64),
    now: &Documents,
) -> Result<(), rusqlite::Error> {
    let touched: BTreeSet<i64> = {
        let mut select =
            transaction.prepare("SELECT DISTINCT document FROM gold WHERE import BETWEEN ?1 AND ?2")?;
        select.query_map([import, last], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    // For each such document, the number of its current label: the last label from an import that
    // was not undone.
    let mut standing: BTreeMap<i64, i64> = BTreeMap::new();
    {
        let mut select = transaction.prepare("SELECT document, number, import FROM gold ORDER BY number")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let document = row.get(0)?;
            if touched.contains(&document) && !now.has_no_import(row.get(2)?) {
                standing.insert(document, row.get(1)?);
            }
        }
    }
    let mut clear = transaction.prepare("UPDATE gold SET current = 0 WHERE document = ?1 AND current = 1")?;
    let mut set = transaction.prepare("UPDATE gold SET current = 1 WHERE number = ?1")?;
    for document in touched {
        clear.execute([document])?;
        if let Some(number) = standing.get(&document) {
            set.execute([number])?;
        }
    }
    Ok(())
}

/// Stores the present role of each document that an import ever moved out of the pool. `now` is the
/// state after the undoing.
fn set_roles(transaction: &Transaction<'_>, now: &Documents) -> Result<(), StoreError> {
    let moved = roles::of_moved(transaction, i64::MAX, now).doing(DOING)?;
    if moved.is_empty() {
        return Ok(());
    }
    let mut sheets = SheetWriter::after(transaction, n_documents(transaction)?).doing(DOING)?;
    let mut set = |number: i64, role: Role| -> Result<(), rusqlite::Error> {
        transaction
            .prepare_cached("UPDATE documents SET role = ?1 WHERE number = ?2")?
            .execute(params![role.name(), number])?;
        sheets.set_role(transaction, (number - 1) as usize, role)
    };
    moved.into_iter().try_for_each(|(number, role)| set(number, role)).doing(DOING)?;
    sheets.finish(transaction).doing(DOING)
}

/// For each history to which the undone ingests had added an entry, marks the entry that is current
/// now, if any. The undone ingests have the numbers `ingest` to `last`; `now` is the state after
/// the undoing.
fn mark_answers(
    transaction: &Transaction<'_>,
    (ingest, last): (i64, i64),
    now: &Documents,
) -> Result<(), rusqlite::Error> {
    let pairs: Vec<(i64, String)> = {
        let mut select = transaction
            .prepare("SELECT DISTINCT document, annotator FROM annotations WHERE ingest BETWEEN ?1 AND ?2")?;
        let rows = select.query_map([ingest, last], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    let ledger = Ledger { transaction, of: IngestAs::Annotators, labels: None, facts: now };
    for (document, annotator) in pairs {
        ledger.mark_standing(document, &annotator)?;
    }
    let settled: Vec<i64> = {
        let mut select =
            transaction.prepare("SELECT DISTINCT document FROM settled WHERE ingest BETWEEN ?1 AND ?2")?;
        select.query_map([ingest, last], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    let ledger = Ledger { transaction, of: IngestAs::Expert, labels: None, facts: now };
    for document in settled {
        ledger.mark_standing(document, "")?;
    }
    Ok(())
}
