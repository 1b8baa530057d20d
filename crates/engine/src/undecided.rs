//! Answered documents without a label: ties, documents that were only skipped, and those that an expert left out.
//!
//! The one place that counts them, by the verdicts of the aggregator in force: reports, `status` and `review` all ask here. A label
//! that is known without annotators stands whatever the answers are, so such a document is never among them.

use querist_core::{Class, Snapshot, Verdict};

use crate::situation::Situation;

/// Answered documents without a label, each list by ascending document. Every answered document that has none is in exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// How many documents have an answer, skips included.
    pub answered: usize,
    /// Documents that the aggregator calls a tie, with the classes that it cannot choose between.
    pub ties: Vec<(usize, Vec<Class>)>,
    /// Documents that everybody who saw them skipped.
    pub only_skipped: Vec<usize>,
    /// Documents that fit no class, as an expert found.
    pub left_out: Vec<usize>,
}

impl Undecided {
    /// Finds them.
    pub fn of(snapshot: &Snapshot, situation: &Situation) -> Self {
        let (mut answered, mut ties, mut only_skipped, mut left_out) =
            (0, Vec::new(), Vec::new(), Vec::new());
        for answers in snapshot.answers.chunk_by(|a, b| a.document == b.document) {
            let document = answers[0].document;
            answered += 1;
            if situation.label_of[document].is_some() {
                continue;
            }
            if snapshot.settled(document).is_some() {
                left_out.push(document);
                continue;
            }
            match situation.verdict_of(snapshot, document) {
                Some(Verdict::Tie(classes)) => ties.push((document, classes.clone())),
                _ => only_skipped.push(document),
            }
        }
        Self { answered, ties, only_skipped, left_out }
    }

    /// How many answered documents have a label.
    pub fn decided(&self) -> usize {
        self.answered - self.ties.len() - self.only_skipped.len() - self.left_out.len()
    }

    /// Whether somebody must still decide about a document.
    pub fn holds(&self, document: usize) -> bool {
        self.ties.binary_search_by_key(&document, |tie| tie.0).is_ok()
            || self.only_skipped.binary_search(&document).is_ok()
    }
}
