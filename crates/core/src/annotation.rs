//! Annotations: the vocabulary (item, annotator, label) of every quality measure.
//!
//! An annotation is one annotator's answer to one item. What is made of them is [`crate::aggregation`].

mod builder;

use std::ops::Range;

pub use builder::AnnotationSetBuilder;

use crate::label::Class;

/// One annotator's answer to one item, as indices into the [`AnnotationSet`] that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Annotation {
    /// The item's index.
    pub item: u32,
    /// The annotator's index.
    pub annotator: u32,
    /// The answer.
    pub label: Class,
}

/// Answers of annotators to items, at most one for each pair. Skips are not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotationSet {
    items: Vec<String>,
    annotators: Vec<String>,
    n_classes: usize,
    /// Sorted by (item, annotator).
    entries: Vec<Annotation>,
    /// `entries[starts[i]..starts[i + 1]]` are item i's.
    starts: Vec<usize>,
    /// (item, label), sorted by (annotator, item).
    by_annotator: Vec<(u32, Class)>,
    /// `by_annotator[annotator_starts[a]..annotator_starts[a + 1]]` are annotator a's.
    annotator_starts: Vec<usize>,
    replaced: usize,
}

impl AnnotationSet {
    /// Builds a set from (item, annotator, label) triples. Items and annotators are numbered in the order of their
    /// names, so the order of the triples does not matter; of several answers to one pair the last one counts.
    pub fn new<'a>(triples: impl IntoIterator<Item = (&'a str, &'a str, Class)>, n_classes: usize) -> Self {
        let mut builder = AnnotationSetBuilder::new();
        for (item, annotator, label) in triples {
            builder.push(item, annotator, label);
        }
        builder.build(n_classes)
    }

    /// The items' names, sorted; an item's index is its place here.
    pub fn items(&self) -> &[String] {
        &self.items
    }

    /// The annotators' names, sorted; an annotator's index is their place here.
    pub fn annotators(&self) -> &[String] {
        &self.annotators
    }

    /// How many classes there are: K.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// All annotations, sorted by (item, annotator).
    pub fn entries(&self) -> &[Annotation] {
        &self.entries
    }

    /// The annotations of one item, sorted by annotator.
    pub fn of_item(&self, item: usize) -> &[Annotation] {
        &self.entries[self.starts[item]..self.starts[item + 1]]
    }

    /// Where in [`AnnotationSet::entries`] those of one item are.
    pub fn span(&self, item: usize) -> Range<usize> {
        self.starts[item]..self.starts[item + 1]
    }

    /// The answers of one annotator, as (item, label), sorted by item.
    pub fn of_annotator(&self, annotator: usize) -> impl Iterator<Item = (u32, Class)> + '_ {
        let span = self.annotator_starts[annotator]..self.annotator_starts[annotator + 1];
        self.by_annotator[span].iter().copied()
    }

    /// How many answers a later one to the same pair replaced.
    pub fn replaced(&self) -> usize {
        self.replaced
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbering_does_not_depend_on_the_order_of_the_triples() {
        let triples = [("b", "y", Class(1)), ("a", "y", Class(0)), ("b", "x", Class(1))];
        let forward = AnnotationSet::new(triples, 2);
        let backward = AnnotationSet::new(triples.into_iter().rev(), 2);
        assert_eq!(forward, backward);
        assert_eq!(forward.items(), ["a", "b"]);
        assert_eq!(forward.annotators(), ["x", "y"]);
        assert_eq!(forward.of_item(1).len(), 2);
        assert_eq!(forward.of_annotator(1).collect::<Vec<_>>(), [(0, Class(0)), (1, Class(1))]);
    }

    #[test]
    fn the_last_answer_of_a_pair_counts() {
        let set = AnnotationSet::new([("a", "x", Class(0)), ("a", "x", Class(1))], 2);
        assert_eq!(set.entries(), [Annotation { item: 0, annotator: 0, label: Class(1) }]);
        assert_eq!(set.replaced(), 1);
    }
}
