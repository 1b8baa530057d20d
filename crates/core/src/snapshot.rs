//! A snapshot: everything that a round depends on, read from the workspace in one transaction.
//!
//! A snapshot contains neither the texts nor the users' own fields, which are streamed; one hash
//! covers them all. Documents are sorted by id, so the order of import changes nothing. A record is
//! small, because a pool may have millions of documents.

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
    /// The user's id. Ids of at most 24 bytes are stored inside the record, without memory on the
    /// heap.
    pub id: CompactString,
    /// The document's position in the order of import, from 0, which is also the index of its text
    /// in the corpus.
    pub place: u32,
    /// Its purpose.
    pub role: Role,
    /// The label that was imported with the document, if there was one: the truth for control and
    /// test documents, a training label for pool documents.
    pub label: Option<Class>,
}

/// One annotator's standing answer to one document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The document, as an index into the snapshot's documents.
    pub document: usize,
    /// The annotator, as an index into the snapshot's annotators.
    pub annotator: u32,
    /// The answer; `None` for a skip.
    pub label: Option<Class>,
    /// The time that the annotator took, in seconds, at least 0; `None` if unknown.
    pub seconds: Option<f64>,
    /// The time when the annotator answered, in microseconds since 1970; `None` if unknown.
    pub time: Option<i64>,
}

/// An expert's final decision about a document. It overrides every answer and every imported label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The document, as an index into the snapshot's documents.
    pub document: usize,
    /// The label; `None` if no class fits and the document is left out.
    pub label: Option<Class>,
    /// The name of the expert.
    pub expert: String,
}

/// A document of a batch that was assigned to a named annotator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The round of the batch.
    pub round: u32,
    /// The document, as an index into the snapshot's documents.
    pub document: usize,
    /// The name of the annotator who should answer.
    pub annotator: String,
}

/// What the lead of the project recorded about a person, and its effects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The name by which the workspace knows this person.
    pub name: String,
    /// Why this person's answers and decisions do not count; `None` if they count.
    pub excluded: Option<String>,
    /// The number of answers and decisions that are left out for that reason.
    pub left_out: usize,
    /// Whether no new documents are assigned to this person.
    pub paused: bool,
    /// The person's attributes, such as a group, by name.
    pub attributes: BTreeMap<String, String>,
}

/// A round whose batch went out.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundRecord {
    /// The number of the round, from 1.
    pub number: u32,
    /// The seed of the round.
    pub seed: Seed,
    /// The picks of its batch, by rank.
    pub picks: Vec<Pick>,
    /// Documents whose answers the batch no longer waits for, ascending, as indices into the
    /// snapshot's documents. They were withdrawn, or were assigned only to excluded people. Nobody
    /// whose answers count has answered them.
    pub returned: Vec<usize>,
    /// Documents of the batch that lack answers: (index into the snapshot's documents, number of
    /// missing answers), ascending. Their assignments ended without an answer or went to people
    /// whose answers do not count, and nobody else has them in this batch.
    pub lacking: Vec<(usize, usize)>,
    /// Control items of this batch that are also in other batches, and that nobody has answered for
    /// this batch. They are indices into the snapshot's documents, ascending.
    pub asked_again: Vec<usize>,
    /// For each class of the round, by its index at that time, the present class; `None` if the
    /// class was removed. Empty if the round's classes are the first of the present classes, with
    /// the same names.
    pub classes: Vec<Option<Class>>,
    /// The class distribution that the quotas aimed at, in label order, with sum 1; `None` without
    /// quotas.
    pub target: Option<Vec<f64>>,
    /// The record that was stored with the round, as JSON: fit, test accuracy and so on.
    pub summary: String,
    /// The hash under which the round's model is stored; `None` without a model.
    pub model: Option<String>,
    /// The number of documents that the round's embedding was learned from: the first ones in the
    /// order of import.
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
    /// The names of all annotators with a standing answer, sorted.
    pub annotators: Vec<String>,
    /// Standing answers, sorted by (document, annotator).
    pub answers: Vec<Answer>,
    /// Standing decisions of experts, sorted by document, at most one each.
    pub settled: Vec<Settled>,
    /// The documents assigned to named annotators, sorted by (round, document, annotator). Batches
    /// for everybody have no assignments.
    pub assignments: Vec<Assignment>,
    /// The rounds whose batch went out, by number.
    pub rounds: Vec<RoundRecord>,
    /// The people about whom the lead recorded something, sorted by name.
    pub people: Vec<Person>,
}

impl RoundRecord {
    /// Returns whether a document, given by its index, is a control item in several batches that
    /// nobody has answered for this batch ([`Self::asked_again`]).
    pub fn asks_again(&self, document: usize) -> bool {
        self.asked_again.binary_search(&document).is_ok()
    }

    /// Returns whether the batch no longer waits for the answers to a document, given by its index
    /// ([`Self::returned`]).
    pub fn has_returned(&self, document: usize) -> bool {
        self.returned.binary_search(&document).is_ok()
    }
}

impl Snapshot {
    /// Returns the indices of the documents with this role, ascending.
    pub fn with_role(&self, role: Role) -> Vec<usize> {
        (0..self.documents.len()).filter(|&index| self.documents[index].role == role).collect()
    }

    /// Returns the index of the document with this id, if there is one.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.documents.binary_search_by(|document| document.id.as_str().cmp(id)).ok()
    }

    /// Returns the expert's decision about a document, given by its index; `None` if there is
    /// none.
    pub fn settled(&self, document: usize) -> Option<&Settled> {
        let found = self.settled.binary_search_by_key(&document, |settled| settled.document).ok()?;
        self.settled.get(found)
    }

    /// Returns the label of a document, given by its index, that is known without annotators: the
    /// expert's decision, otherwise the imported label. `None` if there is neither, or if the
    /// expert left the document out.
    pub fn known_label(&self, document: usize) -> Option<Class> {
        self.settled(document).map_or(self.documents[document].label, |settled| settled.label)
    }

    /// Returns the index of the annotator with this name, if this annotator has answered.
    pub fn annotator(&self, name: &str) -> Option<u32> {
        let found = self.annotators.binary_search_by(|annotator| annotator.as_str().cmp(name));
        found.ok().map(|index| index as u32)
    }

    /// Returns the answers, without skips, as annotations for the quality measures. Items are
    /// documents. The result includes the index in this snapshot of each item and each annotator.
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

    /// Returns, for each document, whether somebody has answered or skipped it.
    pub fn answered(&self) -> Vec<bool> {
        let mut answered = vec![false; self.documents.len()];
        for answer in &self.answers {
            answered[answer.document] = true;
        }
        answered
    }

    /// Returns whether a pick of a round has an answer for that round or an expert's decision.
    /// `document` is the pick's index, and `answered` the result of [`Self::answered`].
    pub fn has_answer_for(&self, round: &RoundRecord, document: usize, answered: &[bool]) -> bool {
        (answered[document] || self.settled(document).is_some()) && !round.asks_again(document)
    }

    /// Returns, for each document, whether it is in a batch that has its answers or still waits for
    /// them.
    pub fn picked(&self) -> Vec<bool> {
        let mut picked = vec![false; self.documents.len()];
        for round in &self.rounds {
            for pick in round.picks.iter().filter(|pick| !round.has_returned(pick.document)) {
                picked[pick.document] = true;
            }
        }
        picked
    }

    /// Returns whether the annotator with this name has answered or skipped a document, given by
    /// its index.
    pub fn has_answered(&self, name: &str, document: usize) -> bool {
        self.annotator(name).is_some_and(|own| {
            let pair = |answer: &Answer| (answer.document, answer.annotator);
            self.answers.binary_search_by_key(&(document, own), pair).is_ok()
        })
    }

    /// Returns what the lead recorded about the person with this name; `None` if nothing.
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
