//! Finds control items that are in several batches, and the batches for which nobody has answered
//! them.
//!
//! An answer does not say for which batch it was given. So two rules decide:
//!
//! - If a batch was divided among annotators, an answer by an annotator who was assigned the item
//!   in this batch counts for it.
//! - If every annotator got the whole batch, an answer counts if it arrived after this batch was
//!   made, and before the next batch with the item was made.

use std::collections::BTreeMap;

use jiff::Timestamp;
use querist_core::{Share, Snapshot};
use rusqlite::params;

use super::past::time_of;
use super::returned::Read;
use crate::error::{DatabaseContext, StoreError};

const DOING: &str = "read the answers to control items";

/// Fills in the field `asked_again` of each round in the snapshot. The field lists the control
/// items that are also in other rounds and that nobody has answered for this round. `handed` has a
/// key (round, document) for each document that was ever assigned to an annotator by name.
pub(super) fn note(
    snapshot: &mut Snapshot,
    handed: &BTreeMap<(u32, usize), usize>,
    read: &Read<'_>,
) -> Result<(), StoreError> {
    // The rounds that contain each control item, as positions in `snapshot.rounds`.
    let mut rounds: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, round) in snapshot.rounds.iter().enumerate() {
        for pick in round.picks.iter().filter(|pick| pick.share == Share::Control) {
            rounds.entry(pick.document).or_default().push(at);
        }
    }
    for (document, places) in rounds.into_iter().filter(|(_, places)| places.len() > 1) {
        let number = i64::from(snapshot.documents[document].place) + 1;
        // Pairs each round with the next round that contains the item; the last round has none.
        for (at, next) in places.iter().zip(places.iter().skip(1).map(Some).chain([None])) {
            let round = snapshot.rounds[*at].number;
            let is_answered = if handed.contains_key(&(round, document)) {
                let own =
                    snapshot.assignments.iter().filter(|one| (one.round, one.document) == (round, document));
                own.into_iter().any(|one| snapshot.has_answered(&one.annotator, document))
            } else {
                let next = next.map(|next| snapshot.rounds[*next].number);
                read.answered_between(round, next, number)?
            };
            if !is_answered {
                snapshot.rounds[*at].asked_again.push(document);
            }
        }
    }
    for round in &mut snapshot.rounds {
        round.asked_again.sort_unstable();
    }
    Ok(())
}

impl Read<'_> {
    /// Returns the time at which a round was made.
    fn made(&self, round: u32) -> Result<Timestamp, StoreError> {
        let select = "SELECT at FROM rounds WHERE number = ?1";
        let at: String = self.database.query_row(select, [round], |row| row.get(0)).doing(DOING)?;
        time_of(&format!("round {round}"), &at).doing(DOING)
    }

    /// Whether an answer to the document with this number arrived after `round` was made and, if
    /// `next` is given, no later than `next` was made. Answers of excluded people and undone
    /// ingests do not count.
    fn answered_between(&self, round: u32, next: Option<u32>, document: i64) -> Result<bool, StoreError> {
        let made = self.made(round)?;
        let next = next.map(|next| self.made(next)).transpose()?;
        let mut select = self
            .database
            .prepare_cached(
                "SELECT a.annotator, a.ingest, i.at FROM annotations a JOIN ingests i ON i.number = a.ingest
                 WHERE a.document = ?1 AND a.ingest <= ?2",
            )
            .doing(DOING)?;
        let mut rows = select.query(params![document, self.last_ingest]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            let (annotator, ingest): (String, i64) = (row.get(0).doing(DOING)?, row.get(1).doing(DOING)?);
            let at: String = row.get(2).doing(DOING)?;
            let came = time_of(&format!("row {ingest} of ingests"), &at).doing(DOING)?;
            let counts = !self.facts.documents.has_no_ingest(ingest)
                && !self.facts.is_excluded(&self.people.shown(annotator));
            if counts && came > made && next.is_none_or(|next| came <= next) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
