//! The verdict on annotators: whether somebody's share of right answers is below a threshold, is
//! not below it, or rests on too few answers to tell.
//!
//! Somebody is **below** if three things hold: they answered at least [`ENOUGH`] items, the whole
//! 95 % interval of their share of right answers is below the threshold, and chance does not
//! explain it. The p-values are corrected by Holm's method for everybody with enough items and must
//! be below [`LEVEL`]. So in a crowd of any size in which everybody reaches the threshold, the
//! probability that anybody is judged below it is at most 2 %. The verdict is **too few to tell**
//! for anybody with fewer than [`ENOUGH`] items, and for a share below the threshold that does not
//! meet these conditions. Everybody else is **not below**.

use querist_core::{Interval, Z_95, wilson};
use statrs::function::beta::beta_reg;

use crate::holm::holm;

/// The level of all verdicts on a crowd together: the greatest probability that anybody is wrongly
/// judged below.
pub const LEVEL: f64 = 0.02;
/// The fewest answered items with which somebody is judged.
pub const ENOUGH: usize = 5;
/// No advice asks for more items than this.
const MOST: usize = 100_000;

/// The evidence for somebody's share of right answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Record {
    /// Counted answers to items whose label is known.
    Counts {
        /// The number of right answers, at most `n`.
        right: usize,
        /// The number of answers.
        n: usize,
    },
    /// A share of right answers that a method estimated.
    Estimate {
        /// The share, in [0, 1].
        share: f64,
        /// Its 95 % interval.
        interval: Interval,
        /// The number of answers that it rests on.
        n: usize,
        /// The probability that somebody whose true share is exactly the threshold has an estimate
        /// at most this high; `None` to compute it from the interval.
        tail: Option<f64>,
    },
}

/// How somebody compares with a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The share is below the threshold, and chance does not explain this.
    Below,
    /// The share is not below the threshold.
    NotBelow,
    /// There are too few answers to tell.
    TooFew,
}

impl Standing {
    /// Returns the name that reports use: `below`, `not below` or `too few to tell`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Below => "below",
            Self::NotBelow => "not below",
            Self::TooFew => "too few to tell",
        }
    }
}

/// The further answers that would change a judgement, if the answers of everybody else stay the
/// same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The judgement changes with this many answered items in all, if the share of right answers
    /// stays the same.
    Items(usize),
    /// The judgement changes after this many further answers that are all right.
    Right(usize),
    /// The judgement changes after this many further answers that are all wrong.
    Wrong(usize),
}

/// The judgement of one person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// Whether the person is below the threshold.
    pub standing: Standing,
    /// The record that was judged.
    pub record: Record,
    /// The share of right answers that the person has to reach.
    pub threshold: f64,
    /// The 95 % interval of the share; `None` without an answer.
    pub interval: Option<Interval>,
    /// The p-value, corrected by Holm's method; `None` with fewer than [`ENOUGH`] items.
    pub p: Option<f64>,
    /// The number of people in Holm's correction: everybody with at least [`ENOUGH`] items.
    pub people: usize,
    /// The further answers that would change the judgement; `None` if up to 100,000 would not
    /// change it, or if the share is an estimate and was judged below or not below.
    pub change: Option<Change>,
}

impl Record {
    /// Returns the number of answers.
    pub fn n(self) -> usize {
        match self {
            Self::Counts { n, .. } | Self::Estimate { n, .. } => n,
        }
    }

    /// Returns the share of right answers; `None` without any answer.
    pub fn share(self) -> Option<f64> {
        match self {
            Self::Counts { n: 0, .. } => None,
            Self::Counts { right, n } => Some(right as f64 / n as f64),
            Self::Estimate { share, .. } => Some(share),
        }
    }

    /// Returns the 95 % interval of the share.
    fn interval(self) -> Option<Interval> {
        match self {
            Self::Counts { right, n } => wilson(right, n),
            Self::Estimate { interval, .. } => Some(interval),
        }
    }

    /// Returns the probability that somebody whose true share is exactly the threshold has at most
    /// this many right answers.
    ///
    /// For counts, this is the exact binomial tail. An estimate may come with a tail of its own,
    /// which is then returned. Otherwise, the estimate is treated as counts: its interval is worth
    /// a number of answers ([`Self::worth`]), and the binomial tail for this number is returned.
    /// The number need not be whole, because the incomplete beta function extends the binomial
    /// tail.
    fn tail(self, threshold: f64) -> f64 {
        match self {
            Self::Counts { right, n } => lower_tail(right as f64, n as f64, threshold),
            Self::Estimate { tail: Some(tail), .. } => tail,
            Self::Estimate { share, .. } => {
                let worth = self.worth();
                lower_tail(share * worth, worth, threshold)
            }
        }
    }

    /// Returns how many answers, each known to be right or wrong, carry as much information as the
    /// record. For an estimate, this is the number of answers for which Wilson's interval has the
    /// same upper end, at most n.
    fn worth(self) -> f64 {
        let Self::Estimate { share, interval, n, .. } = self else { return self.n() as f64 };
        let (high, apart) = (interval.high, interval.high - share);
        if apart <= 0.0 {
            return n as f64;
        }
        // Wilson's upper end h solves h - share = z sqrt(h (1 - h) / n).
        (Z_95 * Z_95 * high * (1.0 - high) / (apart * apart)).min(n as f64)
    }

    /// Returns whether this record would be judged below the threshold if it were the only such
    /// record among `people` records.
    fn alone_below(self, threshold: f64, people: usize) -> bool {
        self.n() >= ENOUGH
            && self.interval().is_some_and(|interval| interval.high < threshold)
            && self.tail(threshold) * (people as f64) < LEVEL
    }

    /// Returns the further answers that would change this standing, if `people` records are judged;
    /// `None` if there is no such advice.
    fn change(self, standing: Standing, threshold: f64, people: usize) -> Option<Change> {
        let n = self.n();
        match (standing, self) {
            (Standing::TooFew, _) if n < ENOUGH => Some(Change::Items(ENOUGH)),
            (Standing::TooFew, _) => {
                let (share, each) = (self.share()?, self.worth() / n as f64);
                let shown = |items: usize| {
                    let worth = items as f64 * each;
                    lower_tail(share * worth, worth, threshold) * (people as f64) < LEVEL
                };
                first(n, shown).map(Change::Items)
            }
            (_, Self::Estimate { .. }) => None,
            (Standing::Below, Self::Counts { right, n }) => {
                let more = |more: usize| Self::Counts { right: right + more, n: n + more };
                first(0, |right| !more(right).alone_below(threshold, people)).map(Change::Right)
            }
            (Standing::NotBelow, Self::Counts { right, n }) => {
                let more = |more: usize| Self::Counts { right, n: n + more };
                first(0, |wrong| more(wrong).alone_below(threshold, people)).map(Change::Wrong)
            }
        }
    }
}

/// Judges each person by a record and the threshold that the person has to reach. Returns the
/// judgements in the same order.
pub fn judge(people: &[(Record, f64)]) -> Vec<Judgement> {
    let judged: Vec<usize> = (0..people.len()).filter(|place| people[*place].0.n() >= ENOUGH).collect();
    let tails: Vec<f64> = judged.iter().map(|place| people[*place].0.tail(people[*place].1)).collect();
    let mut p = vec![None; people.len()];
    for (place, corrected) in judged.iter().zip(holm(&tails, tails.len())) {
        p[*place] = Some(corrected);
    }
    let of = |(&(record, threshold), p): (&(Record, f64), Option<f64>)| {
        let interval = record.interval();
        let whole = interval.is_some_and(|interval| interval.high < threshold);
        let under = record.share().is_some_and(|share| share < threshold);
        let standing = match p {
            Some(p) if whole && p < LEVEL => Standing::Below,
            Some(_) if !under => Standing::NotBelow,
            _ => Standing::TooFew,
        };
        let change = record.change(standing, threshold, judged.len().max(1));
        Judgement { standing, record, threshold, interval, p, people: judged.len(), change }
    };
    people.iter().zip(p).map(of).collect()
}

/// Returns the lowest accuracy on items with these known labels at which Cohen's kappa can still
/// reach `least`. With a lower accuracy, kappa is always below `least`. With a higher accuracy,
/// kappa may still be below `least`.
///
/// `truth` has the number of items of each class. The result is `None` if all items are of one
/// class, because kappa is then undefined.
///
/// With t the shares of the classes in the truth and r their shares in the answers,
/// `kappa = 1 - e / (1 - Σ r t)`, where e is the share of wrong answers. Each wrong answer moves
/// one answer from one class to another, which lowers `Σ r t` by at most `max t - min t`. So a
/// kappa of at least κ leaves room for errors of at most
/// `e = (1 - κ)(1 - Σ t²) / (1 - (1 - κ)(max t - min t))`.
pub fn accuracy_for_kappa(least: f64, truth: &[usize]) -> Option<f64> {
    let (apart, spread) = mixture(truth)?;
    let room = 1.0 - (1.0 - least) * spread;
    let errors = if room > 0.0 { (1.0 - least) * apart / room } else { 1.0 };
    Some(1.0 - errors.clamp(0.0, 1.0))
}

/// Returns the interval of kappa that follows from an interval of the accuracy; `None` if all items
/// are of one class. It uses the bound in [`accuracy_for_kappa`]. `truth` has the number of items
/// of each class.
pub fn kappa_interval(accuracy: Interval, truth: &[usize]) -> Option<Interval> {
    let (apart, spread) = mixture(truth)?;
    let (least, most) = (1.0 - accuracy.high, 1.0 - accuracy.low);
    let high = 1.0 - least / (apart + least * spread);
    let rest = apart - most * spread;
    let low = if rest > 0.0 { (1.0 - most / rest).max(-1.0) } else { -1.0 };
    Some(Interval { low, high: high.min(1.0) })
}

/// Returns `1 - Σ t²` and `max t - min t` for the shares t of the classes, given the number of
/// items of each class; `None` if fewer than two classes have items.
fn mixture(truth: &[usize]) -> Option<(f64, f64)> {
    let all: usize = truth.iter().sum();
    if truth.iter().filter(|count| **count > 0).count() < 2 {
        return None;
    }
    let shares = truth.iter().map(|count| *count as f64 / all as f64);
    let (least, most) = shares
        .clone()
        .fold((f64::INFINITY, 0.0f64), |(least, most), share| (least.min(share), most.max(share)));
    Some((1.0 - shares.map(|share| share * share).sum::<f64>(), most - least))
}

/// Returns the binomial tail `P(X <= right)` of `n` trials with success probability `threshold`,
/// which is `I_(1 - threshold)(n - right, right + 1)`.
fn lower_tail(right: f64, n: f64, threshold: f64) -> f64 {
    if n - right <= 0.0 || threshold <= 0.0 {
        1.0
    } else if threshold >= 1.0 {
        0.0
    } else {
        beta_reg(n - right, right + 1.0, 1.0 - threshold)
    }
}

/// Returns the smallest number above `start` for which `holds` is true; `None` if this number would
/// be above [`MOST`]. `holds` must be true for all larger numbers too.
fn first(start: usize, holds: impl Fn(usize) -> bool) -> Option<usize> {
    // Double the step until the property holds, then bisect.
    let (mut low, mut step) = (start, 1);
    while !holds(low + step) {
        low += step;
        step *= 2;
        if low + step > MOST {
            return None;
        }
    }
    let mut high = low + step;
    while high - low > 1 {
        let middle = low.midpoint(high);
        if holds(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

#[cfg(test)]
mod tests;
