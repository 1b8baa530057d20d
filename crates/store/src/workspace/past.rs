//! The state of a workspace as an exported round found it.
//!
//! Nothing in the database is overwritten, so what came later can be left out: documents and labels of later imports, answers
//! and decisions of later ingests, later rounds. What is later is told by the times of imports, ingests and the round, which
//! the lock of the workspace keeps from overlapping. A clock that was set back may mix them up: whoever asks compares the
//! hashes of the round's manifest.
//!
//! A document's role is the one thing that is changed in place, when an import moves it out of the pool. The import that
//! brought its label says when.

use std::collections::BTreeMap;

use jiff::Timestamp;
use querist_core::{Answer, DocumentRecord, Edition, LabelSet, Names, Role, Settled, Snapshot};
use rusqlite::{OptionalExtension, params};

use super::Workspace;
use super::facts::Facts;
use super::ledger::answer_of;
use super::legacy;
use super::order::{order, rearrange};
use super::people::{Known, People};
use super::returned::Read;
use super::sheets;
use super::snapshot::{Decided, Indices, class, in_order};
use super::stored::{time_at, unknown};
use crate::error::{DatabaseContext, StoreError};

const DOING: &str = "read the workspace as it was";

/// The last import and ingest that came before a round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Until {
    import: i64,
    ingest: i64,
}

impl Until {
    /// Nothing is later.
    pub(super) const NOW: Self = Self { import: i64::MAX, ingest: i64::MAX };
}

/// An answer or a decision among those of one pair, in the order of arrival.
struct Arrived<T> {
    time: Option<Timestamp>,
    value: T,
}

impl Workspace {
    /// The state that an exported round was made of; `labels` and `edition` are those of the round.
    ///
    /// # Errors
    /// There is no such round, or as [`Workspace::snapshot`].
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
            Edition::Second | Edition::Third => {
                People::of(&self.database, known, &facts.names).doing(DOING)?
            }
        };
        let documents = self.documents_until(until, labels)?;
        let documents_hash = self.digest(&documents)?.hex();
        let mut indices = vec![0; documents.len()];
        for (index, document) in documents.iter().enumerate() {
            indices[document.place as usize] = index as u32;
        }
        let indices = Indices::new(indices);
        let (annotators, answers) = self.answers_until(until, labels, &indices, &people)?;
        let (settled, decisions_left_out) = self.settled_until(until, labels, &indices, (&people, &facts))?;
        let assignments = self.assignments_before(round, &indices, &people)?;
        let (rounds, known_by) = self.exported_rounds(labels, &indices, Some(round))?;
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
        Read { facts, people, indices, decisions_left_out, known_by }.lay_over(&mut snapshot);
        Ok(snapshot)
    }

    /// The last fact that a round knew.
    fn known_by_round(&self, round: u32) -> Result<i64, rusqlite::Error> {
        self.database.query_row("SELECT facts FROM rounds WHERE number = ?1", [round], |row| row.get(0))
    }

    /// What came before a round.
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

    /// The documents in the order of their ids, with the roles and the labels of then.
    fn documents_until(&self, until: Until, labels: &LabelSet) -> Result<Vec<DocumentRecord>, StoreError> {
        let n: Option<i64> = self
            .database
            .query_row("SELECT max(number) FROM documents WHERE import <= ?1", [until.import], |row| {
                row.get(0)
            })
            .doing(DOING)?;
        let n = n.map_or(Ok(0), |n| usize::try_from(n).map_err(|_| sheets::damaged()))?;
        let mut documents: Vec<DocumentRecord> = Vec::with_capacity(n);
        sheets::for_each(&self.database, |entry| {
            if documents.len() < n {
                let place = documents.len() as u32;
                documents.push(DocumentRecord { id: entry.id.into(), place, role: entry.role, label: None });
            }
            Ok(())
        })?;
        for number in self.moved_after(until)? {
            if let Some(document) =
                usize::try_from(number - 1).ok().and_then(|place| documents.get_mut(place))
            {
                document.role = Role::Pool;
            }
        }
        let mut select = self
            .database
            .prepare("SELECT document, label, max(number) FROM gold WHERE import <= ?1 GROUP BY document")
            .doing(DOING)?;
        let mut rows = select.query([until.import]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            let number: i64 = row.get(0).doing(DOING)?;
            let place = usize::try_from(number - 1).ok();
            let document = place.and_then(|place| documents.get_mut(place)).ok_or_else(sheets::damaged)?;
            let label = row.get_ref(1).and_then(|label| Ok(label.as_str()?)).doing(DOING)?;
            document.label = class(labels, label)?;
        }
        if let Some(order) = order(documents.len(), |place| documents[place].id.as_bytes()) {
            rearrange(&mut documents, order);
        }
        Ok(documents)
    }

    /// The numbers of documents that came to the pool and were moved out of it later.
    fn moved_after(&self, until: Until) -> Result<Vec<i64>, StoreError> {
        let read = || -> Result<Vec<i64>, rusqlite::Error> {
            let mut select = self.database.prepare(
                "SELECT d.number FROM documents d
                 JOIN imports came ON came.number = d.import
                 JOIN gold g ON g.document = d.number
                 JOIN imports moved ON moved.number = g.import
                 WHERE d.role <> 'pool' AND came.kind NOT IN ('test', 'control') AND moved.kind = d.role
                 GROUP BY d.number HAVING min(g.import) > ?1",
            )?;
            select.query_map([until.import], |row| row.get(0))?.collect()
        };
        read().doing(DOING)
    }

    /// The answers that stood, and who gave them.
    pub(super) fn answers_until(
        &self,
        until: Until,
        labels: &LabelSet,
        indices: &Indices,
        people: &People,
    ) -> Result<(Vec<String>, Vec<Answer>), StoreError> {
        let mut select = self
            .database
            .prepare(
                "SELECT document, annotator, label, time, seconds FROM annotations WHERE ingest <= ?1 ORDER BY number",
            )
            .doing(DOING)?;
        let mut rows = select.query([until.ingest]).doing(DOING)?;
        let mut names = Names::default();
        let mut pairs: BTreeMap<(usize, u32), Vec<Arrived<Answer>>> = BTreeMap::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let number = row.get(0).doing(DOING)?;
            let document = indices.of(number)?;
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

    /// The decisions of experts that stood, sorted by document; and those that do not count, because their expert is excluded.
    pub(super) fn settled_until(
        &self,
        until: Until,
        labels: &LabelSet,
        indices: &Indices,
        (people, facts): (&People, &Facts),
    ) -> Result<(Vec<Settled>, Vec<Settled>), StoreError> {
        let mut select = self
            .database
            .prepare("SELECT document, label, expert, time FROM settled WHERE ingest <= ?1 ORDER BY number")
            .doing(DOING)?;
        let mut rows = select.query(params![until.ingest]).doing(DOING)?;
        let mut decisions: BTreeMap<usize, Vec<Arrived<Settled>>> = BTreeMap::new();
        let mut left_out = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let number = row.get(0).doing(DOING)?;
            let document = indices.of(number)?;
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

/// The time of a round, an import or an ingest.
fn time_of(row: &str, time: &str) -> Result<Timestamp, rusqlite::Error> {
    time.parse().map_err(|_| unknown(&row, "at", time))
}

/// The standing one of a pair's history: the latest by time where all have one, else the last to arrive.
fn standing<T>(history: Vec<Arrived<T>>) -> Option<T> {
    let timed = history.iter().all(|arrived| arrived.time.is_some());
    let numbered = history.into_iter().enumerate();
    let last = if timed { numbered.max_by_key(|(at, arrived)| (arrived.time, *at)) } else { numbered.last() };
    last.map(|(_, arrived)| arrived.value)
}

#[cfg(test)]
mod tests;
