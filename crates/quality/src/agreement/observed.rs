//! What was observed: the disagreement within items, and the shares of the classes.
//!
//! Of an item with r answers, `r_k` of them for class k, the disagreement is the mean distance of
//! two different answers, `Σ_k Σ_l r_k r_l d(k, l) / (r (r - 1))`. The statistics weigh patterns by
//! how often they occur, which is 1, 2, 3 … in the answers themselves and whatever was drawn in a
//! resample. Nothing here knows of chance; that is what the coefficients differ in.

use super::distance::Weights;
use super::patterns::AnswerPatterns;
use super::undefined::Undefined;

/// Which items a sum goes over, by their number of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Items {
    /// All that have an answer.
    All,
    /// Those with at least two answers.
    Overlapping,
    /// Those with exactly this number of answers, at least two.
    OfSize(usize),
}

impl Items {
    pub(crate) fn hold(self, size: usize) -> bool {
        match self {
            Self::All => true,
            Self::Overlapping => size >= 2,
            Self::OfSize(wanted) => size == wanted,
        }
    }
}

/// A measure of agreement as a function of how often each pattern occurs: of the answers, and of
/// every resample.
pub(crate) trait Statistic {
    /// The value over all classes.
    fn overall(&self, times: &[f64]) -> Result<f64, Undefined>;

    /// The value of each class against the rest, (K); none of a measure that has no such values.
    fn by_class(&self, _times: &[f64]) -> Vec<Result<f64, Undefined>> {
        Vec::new()
    }

    /// The items that it uses.
    fn items(&self) -> Items;
}

/// The disagreement of each pattern, in [0, 1] where 1 is the distance of the first and the last
/// class; 0 of a single answer.
pub(crate) fn disagreements(patterns: &AnswerPatterns, weights: Weights) -> Vec<f64> {
    let longest = weights.longest(patterns.n_classes()).max(1.0);
    let of_pattern = |pattern| {
        let size = patterns.size(pattern) as f64;
        let cells = patterns.cells(pattern).iter().map(|(class, count)| (class.index(), f64::from(*count)));
        if size < 2.0 { 0.0 } else { weights.spread(cells) / (size * (size - 1.0) * longest) }
    };
    (0..patterns.len()).map(of_pattern).collect()
}

/// The occurrences that a sum goes over, as (pattern, times).
pub(crate) fn occurrences<'a>(
    patterns: &'a AnswerPatterns,
    times: &'a [f64],
    items: Items,
) -> impl Iterator<Item = (usize, f64)> + 'a {
    let pairs = times.iter().copied().enumerate();
    pairs.filter(move |(pattern, times)| *times > 0.0 && items.hold(patterns.size(*pattern)))
}

/// The mean disagreement of the items; `None` without any.
pub(crate) fn mean_disagreement(
    patterns: &AnswerPatterns,
    disagreements: &[f64],
    times: &[f64],
    items: Items,
) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (pattern, times) in occurrences(patterns, times, items) {
        sum += times * disagreements[pattern];
        total += times;
    }
    (total > 0.0).then(|| sum / total)
}

/// The mean disagreement about each class against the rest, `2 r_c (r - r_c) / (r (r - 1))`, (K);
/// `None` without items.
pub(crate) fn mean_class_disagreements(
    patterns: &AnswerPatterns,
    times: &[f64],
    items: Items,
) -> Option<Vec<f64>> {
    let mut sums = vec![0.0; patterns.n_classes()];
    let mut total = 0.0;
    for (pattern, times) in occurrences(patterns, times, items) {
        let size = patterns.size(pattern) as f64;
        for (class, count) in patterns.cells(pattern) {
            let count = f64::from(*count);
            sums[class.index()] += times * 2.0 * count * (size - count) / (size * (size - 1.0));
        }
        total += times;
    }
    (total > 0.0).then(|| sums.into_iter().map(|sum| sum / total).collect())
}

/// The mean share of each class in an item, (K), which sums to 1; `None` without items. The share
/// of a class that has all answers is exactly 1.
pub(crate) fn class_shares(patterns: &AnswerPatterns, times: &[f64], items: Items) -> Option<Vec<f64>> {
    let mut sums = vec![0.0; patterns.n_classes()];
    let mut total = 0.0;
    for (pattern, times) in occurrences(patterns, times, items) {
        let size = patterns.size(pattern) as f64;
        for (class, count) in patterns.cells(pattern) {
            sums[class.index()] += times * (f64::from(*count) / size);
        }
        total += times;
    }
    (total > 0.0).then(|| sums.into_iter().map(|sum| sum / total).collect())
}
