//! Why a round would pick nothing: facts, from which each door makes its advice.

use querist_core::Condition;
use thiserror::Error;

use crate::unlabeled::Unlabeled;

/// Why there is nothing to pick.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Nothing {
    /// No document was imported into the pool.
    #[error("the pool is empty")]
    EmptyPool,
    /// Every document of the pool is labelled, out or undecided.
    #[error("{}", none_open(*unlabeled))]
    NoneOpen {
        /// What the documents without a label are.
        unlabeled: Unlabeled,
        /// Whether any document has a label.
        labels: bool,
    },
    /// No document is open, and the labels make no final model.
    #[error("no document is open, and there is no model to train: {why}")]
    NoModel {
        /// Why there is no model.
        why: String,
    },
    /// No open document meets the conditions of the round.
    #[error("none of the {open} open documents has {}: {}{}", Condition::phrase(conditions), elsewhere(*pool), of_values(values))]
    NoneMeets {
        /// The conditions, sorted.
        conditions: Vec<Condition>,
        /// How many documents are open.
        open: usize,
        /// How many documents of the pool, none of them open, meet the conditions.
        pool: usize,
        /// The values that a field has whose condition no document of the pool meets, as far as
        /// they are few.
        values: Vec<String>,
    },
    /// Every open document is a near-duplicate of one that is labelled or was picked before.
    #[error(
        "nothing can be picked: each of the {open} open documents is a near-duplicate of a document that \
         is labelled or was picked before"
    )]
    NearDuplicates {
        /// How many documents are open.
        open: usize,
    },
    /// The shares of the batch found nothing to take.
    #[error("nothing was picked from {open} open documents{}", in_brackets(notes))]
    Unfilled {
        /// How many documents are open.
        open: usize,
        /// What the shares say about it.
        notes: Vec<String>,
    },
}

fn none_open(unlabeled: Unlabeled) -> String {
    if unlabeled == Unlabeled::default() {
        "every document of the pool is labelled".to_owned()
    } else {
        format!("no document is open: {}", unlabeled.words())
    }
}

fn elsewhere(pool: usize) -> String {
    match pool {
        0 => "no document in the pool has it".to_owned(),
        1 => "the only document in the pool with it is labelled, out or undecided".to_owned(),
        _ => format!("the {pool} documents in the pool with it are labelled, out or undecided"),
    }
}

fn of_values(values: &[String]) -> String {
    if values.is_empty() { String::new() } else { format!("; the values are {}", values.join(", ")) }
}

fn in_brackets(notes: &[String]) -> String {
    if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) }
}
