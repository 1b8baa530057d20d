//! Raw agreement: how often two answers to the same item are equal. Nothing is taken off for
//! chance.
//!
//! Over items, `mean_i Σ_k r_ik (r_ik - 1) / (r_i (r_i - 1))`: every item counts the same (Fleiss
//! 1971). Over pairs of answers, `Σ_i Σ_k r_ik (r_ik - 1) / Σ_i r_i (r_i - 1)`: an item counts by
//! its pairs. Both go over items with at least two answers, and are the same where all have equally
//! many. Per class, over pairs it is the specific agreement
//! `Σ_i r_ic (r_ic - 1) / Σ_i r_ic (r_i - 1)`: if one annotator chose c, how often does another
//! choose it too (Fleiss 1981, for two annotators Cicchetti and Feinstein 1990)? Over items it is
//! the agreement about "c or not c", which is high for every rare class.

use super::distance::Weights;
use super::observed::{
    Items, Statistic, disagreements, mean_class_disagreements, mean_disagreement, occurrences,
};
use super::patterns::AnswerPatterns;
use super::undefined::Undefined;

/// The share of equal answers, over items and over pairs of answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RawAgreement {
    /// The mean over items with at least two answers, in [0, 1].
    pub over_items: f64,
    /// The share among all pairs of answers to one item, in [0, 1].
    pub over_pairs: f64,
}

/// Raw agreement of all answers.
///
/// # Errors
/// No item has two answers.
pub fn raw_agreement(patterns: &AnswerPatterns) -> Result<RawAgreement, Undefined> {
    let times = patterns.times();
    let over_items = OverItems::new(patterns).overall(&times)?;
    Ok(RawAgreement { over_items, over_pairs: OverPairs(patterns).overall(&times)? })
}

/// Agreement as the mean over items.
pub(crate) struct OverItems<'a> {
    patterns: &'a AnswerPatterns,
    disagreements: Vec<f64>,
}

impl<'a> OverItems<'a> {
    pub(crate) fn new(patterns: &'a AnswerPatterns) -> Self {
        Self { patterns, disagreements: disagreements(patterns, Weights::Unweighted) }
    }
}

impl Statistic for OverItems<'_> {
    fn overall(&self, times: &[f64]) -> Result<f64, Undefined> {
        let observed = mean_disagreement(self.patterns, &self.disagreements, times, self.items());
        observed.map(|disagreement| 1.0 - disagreement).ok_or(Undefined::NoOverlap)
    }

    fn by_class(&self, times: &[f64]) -> Vec<Result<f64, Undefined>> {
        match mean_class_disagreements(self.patterns, times, self.items()) {
            Some(means) => means.into_iter().map(|disagreement| Ok(1.0 - disagreement)).collect(),
            None => vec![Err(Undefined::NoOverlap); self.patterns.n_classes()],
        }
    }

    fn items(&self) -> Items {
        Items::Overlapping
    }
}

/// Agreement as the share among pairs; per class, specific agreement.
pub(crate) struct OverPairs<'a>(pub(crate) &'a AnswerPatterns);

impl OverPairs<'_> {
    /// By class, (agreeing, all) ordered pairs of which one answer is the class.
    fn pairs(&self, times: &[f64]) -> Vec<(f64, f64)> {
        let mut pairs = vec![(0.0, 0.0); self.0.n_classes()];
        for (pattern, times) in occurrences(self.0, times, self.items()) {
            let others = self.0.size(pattern) as f64 - 1.0;
            for (class, count) in self.0.cells(pattern) {
                let (agreeing, all) = &mut pairs[class.index()];
                let count = f64::from(*count);
                *agreeing += times * count * (count - 1.0);
                *all += times * count * others;
            }
        }
        pairs
    }
}

impl Statistic for OverPairs<'_> {
    fn overall(&self, times: &[f64]) -> Result<f64, Undefined> {
        let pairs = self.pairs(times);
        let agreeing: f64 = pairs.iter().map(|(agreeing, _)| agreeing).sum();
        let all: f64 = pairs.iter().map(|(_, all)| all).sum();
        if all > 0.0 { Ok(agreeing / all) } else { Err(Undefined::NoOverlap) }
    }

    fn by_class(&self, times: &[f64]) -> Vec<Result<f64, Undefined>> {
        let pairs = self.pairs(times);
        let share = |(agreeing, all): (f64, f64)| {
            if all > 0.0 { Ok(agreeing / all) } else { Err(Undefined::ClassNotUsed) }
        };
        pairs.into_iter().map(share).collect()
    }

    fn items(&self) -> Items {
        Items::Overlapping
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_items_by_hand() {
        // Items of 2, 4 and 1 answers. Of 2: equal. Of 4: 3 of one, so 6 of 12 ordered pairs. The
        // single one counts nowhere.
        let patterns = AnswerPatterns::from_counts([[2, 0, 0], [3, 1, 0], [0, 1, 0]], 3).unwrap();
        let raw = raw_agreement(&patterns).unwrap();
        assert_eq!(raw, RawAgreement { over_items: 0.75, over_pairs: 8.0 / 14.0 });
        let times = patterns.times();
        let specific = OverPairs(&patterns).by_class(&times);
        assert_eq!(specific, [Ok(8.0 / 11.0), Ok(0.0), Err(Undefined::ClassNotUsed)]);
        assert_eq!(OverItems::new(&patterns).by_class(&times), [Ok(0.75), Ok(0.75), Ok(1.0)]);
    }

    #[test]
    fn undefined_without_two_answers() {
        let patterns = AnswerPatterns::from_counts([[1, 0], [0, 1]], 2).unwrap();
        assert_eq!(raw_agreement(&patterns), Err(Undefined::NoOverlap));
    }
}
