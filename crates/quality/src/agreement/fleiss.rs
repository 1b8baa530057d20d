//! Fleiss' kappa: agreement of several annotators beyond what the shares of the classes alone would
//! give.
//!
//! With r answers an item, `kappa = 1 - D_o / D_e`, where
//! `D_o = mean_i Σ_{k ≠ l} r_ik r_il / (r (r - 1))` is how often two answers to an item differ and
//! `D_e = 1 - Σ_k π_k²`, π the mean shares of the classes, how often two answers drawn at random
//! do. It does not matter who answered. Of two annotators it is Scott's pi. Per class it is Fleiss'
//! category-wise kappa, which is kappa of "c or not c":
//! `1 - mean_i 2 r_ic (r - r_ic) / (r (r - 1)) / (2 π_c (1 - π_c))`.
//!
//! Fleiss needs equally many answers an item. [`FleissItems`] says what to do where they differ.
//! Source: Fleiss, Measuring nominal scale agreement among many raters, Psychological Bulletin
//! 76(5):378-382, 1971; for unequal numbers Gwet, Handbook of Inter-Rater Reliability, 4th edition,
//! 2014, chapter 2.

use serde::Serialize;

use super::distance::Weights;
use super::observed::{
    Items, Statistic, class_shares, disagreements, mean_class_disagreements, mean_disagreement,
};
use super::patterns::AnswerPatterns;
use super::undefined::Undefined;

/// Which items Fleiss' kappa is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FleissItems {
    /// Those with the commonest number of answers, of two and more; the smallest number of several.
    /// The textbook's kappa.
    #[default]
    CommonestSize,
    /// All. `D_o` is over those with at least two answers, π over all (Gwet 2014).
    All,
}

/// Fleiss' kappa, in [-1, 1].
///
/// # Errors
/// No item has two answers, or all answers are one and the same label.
pub fn fleiss_kappa(patterns: &AnswerPatterns, items: FleissItems) -> Result<f64, Undefined> {
    Fleiss::new(patterns, items).overall(&patterns.times())
}

/// Fleiss' kappa of each class against the rest, (K), in label order. An error is the reason why a
/// class has none.
pub fn fleiss_kappa_by_class(patterns: &AnswerPatterns, items: FleissItems) -> Vec<Result<f64, Undefined>> {
    Fleiss::new(patterns, items).by_class(&patterns.times())
}

/// The coefficient over patterns.
pub(crate) struct Fleiss<'a> {
    patterns: &'a AnswerPatterns,
    disagreements: Vec<f64>,
    /// Whose disagreement counts.
    paired: Items,
    /// Whose answers make the shares.
    shared: Items,
}

impl<'a> Fleiss<'a> {
    pub(crate) fn new(patterns: &'a AnswerPatterns, items: FleissItems) -> Self {
        let (paired, shared) = match (items, patterns.commonest_size()) {
            (FleissItems::CommonestSize, Some(size)) => (Items::OfSize(size), Items::OfSize(size)),
            _ => (Items::Overlapping, Items::All),
        };
        Self { patterns, disagreements: disagreements(patterns, Weights::Unweighted), paired, shared }
    }

    /// Scott's pi: of the items with two answers.
    pub(crate) fn of_two(patterns: &'a AnswerPatterns) -> Self {
        let disagreements = disagreements(patterns, Weights::Unweighted);
        Self { patterns, disagreements, paired: Items::OfSize(2), shared: Items::OfSize(2) }
    }
}

impl Statistic for Fleiss<'_> {
    fn overall(&self, times: &[f64]) -> Result<f64, Undefined> {
        let observed = mean_disagreement(self.patterns, &self.disagreements, times, self.paired);
        let shares = class_shares(self.patterns, times, self.shared);
        let (Some(observed), Some(shares)) = (observed, shares) else { return Err(Undefined::NoOverlap) };
        let by_chance = Weights::Unweighted.spread(shares.into_iter().enumerate());
        if by_chance > 0.0 { Ok(1.0 - observed / by_chance) } else { Err(Undefined::OneLabelOnly) }
    }

    fn by_class(&self, times: &[f64]) -> Vec<Result<f64, Undefined>> {
        let observed = mean_class_disagreements(self.patterns, times, self.paired);
        let shares = class_shares(self.patterns, times, self.shared);
        let (Some(observed), Some(shares)) = (observed, shares) else {
            return vec![Err(Undefined::NoOverlap); self.patterns.n_classes()];
        };
        let kappa = |(disagreement, share): (f64, f64)| {
            if share <= 0.0 {
                Err(Undefined::ClassNotUsed)
            } else if share >= 1.0 {
                Err(Undefined::OneLabelOnly)
            } else {
                Ok(1.0 - disagreement / (2.0 * share * (1.0 - share)))
            }
        };
        observed.into_iter().zip(shares).map(kappa).collect()
    }

    fn items(&self) -> Items {
        self.shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_items_by_hand() {
        // Two of two each equal, two not: D_o = 1/2; π = (1/2, 1/2), D_e = 1/2.
        let patterns = AnswerPatterns::from_counts([[2, 0], [0, 2], [1, 1], [1, 1]], 2).unwrap();
        assert_eq!(fleiss_kappa(&patterns, FleissItems::CommonestSize), Ok(0.0));
        assert_eq!(fleiss_kappa_by_class(&patterns, FleissItems::All), [Ok(0.0), Ok(0.0)]);
    }

    #[test]
    fn undefined_has_a_reason() {
        let single = AnswerPatterns::from_counts([[1, 0], [0, 1]], 2).unwrap();
        let same = AnswerPatterns::from_counts([[0, 3, 0], [0, 3, 0]], 3).unwrap();
        for items in [FleissItems::CommonestSize, FleissItems::All] {
            assert_eq!(fleiss_kappa(&single, items), Err(Undefined::NoOverlap));
            assert_eq!(fleiss_kappa_by_class(&single, items), [Err(Undefined::NoOverlap); 2]);
            assert_eq!(fleiss_kappa(&same, items), Err(Undefined::OneLabelOnly));
            let classes = fleiss_kappa_by_class(&same, items);
            let unused = Err(Undefined::ClassNotUsed);
            assert_eq!(classes, [unused, Err(Undefined::OneLabelOnly), unused]);
        }
    }
}
