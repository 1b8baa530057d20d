//! What each document of the pool is: open, labelled, out, tied, skipped or left out. Every
//! document is exactly one of them.
//!
//! The one place that says so: `status`, `export --scores` and refusals ask here, and use the same
//! words.

use querist_core::Snapshot;
use serde::Serialize;

use crate::situation::Situation;

/// What a document of the pool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It may be picked.
    Open,
    /// It has a label.
    Labeled,
    /// A batch had it, and nobody has answered.
    Out,
    /// It has answers that come to no label.
    Tied,
    /// Everybody who answered skipped it.
    Skipped,
    /// An expert found that no class fits.
    LeftOut,
}

impl State {
    /// Its name, as in JSON and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Labeled => "labeled",
            Self::Out => "out",
            Self::Tied => "tied",
            Self::Skipped => "skipped",
            Self::LeftOut => "left_out",
        }
    }

    /// What each document of the pool is, by row.
    pub fn of_pool(snapshot: &Snapshot, situation: &Situation) -> Vec<Self> {
        let answered = snapshot.answered();
        let mut voted = vec![false; snapshot.documents.len()];
        for answer in snapshot.answers.iter().filter(|answer| answer.label.is_some()) {
            voted[answer.document] = true;
        }
        let mut open = vec![false; situation.pool.len()];
        situation.open.iter().for_each(|row| open[*row] = true);
        let of = |(row, &document): (usize, &usize)| {
            if situation.label_of[document].is_some() {
                Self::Labeled
            } else if open[row] {
                Self::Open
            } else if snapshot.settled(document).is_some() {
                Self::LeftOut
            } else if voted[document] {
                Self::Tied
            } else if answered[document] {
                Self::Skipped
            } else {
                Self::Out
            }
        };
        situation.pool.iter().enumerate().map(of).collect()
    }
}

/// How many documents of the pool are neither open nor labelled, by what they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Unlabeled {
    /// [`State::Out`].
    pub out: usize,
    /// [`State::Tied`].
    pub tied: usize,
    /// [`State::Skipped`].
    pub skipped: usize,
    /// [`State::LeftOut`].
    pub left_out: usize,
}

impl Unlabeled {
    /// Counts them.
    pub fn of(snapshot: &Snapshot, situation: &Situation) -> Self {
        let mut found = Self::default();
        for state in State::of_pool(snapshot, situation) {
            match state {
                State::Open | State::Labeled => {}
                State::Out => found.out += 1,
                State::Tied => found.tied += 1,
                State::Skipped => found.skipped += 1,
                State::LeftOut => found.left_out += 1,
            }
        }
        found
    }

    /// "3 are out with annotators, 2 were only skipped"; empty if there are none.
    pub fn words(self) -> String {
        let one = |n: usize, one: &str, more: &str| {
            (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { more }))
        };
        [
            one(self.out, "is out with annotators", "are out with annotators"),
            one(self.tied, "is tied", "are tied"),
            one(self.skipped, "was only skipped", "were only skipped"),
            one(self.left_out, "was left out by an expert", "were left out by an expert"),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
    }
}

/// The documents of the pool that may still be picked, ascending. It needs no aggregator: whatever
/// has an answer is not open.
pub fn open_documents(snapshot: &Snapshot) -> Vec<usize> {
    let mut seen = snapshot.picked();
    for answer in &snapshot.answers {
        seen[answer.document] = true;
    }
    for settled in &snapshot.settled {
        seen[settled.document] = true;
    }
    let mut open = snapshot.with_role(querist_core::Role::Pool);
    open.retain(|document| !seen[*document] && snapshot.known_label(*document).is_none());
    open
}
