//! Fleiss' kappa: the agreement of several annotators beyond the agreement by chance that follows
//! from the shares of the classes.
//!
//! Let each item i have r answers, of which `r_ik` chose class k. Then `kappa = 1 - D_o / D_e`.
//! `D_o = mean_i Σ_{k ≠ l} r_ik r_il / (r (r - 1))` is the share of pairs of answers to an item
//! that differ. `D_e = 1 - Σ_k π_k²` is the probability that two answers drawn at random differ,
//! with the mean share `π_k` of class k. It does not matter who answered. For two annotators this
//! is Scott's pi.
//!
//! The formula requires the same number of answers to every item. If the numbers differ, only the
//! items with the most frequent number of answers count, which must be at least two. If several
//! numbers are equally frequent, the smallest of them is used. Source: Fleiss, Measuring nominal
//! scale agreement among many raters, Psychological Bulletin 76(5):378-382, 1971.

use super::distance::Weights;
use super::observed::{Items, Statistic, class_shares, disagreements, mean_disagreement};
use super::patterns::AnswerPatterns;
use super::undefined::Undefined;

/// Computes Fleiss' kappa, in [-1, 1].
///
/// # Errors
/// No item has two answers, or all answers have the same label.
pub fn fleiss_kappa(patterns: &AnswerPatterns) -> Result<f64, Undefined> {
    Fleiss::new(patterns).overall(&patterns.times())
}

/// Fleiss' kappa as a function of how often each pattern occurs.
pub(crate) struct Fleiss<'a> {
    patterns: &'a AnswerPatterns,
    /// The share of the pairs of answers to an item that differ, for each pattern.
    disagreements: Vec<f64>,
    /// The items that count: all that have the most frequent number of answers.
    counted: Items,
}

impl<'a> Fleiss<'a> {
    /// Computes the disagreement of each pattern, and selects the items with the most frequent
    /// number of answers.
    pub(crate) fn new(patterns: &'a AnswerPatterns) -> Self {
        let counted = patterns.commonest_size().map_or(Items::Overlapping, Items::OfSize);
        Self { patterns, disagreements: disagreements(patterns, Weights::Unweighted), counted }
    }
}

impl Statistic for Fleiss<'_> {
    /// Returns Fleiss' kappa if each pattern occurs `times` times.
    fn overall(&self, times: &[f64]) -> Result<f64, Undefined> {
        let observed = mean_disagreement(self.patterns, &self.disagreements, times, self.counted);
        let shares = class_shares(self.patterns, times, self.counted);
        let (Some(observed), Some(shares)) = (observed, shares) else { return Err(Undefined::NoOverlap) };
        let by_chance = Weights::Unweighted.spread(shares.into_iter().enumerate());
        if by_chance > 0.0 { Ok(1.0 - observed / by_chance) } else { Err(Undefined::OneLabelOnly) }
    }

    fn items(&self) -> Items {
        self.counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_items_by_hand() {
        // On two items both answers are equal, on two they differ, so D_o is 1/2. Both classes have
        // the share 1/2, so D_e is 1/2 too.
        let patterns = AnswerPatterns::from_counts([[2, 0], [0, 2], [1, 1], [1, 1]], 2).unwrap();
        assert_eq!(fleiss_kappa(&patterns), Ok(0.0));
    }

    #[test]
    fn undefined_has_a_reason() {
        let single = AnswerPatterns::from_counts([[1, 0], [0, 1]], 2).unwrap();
        let same = AnswerPatterns::from_counts([[0, 3, 0], [0, 3, 0]], 3).unwrap();
        assert_eq!(fleiss_kappa(&single), Err(Undefined::NoOverlap));
        assert_eq!(fleiss_kappa(&same), Err(Undefined::OneLabelOnly));
    }
}
