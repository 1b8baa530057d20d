//! Krippendorff's alpha: the agreement beyond chance of any number of annotators, with missing
//! answers, for nominal or ordinal classes.
//!
//! Let item u have `m_u` ≥ 2 answers, of which `r_uk` chose class k. Let `n_k` be the sum of `r_uk`
//! over these items, and n the number of their answers. Then:
//!
//! - `D_o = (1 / n) Σ_u Σ_k Σ_l r_uk r_ul δ²(k, l) / (m_u - 1)`,
//! - `D_e = (1 / (n (n - 1))) Σ_k Σ_l n_k n_l δ²(k, l)`, `alpha = 1 - D_o / D_e`.
//!
//! The distance depends on the level:
//!
//! - nominal: `δ²(k, l) = 1` for different classes;
//! - ordinal: `δ²(k, l) = (Σ_{g = k..l} n_g - (n_k + n_l) / 2)²`. This is the squared difference of
//!   the mid-ranks of k and l, from which this file computes it in one pass.
//!
//! Items with one answer do not count. Alpha differs from Fleiss' kappa in two ways only: each item
//! weighs by its number of answers, and the two answers that define agreement by chance are drawn
//! without replacement. The alpha of a single class c is alpha of the two classes "c" and "not c".
//!
//! Source: Krippendorff, Computing Krippendorff's alpha-reliability, University of Pennsylvania,
//! 2011; Content Analysis: An Introduction to Its Methodology, 2nd edition, 2004, chapter 11.

use super::distance::{Weights, squared_spread};
use super::observed::{Items, Statistic, occurrences};
use super::patterns::AnswerPatterns;
use super::undefined::Undefined;

/// The level of measurement, which defines the distance between two classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Two classes are equal or different.
    Nominal,
    /// Classes are in label order. The distance of two classes depends on the number of answers
    /// between them.
    Ordinal,
}

/// Computes alpha, at most 1. 0 means agreement by chance, and below 0 means more disagreement than
/// by chance.
///
/// # Errors
/// No item has two answers, or all answers to items with two or more have the same label.
pub fn krippendorff_alpha(patterns: &AnswerPatterns, level: Level) -> Result<f64, Undefined> {
    Krippendorff::new(patterns, level).overall(&patterns.times())
}

/// Alpha as a function of how often each pattern occurs.
pub(crate) struct Krippendorff<'a> {
    patterns: &'a AnswerPatterns,
    level: Level,
    /// `Σ_k Σ_l r_k r_l δ² / (m - 1)` of each pattern; empty for the ordinal level, whose distances
    /// change with the answers.
    spreads: Vec<f64>,
}

impl<'a> Krippendorff<'a> {
    /// Computes the disagreement within each pattern on the nominal level. On the ordinal level it
    /// changes with the answers, so [`Statistic::overall`] computes it.
    pub(crate) fn new(patterns: &'a AnswerPatterns, level: Level) -> Self {
        let spread = |pattern: usize| match (level, patterns.size(pattern)) {
            (Level::Ordinal, _) | (_, 0 | 1) => 0.0,
            (Level::Nominal, size) => {
                let cells = patterns.cells(pattern).iter();
                let cells = cells.map(|(class, count)| (class.index(), f64::from(*count)));
                Weights::Unweighted.spread(cells) / (size as f64 - 1.0)
            }
        };
        Self { patterns, level, spreads: (0..patterns.len()).map(spread).collect() }
    }
}

impl Statistic for Krippendorff<'_> {
    /// Returns alpha over all classes if each pattern occurs `times` times. On the ordinal level,
    /// the distances follow from these answers, so the disagreement of each pattern is computed
    /// again.
    fn overall(&self, times: &[f64]) -> Result<f64, Undefined> {
        let answers = answers_of_classes(self.patterns, times);
        let n: f64 = answers.iter().sum();
        if n <= 0.0 {
            return Err(Undefined::NoOverlap);
        }
        let ranks;
        let (spreads, by_chance) = match self.level {
            Level::Nominal => {
                (&self.spreads, Weights::Unweighted.spread(answers.iter().copied().enumerate()))
            }
            Level::Ordinal => {
                let middle = mid_ranks(&answers);
                let spread = |pattern| {
                    let others = (self.patterns.size(pattern) as f64 - 1.0).max(1.0);
                    spread_of(self.patterns, pattern, &middle) / others
                };
                ranks = (0..self.patterns.len()).map(spread).collect();
                (&ranks, squared_spread(middle.into_iter().zip(answers.iter().copied())))
            }
        };
        if by_chance <= 0.0 {
            return Err(Undefined::OneLabelOnly);
        }
        let pairs = occurrences(self.patterns, times, Items::Overlapping);
        let observed: f64 = pairs.map(|(pattern, times)| times * spreads[pattern]).sum();
        Ok(1.0 - (n - 1.0) * observed / by_chance)
    }

    fn by_class(&self, times: &[f64]) -> Vec<Result<f64, Undefined>> {
        by_class(self.patterns, times)
    }

    fn items(&self) -> Items {
        Items::Overlapping
    }
}

/// Returns `n_k`, the number of answers with each class k, over the items with at least two
/// answers, if each pattern occurs `times` times.
fn answers_of_classes(patterns: &AnswerPatterns, times: &[f64]) -> Vec<f64> {
    let mut answers = vec![0.0; patterns.n_classes()];
    for (pattern, times) in occurrences(patterns, times, Items::Overlapping) {
        for (class, count) in patterns.cells(pattern) {
            answers[class.index()] += times * f64::from(*count);
        }
    }
    answers
}

/// Sorts all answers by class and returns the mean rank of each class's answers. A class without
/// answers gets the rank that its answers would have. `answers` has the number of answers with each
/// class.
fn mid_ranks(answers: &[f64]) -> Vec<f64> {
    let mut below = 0.0;
    let rank = |answers: &f64| {
        let middle = below + answers / 2.0;
        below += answers;
        middle
    };
    answers.iter().map(rank).collect()
}

/// Returns the sum of the squared distances over all ordered pairs of answers in a pattern;
/// `values` has the position of each class.
fn spread_of(patterns: &AnswerPatterns, pattern: usize, values: &[f64]) -> f64 {
    squared_spread(
        patterns.cells(pattern).iter().map(|(class, count)| (values[class.index()], f64::from(*count))),
    )
}

/// Returns alpha of each class against all other classes, if each pattern occurs `times` times.
fn by_class(patterns: &AnswerPatterns, times: &[f64]) -> Vec<Result<f64, Undefined>> {
    let answers = answers_of_classes(patterns, times);
    let n: f64 = answers.iter().sum();
    if n <= 0.0 {
        return vec![Err(Undefined::NoOverlap); patterns.n_classes()];
    }
    let mut observed = vec![0.0; patterns.n_classes()];
    for (pattern, times) in occurrences(patterns, times, Items::Overlapping) {
        let size = patterns.size(pattern) as f64;
        for (class, count) in patterns.cells(pattern) {
            let count = f64::from(*count);
            observed[class.index()] += times * count * (size - count) / (size - 1.0);
        }
    }
    let alpha = |(observed, answers): (f64, f64)| {
        if answers <= 0.0 {
            Err(Undefined::ClassNotUsed)
        } else if answers >= n {
            Err(Undefined::OneLabelOnly)
        } else {
            Ok(1.0 - (n - 1.0) * observed / (answers * (n - answers)))
        }
    };
    observed.into_iter().zip(answers).map(alpha).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_answers_by_hand() {
        // The items p p and p n count, the single answer does not, so n is (3, 1). D_o = (1/4) (0
        // + 2) = 1/2, and D_e = 6/12 = 1/2.
        let patterns = AnswerPatterns::from_counts([[2, 0], [1, 1], [0, 1]], 2).unwrap();
        for level in [Level::Nominal, Level::Ordinal] {
            assert_eq!(krippendorff_alpha(&patterns, level), Ok(0.0), "{level:?}");
        }
        assert_eq!(by_class(&patterns, &patterns.times()), [Ok(0.0), Ok(0.0)]);
    }

    #[test]
    fn ordinal_distances_by_hand() {
        // The items have the answers 0 2, 0 0, 1 1 and 2 2. So n is (3, 2, 3), and the mid-ranks
        // are 1.5, 4 and 6.5. Of the ordered pairs within items, two are 5² apart, so D_o = 50 / 8.
        // By chance the sum is 2 (3·2·2.5² + 3·3·5² + 2·3·2.5²) = 600, so D_e = 600 / 56. Alpha is
        // 1 - (50 / 8) (56 / 600).
        let rows = [[1, 0, 1], [2, 0, 0], [0, 2, 0], [0, 0, 2]];
        let patterns = AnswerPatterns::from_counts(rows, 3).unwrap();
        let alpha = krippendorff_alpha(&patterns, Level::Ordinal).unwrap();
        assert!((alpha - (1.0 - 50.0 / 8.0 * 56.0 / 600.0)).abs() < 1e-15, "{alpha}");
    }

    #[test]
    fn undefined_has_a_reason() {
        let alpha = |rows: &[[u32; 3]], level| {
            krippendorff_alpha(&AnswerPatterns::from_counts(rows, 3).unwrap(), level)
        };
        for level in [Level::Nominal, Level::Ordinal] {
            assert_eq!(alpha(&[[1, 0, 0], [0, 1, 0]], level), Err(Undefined::NoOverlap));
            // The single answer to the last item does not count.
            assert_eq!(alpha(&[[0, 3, 0], [0, 2, 0], [1, 0, 0]], level), Err(Undefined::OneLabelOnly));
        }
    }
}
