//! A data set for simulations: a pool, whose labels are hidden at first, and a test set.
//!
//! Invariants: pool documents are sorted by id, as in a workspace, so that ties are broken in the
//! same way. An id may occur in both the pool and the test set, as in many published data sets; an
//! internal prefix tells the two documents apart.

use std::collections::BTreeSet;
use std::ops::Range;

use compact_str::format_compact;
use querist_core::error::BoxError;
use querist_core::{Class, Corpus, DocumentRecord, LabelSet, Role, Snapshot};

/// A document whose label is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The document's id, unique in the pool or in the test set.
    pub id: String,
    /// The document's text.
    pub text: String,
    /// The document's true class.
    pub class: Class,
}

/// A pool and a test set with known labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSet {
    /// The classes.
    pub labels: LabelSet,
    /// The pool, sorted by id.
    pub pool: Vec<Known>,
    /// The test set, sorted by id.
    pub test: Vec<Known>,
}

impl DataSet {
    /// Makes a data set; the documents may be in any order.
    pub fn new(labels: LabelSet, mut pool: Vec<Known>, mut test: Vec<Known>) -> Self {
        for part in [&mut pool, &mut test] {
            part.sort_by(|left, right| left.id.cmp(&right.id));
        }
        Self { labels, pool, test }
    }

    /// Returns the number of pool documents of each class, by class index.
    pub fn pool_counts(&self) -> Vec<usize> {
        self.counts(&self.pool)
    }

    /// Returns the number of test documents of each class, by class index.
    pub fn test_counts(&self) -> Vec<usize> {
        self.counts(&self.test)
    }

    /// Returns the number of the given documents in each class, by class index.
    fn counts(&self, documents: &[Known]) -> Vec<usize> {
        let mut counts = vec![0; self.labels.len()];
        for document in documents {
            counts[document.class.index()] += 1;
        }
        counts
    }

    /// Returns the number of test documents whose text is also in the pool. If there are many, the
    /// test set says little about new texts.
    pub fn test_texts_in_pool(&self) -> usize {
        let pool: BTreeSet<&str> = self.pool.iter().map(|document| document.text.as_str()).collect();
        self.test.iter().filter(|document| pool.contains(document.text.as_str())).count()
    }

    /// Returns a workspace before anybody has answered: the pool without labels, followed by the
    /// test set with labels. Both keep their order.
    pub fn snapshot(&self) -> Snapshot {
        let record = |prefix: char, place: usize, role, document: &Known, label| DocumentRecord {
            id: format_compact!("{prefix}{}", document.id),
            place: place as u32,
            role,
            label,
        };
        let pool = self.pool.iter().enumerate();
        let pool = pool.map(|(place, document)| record('p', place, Role::Pool, document, None));
        let test = self.test.iter().enumerate().map(|(place, document)| {
            record('t', self.pool.len() + place, Role::Test, document, Some(document.class))
        });
        Snapshot {
            labels: self.labels.clone(),
            documents: pool.chain(test).collect(),
            documents_hash: String::new(),
            annotators: Vec::new(),
            answers: Vec::new(),
            settled: Vec::new(),
            assignments: Vec::new(),
            rounds: Vec::new(),
            people: Vec::new(),
        }
    }

    /// Returns the texts of the pool and then of the test set, in the order of [`Self::snapshot`].
    pub fn texts(&self) -> Texts<'_> {
        Texts(self.pool.iter().chain(&self.test).map(|document| document.text.as_str()).collect())
    }
}

/// The texts of a data set, as a featurizer reads them.
pub struct Texts<'a>(Vec<&'a str>);

impl Corpus for Texts<'_> {
    fn n_documents(&self) -> usize {
        self.0.len()
    }

    fn for_each_chunk(
        &self,
        documents: Range<usize>,
        visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>,
    ) -> Result<(), BoxError> {
        self.0.as_slice().for_each_chunk(documents, visit)
    }

    fn digests(&self, ranges: &[Range<usize>]) -> Result<Vec<[u8; 32]>, BoxError> {
        self.0.as_slice().digests(ranges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(id: &str, text: &str, class: u16) -> Known {
        Known { id: id.into(), text: text.into(), class: Class(class) }
    }

    #[test]
    fn becomes_a_workspace_sorted_by_id_with_the_pools_labels_hidden() {
        let labels = LabelSet::new(["a", "b"]).unwrap();
        let pool = vec![known("2", "x", 1), known("10", "y", 0), known("1", "x", 1)];
        let set = DataSet::new(labels, pool, vec![known("1", "y", 0), known("0", "z", 0)]);
        let snapshot = set.snapshot();
        let ids: Vec<&str> = snapshot.documents.iter().map(|document| document.id.as_str()).collect();
        assert_eq!(ids, ["p1", "p10", "p2", "t0", "t1"]);
        assert!(ids.is_sorted());
        let labels: Vec<_> = snapshot.documents.iter().map(|document| document.label).collect();
        assert_eq!(labels, [None, None, None, Some(Class(0)), Some(Class(0))]);
        assert_eq!((set.pool_counts(), set.test_counts()), (vec![1, 2], vec![2, 0]));
        assert_eq!(set.test_texts_in_pool(), 1);
        assert_eq!(set.texts().0, ["x", "y", "x", "z", "y"]);
    }
}
