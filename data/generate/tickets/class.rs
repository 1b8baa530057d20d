//! Classes: what a class's tickets can say, and how often.
//!
//! Each class is a set of intents (its sub-topics) of skewed frequency; an intent is a set of
//! sentences, the first ones more frequent. Two lists have nothing to do with intents: remarks (how
//! a ticket of *another* class mentions this one in passing) and hints (how a ticket of this class
//! says hardly anything).

use super::{account, billing, feature, fraud, shipping, technical};

/// A sub-topic of a class.
pub(crate) struct Intent {
    /// Relative frequency within the class.
    pub(crate) weight: usize,
    /// Sentences that state the problem.
    pub(crate) statements: &'static [&'static str],
    /// Sentences that may follow.
    pub(crate) details: &'static [&'static str],
}

/// Everything that tickets of a class are made of.
pub(crate) struct Class {
    /// The label.
    pub(crate) label: &'static str,
    /// Share among all tickets, of 1,000.
    pub(crate) share: usize,
    /// Tickets of the seed file and of the control file.
    pub(crate) n_seed: usize,
    /// See [`Class::n_seed`].
    pub(crate) n_control: usize,
    /// How often another class's ticket mentions this one, relative to the other classes.
    pub(crate) remark_weight: usize,
    /// The sub-topics.
    pub(crate) intents: &'static [Intent],
    /// Mentions in passing.
    pub(crate) remarks: &'static [&'static str],
    /// Openings that name the subject, as customers see it.
    pub(crate) topics: &'static [&'static str],
    /// Asks and complaints that fit this class above all.
    pub(crate) asks: &'static [&'static str],
    /// Vague statements that still lean towards this class.
    pub(crate) hints: &'static [&'static str],
}

/// The classes, in label order.
pub(crate) const CLASSES: [Class; 6] =
    [technical::CLASS, billing::CLASS, account::CLASS, shipping::CLASS, feature::CLASS, fraud::CLASS];

/// How many of `n` tickets belong to each class, by the classes' shares; largest remainder, sums to
/// n.
pub(crate) fn apportion(n: usize) -> [usize; 6] {
    let mut counts = CLASSES.map(|class| n * class.share / 1000);
    let mut order = [0, 1, 2, 3, 4, 5];
    order.sort_by_key(|&class| (std::cmp::Reverse(n * CLASSES[class].share % 1000), class));
    let missing = n - counts.iter().sum::<usize>();
    for &class in &order[..missing] {
        counts[class] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_1000() {
        assert_eq!(CLASSES.iter().map(|class| class.share).sum::<usize>(), 1000);
    }

    #[test]
    fn apportioning_keeps_the_sum() {
        assert_eq!(apportion(1000), [340, 240, 180, 140, 84, 16]);
        assert_eq!(apportion(100), [34, 24, 18, 14, 8, 2]);
        assert_eq!(apportion(1), [1, 0, 0, 0, 0, 0]);
    }
}
