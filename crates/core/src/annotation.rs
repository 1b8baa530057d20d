//! Annotations: the triples (item, annotator, label) from which every quality measure is computed.
//!
//! An annotation is one annotator's answer to one item. [`crate::aggregation`] turns annotations
//! into labels.

mod builder;

use std::ops::Range;

pub use builder::{AnnotationSetBuilder, Names};
use builder::{of_places, renumber};

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

/// The answers of annotators to items, at most one for each item and annotator. Skipped items are
/// not included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotationSet {
    items: Vec<String>,
    annotators: Vec<String>,
    n_classes: usize,
    /// The answers, sorted by (item, annotator).
    entries: Vec<Annotation>,
    /// The entries of item i are `entries[starts[i]..starts[i + 1]]`.
    starts: Vec<usize>,
    /// The (item, label) of each answer, sorted by (annotator, item).
    by_annotator: Vec<(u32, Class)>,
    /// The entries of annotator a are `by_annotator[annotator_starts[a]..annotator_starts[a + 1]]`.
    annotator_starts: Vec<usize>,
    /// The number of answers that were replaced by a later answer of the same annotator to the same
    /// item.
    replaced: usize,
}

/// A set, and the number that each of its items and annotators had before the set renumbered them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// The set.
    pub set: AnnotationSet,
    /// The former number of each item of the set, ascending.
    pub items: Vec<u32>,
    /// The former number of each annotator of the set, ascending.
    pub annotators: Vec<u32>,
}

impl AnnotationSet {
    /// Builds a set from (item, annotator, label) triples. Items and annotators are numbered in the
    /// order of their names, so the order of the triples does not matter. If an annotator answered
    /// an item several times, the last answer counts.
    pub fn new<'a>(triples: impl IntoIterator<Item = (&'a str, &'a str, Class)>, n_classes: usize) -> Self {
        let mut builder = AnnotationSetBuilder::new();
        for (item, annotator, label) in triples {
            builder.push(item, annotator, label);
        }
        builder.build(n_classes)
    }

    /// Builds a set from answers that name items and annotators by numbers. The numbers must ascend
    /// with the names; `item` and `annotator` return the name for a number. Items and annotators
    /// without an answer are left out, and the others are renumbered. If an annotator answered an
    /// item several times, the last answer counts.
    pub fn by_number(
        mut answers: Vec<Annotation>,
        item: impl Fn(u32) -> String,
        annotator: impl Fn(u32) -> String,
        n_classes: usize,
    ) -> Numbered {
        let items = renumber(answers.iter_mut().map(|answer| &mut answer.item));
        let annotators = renumber(answers.iter_mut().map(|answer| &mut answer.annotator));
        let item_names = items.iter().map(|number| item(*number)).collect();
        let annotator_names = annotators.iter().map(|number| annotator(*number)).collect();
        Numbered { set: of_places(answers, item_names, annotator_names, n_classes), items, annotators }
    }

    /// Returns the items' names, sorted. An item's index is its position in this list.
    pub fn items(&self) -> &[String] {
        &self.items
    }

    /// Returns the annotators' names, sorted. An annotator's index is the position in this list.
    pub fn annotators(&self) -> &[String] {
        &self.annotators
    }

    /// Returns the number of classes.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Returns all annotations, sorted by (item, annotator).
    pub fn entries(&self) -> &[Annotation] {
        &self.entries
    }

    /// Returns the annotations of one item, sorted by annotator. `item` must be an index into
    /// [`Self::items`].
    pub fn of_item(&self, item: usize) -> &[Annotation] {
        &self.entries[self.starts[item]..self.starts[item + 1]]
    }

    /// Returns the range of one item's annotations in [`AnnotationSet::entries`]. `item` must be an
    /// index into [`Self::items`].
    pub fn span(&self, item: usize) -> Range<usize> {
        self.starts[item]..self.starts[item + 1]
    }

    /// Returns the answers of one annotator, as (item, label), sorted by item. `annotator` must be
    /// an index into [`Self::annotators`].
    pub fn of_annotator(&self, annotator: usize) -> impl Iterator<Item = (u32, Class)> + '_ {
        let span = self.annotator_starts[annotator]..self.annotator_starts[annotator + 1];
        self.by_annotator[span].iter().copied()
    }

    /// Returns the number of answers that were replaced by a later answer of the same annotator to
    /// the same item.
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
    fn a_set_by_number_is_the_set_by_name() {
        let (items, annotators) = (["a", "b", "c", "d"], ["w", "x", "y"]);
        let numbers = [(3, 2, 1), (1, 2, 0), (1, 0, 1), (3, 0, 0), (1, 2, 1)];
        let triples = numbers.map(|(item, who, label): (u32, u32, u16)| {
            (items[item as usize], annotators[who as usize], Class(label))
        });
        let answers = numbers
            .map(|(item, annotator, label)| Annotation { item, annotator, label: Class(label) })
            .to_vec();
        let name = |names: &'static [&'static str]| move |number: u32| names[number as usize].to_owned();
        let (item, annotator) = (name(&["a", "b", "c", "d"]), name(&["w", "x", "y"]));
        let found = AnnotationSet::by_number(answers, item, annotator, 2);
        assert_eq!(found.set, AnnotationSet::new(triples, 2));
        // Nobody answered a and c, and x answered nothing.
        assert_eq!((found.items, found.annotators), (vec![1, 3], vec![0, 2]));
    }

    #[test]
    fn the_last_answer_of_a_pair_counts() {
        let set = AnnotationSet::new([("a", "x", Class(0)), ("a", "x", Class(1))], 2);
        assert_eq!(set.entries(), [Annotation { item: 0, annotator: 0, label: Class(1) }]);
        assert_eq!(set.replaced(), 1);
    }
}
