//! Why a round would pick nothing: facts, from which each door makes its advice.

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
    /// Every open document is a near-duplicate of one that is labelled or was picked before.
    #[error(
        "nothing can be picked: each of the {open} open documents is a near-duplicate of one that is labelled or was picked before"
    )]
    NearDuplicates {
        /// How many documents are open.
        open: usize,
    },
    /// The shares of the batch found nothing to take.
    #[error("nothing was picked of {open} open documents{}", in_brackets(notes))]
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

fn in_brackets(notes: &[String]) -> String {
    if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) }
}
