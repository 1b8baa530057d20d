//! A pass over all items on several threads, with the same bits on any number of threads.
//!
//! The items are divided into groups with about equally many answers. The number of groups depends
//! only on the set. Each group adds to its own accumulator, item by item, and the accumulators are
//! added in the order of the groups. So every sum is computed in one order, whichever thread
//! processes which group.

use std::ops::Range;

use querist_core::AnnotationSet;
use rayon::prelude::*;

/// The most groups: enough to keep a large machine busy, few enough to keep the accumulators small.
const MOST: usize = 32;
/// A group has at least about this many answers, unless there is only one group.
const LEAST_ANSWERS: usize = 1 << 15;

/// The groups of a set's items, each a range of item indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Groups(Vec<Range<usize>>);

impl Groups {
    /// Divides the items of a set into groups; `width` is the length of an accumulator. A group has
    /// at least about four answers for each number of its accumulator, so that clearing and adding
    /// accumulators takes little time compared with the pass.
    pub(crate) fn new(annotations: &AnnotationSet, width: usize) -> Self {
        let (items, answers) = (annotations.items().len(), annotations.entries().len());
        let affordable = answers / (4 * width.max(1));
        let count = (answers / LEAST_ANSWERS).min(affordable).clamp(1, MOST);
        let mut groups = Vec::with_capacity(count);
        let mut from = 0;
        for group in 1..=count {
            let wanted = answers * group / count;
            let mut to = from;
            while to < items && annotations.span(to).start < wanted {
                to += 1;
            }
            if to > from {
                groups.push(from..to);
            }
            from = to;
        }
        Self(groups)
    }

    /// Returns one copy of `zero` for each group.
    pub(crate) fn accumulators<A: Clone>(&self, zero: &A) -> Vec<A> {
        vec![zero.clone(); self.0.len()]
    }

    /// Calls `pass` for every group, in parallel. `pass` gets the range of the group's items, their
    /// rows of `table`, and the accumulator of the group. `table` has `columns` numbers for each
    /// item.
    pub(crate) fn each<A: Send>(
        &self,
        table: &mut [f64],
        columns: usize,
        accumulators: &mut [A],
        pass: impl Fn(Range<usize>, &mut [f64], &mut A) + Sync,
    ) {
        let mut rest = table;
        let mut tasks = Vec::with_capacity(self.0.len());
        for (group, accumulator) in self.0.iter().zip(accumulators) {
            let (rows, after) = rest.split_at_mut(group.len() * columns);
            tasks.push((group.clone(), rows, accumulator));
            rest = after;
        }
        tasks.into_par_iter().for_each(|(items, rows, accumulator)| pass(items, rows, accumulator));
    }
}

/// Adds `part` to `sum`, entry by entry.
pub(crate) fn add(sum: &mut [f64], part: &[f64]) {
    // Most rows have only a few classes. For a length that the compiler knows, it unrolls the loop.
    match sum.len() {
        2 => add_fixed::<2>(sum, part),
        3 => add_fixed::<3>(sum, part),
        4 => add_fixed::<4>(sum, part),
        5 => add_fixed::<5>(sum, part),
        _ => sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part),
    }
}

/// Adds `part` to `sum`, both of length N.
#[inline]
fn add_fixed<const N: usize>(sum: &mut [f64], part: &[f64]) {
    if let (Some(sum), Some(part)) = (sum.first_chunk_mut::<N>(), part.first_chunk::<N>()) {
        for at in 0..N {
            sum[at] += part[at];
        }
    }
}

#[cfg(test)]
mod tests {
    use querist_core::Class;

    use super::*;

    #[test]
    fn the_groups_are_all_items_in_order() {
        for answers in [0, 1, 5, LEAST_ANSWERS * 3 + 7] {
            let names: Vec<String> = (0..answers).map(|item| format!("{:06}", item / 2)).collect();
            let triples =
                names.iter().enumerate().map(|(at, item)| (item.as_str(), ["a", "b"][at % 2], Class(0)));
            let set = AnnotationSet::new(triples, 2);
            let Groups(groups) = Groups::new(&set, 10);
            let all: Vec<usize> = groups.iter().cloned().flatten().collect();
            assert_eq!(all, (0..set.items().len()).collect::<Vec<_>>());
            assert_eq!(groups.len(), (answers / LEAST_ANSWERS).max(usize::from(answers > 0)));
        }
    }

    #[test]
    fn wide_accumulators_make_few_groups() {
        let names: Vec<String> = (0..LEAST_ANSWERS * 4).map(|item| format!("{item:06}")).collect();
        let set = AnnotationSet::new(names.iter().map(|item| (item.as_str(), "a", Class(0))), 2);
        assert_eq!(Groups::new(&set, LEAST_ANSWERS).0.len(), 1);
        assert_eq!(Groups::new(&set, LEAST_ANSWERS / 2).0.len(), 2);
    }
}
