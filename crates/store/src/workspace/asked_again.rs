//! Control items that a batch has after an earlier one had them: whether anybody has answered them for this batch.
//!
//! Where the batch was shared out, the people say so who have the item by it. Where it is for everybody, an answer counts that
//! came in after the batch was made.

use std::collections::BTreeSet;

use jiff::Timestamp;
use querist_core::{Share, Snapshot};
use rusqlite::params;

use super::past::time_of;
use super::returned::Read;
use crate::error::{DatabaseContext, StoreError};

const DOING: &str = "read the answers to control items";

/// Notes, in each round of a snapshot, the control items that are asked again and have no answer for it.
pub(super) fn note(snapshot: &mut Snapshot, read: &Read<'_>) -> Result<(), StoreError> {
    let (mut before, mut again) = (BTreeSet::new(), Vec::new());
    for (at, round) in snapshot.rounds.iter().enumerate() {
        let controls = round.picks.iter().filter(|pick| pick.share == Share::Control);
        for pick in controls {
            if !before.insert(pick.document) {
                again.push((at, pick.document));
            }
        }
    }
    for (at, document) in again {
        let round = snapshot.rounds[at].number;
        let own = |(of, item): (u32, usize)| (of, item) == (round, document);
        let mut has_it = snapshot.assignments.iter().filter(|one| own((one.round, one.document))).peekable();
        let is_answered = match has_it.peek() {
            Some(_) => has_it.any(|one| snapshot.has_answered(&one.annotator, document)),
            None => read.answered_since(round, i64::from(snapshot.documents[document].place) + 1)?,
        };
        if !is_answered {
            snapshot.rounds[at].asked_again.push(document);
        }
    }
    for round in &mut snapshot.rounds {
        round.asked_again.sort_unstable();
    }
    Ok(())
}

impl Read<'_> {
    /// Whether somebody whose answers count has answered the document with that number since a round was made.
    fn answered_since(&self, round: u32, document: i64) -> Result<bool, StoreError> {
        let made: String = self
            .database
            .query_row("SELECT at FROM rounds WHERE number = ?1", [round], |row| row.get(0))
            .doing(DOING)?;
        let made: Timestamp = time_of(&format!("round {round}"), &made).doing(DOING)?;
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
            if counts && came > made {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
