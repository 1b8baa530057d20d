//! The disagreement observed within items, and the shares of the classes.
//!
//! For an item with r answers, of which `r_k` have class k, the disagreement is the mean distance
//! between two of its answers, `Σ_k Σ_l r_k r_l d(k, l) / (r (r - 1))`. The sums weigh each pattern
//! by the number of items with it, in the original answers or in a resample. Disagreement by chance
//! is not computed here, because each coefficient defines it differently.

use super::distance::Weights;
use super::patterns::AnswerPatterns;
use super::undefined::Undefined;

/// The items that a sum covers, by their number of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Items {
    /// All items with an answer.
    All,
    /// The items with at least two answers.
    Overlapping,
    /// The items with exactly this number of answers, at least two.
    OfSize(usize),
}

impl Items {
    /// Returns whether these items include an item with `size` answers.
    pub(crate) fn hold(self, size: usize) -> bool {
        match self {
            Self::All => true,
            Self::Overlapping => size >= 2,
            Self::OfSize(wanted) => size == wanted,
        }
    }
}

/// A measure of agreement as a function of `times`, the number of items with each pattern. It is
/// evaluated on the original answers and on every resample.
pub(crate) trait Statistic {
    /// Returns the value over all classes, or the reason why it is undefined.
    fn overall(&self, times: &[f64]) -> Result<f64, Undefined>;

    /// Returns the value for each of the K classes against all other classes; empty for a measure
    /// that is not computed for single classes.
    fn by_class(&self, _times: &[f64]) -> Vec<Result<f64, Undefined>> {
        Vec::new()
    }

    /// Returns the items that the measure uses.
    fn items(&self) -> Items;
}

/// Returns the disagreement within each pattern, in [0, 1]; 0 for a pattern with a single answer.
/// To reach this range, distances are divided by the distance between the first and the last class.
pub(crate) fn disagreements(patterns: &AnswerPatterns, weights: Weights) -> Vec<f64> {
    let longest = weights.longest(patterns.n_classes()).max(1.0);
    let of_pattern = |pattern| {
        let size = patterns.size(pattern) as f64;
        let cells = patterns.cells(pattern).iter().map(|(class, count)| (class.index(), f64::from(*count)));
        if size < 2.0 { 0.0 } else { weights.spread(cells) / (size * (size - 1.0) * longest) }
    };
    (0..patterns.len()).map(of_pattern).collect()
}

/// Returns (pattern, number of items with it) for every pattern that occurs and that `items`
/// includes.
pub(crate) fn occurrences<'a>(
    patterns: &'a AnswerPatterns,
    times: &'a [f64],
    items: Items,
) -> impl Iterator<Item = (usize, f64)> + 'a {
    let pairs = times.iter().copied().enumerate();
    pairs.filter(move |(pattern, times)| *times > 0.0 && items.hold(patterns.size(*pattern)))
}

/// Returns the mean of the patterns' `disagreements` over the items in `items`; `None` if there are
/// none.
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

/// Returns, for each of the K classes c, the mean disagreement about "c or not c" over the items in
/// `items`; `None` if there are none. For an item with r answers, `r_c` of them with class c, this
/// disagreement is `2 r_c (r - r_c) / (r (r - 1))`.
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

/// Returns, for each of the K classes, its share of an item's answers, averaged over the items in
/// `items`; `None` if there are no items. The shares sum to 1. If all answers have the same class,
/// its share is exactly 1.
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
