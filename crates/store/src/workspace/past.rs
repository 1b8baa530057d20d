//! Reads the past state from which an exported round was made, so that the round can be made again.
//!
//! Nothing in the database is overwritten. So the past state is the current state without later
//! imports, ingests and rounds. Their stored times tell which are later; they never overlap,
//! because of the workspace's lock. If the clock was set back, the times may mislead, so callers
//! compare the result with the hashes in the round's manifest.
//!
//! Only a document's role is overwritten: when an import moves the document out of the pool, and
//! when that import is undone. [`super::roles`] finds the earlier role.

use std::collections::BTreeMap;

use jiff::Timestamp;
use querist_core::{Answer, DocumentRecord, Edition, LabelSet, Names, Settled, Snapshot};
use rusqlite::{OptionalExtension, params};

use super::Workspace;
use super::facts::{Documents, Facts};
use super::indices::{Indices, with_number};
use super::ledger::answer_of;
use super::legacy;
use super::order::{order, rearrange};
use super::people::{Known, People};
use super::returned::Read;
use super::roles;
use super::rounds::Exported;
use super::sheets;
use super::snapshot::{Decided, class, in_order};
use super::stored::{time_at, unknown};
use crate::error::{DatabaseContext, StoreError};

const DOING: &str = "read the workspace as it was";

/// A point in the history: the last import and the last ingest before it, by number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Until {
    import: i64,
    pub(super) ingest: i64,
}

impl Until {
    /// The present: no import and no ingest is later.
    pub(super) const NOW: Self = Self { import: i64::MAX, ingest: i64::MAX };
}

/// An answer or a decision in a history. A history lists its entries in order of arrival.
struct Arrived<T> {
    time: Option<Timestamp>,
    value: T,
}

impl Workspace {
    /// Returns the state from which an exported round was made. `labels` are the classes with which
    /// the round was made, and `edition` is the version of Querist's rules by which it was made.
    ///
    /// # Errors
    /// No round with this number was exported. Or any error of [`Workspace::snapshot`].
    pub fn snapshot_before(
        &self,
        round: u32,
        labels: &LabelSet,
        edition: Edition,
    ) -> Result<Snapshot, StoreError> {
        let transaction = self.database.unchecked_transaction().doing(DOING)?;
        let until = self.until(round)?;
        let facts = Facts::until(&self.database, self.known_by_round(round).doing(DOING)?)?;
        let labels = &facts.labels.of(labels.clone());
        let known = Known { ingest: until.ingest, round };
        let people = match edition {
            Edition::First => legacy::people(),
            _ => People::of(&self.database, known, &facts.names).doing(DOING)?,
        };
        let documents = self.documents_until(until, labels, &facts.documents)?;
        let documents_hash = self.digest(&documents)?.hex();
        let indices = Indices::of_documents(self.n_until(until)?, &documents, &facts.documents);
        let (annotators, answers) = self.answers_until(until, labels, &indices, (&people, &facts))?;
        let (settled, decisions_left_out) = self.settled_until(until, labels, &indices, (&people, &facts))?;
        let assignments = self.assignments_before(round, &indices, &people)?;
        let Exported { rounds, known_by } = self.exported_rounds(labels, &indices, Some(round))?;
        transaction.finish().doing(DOING)?;
        let mut snapshot = Snapshot {
            labels: labels.clone(),
            documents,
            documents_hash,
            annotators,
            answers,
            settled,
            assignments,
            rounds,
            people: Vec::new(),
        };
        let (facts, people, indices) = (&facts, &people, &indices);
        let (database, last_ingest) = (&self.database, until.ingest);
        Read { database, last_ingest, facts, people, indices, decisions_left_out, known_by }
            .lay_over(&mut snapshot)?;
        Ok(snapshot)
    }

    /// Returns the number of the last fact before a round.
    pub(super) fn known_by_round(&self, round: u32) -> Result<i64, rusqlite::Error> {
        self.database.query_row("SELECT facts FROM rounds WHERE number = ?1", [round], |row| row.get(0))
    }

    /// Returns the numbers of the last import and the last ingest before a round.
    fn until(&self, round: u32) -> Result<Until, StoreError> {
        let at: String = self
            .database
            .query_row("SELECT at FROM rounds WHERE number = ?1 AND stage = 'exported'", [round], |row| {
                row.get(0)
            })
            .optional()
            .doing(DOING)?
            .map_or_else(|| Err(StoreError::NoSuchRound { number: round, last: self.last_round()? }), Ok)?;
        let at = time_of(&format!("round {round}"), &at).doing(DOING)?;
        let last = |table: &str| -> Result<i64, rusqlite::Error> {
            let mut select =
                self.database.prepare(&format!("SELECT number, at FROM {table} ORDER BY number"))?;
            let rows = select.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
            let mut last = 0;
            for row in rows {
                let (number, time) = row?;
                if time_of(&format!("row {number} of {table}"), &time)? <= at {
                    last = number;
                }
            }
            Ok(last)
        };
        Ok(Until { import: last("imports").doing(DOING)?, ingest: last("ingests").doing(DOING)? })
    }

    /// Returns how many documents had been imported at the point `until`. Documents that were
    /// removed, replaced or erased since count too.
    fn n_until(&self, until: Until) -> Result<usize, StoreError> {
        let n: Option<i64> = self
            .database
            .query_row("SELECT max(number) FROM documents WHERE import <= ?1", [until.import], |row| {
                row.get(0)
            })
            .doing(DOING)?;
        n.map_or(Ok(0), |n| usize::try_from(n).map_err(|_| sheets::damaged()))
    }

    /// Returns the documents in the order of their ids, with the roles and labels that they had at
    /// the point `until`.
    pub(super) fn documents_until(
        &self,
        until: Until,
        labels: &LabelSet,
        facts: &Documents,
    ) -> Result<Vec<DocumentRecord>, StoreError> {
        let n = self.n_until(until)?;
        let mut documents: Vec<DocumentRecord> = Vec::with_capacity(n);
        let mut next = 0;
        sheets::for_each(&self.database, |entry| {
            let place = next;
            next += 1;
            if (place as usize) < n && !facts.is_absent(i64::from(next)) {
                documents.push(DocumentRecord { id: entry.id.into(), place, role: entry.role, label: None });
            }
            Ok(())
        })?;
        for (number, role) in roles::of_moved(&self.database, until.import, facts).doing(DOING)? {
            if let Some(document) = with_number(&mut documents, number) {
                document.role = role;
            }
        }
        let mut select = self
            .database
            .prepare("SELECT document, label, import FROM gold WHERE import <= ?1 ORDER BY number")
            .doing(DOING)?;
        let mut rows = select.query([until.import]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            if facts.has_no_import(row.get(2).doing(DOING)?) {
                continue;
            }
            let number: i64 = row.get(0).doing(DOING)?;
            let label = row.get_ref(1).and_then(|label| Ok(label.as_str()?)).doing(DOING)?;
            if let Some(document) = with_number(&mut documents, number) {
                document.label = class(labels, label)?;
            }
        }
        if let Some(order) = order(documents.len(), |place| documents[place].id.as_bytes()) {
            rearrange(&mut documents, order);
        }
        Ok(documents)
    }

    /// Returns the names of the annotators, and the answers that were current at the point `until`.
    pub(super) fn answers_until(
        &self,
        until: Until,
        labels: &LabelSet,
        indices: &Indices,
        (people, facts): (&People, &Facts),
    ) -> Result<(Vec<String>, Vec<Answer>), StoreError> {
        let mut select = self
            .database
            .prepare(
                "SELECT document, annotator, label, time, seconds, ingest FROM annotations WHERE ingest <= ?1
                 ORDER BY number",
            )
            .doing(DOING)?;
        let mut rows = select.query([until.ingest]).doing(DOING)?;
        let mut names = Names::default();
        let mut pairs: BTreeMap<(usize, u32), Vec<Arrived<Answer>>> = BTreeMap::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let number = row.get(0).doing(DOING)?;
            if facts.documents.has_no_ingest(row.get(5).doing(DOING)?) {
                continue;
            }
            let Some(document) = indices.of(number)? else { continue };
            let annotator = names.number(&people.shown(row.get(1).doing(DOING)?));
            let label = row.get_ref(2).and_then(|label| Ok(label.as_str_or_null()?)).doing(DOING)?;
            let label = label.map(|label| class(labels, label)).transpose()?.flatten();
            let time = time_at(row, 3, &answer_of(number)).doing(DOING)?;
            let seconds = row.get(4).doing(DOING)?;
            let micros = time.map(Timestamp::as_microsecond);
            let value = Answer { document, annotator, label, seconds, time: micros };
            pairs.entry((document, annotator)).or_default().push(Arrived { time, value });
        }
        Ok(in_order(names, pairs.into_values().filter_map(standing).collect()))
    }

    /// Returns two lists of decisions that were made before the point `until`. The first has the
    /// decisions that were current then, sorted by document. The second has the decisions of
    /// excluded experts, which do not count.
    pub(super) fn settled_until(
        &self,
        until: Until,
        labels: &LabelSet,
        indices: &Indices,
        (people, facts): (&People, &Facts),
    ) -> Result<(Vec<Settled>, Vec<Settled>), StoreError> {
        let mut select = self
            .database
            .prepare("SELECT document, label, expert, time, ingest FROM settled WHERE ingest <= ?1 ORDER BY number")
            .doing(DOING)?;
        let mut rows = select.query(params![until.ingest]).doing(DOING)?;
        let mut decisions: BTreeMap<usize, Vec<Arrived<Settled>>> = BTreeMap::new();
        let mut left_out = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let number = row.get(0).doing(DOING)?;
            if facts.documents.has_no_ingest(row.get(4).doing(DOING)?) {
                continue;
            }
            let Some(document) = indices.of(number)? else { continue };
            let label = row.get_ref(1).and_then(|label| Ok(label.as_str_or_null()?)).doing(DOING)?;
            let Decided::As(label) = Decided::read(labels, label)? else { continue };
            let value = Settled { document, label, expert: people.shown(row.get(2).doing(DOING)?) };
            let time = time_at(row, 3, &answer_of(number)).doing(DOING)?;
            if facts.is_excluded(&value.expert) {
                left_out.push(value);
                continue;
            }
            decisions.entry(document).or_default().push(Arrived { time, value });
        }
        Ok((decisions.into_values().filter_map(standing).collect(), left_out))
    }
}

/// Parses the stored time of a round, an import or an ingest. `row` is the name of the database row
/// for an error message.
pub(super) fn time_of(row: &str, time: &str) -> Result<Timestamp, rusqlite::Error> {
    time.parse().map_err(|_| unknown(&row, "at", time))
}

/// Returns the current entry of a history: the entry with the latest time if all entries have
/// times, and otherwise the last to arrive.
fn standing<T>(history: Vec<Arrived<T>>) -> Option<T> {
    let timed = history.iter().all(|arrived| arrived.time.is_some());
    let numbered = history.into_iter().enumerate();
    let last = if timed { numbered.max_by_key(|(at, arrived)| (arrived.time, *at)) } else { numbered.last() };
    last.map(|(_, arrived)| arrived.value)
}

#[cfg(test)]
mod tests;
