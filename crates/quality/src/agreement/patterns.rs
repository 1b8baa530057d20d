//! The answers of every item as counts of classes, equal counts held once: what resampling and
//! every coefficient need.
//!
//! Agreement does not ask who answered, only how often each class was chosen of an item. Items with
//! the same counts are interchangeable, and there are few different ones (10 answers of 5 classes:
//! at most 1,001), so a resample of a million items is a count for each pattern. Patterns are in
//! the order of their counts, so nothing depends on the order or the names of items and annotators.
//! Room: the classes that occur, whatever K.

use std::collections::BTreeMap;

use querist_core::{AnnotationSet, Class};

use crate::error::{QualityError, checked_index};

/// Counts of classes, and how many items have exactly these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerPatterns {
    n_classes: usize,
    /// (class, number of answers) in label order, of all patterns one after the other; no number
    /// is 0.
    cells: Vec<(Class, u32)>,
    /// `cells[starts[p]..starts[p + 1]]` are those of pattern p.
    starts: Vec<usize>,
    /// The number of answers of an item, by pattern: at least 1.
    sizes: Vec<usize>,
    /// The number of items, by pattern: at least 1.
    items: Vec<u32>,
}

impl AnswerPatterns {
    /// The patterns of a set's items. Time is that of sorting the answers of each item.
    ///
    /// # Errors
    /// A class that is not below the set's number of classes.
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

    /// The patterns of a table of counts, (items, K). Items without any answer are left out.
    ///
    /// # Errors
    /// A row with other than `n_classes` counts.
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

    /// How many different patterns there are.
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// How many classes there are: K.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// The classes that the items of a pattern have, with the number of answers, in label order.
    pub fn cells(&self, pattern: usize) -> &[(Class, u32)] {
        &self.cells[self.starts[pattern]..self.starts[pattern + 1]]
    }

    /// The number of answers of each item of a pattern, at least 1.
    pub fn size(&self, pattern: usize) -> usize {
        self.sizes[pattern]
    }

    /// How many items each pattern has, in the order of the patterns.
    pub fn items(&self) -> &[u32] {
        &self.items
    }

    /// How often each class was chosen in all: (K).
    pub fn answers_of_classes(&self) -> Vec<usize> {
        let mut answers = vec![0; self.n_classes];
        for pattern in 0..self.len() {
            for (class, count) in self.cells(pattern) {
                answers[class.index()] += *count as usize * self.items[pattern] as usize;
            }
        }
        answers
    }

    /// The number of answers that most items have, of those with at least two; the smallest of
    /// several. `None` where no item has two.
    pub fn commonest_size(&self) -> Option<usize> {
        let mut items: BTreeMap<usize, u64> = BTreeMap::new();
        for (size, count) in self.sizes.iter().zip(&self.items).filter(|(size, _)| **size >= 2) {
            *items.entry(*size).or_default() += u64::from(*count);
        }
        let most = items.values().copied().max()?;
        items.into_iter().find(|(_, count)| *count == most).map(|(size, _)| size)
    }

    /// How often each pattern occurs, as the statistics take it.
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
