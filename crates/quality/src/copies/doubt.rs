//! Decides whether two annotators or all others are wrong on the items on which the two stand
//! alone. The two stand alone on an item if they give the same answer against the label of the
//! others.
//!
//! Two copies, and also two experts among people who err often, give the same answer against
//! everybody else. They can only be distinguished if the others are reliable, or if labels are
//! known. If the two are wrong, the items on which they stand alone are like the other items: the
//! label has as much support among the others there as elsewhere.

use super::MIN_SAME;

/// The others are reliable if their share of usual answers, corrected for guessing, is at least
/// this.
const RELIABLE: f64 = 0.36;

/// A number of answers, and the number of them that are of some kind.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Share {
    some: usize,
    all: usize,
}

impl Share {
    /// Adds `all` answers, of which `some` are of the kind.
    pub(super) fn add(&mut self, some: usize, all: usize) {
        self.some += some;
        self.all += all;
    }

    /// Returns the share of answers of the kind. One pseudo-answer, half of it of the kind, keeps
    /// the share between 0 and 1.
    fn value(self) -> f64 {
        (self.some as f64 + 0.5) / (self.all as f64 + 1.0)
    }

    /// Returns whether this share of usual answers, with `k` classes, is high enough to trust the
    /// labels that follow from the answers.
    pub(super) fn reliable(self, k: usize) -> bool {
        let guess = 1.0 / k.max(2) as f64;
        (self.value() - guess) / (1.0 - guess) >= RELIABLE
    }
}

impl Extend<bool> for Share {
    fn extend<T: IntoIterator<Item = bool>>(&mut self, iter: T) {
        iter.into_iter().for_each(|is| self.add(usize::from(is), 1));
    }
}

/// Counts of the answers of all annotators except two.
#[derive(Debug, Clone, Default)]
pub(super) struct Alone {
    /// The share of these answers that are usual.
    pub(super) usual: Share,
    /// Of the answers to items on which the two agree, the share that agree with the two.
    pub(super) with: Share,
    /// Of the answers to items on which the two do not stand alone, the share that agree with the
    /// label.
    pub(super) elsewhere: Share,
    /// For each item without a known label on which the two stand alone: the number of others whose
    /// answer is the label, and the number of all others.
    pub(super) backing: Vec<(usize, usize)>,
    /// The number of items with a known label on which the two stand alone.
    pub(super) known: usize,
}

impl Alone {
    /// Returns whether the two, rather than the others, are wrong on the items on which the two
    /// stand alone; `k` is the number of classes K.
    ///
    /// [`MIN_SAME`] shared unusual answers to items whose label is known are enough. Otherwise the
    /// others must be reliable: with their share r of usual answers, `(r - 1/K) / (1 - 1/K)` is at
    /// least [`RELIABLE`].
    ///
    /// In addition, two explanations are compared. On an item on which the two stand alone, v of m
    /// others give the label; v is binomial, given that it is a majority. If the two are wrong,
    /// each of the others gives the label with the probability c, as on other items. If the two are
    /// right, each of the others gives it by error, with the probability w. The estimate of w is
    /// the share of answers that differ from the two on the items on which the two agree. The
    /// likelihood ratio of c to w over all these items must be above 1.
    pub(super) fn wrong(&self, k: usize) -> bool {
        self.known >= MIN_SAME || (self.usual.reliable(k) && self.log_ratio() > 0.0)
    }

    /// Returns the logarithm of the likelihood ratio of c to w.
    fn log_ratio(&self) -> f64 {
        let (c, w) = (self.elsewhere.value(), 1.0 - self.with.value());
        self.backing.iter().map(|(v, m)| log_majority(*v, *m, c) - log_majority(*v, *m, w)).sum()
    }
}

/// Returns the log probability that v of m people give an answer that each gives with probability
/// p, given that more than half give it. A term that does not depend on p is left out. If v is at
/// most half of m, the smallest majority counts instead.
fn log_majority(v: usize, m: usize, p: f64) -> f64 {
    let least = m / 2 + 1;
    // The common factor p^m cancels, which leaves (p / (1 - p))^(v - m) of each term.
    let odds = (p / (1.0 - p)).ln();
    let (mut choose, mut all) = (1.0, 0.0);
    for v in 0..=m {
        if v >= least {
            all += choose * ((v as f64 - m as f64) * odds).exp();
        }
        choose *= (m - v) as f64 / (v as f64 + 1.0);
    }
    (v.max(least) as f64 - m as f64) * odds - all.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn majorities_by_hand() {
        // If each of three people gives the answer with probability 0.75, exactly two give it with
        // probability 27/64, and all three with the same probability. So each case is half of the
        // majorities. With probability 0.5, the cases have the probabilities 3/8 and 1/8.
        let share = |v: usize, p: f64| log_majority(v, 3, p).exp() * if v == 2 { 3.0 } else { 1.0 };
        assert!((share(2, 0.75) - 0.5).abs() < 1e-12 && (share(3, 0.75) - 0.5).abs() < 1e-12);
        assert!((share(2, 0.5) - 0.75).abs() < 1e-12 && (share(3, 0.5) - 0.25).abs() < 1e-12);
        // Less than a majority counts as the smallest majority.
        assert!((log_majority(1, 3, 0.6) - log_majority(2, 3, 0.6)).abs() < 1e-12);
        assert!(log_majority(150, 200, 0.7).is_finite());
    }

    fn crowd(backing: (usize, usize), usual: usize) -> Alone {
        Alone {
            usual: Share { some: usual, all: 100 },
            with: Share { some: 60, all: 100 },
            elsewhere: Share { some: 80, all: 100 },
            backing: vec![backing; 10],
            known: 0,
        }
    }

    #[test]
    fn split_items_and_unreliable_others_accuse_nobody() {
        assert!(crowd((8, 10), 80).wrong(2));
        assert!(!crowd((6, 10), 80).wrong(2));
        assert!(!crowd((8, 10), 60).wrong(2));
        // With five classes, a share of 60 % is far above guessing.
        assert!(crowd((8, 10), 60).wrong(5));
        assert!(Alone { known: 5, ..crowd((6, 10), 50) }.wrong(2));
    }
}
