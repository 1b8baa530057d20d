//! On whose word a pair is accused.
//!
//! If two people say the same against two others, either pair may be the copies, and the label
//! follows the pair that agrees more. Copies make each other look reliable, and then experts stand
//! alone together. So a pair is accused on the word of a closer pair only if the others, without
//! this closer pair, accuse it too.

use super::Given;

/// How often each two annotators say the same.
pub(super) struct Agreements {
    annotators: usize,
    /// For each pair, the smaller index first: the shared items, and the items on which they agree.
    counts: Vec<(u32, u32)>,
}

impl Agreements {
    /// Counts the answers of items.
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

    /// The share of items on which a and b, the smaller index first, say the same. Two
    /// pseudo-items, one of them equal, draw it towards a half.
    fn share(&self, (a, b): (usize, usize)) -> f64 {
        let (shared, same) = self.counts[a * self.annotators + b];
        f64::from(same + 1) / f64::from(shared + 2)
    }

    /// The two others who agree most, if they agree at least as much as a and b do; else `None`.
    pub(super) fn rivals(&self, (a, b): (usize, usize)) -> Option<(usize, usize)> {
        let others = || (0..self.annotators).filter(move |who| ![a, b].contains(who));
        let pairs = others().flat_map(|c| others().filter(move |d| *d > c).map(move |d| (c, d)));
        let closer = pairs.filter(|pair| self.share(*pair) >= self.share((a, b)));
        // Of equal pairs the first, whatever the order of the answers.
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
        // 0 and 1 agree on three of four items, 2 and 3 on all, 4 with nobody.
        let items = [of([0, 0, 1, 1, 2]), of([0, 0, 1, 1, 2]), of([0, 0, 1, 1, 2]), of([0, 1, 3, 3, 2])];
        let agreements = Agreements::of(items.iter().map(Vec::as_slice), 5);
        assert!((agreements.share((0, 1)) - 4.0 / 6.0).abs() < 1e-12);
        assert_eq!(agreements.rivals((0, 1)), Some((2, 3)));
        assert_eq!(agreements.rivals((2, 3)), None);
        // Of equal pairs the first is returned, and an equal pair is a rival.
        assert_eq!(agreements.rivals((2, 4)), Some((0, 1)));
        assert_eq!(Agreements::of(items[..3].iter().map(Vec::as_slice), 5).rivals((0, 1)), Some((2, 3)));
    }
}
