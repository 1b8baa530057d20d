//! A snapshot: everything that a round depends on, read from the workspace in one transaction.
//!
//! Texts and the users' own fields are not in it (they are streamed); one hash of them all is.
//! Documents are sorted by id, so the order in which they were imported changes nothing. A record
//! is small, because a pool may have millions.

use std::collections::BTreeMap;

use compact_str::CompactString;

use crate::annotation::{Annotation, AnnotationSet, Numbered};
use crate::batch::Pick;
use crate::document::Role;
use crate::label::{Class, LabelSet};
use crate::seed::Seed;

/// A document without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRecord {
    /// The user's id; the usual ones take no memory of their own.
    pub id: CompactString,
    /// Its place in the order in which documents were imported, from 0: where a corpus has its
    /// text.
    pub place: u32,
    /// What it is for.
    pub role: Role,
    /// The label that came with it, if any: the truth for control and test, a training label for
    /// the pool.
    pub label: Option<Class>,
}

/// One annotator's standing answer to one document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// Index into the snapshot's documents.
    pub document: usize,
    /// Who answered, as an index into the snapshot's annotators.
    pub annotator: u32,
    /// The answer; `None` is a skip.
    pub label: Option<Class>,
    /// How many seconds it took, at least 0; `None` when nobody said.
    pub seconds: Option<f64>,
    /// When it was given, in microseconds since 1970; `None` when nobody said.
    pub time: Option<i64>,
}

/// What an expert decided of a document, once and for all: it stands above every answer and every
/// imported label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Index into the snapshot's documents.
    pub document: usize,
    /// Its label; `None`: no class fits, the document is left out.
    pub label: Option<Class>,
    /// Who decided.
    pub expert: String,
}

/// A document of a batch that was handed to a named annotator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The round of the batch.
    pub round: u32,
    /// Index into the snapshot's documents.
    pub document: usize,
    /// Who was to answer.
    pub annotator: String,
}

/// What the lead said of a person, and what follows from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The name under which the workspace knows this person.
    pub name: String,
    /// Why this person's answers and decisions do not count; `None`: they count.
    pub excluded: Option<String>,
    /// How many answers and decisions do not count for that.
    pub left_out: usize,
    /// Whether this person gets no new documents.
    pub paused: bool,
    /// Such as a group, by name.
    pub attributes: BTreeMap<String, String>,
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
    /// Documents of its batch that are no longer out by it, ascending, as indices into the
    /// snapshot's documents: nobody whose answers count has answered, and they were withdrawn, or
    /// only excluded people had them.
    pub returned: Vec<usize>,
    /// Documents of its batch that lack answers, as indices into the snapshot's documents,
    /// ascending, with how many: they were handed to people whose assignments ended unanswered, or
    /// whose answers do not count, and nobody else has them for it.
    pub lacking: Vec<(usize, usize)>,
    /// Control items of its batch that other batches have too and that nobody has answered for this
    /// one, ascending, as indices into the snapshot's documents.
    pub asked_again: Vec<usize>,
    /// What each class of the round is now, by its place then; `None` where it was taken out.
    /// Empty: the first classes of now, under the names that they have.
    pub classes: Vec<Option<Class>>,
    /// The class distribution that its quotas aimed at, in label order, summing to 1; `None`
    /// without quotas.
    pub target: Option<Vec<f64>>,
    /// What the round found about itself when it was made, as JSON: fit, test accuracy and the
    /// like.
    pub summary: String,
    /// The hash of its model, by which it is kept; `None` without one.
    pub model: Option<String>,
    /// How many documents of the workspace, in the order of their import, its embedding was learned
    /// from.
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
    /// Everybody with a standing answer, by name.
    pub annotators: Vec<String>,
    /// Standing answers, sorted by (document, annotator).
    pub answers: Vec<Answer>,
    /// Standing decisions of experts, sorted by document, at most one each.
    pub settled: Vec<Settled>,
    /// Who was handed what, sorted by (round, document, annotator); nothing of batches for
    /// everybody.
    pub assignments: Vec<Assignment>,
    /// Rounds whose batch went out, by number.
    pub rounds: Vec<RoundRecord>,
    /// People of whom the lead said something, by name.
    pub people: Vec<Person>,
}

impl RoundRecord {
    /// Whether a control item of its batch, by its index, was answered for another batch at most.
    pub fn asks_again(&self, document: usize) -> bool {
        self.asked_again.binary_search(&document).is_ok()
    }

    /// Whether a document of its batch, by its index, is no longer out by it.
    pub fn has_returned(&self, document: usize) -> bool {
        self.returned.binary_search(&document).is_ok()
    }
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

    /// What an expert decided of a document, by its index.
    pub fn settled(&self, document: usize) -> Option<&Settled> {
        let found = self.settled.binary_search_by_key(&document, |settled| settled.document).ok()?;
        self.settled.get(found)
    }

    /// What is known of a document's label without its annotators, by its index: what an expert
    /// decided, else the label that came with it. `None` also when an expert left it out.
    pub fn known_label(&self, document: usize) -> Option<Class> {
        self.settled(document).map_or(self.documents[document].label, |settled| settled.label)
    }

    /// The index of the annotator of that name.
    pub fn annotator(&self, name: &str) -> Option<u32> {
        let found = self.annotators.binary_search_by(|annotator| annotator.as_str().cmp(name));
        found.ok().map(|index| index as u32)
    }

    /// Answers other than skips, as the quality measures want them: the items are documents, and
    /// both have the numbers that they have here.
    pub fn annotations(&self) -> Numbered {
        let answers = self.answers.iter().filter_map(|answer| {
            let (item, annotator) = (answer.document as u32, answer.annotator);
            Some(Annotation { item, annotator, label: answer.label? })
        });
        AnnotationSet::by_number(
            answers.collect(),
            |document| self.documents[document as usize].id.to_string(),
            |annotator| self.annotators[annotator as usize].clone(),
            self.labels.len(),
        )
    }

    /// Which documents somebody has answered, be it with a skip, by index.
    pub fn answered(&self) -> Vec<bool> {
        let mut answered = vec![false; self.documents.len()];
        for answer in &self.answers {
            answered[answer.document] = true;
        }
        answered
    }

    /// Whether a pick of a round has an answer for that round, or the decision of an expert.
    /// `answered` is that of [`Self::answered`].
    pub fn has_answer_for(&self, round: &RoundRecord, document: usize, answered: &[bool]) -> bool {
        (answered[document] || self.settled(document).is_some()) && !round.asks_again(document)
    }

    /// Which documents have been sent to annotators in some round and did not come back unanswered,
    /// by index.
    pub fn picked(&self) -> Vec<bool> {
        let mut picked = vec![false; self.documents.len()];
        for round in &self.rounds {
            for pick in round.picks.iter().filter(|pick| !round.has_returned(pick.document)) {
                picked[pick.document] = true;
            }
        }
        picked
    }

    /// Whether somebody has answered or skipped a document, by its index.
    pub fn has_answered(&self, name: &str, document: usize) -> bool {
        self.annotator(name).is_some_and(|own| {
            let pair = |answer: &Answer| (answer.document, answer.annotator);
            self.answers.binary_search_by_key(&(document, own), pair).is_ok()
        })
    }

    /// What the lead said of a person; `None` if nothing.
    pub fn person(&self, name: &str) -> Option<&Person> {
        let found = self.people.binary_search_by(|person| person.name.as_str().cmp(name)).ok()?;
        self.people.get(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expert_stands_above_an_imported_label() {
        let document = |id: &str, label| DocumentRecord { id: id.into(), place: 0, role: Role::Pool, label };
        let settled = |document, label| Settled { document, label, expert: "eve".to_owned() };
        let snapshot = Snapshot {
            labels: LabelSet::new(["x", "y"]).unwrap(),
            documents: vec![
                document("a", Some(Class(0))),
                document("b", Some(Class(0))),
                document("c", Some(Class(0))),
                document("d", None),
            ],
            documents_hash: String::new(),
            annotators: Vec::new(),
            answers: Vec::new(),
            settled: vec![settled(1, Some(Class(1))), settled(2, None), settled(3, Some(Class(1)))],
            assignments: Vec::new(),
            rounds: Vec::new(),
            people: Vec::new(),
        };
        let known: Vec<_> = (0..4).map(|document| snapshot.known_label(document)).collect();
        assert_eq!(known, [Some(Class(0)), Some(Class(1)), None, Some(Class(1))]);
        assert!(snapshot.settled(0).is_none() && snapshot.settled(2).is_some());
    }
}
