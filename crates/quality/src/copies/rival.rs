//! Checks whether a pair is suspected only because of another pair that agrees even more.
//!
//! If two people give one answer and two others another, either pair may be the copies, and the
//! item's label follows the pair that agrees more often. Copies make each other look reliable, and
//! then two experts look unusual together. So a suspected pair may have rivals: two others who
//! agree at least as often. Then the suspected pair is flagged only if it would be flagged without
//! the rivals' answers too.

use super::Given;

/// The number of equal answers of each pair of annotators.
pub(super) struct Agreements {
    annotators: usize,
    /// For each pair, the smaller index first: the shared items, and the items on which they agree.
    counts: Vec<(u32, u32)>,
}

impl Agreements {
    /// Counts the shared items and the equal answers of each pair, over the answers to each item.
    pub(super) fn of<'a>(items: impl Iterator<Item = &'a [Given]>, annotators: usize) -> Self {
        let mut counts = vec![(0, 0); annotators * annotators];
        for given in items {
            for (place, a) in given.iter().enumerate() {
                for b in &given[place + 1..] {
                    let (shared, same) = &mut counts[a.who.min(b.who) * annotators + a.who.max(b.who)];
                    *shared += 1;
                    *same += u32::from(a.label == b.label);
                }
            }
        }
        Self { annotators, counts }
    }

    /// Returns the share of equal answers by the annotators a and b among the items that both
    /// answered; a must be below b. Two pseudo-items, one with equal answers, draw the share
    /// towards 1/2.
    fn share(&self, (a, b): (usize, usize)) -> f64 {
        let (shared, same) = self.counts[a * self.annotators + b];
        f64::from(same + 1) / f64::from(shared + 2)
    }

    /// Returns the two other annotators who agree most, if they agree at least as much as a and b
    /// do; else `None`.
    pub(super) fn rivals(&self, (a, b): (usize, usize)) -> Option<(usize, usize)> {
        let others = || (0..self.annotators).filter(move |who| ![a, b].contains(who));
        let pairs = others().flat_map(|c| others().filter(move |d| *d > c).map(move |d| (c, d)));
        let closer = pairs.filter(|pair| self.share(*pair) >= self.share((a, b)));
        // If several pairs agree equally, take the first by index, so that the order of answers
        // does not matter.
        closer.max_by(|x, y| self.share(*x).total_cmp(&self.share(*y)).then(y.cmp(x)))
    }
}

#[cfg(test)]
mod tests {
    use querist_core::Class;

    use super::*;

    #[test]
    fn rivals_agree_at_least_as_much() {
        let of = |labels: [u16; 5]| -> Vec<Given> {
            let given = labels.into_iter().enumerate();
            given.map(|(who, label)| Given { who, label: Class(label), beside: None }).collect()
        };
        // Annotators 0 and 1 agree on three of four items, 2 and 3 on all items, and 4 agrees with
        // nobody.
        let items = [of([0, 0, 1, 1, 2]), of([0, 0, 1, 1, 2]), of([0, 0, 1, 1, 2]), of([0, 1, 3, 3, 2])];
        let agreements = Agreements::of(items.iter().map(Vec::as_slice), 5);
        assert!((agreements.share((0, 1)) - 4.0 / 6.0).abs() < 1e-12);
        assert_eq!(agreements.rivals((0, 1)), Some((2, 3)));
        assert_eq!(agreements.rivals((2, 3)), None);
        // If several pairs agree equally, the first is returned. A pair that agrees as much as the
        // suspected pair is a rival too.
        assert_eq!(agreements.rivals((2, 4)), Some((0, 1)));
        assert_eq!(Agreements::of(items[..3].iter().map(Vec::as_slice), 5).rivals((0, 1)), Some((2, 3)));
    }
}
