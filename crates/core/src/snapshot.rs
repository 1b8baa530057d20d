//! A snapshot: everything that a round depends on, read from the workspace in one transaction.
//!
//! Texts and the users' own fields are not in it (they are streamed); one hash of them all is. Documents are sorted by id,
//! so the order in which they were imported changes nothing. A record is small, because a pool may have millions.

use compact_str::CompactString;

use crate::annotation::AnnotationSet;
use crate::batch::Pick;
use crate::document::Role;
use crate::label::{Class, LabelSet};
use crate::seed::Seed;

/// A document without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRecord {
    /// The user's id; the usual ones take no memory of their own.
    pub id: CompactString,
    /// Its place in the order in which documents were imported, from 0: where a corpus has its text.
    pub place: u32,
    /// What it is for.
    pub role: Role,
    /// The label that came with it, if any: the truth for control and test, a training label for the pool.
    pub label: Option<Class>,
}

/// One annotator's standing answer to one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Index into the snapshot's documents.
    pub document: usize,
    /// Who answered.
    pub annotator: String,
    /// The answer; `None` is a skip.
    pub label: Option<Class>,
}

/// A round whose batch went out.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundRecord {
    /// From 1.
    pub number: u32,
    /// Its seed.
    pub seed: Seed,
    /// Its batch, by rank.
    pub picks: Vec<Pick>,
    /// The class distribution that its quotas aimed at, in label order, summing to 1; `None` without quotas.
    pub target: Option<Vec<f64>>,
    /// What the round found about itself when it was made, as JSON: fit, test accuracy and the like.
    pub summary: String,
    /// The hash of its model, by which it is kept; `None` without one.
    pub model: Option<String>,
    /// How many documents of the workspace, in the order of their import, its embedding was learned from.
    pub basis: usize,
}

/// The state of a workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The classes.
    pub labels: LabelSet,
    /// All documents, sorted by id.
    pub documents: Vec<DocumentRecord>,
    /// BLAKE3 over every document: id, role, text, the user's own fields.
    pub documents_hash: String,
    /// Standing answers, sorted by (document, annotator).
    pub answers: Vec<Answer>,
    /// Rounds whose batch went out, by number.
    pub rounds: Vec<RoundRecord>,
}

impl Snapshot {
    /// Indices of the documents with that role, ascending.
    pub fn with_role(&self, role: Role) -> Vec<usize> {
        (0..self.documents.len()).filter(|&index| self.documents[index].role == role).collect()
    }

    /// The index of the document with that id.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.documents.binary_search_by(|document| document.id.as_str().cmp(id)).ok()
    }

    /// Answers other than skips, as the quality measures want them.
    pub fn annotations(&self) -> AnnotationSet {
        let triples = self.answers.iter().filter_map(|answer| {
            Some((self.documents[answer.document].id.as_str(), answer.annotator.as_str(), answer.label?))
        });
        AnnotationSet::new(triples, self.labels.len())
    }

    /// Which documents somebody has answered, be it with a skip, by index.
    pub fn answered(&self) -> Vec<bool> {
        let mut answered = vec![false; self.documents.len()];
        for answer in &self.answers {
            answered[answer.document] = true;
        }
        answered
    }

    /// Which documents have been sent to annotators in some round, by index.
    pub fn picked(&self) -> Vec<bool> {
        let mut picked = vec![false; self.documents.len()];
        for pick in self.rounds.iter().flat_map(|round| &round.picks) {
            picked[pick.document] = true;
        }
        picked
    }
}
