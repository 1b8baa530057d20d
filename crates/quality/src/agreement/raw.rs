//! Raw agreement: the share of pairs of answers to the same item that are equal, without a
//! correction for chance.
//!
//! Let item i have `r_i` answers, of which `r_ik` chose class k. Raw agreement is
//! `Σ_i Σ_k r_ik (r_ik - 1) / Σ_i r_i (r_i - 1)`, so each item weighs by its number of pairs of
//! answers. For a single class c it is the specific agreement
//! `Σ_i r_ic (r_ic - 1) / Σ_i r_ic (r_i - 1)`: if one annotator chose c, the probability that
//! another did too (Fleiss 1981; for two annotators Cicchetti and Feinstein 1990).

use super::observed::{Items, Statistic, occurrences};
use super::patterns::AnswerPatterns;
use super::undefined::Undefined;

/// Raw agreement over all classes, and specific agreement for a single class, as functions of how
/// often each pattern occurs.
pub(crate) struct OverPairs<'a>(pub(crate) &'a AnswerPatterns);

impl OverPairs<'_> {
    /// Counts the ordered pairs of answers to the same item, by the class of the first answer.
    /// Returns for each class (pairs whose second answer has the class too, all pairs). `times` is
    /// the number of items with each pattern.
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
    /// Returns the share of pairs of answers that agree, if each pattern occurs `times` times.
    fn overall(&self, times: &[f64]) -> Result<f64, Undefined> {
        let pairs = self.pairs(times);
        let agreeing: f64 = pairs.iter().map(|(agreeing, _)| agreeing).sum();
        let all: f64 = pairs.iter().map(|(_, all)| all).sum();
        if all > 0.0 { Ok(agreeing / all) } else { Err(Undefined::NoOverlap) }
    }

    /// Returns the specific agreement of each class if each pattern occurs `times` times.
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
        // The first item has two equal answers, which are 2 ordered pairs. Of the 12 ordered pairs
        // of the second item, 6 are equal, because 3 of its 4 answers are equal. The single answer
        // to the third item has no pair.
        let patterns = AnswerPatterns::from_counts([[2, 0, 0], [3, 1, 0], [0, 1, 0]], 3).unwrap();
        let times = patterns.times();
        assert_eq!(OverPairs(&patterns).overall(&times), Ok(8.0 / 14.0));
        let specific = OverPairs(&patterns).by_class(&times);
        assert_eq!(specific, [Ok(8.0 / 11.0), Ok(0.0), Err(Undefined::ClassNotUsed)]);
    }

    #[test]
    fn undefined_without_two_answers() {
        let patterns = AnswerPatterns::from_counts([[1, 0], [0, 1]], 2).unwrap();
        assert_eq!(OverPairs(&patterns).overall(&patterns.times()), Err(Undefined::NoOverlap));
    }
}
