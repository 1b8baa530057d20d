//! Returns documents to the pool that were handed out but not answered. If an answer arrives later
//! all the same, it counts.

use std::collections::BTreeSet;

use querist_core::{RoundRecord, Snapshot};
use querist_store::StoreError;
use querist_store::workspace::Fact;
use serde::Serialize;

use crate::error::Result;
use crate::opened::Opened;
use crate::people::known;
use crate::progress::Progress;
use crate::session::Session;

/// Which documents to return to the pool.
#[derive(Debug, Clone, Copy, Default)]
pub struct Withdraw<'a> {
    /// The round's number; `None`: every round.
    pub round: Option<u32>,
    /// The annotator whose assignments end; `None`: all assignments end.
    pub from: Option<&'a str>,
    /// Whether to change nothing and only return what would be returned to the pool.
    pub dry_run: bool,
}

/// What was returned, or what a dry run would return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Withdrawn {
    /// Whether this was a dry run, which changes nothing.
    pub dry_run: bool,
    /// The rounds whose documents were returned, or whose assignments ended.
    pub rounds: Vec<WithdrawnRound>,
    /// Number of pool documents that become open.
    pub reopened: usize,
}

/// What a withdrawal changed in one round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WithdrawnRound {
    /// Number of the round.
    pub round: u32,
    /// Number of documents and control items that no longer wait for an answer.
    pub documents: usize,
    /// Number of assignments that ended. A document may have several, each for another annotator.
    pub assignments: usize,
}

impl Session {
    /// Returns unanswered documents to the pool. If `options.from` names an annotator, ends only
    /// this annotator's assignments.
    ///
    /// # Errors
    /// The round or the person does not exist, or the workspace cannot be written. In each case
    /// nothing was changed.
    pub fn withdraw(&self, options: &Withdraw<'_>, progress: &dyn Progress) -> Result<Withdrawn> {
        let Withdraw { round, from, dry_run } = *options;
        let mut opened = self.read_or_write("withdraw", dry_run, progress)?;
        let before = opened.snapshot()?;
        let from = from.map(|name| known(&opened, &before, name)).transpose()?;
        if let Some(number) = round
            && !before.rounds.iter().any(|record| record.number == number)
        {
            let last = before.rounds.last().map(|record| record.number);
            return Err(StoreError::NoSuchRound { number, last }.into());
        }
        let mut taken = Taken::default();
        for record in before.rounds.iter().filter(|record| round.is_none_or(|round| round == record.number)) {
            taken.add(&before, record, from.as_deref());
        }
        if taken.is_empty() {
            return Ok(Withdrawn { dry_run, rounds: Vec::new(), reopened: 0 });
        }
        let facts = [taken.fact(&before)];
        let after = opened.snapshot_as_if(&facts)?;
        if !dry_run {
            opened.workspace.note(&facts)?;
        }
        Ok(Withdrawn {
            dry_run,
            rounds: counts(&before, &after),
            reopened: newly_open(&opened, &before, &after)?,
        })
    }
}

/// Returns the number of pool documents that are open in `after` but not in `before`.
pub(crate) fn newly_open(opened: &Opened, before: &Snapshot, after: &Snapshot) -> Result<usize> {
    let open = |snapshot| -> Result<BTreeSet<usize>> {
        let situation = opened.situation(snapshot)?;
        Ok(situation.open.iter().map(|row| situation.pool[*row]).collect())
    };
    Ok(open(after)?.difference(&open(before)?).count())
}

/// Counts for each round the documents and assignments that a withdrawal takes back. Rounds without
/// any are left out.
fn counts(before: &Snapshot, after: &Snapshot) -> Vec<WithdrawnRound> {
    let assignments = |snapshot: &Snapshot, round: u32| {
        snapshot.assignments.iter().filter(|assignment| assignment.round == round).count()
    };
    let rounds = before.rounds.iter().zip(&after.rounds).map(|(then, now)| WithdrawnRound {
        round: now.number,
        documents: now.returned.len() - then.returned.len(),
        assignments: assignments(before, now.number) - assignments(after, now.number),
    });
    rounds.filter(|round| round.documents + round.assignments > 0).collect()
}

/// What a withdrawal takes back: picks and assignments.
#[derive(Default)]
struct Taken {
    /// The picks: a round's number, and a document's index in the snapshot.
    picks: Vec<(u32, usize)>,
    /// The assignments: a round's number, a document's index in the snapshot, and an annotator's
    /// name.
    assignments: Vec<(u32, usize, String)>,
}

impl Taken {
    /// Adds the picks and assignments of a round that still wait for answers. With `from`, adds
    /// only assignments of this annotator.
    fn add(&mut self, snapshot: &Snapshot, round: &RoundRecord, from: Option<&str>) {
        let answered = snapshot.answered();
        let assigned = snapshot.assignments.iter().filter(|assignment| assignment.round == round.number);
        for assignment in assigned.filter(|assignment| from.is_none_or(|from| assignment.annotator == from)) {
            if !snapshot.has_answered(&assignment.annotator, assignment.document) {
                self.assignments.push((round.number, assignment.document, assignment.annotator.clone()));
            }
        }
        if from.is_some() {
            return;
        }
        let is_out = |document: usize| {
            !snapshot.has_answer_for(round, document, &answered) && !round.has_returned(document)
        };
        let out = round.picks.iter().filter(|pick| is_out(pick.document));
        self.picks.extend(out.map(|pick| (round.number, pick.document)));
    }

    fn is_empty(&self) -> bool {
        self.picks.is_empty() && self.assignments.is_empty()
    }

    /// Returns the fact that stores the withdrawal.
    fn fact(self, snapshot: &Snapshot) -> Fact {
        let number = |document: usize| i64::from(snapshot.documents[document].place) + 1;
        let assignments = self.assignments.into_iter();
        Fact::Withdrawn {
            picks: self.picks.into_iter().map(|(round, document)| (round, number(document))).collect(),
            assignments: assignments.map(|(round, document, name)| (round, number(document), name)).collect(),
        }
    }
}
