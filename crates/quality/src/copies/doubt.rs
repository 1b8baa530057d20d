//! Whether two who stand alone together are wrong there, or the others are.
//!
//! Two copies and two experts among people who err often both say the same against everybody else.
//! Three things tell them apart:
//!
//! - with [`MIN_SAME`] shared unusual answers to items whose label is known, they are wrong;
//! - the others must be **reliable**: the share r of their answers that is usual, beyond guessing,
//!   `(r - 1/K) / (1 - 1/K)`, is at least [`RELIABLE`];
//! - if the two are wrong, the items on which they stand alone are **like the others**: as many of
//!   the m others back the label as elsewhere, a share c. If the two are right, the others are
//!   wrong there by chance: each with the probability w of not saying what the two say where these
//!   agree. The number v that back the label is binomial either way, given that it is a majority,
//!   and the ratio of the likelihoods of c and w over these items must be above 1.

use super::MIN_SAME;

/// How far beyond guessing the others' answers must be usual.
const RELIABLE: f64 = 0.36;

/// Of so many answers some are of a kind.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Share {
    some: usize,
    all: usize,
}

impl Share {
    pub(super) fn add(&mut self, some: usize, all: usize) {
        self.some += some;
        self.all += all;
    }

    /// The share, drawn to a half by one answer, so that it is neither 0 nor 1.
    fn value(self) -> f64 {
        (self.some as f64 + 0.5) / (self.all as f64 + 1.0)
    }

    /// Whether so many answers are usual that the label holds against somebody; `k` classes.
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

/// What everybody but two says.
#[derive(Debug, Clone, Default)]
pub(super) struct Alone {
    /// Answers that are usual.
    pub(super) usual: Share,
    /// Answers that are what the two say, where these agree.
    pub(super) with: Share,
    /// Answers that back the label where the two do not stand alone.
    pub(super) elsewhere: Share,
    /// Each item without a known label on which they do: how many back its label, and of how many.
    pub(super) backing: Vec<(usize, usize)>,
    /// How many items with a known label they stand alone on.
    pub(super) known: usize,
}

impl Alone {
    /// Whether it is the two who are wrong.
    pub(super) fn wrong(&self, k: usize) -> bool {
        self.known >= MIN_SAME || (self.usual.reliable(k) && self.log_ratio() > 0.0)
    }

    fn log_ratio(&self) -> f64 {
        let (c, w) = (self.elsewhere.value(), 1.0 - self.with.value());
        self.backing.iter().map(|(v, m)| log_majority(*v, *m, c) - log_majority(*v, *m, w)).sum()
    }
}

/// The log probability, less what does not depend on p, that v of m say something that each says
/// with probability p, given that more than half do; fewer count as just more than half.
fn log_majority(v: usize, m: usize, p: f64) -> f64 {
    let least = m / 2 + 1;
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
        // Of three at 0.75 two and three say it with 27/64 each, so one half of the majorities
        // each; at 0.5 with 3/8 and 1/8.
        let share = |v: usize, p: f64| log_majority(v, 3, p).exp() * if v == 2 { 3.0 } else { 1.0 };
        assert!((share(2, 0.75) - 0.5).abs() < 1e-12 && (share(3, 0.75) - 0.5).abs() < 1e-12);
        assert!((share(2, 0.5) - 0.75).abs() < 1e-12 && (share(3, 0.5) - 0.25).abs() < 1e-12);
        // Less than a majority counts as the least one.
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
        // Of five classes 60 % are far beyond guessing.
        assert!(crowd((8, 10), 60).wrong(5));
        assert!(Alone { known: 5, ..crowd((6, 10), 50) }.wrong(2));
    }
}
