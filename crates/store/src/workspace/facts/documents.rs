//! What the facts say about documents and answers: undone imports and ingests, documents whose text
//! was replaced, and forgotten documents.

use std::collections::{BTreeMap, BTreeSet};

use super::Fact;

/// A run of documents whose text was replaced, with consecutive numbers: the first old number, the
/// first new number, the length.
pub type Run = (i64, i64, i64);

/// The fold of all facts about documents.
#[derive(Debug, Clone, Default)]
pub(in crate::workspace) struct Documents {
    /// The numbers of the first and the last import of each command that was undone.
    imports: Vec<(i64, i64)>,
    /// The numbers of the first and the last ingest of each command that was undone.
    ingests: Vec<(i64, i64)>,
    /// The numbers of documents that were removed with their import: the first, and one past the
    /// last.
    gone: Vec<(i64, i64)>,
    /// For each replaced document, the number of its successor, and whether answers to the old text
    /// count for the new one.
    successors: BTreeMap<i64, (i64, bool)>,
    /// Successors that were added as test documents or control items because their predecessor was
    /// one.
    held_out: BTreeSet<i64>,
    forgotten: BTreeSet<i64>,
}

impl Documents {
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

    /// Whether an import was undone.
    pub(in crate::workspace) fn has_no_import(&self, import: i64) -> bool {
        within(&self.imports, import)
    }

    /// Whether an ingest was undone.
    pub(in crate::workspace) fn has_no_ingest(&self, ingest: i64) -> bool {
        within(&self.ingests, ingest)
    }

    /// Whether no document has this number any more.
    pub(in crate::workspace) fn is_absent(&self, number: i64) -> bool {
        self.gone.iter().any(|(first, end)| (*first..*end).contains(&number))
            || self.successors.contains_key(&number)
            || self.forgotten.contains(&number)
    }

    /// Whether any document is absent.
    pub(in crate::workspace) fn any_absent(&self) -> bool {
        !(self.gone.is_empty() && self.successors.is_empty() && self.forgotten.is_empty())
    }

    /// Whether any document was forgotten.
    pub(in crate::workspace) fn any_forgotten(&self) -> bool {
        !self.forgotten.is_empty()
    }

    /// Whether a document was added as a test document or a control item because its predecessor
    /// was one.
    pub(in crate::workspace) fn came_held_out(&self, number: i64) -> bool {
        self.held_out.contains(&number)
    }

    /// Whether answers to any replaced text count for its successor.
    pub(in crate::workspace) fn keeps_answers(&self) -> bool {
        self.successors.values().any(|(_, keeps)| *keeps)
    }

    /// For each replaced document: its number, the number of the newest document in its place, and
    /// whether its answers count for that document.
    pub(in crate::workspace) fn replaced(&self) -> impl Iterator<Item = (i64, i64, bool)> {
        self.successors.iter().map(|(old, (new, keeps))| {
            let (mut last, mut all_keep) = (*new, *keeps);
            while let Some((next, keeps)) = self.successors.get(&last) {
                (last, all_keep) = (*next, all_keep && *keeps);
            }
            (*old, last, all_keep)
        })
    }

    /// The number of the document that each successor replaced, by the successor's number.
    pub(in crate::workspace) fn predecessors(&self) -> BTreeMap<i64, i64> {
        self.successors.iter().map(|(old, (new, _))| (*new, *old)).collect()
    }

    /// The numbers of the documents whose successors have numbers from `first` to before `end`.
    pub(in crate::workspace) fn replaced_by(&self, (first, end): (i64, i64)) -> Vec<i64> {
        let old = self.successors.iter().filter(|(_, (new, _))| (first..end).contains(new));
        old.map(|(old, _)| *old).collect()
    }
}

fn within(spans: &[(i64, i64)], number: i64) -> bool {
    spans.iter().any(|(first, last)| (*first..=*last).contains(&number))
}

/// Groups pairs of an old and a new number into runs, in the given order.
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
