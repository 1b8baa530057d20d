//! The answers to every item as counts of classes. Items with equal counts share one pattern.
//! Resampling and all coefficients work on these patterns.
//!
//! For agreement it does not matter who answered, only how many annotators chose each class for an
//! item. Items with the same counts are interchangeable, and there are few different patterns: for
//! 10 answers with 5 classes, at most 1,001. So a resample of even a million items is one number
//! for each pattern. Patterns are sorted by their counts, so nothing depends on the order or the
//! names of items and annotators. Memory depends on the classes that occur, not on the number of
//! classes K.

use std::collections::BTreeMap;

use querist_core::{AnnotationSet, Class};

use crate::error::{QualityError, checked_index};

/// The different patterns of answers in a set, with the number of items that have each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerPatterns {
    n_classes: usize,
    /// (class, number of answers with it) for all patterns in a row, in label order within each
    /// pattern. No number is 0.
    cells: Vec<(Class, u32)>,
    /// The cells of pattern p are `cells[starts[p]..starts[p + 1]]`.
    starts: Vec<usize>,
    /// For each pattern, the number of answers to an item with this pattern, at least 1.
    sizes: Vec<usize>,
    /// For each pattern, the number of items with it, at least 1.
    items: Vec<u32>,
}

impl AnswerPatterns {
    /// Counts the patterns of the items of a set. The time is the time to sort the answers to each
    /// item by class.
    ///
    /// # Errors
    /// An answer's class is not below the set's number of classes.
    pub fn of(annotations: &AnnotationSet) -> Result<Self, QualityError> {
        let n_classes = annotations.n_classes();
        let mut items: BTreeMap<Vec<(Class, u32)>, u32> = BTreeMap::new();
        let mut labels = Vec::new();
        for item in 0..annotations.items().len() {
            labels.clear();
            labels.extend(annotations.of_item(item).iter().map(|entry| entry.label));
            labels.sort_unstable();
            if let Some(last) = labels.last() {
                checked_index(*last, n_classes)?;
            }
            let counts = labels.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u32));
            *items.entry(counts.collect()).or_default() += 1;
        }
        Ok(Self::from_distinct(items, n_classes))
    }

    /// Counts the patterns of the items in a table, (items, K), whose entries are the numbers of
    /// answers with each class. Items without any answer are left out.
    ///
    /// # Errors
    /// A row does not have `n_classes` counts.
    #[cfg(test)]
    pub(crate) fn from_counts<R: AsRef<[u32]>>(
        rows: impl IntoIterator<Item = R>,
        n_classes: usize,
    ) -> Result<Self, QualityError> {
        let mut items: BTreeMap<Vec<(Class, u32)>, u32> = BTreeMap::new();
        for row in rows {
            let row = row.as_ref();
            if row.len() != n_classes {
                let (what, found) = ("a row of counts", row.len());
                return Err(QualityError::LengthMismatch { what, expected: n_classes, found });
            }
            let cells = row.iter().enumerate().filter(|(_, count)| **count > 0);
            let cells: Vec<_> = cells.map(|(class, count)| (Class::from_index(class), *count)).collect();
            if !cells.is_empty() {
                *items.entry(cells).or_default() += 1;
            }
        }
        Ok(Self::from_distinct(items, n_classes))
    }

    /// Stores the patterns of `distinct`, each with the number of items that have it.
    fn from_distinct(distinct: BTreeMap<Vec<(Class, u32)>, u32>, n_classes: usize) -> Self {
        let mut patterns =
            Self { n_classes, cells: Vec::new(), starts: vec![0], sizes: Vec::new(), items: Vec::new() };
        for (cells, items) in distinct {
            patterns.sizes.push(cells.iter().map(|(_, count)| *count as usize).sum());
            patterns.items.push(items);
            patterns.cells.extend(cells);
            patterns.starts.push(patterns.cells.len());
        }
        patterns
    }

    /// Returns the number of different patterns.
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Returns whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// Returns the number K of classes of the set.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Returns the classes that occur in a pattern, each with its number of answers, in label
    /// order.
    pub fn cells(&self, pattern: usize) -> &[(Class, u32)] {
        &self.cells[self.starts[pattern]..self.starts[pattern + 1]]
    }

    /// Returns the number of answers to each item with this pattern, at least 1.
    pub fn size(&self, pattern: usize) -> usize {
        self.sizes[pattern]
    }

    /// Returns the number of items with each pattern, in the order of the patterns.
    pub fn items(&self) -> &[u32] {
        &self.items
    }

    /// Returns the number of answers with each of the K classes, over all items.
    pub fn answers_of_classes(&self) -> Vec<usize> {
        let mut answers = vec![0; self.n_classes];
        for pattern in 0..self.len() {
            for (class, count) in self.cells(pattern) {
                answers[class.index()] += *count as usize * self.items[pattern] as usize;
            }
        }
        answers
    }

    /// Returns the most frequent number of answers among the items with at least two answers; of
    /// several equally frequent numbers, the smallest. `None` if no item has two answers.
    pub fn commonest_size(&self) -> Option<usize> {
        let mut items: BTreeMap<usize, u64> = BTreeMap::new();
        for (size, count) in self.sizes.iter().zip(&self.items).filter(|(size, _)| **size >= 2) {
            *items.entry(*size).or_default() += u64::from(*count);
        }
        let most = items.values().copied().max()?;
        items.into_iter().find(|(_, count)| *count == most).map(|(size, _)| size)
    }

    /// Returns the number of items with each pattern as floating-point numbers, the form that a
    /// statistic takes.
    pub(crate) fn times(&self) -> Vec<f64> {
        self.items.iter().map(|items| f64::from(*items)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_counts_are_one_pattern() {
        let triples = [
            ("1", "a", Class(2)),
            ("1", "b", Class(0)),
            ("2", "b", Class(2)),
            ("2", "c", Class(0)),
            ("3", "a", Class(2)),
        ];
        let patterns = AnswerPatterns::of(&AnnotationSet::new(triples, 3)).unwrap();
        assert_eq!(patterns.len(), 2);
        assert_eq!(patterns.cells(0), [(Class(0), 1), (Class(2), 1)]);
        assert_eq!(patterns.cells(1), [(Class(2), 1)]);
        assert_eq!((patterns.size(0), patterns.size(1), patterns.items()), (2, 1, [2, 1].as_slice()));
        assert_eq!(patterns.answers_of_classes(), [2, 0, 3]);
        assert_eq!(
            patterns,
            AnswerPatterns::from_counts([[1, 0, 1], [0, 0, 1], [0, 0, 0], [1, 0, 1]], 3).unwrap()
        );
    }

    #[test]
    fn the_commonest_size_needs_two_answers_and_is_the_smallest_of_several() {
        let commonest = |rows: &[[u32; 2]]| AnswerPatterns::from_counts(rows, 2).unwrap().commonest_size();
        assert_eq!(commonest(&[[1, 0], [1, 0], [0, 1]]), None);
        assert_eq!(commonest(&[[1, 0], [1, 0], [2, 1], [1, 1]]), Some(2));
        assert_eq!(commonest(&[[2, 1], [1, 2], [1, 1]]), Some(3));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let set = AnnotationSet::new([("i", "a", Class(2))], 2);
        let outside = QualityError::ClassOutOfRange { class: 2, n_classes: 2 };
        assert_eq!(AnswerPatterns::of(&set), Err(outside));
        let short = QualityError::LengthMismatch { what: "a row of counts", expected: 2, found: 1 };
        assert_eq!(AnswerPatterns::from_counts([[1]], 2), Err(short));
    }
}
