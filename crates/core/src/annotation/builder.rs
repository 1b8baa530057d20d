//! Builds an [`AnnotationSet`] from a stream of answers. Each name is kept once; an answer takes
//! twelve bytes.
//!
//! Names get numbers in the order of arrival. At the end the names are sorted and everything is
//! renumbered, so the set does not depend on the order of the answers. There is one exception: if
//! an annotator answered an item several times, only the last answer is kept, and the number of
//! replaced answers is recorded. The order of the hash maps does not matter, because names taken
//! from them are sorted.

use std::collections::HashMap;

use super::{Annotation, AnnotationSet};
use crate::label::Class;

/// Collects answers, from which [`AnnotationSetBuilder::build`] builds the set.
#[derive(Debug, Default)]
pub struct AnnotationSetBuilder {
    items: Names,
    annotators: Names,
    answers: Vec<Annotation>,
}

impl AnnotationSetBuilder {
    /// Returns a builder without answers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an answer. If an annotator answers an item several times, the last answer counts.
    pub fn push(&mut self, item: &str, annotator: &str, label: Class) {
        let (item, annotator) = (self.items.number(item), self.annotators.number(annotator));
        self.answers.push(Annotation { item, annotator, label });
    }

    /// Returns the number of answers added, repeated ones included.
    pub fn len(&self) -> usize {
        self.answers.len()
    }

    /// Returns whether no answer was added.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    /// Replaces the class c of every answer added so far by `class_of[c]`. Callers use it if they
    /// number labels in the order of arrival and learn the final order only at the end. A class
    /// that is not below the length of `class_of` is unchanged.
    pub fn relabel(&mut self, class_of: &[Class]) {
        for answer in &mut self.answers {
            answer.label = class_of.get(answer.label.index()).copied().unwrap_or(answer.label);
        }
    }

    /// Builds the set from all answers added. It does not check that every class is below
    /// `n_classes`; users of the set must.
    pub fn build(self, n_classes: usize) -> AnnotationSet {
        let (items, item_of) = self.items.sorted();
        let (annotators, annotator_of) = self.annotators.sorted();
        let mut answers = self.answers;
        for answer in &mut answers {
            answer.item = item_of[answer.item as usize];
            answer.annotator = annotator_of[answer.annotator as usize];
        }
        of_places(answers, items, annotators, n_classes)
    }
}

/// Builds a set from answers whose item and annotator are indices into `items` and `annotators`,
/// which must be sorted.
pub(super) fn of_places(
    answers: Vec<Annotation>,
    items: Vec<String>,
    annotators: Vec<String>,
    n_classes: usize,
) -> AnnotationSet {
    let mut entries = by_item(answers, items.len());
    // The sort is stable: if an annotator answered an item twice, the later answer comes last.
    for of_item in entries.chunk_by_mut(|a, b| a.item == b.item) {
        of_item.sort_by_key(|entry| entry.annotator);
    }
    let pushed = entries.len();
    keep_last(&mut entries);
    entries.shrink_to_fit();
    let replaced = pushed - entries.len();
    let starts = run_starts(entries.iter().map(|entry| entry.item), items.len());
    let annotator_starts = run_starts(entries.iter().map(|entry| entry.annotator), annotators.len());
    let by_annotator = by_annotator(&entries, &annotator_starts);
    AnnotationSet { items, annotators, n_classes, entries, starts, by_annotator, annotator_starts, replaced }
}

/// Replaces each number by its rank, from 0, among the distinct numbers. Returns the distinct
/// numbers, ascending.
pub(super) fn renumber<'a>(numbers: impl Iterator<Item = &'a mut u32>) -> Vec<u32> {
    let numbers: Vec<&mut u32> = numbers.collect();
    let mut occurring: Vec<u32> = numbers.iter().map(|number| **number).collect();
    occurring.sort_unstable();
    occurring.dedup();
    let mut place_of = vec![0; occurring.last().map_or(0, |last| *last as usize + 1)];
    for (place, number) in occurring.iter().enumerate() {
        place_of[*number as usize] = place as u32;
    }
    for number in numbers {
        *number = place_of[*number as usize];
    }
    occurring
}

/// Names, each kept once, numbered in the order of arrival.
#[derive(Debug, Default)]
pub struct Names {
    numbers: HashMap<Box<str>, u32>,
    /// The last name that was looked up, and its number: files are mostly grouped by item or by
    /// annotator, so the next name is often the same.
    last: (String, u32),
}

impl Names {
    /// Returns the number of a name. A new name gets the next number, starting at 0.
    pub fn number(&mut self, name: &str) -> u32 {
        if !self.numbers.is_empty() && self.last.0 == name {
            return self.last.1;
        }
        // More than 2^32 names do not fit into any machine's memory.
        let next = self.numbers.len() as u32;
        let number = if let Some(number) = self.numbers.get(name) {
            *number
        } else {
            self.numbers.insert(name.into(), next);
            next
        };
        self.last.0.clear();
        self.last.0.push_str(name);
        self.last.1 = number;
        number
    }

    /// Returns the sorted names; also, for each number, the index of its name among them.
    pub fn sorted(self) -> (Vec<String>, Vec<u32>) {
        let mut names: Vec<(Box<str>, u32)> = self.numbers.into_iter().collect();
        names.sort_unstable();
        let mut place_of = vec![0; names.len()];
        for (place, (_, number)) in names.iter().enumerate() {
            place_of[*number as usize] = place as u32;
        }
        (names.into_iter().map(|(name, _)| String::from(name)).collect(), place_of)
    }
}

/// Returns the answers sorted by item, in a stable order, by a counting sort.
fn by_item(answers: Vec<Annotation>, n_items: usize) -> Vec<Annotation> {
    if answers.is_sorted_by_key(|answer| answer.item) {
        return answers;
    }
    let mut next = run_starts(answers.iter().map(|answer| answer.item), n_items);
    let mut sorted = vec![Annotation { item: 0, annotator: 0, label: Class(0) }; answers.len()];
    for answer in answers {
        let place = &mut next[answer.item as usize];
        sorted[*place] = answer;
        *place += 1;
    }
    sorted
}

/// Keeps only the last of successive answers with the same item and annotator.
fn keep_last(entries: &mut Vec<Annotation>) {
    let mut kept = 0;
    for at in 0..entries.len() {
        let entry = entries[at];
        let repeated = entries
            .get(at + 1)
            .is_some_and(|next| (next.item, next.annotator) == (entry.item, entry.annotator));
        if !repeated {
            entries[kept] = entry;
            kept += 1;
        }
    }
    entries.truncate(kept);
}

/// Counts how often each number below n occurs. Returns, for each of them, the index of its first
/// occurrence if the numbers were sorted, followed by the count of all numbers: n + 1 values.
fn run_starts(numbers: impl Iterator<Item = u32>, n: usize) -> Vec<usize> {
    let mut starts = vec![0; n + 1];
    for number in numbers {
        starts[number as usize + 1] += 1;
    }
    for number in 0..n {
        starts[number + 1] += starts[number];
    }
    starts
}

/// Returns the (item, label) of every answer, sorted by annotator and then by item. `entries` are
/// sorted by item, and `starts` has the start of each annotator's run.
fn by_annotator(entries: &[Annotation], starts: &[usize]) -> Vec<(u32, Class)> {
    let mut next = starts.to_vec();
    let mut sorted = vec![(0, Class(0)); entries.len()];
    for entry in entries {
        let place = &mut next[entry.annotator as usize];
        sorted[*place] = (entry.item, entry.label);
        *place += 1;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_set_is_that_of_an_ordered_map(answers in prop::collection::vec((0u8..12, 0u8..5, 0u16..3), 0..80)) {
            let mut builder = AnnotationSetBuilder::new();
            let mut map = BTreeMap::new();
            for (item, annotator, label) in &answers {
                builder.push(&format!("i{item}"), &format!("a{annotator}"), Class(*label));
                map.insert((format!("i{item}"), format!("a{annotator}")), Class(*label));
            }
            prop_assert_eq!(builder.len(), answers.len());
            let set = builder.build(3);
            prop_assert_eq!(set.replaced(), answers.len() - map.len());
            let named: Vec<_> = set.entries().iter().map(|entry| {
                let (item, annotator) = (entry.item as usize, entry.annotator as usize);
                ((set.items()[item].clone(), set.annotators()[annotator].clone()), entry.label)
            }).collect();
            prop_assert_eq!(named, map.into_iter().collect::<Vec<_>>());
            for item in 0..set.items().len() {
                prop_assert!(!set.of_item(item).is_empty());
                prop_assert!(set.of_item(item).iter().all(|entry| entry.item as usize == item));
            }
            for annotator in 0..set.annotators().len() {
                let scanned: Vec<_> = set.entries().iter().filter(|entry| entry.annotator as usize == annotator)
                    .map(|entry| (entry.item, entry.label)).collect();
                prop_assert_eq!(set.of_annotator(annotator).collect::<Vec<_>>(), scanned);
            }
        }
    }
}
