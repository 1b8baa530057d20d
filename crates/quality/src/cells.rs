//! Numbers the pairs (annotator, label that the annotator gave) that occur in a set. These pairs
//! are called cells; models with parameters for each label store one entry for each cell.
//!
//! With A annotators and K classes, a model with a number for each annotator, label and true class
//! would need A K² numbers. But a likelihood depends only on labels that an annotator gave. So it
//! needs only K numbers for each cell, and there are at most as many cells as answers.

use std::ops::Range;

use querist_core::{AnnotationSet, Class};

/// A table of all pairs of annotator and label is used if it has at most this many entries for each
/// answer.
const DENSEST: usize = 4;

/// The cells of a set, numbered by annotator and then by label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cells {
    /// The label of each cell.
    labels: Vec<Class>,
    /// The labels of annotator a are `labels[starts[a]..starts[a + 1]]`, ascending.
    starts: Vec<usize>,
    /// The cell of each of the set's entries.
    of_entry: Vec<u32>,
}

impl Cells {
    /// Numbers the cells of a set.
    pub(crate) fn new(annotations: &AnnotationSet) -> Self {
        let (k, entries) = (annotations.n_classes(), annotations.entries());
        let n_annotators = annotations.annotators().len();
        // If most pairs occur, a table of all pairs is fastest.
        if n_annotators.saturating_mul(k) <= DENSEST * entries.len() {
            Self::dense(annotations, n_annotators, k)
        } else {
            Self::sparse(annotations, n_annotators, k)
        }
    }

    /// Numbers the cells through a table of all pairs of annotator and label.
    fn dense(annotations: &AnnotationSet, n_annotators: usize, k: usize) -> Self {
        let entries = annotations.entries();
        // The table first holds 1 for each pair that occurs, and later the number of the pair's
        // cell.
        let mut table = vec![0_u32; n_annotators * k];
        for entry in entries {
            table[entry.annotator as usize * k + entry.label.index()] = 1;
        }
        let (mut labels, mut starts) = (Vec::new(), vec![0]);
        for row in table.chunks_exact_mut(k.max(1)) {
            for (label, cell) in row.iter_mut().enumerate().filter(|(_, cell)| **cell == 1) {
                *cell = labels.len() as u32;
                labels.push(Class::from_index(label));
            }
            starts.push(labels.len());
        }
        let of_entry = entries.iter().map(|entry| table[entry.annotator as usize * k + entry.label.index()]);
        Self { of_entry: of_entry.collect(), labels, starts }
    }

    /// Numbers the cells without a table of all pairs.
    fn sparse(annotations: &AnnotationSet, n_annotators: usize, k: usize) -> Self {
        let (mut labels, mut starts) = (Vec::new(), vec![0]);
        // Whether the current annotator gave each label.
        let mut given = vec![false; k];
        for annotator in 0..n_annotators {
            for (_, label) in annotations.of_annotator(annotator) {
                given[label.index()] = true;
            }
            for (label, given) in given.iter_mut().enumerate() {
                if std::mem::take(given) {
                    labels.push(Class::from_index(label));
                }
            }
            starts.push(labels.len());
        }
        let of_entry = annotations.entries().iter().map(|entry| {
            let from = starts[entry.annotator as usize];
            let of_annotator = &labels[from..starts[entry.annotator as usize + 1]];
            (from + of_annotator.partition_point(|label| *label < entry.label)) as u32
        });
        Self { of_entry: of_entry.collect(), labels, starts }
    }

    /// Returns the number of cells.
    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    /// Returns the range of the numbers of an annotator's cells.
    pub(crate) fn of_annotator(&self, annotator: usize) -> Range<usize> {
        self.starts[annotator]..self.starts[annotator + 1]
    }

    /// Returns the label of a cell, as an index.
    pub(crate) fn label(&self, cell: usize) -> usize {
        self.labels[cell].index()
    }

    /// Returns the number of the cell of each answer in a range of the set's entries.
    pub(crate) fn of_entries(&self, entries: Range<usize>) -> &[u32] {
        &self.of_entry[entries]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_all_pairs_changes_nothing() {
        let names: Vec<String> = (0..300).map(|at| format!("{:03}", at / 4)).collect();
        let triples = names.iter().enumerate().filter(|(at, _)| at % 7 != 3).map(|(at, item)| {
            (item.as_str(), ["a", "b", "c", "d"][at % 4], Class::from_index(at * 7 % 5 * (at % 4) / 3))
        });
        let set = AnnotationSet::new(triples, 6);
        assert_eq!(Cells::dense(&set, 4, 6), Cells::sparse(&set, 4, 6));
        assert!(Cells::new(&set).len() < 24);
        let none = AnnotationSet::new(std::iter::empty::<(&str, &str, Class)>(), 6);
        assert_eq!(Cells::dense(&none, 0, 6), Cells::sparse(&none, 0, 6));
    }

    #[test]
    fn numbered_by_annotator_and_label() {
        let (a, b) = ("a", "b");
        let triples = [("1", a, Class(2)), ("2", a, Class(0)), ("3", a, Class(2)), ("1", b, Class(1))];
        let cells = Cells::new(&AnnotationSet::new(triples, 3));
        assert_eq!(cells.len(), 3);
        assert_eq!((cells.of_annotator(0), cells.of_annotator(1)), (0..2, 2..3));
        assert_eq!((0..3).map(|cell| cells.label(cell)).collect::<Vec<_>>(), [0, 2, 1]);
        // Entries are sorted by item and then by annotator: 1a, 1b, 2a, 3a.
        assert_eq!(cells.of_entries(0..4), [1, 2, 0, 1]);
    }
}
