//! The state of each pool document: open, labelled, out, tied, skipped or left out. Every pool
//! document has exactly one state.
//!
//! Only this module decides the state, so `status`, `export --scores` and error messages show the
//! same states in the same words.

use querist_core::Snapshot;
use serde::Serialize;

use crate::situation::Situation;

/// The state of a pool document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A round may pick the document.
    Open,
    /// The document has a label.
    Labeled,
    /// A batch contains the document, and nobody has answered it.
    Out,
    /// The document has answers besides skips, but no label follows from them.
    Tied,
    /// The document has skips but no other answers.
    Skipped,
    /// An expert decided that the document fits no class.
    LeftOut,
}

impl State {
    /// Returns the name of the state in JSON and tables.
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

    /// Returns the state of each pool document, in the order of the pool.
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

/// Number of pool documents in each state, except open and labelled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Unlabeled {
    /// Number of documents in [`State::Out`].
    pub out: usize,
    /// Number of documents in [`State::Tied`].
    pub tied: usize,
    /// Number of documents in [`State::Skipped`].
    pub skipped: usize,
    /// Number of documents in [`State::LeftOut`].
    pub left_out: usize,
}

impl Unlabeled {
    /// Counts the pool documents in each of these states.
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

    /// Returns the counts in words, for example "3 are out with annotators, 2 were only skipped".
    /// The text is empty if all counts are 0.
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

/// Returns the indices in the snapshot of the pool documents that are open, ascending. No
/// aggregator is needed, because a document with an answer is never open.
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
