//! Krippendorff's alpha: agreement beyond chance of any number of annotators, with answers missing,
//! by level of measurement.
//!
//! Over items u with `m_u` ≥ 2 answers, `r_uk` of them for class k; `n_k` their sums, n the number
//! of answers:
//!
//! - `D_o = (1 / n) Σ_u Σ_k Σ_l r_uk r_ul δ²(k, l) / (m_u - 1)`,
//! - `D_e = (1 / (n (n - 1))) Σ_k Σ_l n_k n_l δ²(k, l)`, `alpha = 1 - D_o / D_e`.
//!
//! The levels: nominal, `δ² = 1` for different classes; interval, `(v_k - v_l)²` of the classes'
//! values; ordinal, `(Σ_{g = k..l} n_g - (n_k + n_l) / 2)²`, which is the interval level with the
//! classes' mid-ranks for values: this is how it is computed, in one pass. Items with one answer
//! count nowhere. An item counts by its number of answers, and chance is drawn without replacement;
//! else it is Fleiss' kappa, and close to it. Per class it is alpha of "c or not c".
//!
//! Source: Krippendorff, Computing Krippendorff's alpha-reliability, University of Pennsylvania,
//! 2011; Content Analysis: An Introduction to Its Methodology, 2nd edition, 2004, chapter 11.

use super::distance::{Weights, squared_spread};
use super::observed::{Items, Statistic, occurrences};
use super::patterns::AnswerPatterns;
use super::undefined::Undefined;
use crate::error::QualityError;

/// The level of measurement: what a difference of classes means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level<'a> {
    /// Classes are the same or not.
    Nominal,
    /// Classes are in label order; how far apart depends on how many answers lie between.
    Ordinal,
    /// Classes have values, (K), and differences mean the same everywhere on the scale.
    Interval(&'a [f64]),
}

/// Alpha, at most 1: 0 is chance, below 0 is disagreement beyond chance. The inner error is the
/// reason why there is none: no item has two answers, all answers are one label, or all have the
/// same value.
///
/// # Errors
/// Values of another number than K, or one that is not finite.
pub fn krippendorff_alpha(
    patterns: &AnswerPatterns,
    level: Level<'_>,
) -> Result<Result<f64, Undefined>, QualityError> {
    Ok(Krippendorff::new(patterns, level)?.overall(&patterns.times()))
}

/// Nominal alpha of each class against the rest, (K), in label order. An error is the reason why a
/// class has none.
pub fn krippendorff_alpha_by_class(patterns: &AnswerPatterns) -> Vec<Result<f64, Undefined>> {
    by_class(patterns, &patterns.times())
}

/// The coefficient over patterns.
pub(crate) struct Krippendorff<'a> {
    patterns: &'a AnswerPatterns,
    level: Level<'a>,
    /// `Σ_k Σ_l r_k r_l δ² / (m - 1)` of each pattern; empty for the ordinal level, whose distances
    /// change with the answers.
    spreads: Vec<f64>,
}

impl<'a> Krippendorff<'a> {
    pub(crate) fn new(patterns: &'a AnswerPatterns, level: Level<'a>) -> Result<Self, QualityError> {
        if let Level::Interval(values) = level {
            let (what, expected, found) =
                ("the list of the classes' values", patterns.n_classes(), values.len());
            if expected != found {
                return Err(QualityError::LengthMismatch { what, expected, found });
            }
            if let Some(class) = values.iter().position(|value| !value.is_finite()) {
                return Err(QualityError::ValueNotFinite { class, value: values[class].to_string() });
            }
        }
        let spread = |pattern: usize| match (level, patterns.size(pattern)) {
            (Level::Ordinal, _) | (_, 0 | 1) => 0.0,
            (Level::Interval(values), size) => spread_of(patterns, pattern, values) / (size as f64 - 1.0),
            (Level::Nominal, size) => {
                let cells = patterns.cells(pattern).iter();
                let cells = cells.map(|(class, count)| (class.index(), f64::from(*count)));
                Weights::Unweighted.spread(cells) / (size as f64 - 1.0)
            }
        };
        Ok(Self { patterns, level, spreads: (0..patterns.len()).map(spread).collect() })
    }
}

impl Statistic for Krippendorff<'_> {
    fn overall(&self, times: &[f64]) -> Result<f64, Undefined> {
        let answers = answers_of_classes(self.patterns, times);
        let n: f64 = answers.iter().sum();
        if n <= 0.0 {
            return Err(Undefined::NoOverlap);
        }
        let of_values = |values: &[f64]| squared_spread(values.iter().copied().zip(answers.iter().copied()));
        let ranks;
        let (spreads, by_chance) = match self.level {
            Level::Nominal => {
                (&self.spreads, Weights::Unweighted.spread(answers.iter().copied().enumerate()))
            }
            Level::Interval(values) => (&self.spreads, of_values(values)),
            Level::Ordinal => {
                let middle = mid_ranks(&answers);
                let spread = |pattern| {
                    let others = (self.patterns.size(pattern) as f64 - 1.0).max(1.0);
                    spread_of(self.patterns, pattern, &middle) / others
                };
                ranks = (0..self.patterns.len()).map(spread).collect();
                (&ranks, of_values(&middle))
            }
        };
        if by_chance <= 0.0 {
            let used = answers.iter().filter(|answers| **answers > 0.0).count();
            return Err(if used > 1 { Undefined::OneValueOnly } else { Undefined::OneLabelOnly });
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

/// `n_k`: how often each class was chosen, in items with at least two answers.
fn answers_of_classes(patterns: &AnswerPatterns, times: &[f64]) -> Vec<f64> {
    let mut answers = vec![0.0; patterns.n_classes()];
    for (pattern, times) in occurrences(patterns, times, Items::Overlapping) {
        for (class, count) in patterns.cells(pattern) {
            answers[class.index()] += times * f64::from(*count);
        }
    }
    answers
}

/// The mean rank of each class's answers when all are sorted; of a class without any, the place
/// where they would be.
fn mid_ranks(answers: &[f64]) -> Vec<f64> {
    let mut below = 0.0;
    let rank = |answers: &f64| {
        let middle = below + answers / 2.0;
        below += answers;
        middle
    };
    answers.iter().map(rank).collect()
}

fn spread_of(patterns: &AnswerPatterns, pattern: usize, values: &[f64]) -> f64 {
    squared_spread(
        patterns.cells(pattern).iter().map(|(class, count)| (values[class.index()], f64::from(*count))),
    )
}

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
        // Two items, p p and p n: n = (3, 1); D_o = (1/4) (0 + 2) = 1/2, D_e = 6/12 = 1/2.
        let patterns = AnswerPatterns::from_counts([[2, 0], [1, 1], [0, 1]], 2).unwrap();
        for level in [Level::Nominal, Level::Ordinal, Level::Interval(&[0.0, 7.5])] {
            assert_eq!(krippendorff_alpha(&patterns, level).unwrap(), Ok(0.0), "{level:?}");
        }
        assert_eq!(krippendorff_alpha_by_class(&patterns), [Ok(0.0), Ok(0.0)]);
    }

    #[test]
    fn undefined_has_a_reason() {
        let alpha = |rows: &[[u32; 3]], level| {
            krippendorff_alpha(&AnswerPatterns::from_counts(rows, 3).unwrap(), level).unwrap()
        };
        let values = Level::Interval(&[0.1, 0.1, 0.3]);
        for level in [Level::Nominal, Level::Ordinal, values] {
            assert_eq!(alpha(&[[1, 0, 0], [0, 1, 0]], level), Err(Undefined::NoOverlap));
            // What single answers say does not count.
            assert_eq!(alpha(&[[0, 3, 0], [0, 2, 0], [1, 0, 0]], level), Err(Undefined::OneLabelOnly));
        }
        assert_eq!(alpha(&[[2, 1, 0], [0, 2, 0]], values), Err(Undefined::OneValueOnly));
        assert!(alpha(&[[2, 1, 0], [0, 2, 0]], Level::Nominal).is_ok());
    }

    #[test]
    fn values_must_fit_the_classes() {
        let patterns = AnswerPatterns::from_counts([[1, 1]], 2).unwrap();
        let alpha = |values: &[f64]| krippendorff_alpha(&patterns, Level::Interval(values));
        let what = "the list of the classes' values";
        assert_eq!(alpha(&[1.0]), Err(QualityError::LengthMismatch { what, expected: 2, found: 1 }));
        let value = "NaN".to_owned();
        assert_eq!(alpha(&[1.0, f64::NAN]), Err(QualityError::ValueNotFinite { class: 1, value }));
    }
}
