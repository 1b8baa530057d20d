//! Why a round would pick nothing. Each front end words its own advice from these facts.

use querist_core::Condition;
use thiserror::Error;

use crate::unlabeled::Unlabeled;

/// Why there is nothing to pick.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Nothing {
    /// The pool has no documents.
    #[error("the pool is empty")]
    EmptyPool,
    /// Every document of the pool is labelled, waits for answers, or has answers that decide no
    /// label.
    #[error("{}", none_open(*unlabeled))]
    NoneOpen {
        /// Number of unlabelled documents in each state.
        unlabeled: Unlabeled,
        /// Whether at least one document has a label.
        labels: bool,
    },
    /// No document is open, and there are too few labels to train a final model.
    #[error("no document is open, and there is no model to train: {why}")]
    NoModel {
        /// Why no model can be trained.
        why: String,
    },
    /// No open document meets the conditions of the round.
    #[error("none of the {open} open documents has {}: {}{}", Condition::phrase(conditions), elsewhere(*pool), of_values(values))]
    NoneMeets {
        /// The conditions that documents must meet, sorted.
        conditions: Vec<Condition>,
        /// Number of open documents.
        open: usize,
        /// Number of pool documents that meet the conditions; none of them is open.
        pool: usize,
        /// If no pool document has the required value of a field: the values that the field does
        /// have, provided that they are few.
        values: Vec<String>,
    },
    /// Every open document is a near-duplicate of a document that is labelled or was picked before.
    #[error(
        "nothing can be picked: each of the {open} open documents is a near-duplicate of a document that \
         is labelled or was picked before"
    )]
    NearDuplicates {
        /// Number of open documents.
        open: usize,
    },
    /// No share of the batch found a document to pick.
    #[error("nothing was picked from {open} open documents{}", in_brackets(notes))]
    Unfilled {
        /// Number of open documents.
        open: usize,
        /// Each share's note on why it picked nothing.
        notes: Vec<String>,
    },
}

/// Returns the message for [`Nothing::NoneOpen`]: how many documents are in which state.
fn none_open(unlabeled: Unlabeled) -> String {
    if unlabeled == Unlabeled::default() {
        "every document of the pool is labelled".to_owned()
    } else {
        format!("no document is open: {}", unlabeled.words())
    }
}

/// Returns where the documents are that meet the conditions of [`Nothing::NoneMeets`]. `pool` is
/// their number in the pool.
fn elsewhere(pool: usize) -> String {
    match pool {
        0 => "no document in the pool has it".to_owned(),
        1 => "the only document in the pool with it is labelled, out or undecided".to_owned(),
        _ => format!("the {pool} documents in the pool with it are labelled, out or undecided"),
    }
}

/// Returns the values that documents have in place of the required ones; empty if none are given.
fn of_values(values: &[String]) -> String {
    if values.is_empty() { String::new() } else { format!("; the values are {}", values.join(", ")) }
}

fn in_brackets(notes: &[String]) -> String {
    if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) }
}
