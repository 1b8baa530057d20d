//! Collects what the facts say about documents and answers: which imports and ingests were undone,
//! which documents' texts were replaced, and which documents were forgotten.

use std::collections::{BTreeMap, BTreeSet};

use super::Fact;

/// A run of n replaced documents, as (old, new, n). For each i from 0 to n - 1, the document with
/// number new + i replaced the document with number old + i.
pub type Run = (i64, i64, i64);

/// The state that follows from all facts about documents.
#[derive(Debug, Clone, Default)]
pub(in crate::workspace) struct Documents {
    /// For each undone import command, the numbers of its first and its last import.
    imports: Vec<(i64, i64)>,
    /// For each undone ingest command, the numbers of its first and its last ingest.
    ingests: Vec<(i64, i64)>,
    /// For each undone import command, the numbers of the documents that it had added: the first,
    /// and one past the last.
    gone: Vec<(i64, i64)>,
    /// For each document whose text was replaced, the number of the new document, and whether
    /// answers to the old text count for the new text.
    successors: BTreeMap<i64, (i64, bool)>,
    /// The numbers of documents that replaced a test document or a control item, and so are test
    /// documents or control items too.
    held_out: BTreeSet<i64>,
    /// The numbers of the erased documents.
    forgotten: BTreeSet<i64>,
}

impl Documents {
    /// Applies one fact. Facts that are not about documents are ignored.
    pub(super) fn take(&mut self, fact: &Fact) {
        match fact {
            Fact::ImportUndone { import, last, documents, .. } => {
                self.imports.push((*import, *last));
                self.gone.push(*documents);
                self.successors.retain(|_, (new, _)| !(documents.0..documents.1).contains(new));
            }
            Fact::IngestUndone { ingest, last, .. } => self.ingests.push((*ingest, *last)),
            Fact::Updated { documents, held_out, keep_answers } => {
                self.held_out.extend(held_out);
                for (old, new, n) in documents {
                    self.successors.extend((0..*n).map(|at| (old + at, (new + at, *keep_answers))));
                }
            }
            Fact::Forgotten { documents, .. } => self.forgotten.extend(documents),
            _ => {}
        }
    }

    /// Whether the import with this number was undone.
    pub(in crate::workspace) fn has_no_import(&self, import: i64) -> bool {
        within(&self.imports, import)
    }

    /// Whether the ingest with this number was undone.
    pub(in crate::workspace) fn has_no_ingest(&self, ingest: i64) -> bool {
        within(&self.ingests, ingest)
    }

    /// Whether the document with this number no longer counts: its import was undone, its text was
    /// replaced, or it was erased.
    pub(in crate::workspace) fn is_absent(&self, number: i64) -> bool {
        self.gone.iter().any(|(first, end)| (*first..*end).contains(&number))
            || self.successors.contains_key(&number)
            || self.forgotten.contains(&number)
    }

    /// Whether any document is absent ([`Self::is_absent`]).
    pub(in crate::workspace) fn any_absent(&self) -> bool {
        !(self.gone.is_empty() && self.successors.is_empty() && self.forgotten.is_empty())
    }

    /// Whether any document was erased.
    pub(in crate::workspace) fn any_forgotten(&self) -> bool {
        !self.forgotten.is_empty()
    }

    /// Whether the document with this number replaced a test document or a control item, so that it
    /// never was in the pool.
    pub(in crate::workspace) fn came_held_out(&self, number: i64) -> bool {
        self.held_out.contains(&number)
    }

    /// Whether there is any replaced text whose answers count as answers to the new text.
    pub(in crate::workspace) fn keeps_answers(&self) -> bool {
        self.successors.values().any(|(_, keeps)| *keeps)
    }

    /// Returns, for each replaced document:
    ///
    /// 1. its number;
    /// 2. the number of the document that has replaced it, after any further replacements;
    /// 3. whether its answers count as answers to that document.
    pub(in crate::workspace) fn replaced(&self) -> impl Iterator<Item = (i64, i64, bool)> {
        self.successors.iter().map(|(old, (new, keeps))| {
            let (mut last, mut all_keep) = (*new, *keeps);
            while let Some((next, keeps)) = self.successors.get(&last) {
                (last, all_keep) = (*next, all_keep && *keeps);
            }
            (*old, last, all_keep)
        })
    }

    /// Returns a map from each replacing document's number to the number of the document that it
    /// replaced.
    pub(in crate::workspace) fn predecessors(&self) -> BTreeMap<i64, i64> {
        self.successors.iter().map(|(old, (new, _))| (*new, *old)).collect()
    }

    /// Returns the numbers of the documents whose replacements have numbers from `first` up to, but
    /// not including, `end`.
    pub(in crate::workspace) fn replaced_by(&self, (first, end): (i64, i64)) -> Vec<i64> {
        let old = self.successors.iter().filter(|(_, (new, _))| (first..end).contains(new));
        old.map(|(old, _)| *old).collect()
    }
}

/// Whether `number` is in one of the spans, each given by its first and its last number.
fn within(spans: &[(i64, i64)], number: i64) -> bool {
    spans.iter().any(|(first, last)| (*first..=*last).contains(&number))
}

/// Groups pairs (old number, new number) into runs. A pair continues the run before it if both its
/// numbers are one larger than the numbers of the previous pair.
pub(in crate::workspace) fn runs(pairs: &[(i64, i64)]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (old, new) in pairs {
        match runs.last_mut() {
            Some((first, from, n)) if *first + *n == *old && *from + *n == *new => *n += 1,
            _ => runs.push((*old, *new, 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undone(import: i64, documents: (i64, i64)) -> Fact {
        Fact::ImportUndone { import, last: import, documents, labels: 0 }
    }

    #[test]
    fn taking_an_update_back_brings_the_old_text_back() {
        let mut documents = Documents::default();
        let update = |pairs: &[(i64, i64)], keep_answers| Fact::Updated {
            documents: runs(pairs),
            held_out: Vec::new(),
            keep_answers,
        };
        documents.take(&update(&[(1, 11), (2, 12), (7, 13)], true));
        documents.take(&update(&[(12, 14)], false));
        let replaced: Vec<_> = documents.replaced().collect();
        assert_eq!(replaced, [(1, 11, true), (2, 14, false), (7, 13, true), (12, 14, false)]);
        assert!([1, 2, 7, 12].into_iter().all(|number| documents.is_absent(number)));
        assert_eq!(documents.replaced_by((14, 15)), [12]);
        documents.take(&undone(3, (14, 15)));
        assert!(documents.is_absent(14) && !documents.is_absent(12) && documents.is_absent(2));
        assert!(documents.has_no_import(3) && !documents.has_no_import(2));
    }

    #[test]
    fn consecutive_numbers_make_one_run() {
        assert_eq!(runs(&[(1, 5), (2, 6), (4, 7), (9, 8), (10, 9)]), [(1, 5, 2), (4, 7, 1), (9, 8, 2)]);
    }
}
