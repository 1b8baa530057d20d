//! Replaces the texts and fields of known documents.
//!
//! Nothing is overwritten: the new text becomes a new document with the same id, and the old
//! document no longer counts. If the two texts are equal except for white space or accents, the old
//! document's label and answers count for the new document. Otherwise, they count only if the user
//! asked for it.

use std::collections::BTreeSet;

use querist_core::Role;
use rusqlite::{Transaction, params};

use super::fault::RowFault;
use super::known::{Known, TextCompared, known, says_more};
use super::{ImportAs, Importer, InputProblem};
use crate::error::{DatabaseContext, FieldOption, StoreError};
use crate::format::documents::DocumentRow;
use crate::workspace::facts::{self, Fact, runs};
use crate::workspace::undo::drop_draft;

/// The replacements that the import has made so far.
#[derive(Default)]
pub(super) struct Updates {
    /// The replacements after which answers to the old document count for the new one, each as (old
    /// number, new number).
    same: Vec<(i64, i64)>,
    /// The replacements after which answers to the old document no longer count.
    other: Vec<(i64, i64)>,
    /// The numbers of the new documents that are test documents or control items.
    held_out: BTreeSet<i64>,
}

impl Importer<'_> {
    /// Whether the row has a new text or new fields, and the user asked that they replace the
    /// stored text and fields.
    pub(super) fn is_update(&self, row: &DocumentRow, known: &Known) -> bool {
        let same = known.text == TextCompared::Same;
        // If one command brings two texts for the same id, they contradict each other, and neither
        // replaces the other.
        let earlier = known.number < self.first_number;
        let says_more = || says_more(row.document.meta.as_deref(), known.meta.as_deref());
        self.options.update && earlier && (!same || says_more())
    }

    /// Stores the row as a new document that replaces `old`. Returns the new document.
    pub(super) fn replace(&mut self, row: &DocumentRow, old: &Known, line: u64) -> Result<Known, RowFault> {
        let document = &row.document;
        let keeps = self.options.keep_answers || old.text != TextCompared::Other;
        // If the user did not say what kind of documents the rows are, the document keeps its role.
        let says = self.options.kind != ImportAs::Guess;
        if says && document.label.is_some() && self.options.kind.role() != old.role {
            let why = format!("its text differs too, and it is a {} document", old.role.name());
            let wanted = self.options.kind.name();
            return Err(InputProblem::RoleTaken { id: document.id.clone(), wanted, why }.into());
        }
        if document.label.is_none() && old.role != Role::Pool && !keeps {
            let field = self.options.fields.label.clone();
            return Err(InputProblem::MissingField { field, option: Some(FieldOption::Label) }.into());
        }
        self.transaction
            .prepare_cached("DELETE FROM ids WHERE id = ?1 AND document = ?2")
            .and_then(|mut delete| delete.execute(params![document.id, old.number]))
            .doing("import")?;
        let number = self.append(row, old.role, line)?;
        if old.role != Role::Pool {
            self.updates.held_out.insert(number);
        }
        let pairs = if keeps { &mut self.updates.same } else { &mut self.updates.other };
        pairs.push((old.number, number));
        if let Some(gold) = old.label.as_ref().filter(|_| keeps) {
            self.label(number, &gold.label, line)?;
        }
        self.counts.updated += 1;
        if !keeps {
            self.counts.answers_left += standing(self.transaction, old.number).doing("import")?;
            self.counts.labels_left += u64::from(old.label.is_some() && document.label.is_none());
        }
        Ok(known(self.transaction, number, &document.text).doing("import")?)
    }

    /// Records the replacements as facts, and deletes the draft of the next round, which may
    /// contain replaced documents.
    pub(super) fn note_updates(&mut self) -> Result<(), StoreError> {
        let Updates { same, other, held_out } = std::mem::take(&mut self.updates);
        for (pairs, keep_answers) in [(same, true), (other, false)] {
            if pairs.is_empty() {
                continue;
            }
            let held_out = pairs.iter().map(|(_, new)| *new).filter(|new| held_out.contains(new)).collect();
            let fact = Fact::Updated { documents: runs(&pairs), held_out, keep_answers };
            facts::add(self.transaction, &fact, self.who).doing("import")?;
            drop_draft(self.transaction).doing("import")?;
        }
        Ok(())
    }
}

/// Returns how many current answers and decisions the document with this number has.
fn standing(transaction: &Transaction<'_>, number: i64) -> Result<u64, rusqlite::Error> {
    let select = "SELECT (SELECT count(*) FROM annotations WHERE document = ?1 AND current = 1)
        + (SELECT count(*) FROM settled WHERE document = ?1 AND current = 1)";
    transaction.prepare_cached(select)?.query_row([number], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
}
