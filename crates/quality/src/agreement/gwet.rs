//! Gwet's AC1 and AC2: measures of agreement beyond chance that remain meaningful if nearly all
//! answers have the same class.
//!
//! `AC = 1 - D_o / D_e`. `D_o` is the mean weighted disagreement on the items with at least two
//! answers (as in Fleiss' kappa). `D_e = 1 - T_w Σ_k π_k (1 - π_k) / (K (K - 1))`, with the number
//! of classes K, the mean share `π_k` of class k over all items, and the sum `T_w = Σ_k Σ_l w_kl`
//! of the agreement weights. Without weights (`T_w` = K) this is AC1, with weights AC2.
//!
//! The model of chance is that annotators answer at random on hard items only. So agreement by
//! chance falls if one class prevails, while in kappa it rises. If 98 % of the answers have one
//! class and annotators agree on 96 % of the items, kappa is near 0, but AC1 is 0.96. A drawback: K
//! counts unused classes too, and each of them raises AC a little. The AC of a single class c is
//! AC1 of the two classes "c" and "not c".
//!
//! Source: Gwet, Computing inter-rater reliability and its variance in the presence of high
//! agreement, British Journal of Mathematical and Statistical Psychology 61:29-48, 2008; weights
//! and missing answers: Gwet, Handbook of Inter-Rater Reliability, 4th edition, 2014, chapters 3
//! and 4.

use super::distance::Weights;
use super::observed::{
    Items, Statistic, class_shares, disagreements, mean_class_disagreements, mean_disagreement,
};
use super::patterns::AnswerPatterns;
use super::undefined::Undefined;

/// Computes AC1 (unweighted) or AC2, at most 1. If all answers have the same label, the result is
/// 1, where kappa would be 0 / 0.
///
/// # Errors
/// No item has two answers, or the set has a single class.
pub fn gwet_ac(patterns: &AnswerPatterns, weights: Weights) -> Result<f64, Undefined> {
    Gwet::new(patterns, weights).overall(&patterns.times())
}

/// AC1 or AC2 as a function of how often each pattern occurs.
pub(crate) struct Gwet<'a> {
    patterns: &'a AnswerPatterns,
    /// The weighted disagreement within each pattern, in [0, 1].
    disagreements: Vec<f64>,
    /// `T_w / (K (K - 1))`; `None` for a single class.
    chance: Option<f64>,
}

impl<'a> Gwet<'a> {
    /// Computes the disagreement of each pattern, and the factor of agreement by chance.
    pub(crate) fn new(patterns: &'a AnswerPatterns, weights: Weights) -> Self {
        let classes = patterns.n_classes() as f64;
        // The sum of the distances over all pairs of classes: each class has mass 1.
        let apart = weights.spread((0..patterns.n_classes()).map(|class| (class, 1.0)));
        let agreement = classes * classes - apart / weights.longest(patterns.n_classes()).max(1.0);
        let chance = (patterns.n_classes() >= 2).then(|| agreement / (classes * (classes - 1.0)));
        Self { patterns, disagreements: disagreements(patterns, weights), chance }
    }
}

impl Statistic for Gwet<'_> {
    /// Returns AC over all classes if each pattern occurs `times` times.
    fn overall(&self, times: &[f64]) -> Result<f64, Undefined> {
        let chance = self.chance.ok_or(Undefined::OneLabelOnly)?;
        let observed = mean_disagreement(self.patterns, &self.disagreements, times, Items::Overlapping);
        let shares = class_shares(self.patterns, times, Items::All);
        let (Some(observed), Some(shares)) = (observed, shares) else { return Err(Undefined::NoOverlap) };
        let hard: f64 = shares.iter().map(|share| share * (1.0 - share)).sum();
        Ok(1.0 - observed / (1.0 - chance * hard))
    }

    /// Returns AC1 of each class against all other classes, if each pattern occurs `times` times.
    fn by_class(&self, times: &[f64]) -> Vec<Result<f64, Undefined>> {
        let observed = mean_class_disagreements(self.patterns, times, Items::Overlapping);
        let shares = class_shares(self.patterns, times, Items::All);
        let (Some(observed), Some(shares)) = (observed, shares) else {
            return vec![Err(Undefined::NoOverlap); self.patterns.n_classes()];
        };
        // For the two classes "c" and "not c", `D_e` is 1 - 2 π (1 - π).
        let ac1 = |(disagreement, share): (f64, f64)| {
            if share > 0.0 {
                Ok(1.0 - disagreement / (1.0 - 2.0 * share * (1.0 - share)))
            } else {
                Err(Undefined::ClassNotUsed)
            }
        };
        observed.into_iter().zip(shares).map(ac1).collect()
    }

    fn items(&self) -> Items {
        Items::All
    }
}

#[cfg(test)]
mod tests {
    use super::super::fleiss::fleiss_kappa;
    use super::*;

    #[test]
    fn two_annotators_and_a_class_that_prevails() {
        // On 118 items both annotators answer +, on 5 + 2 items one of them does, and on no item
        // both answer -. So they agree on 118/125 of the items, and the share of + is (118 + 3.5)
        // / 125. Kappa is below 0 here.
        let rows = [[2, 0]; 118].into_iter().chain([[1, 1]; 7]);
        let patterns = AnswerPatterns::from_counts(rows, 2).unwrap();
        let share = (118.0 + 3.5) / 125.0;
        let chance = 2.0 * share * (1.0 - share);
        let expected = (118.0 / 125.0 - chance) / (1.0 - chance);
        assert!((gwet_ac(&patterns, Weights::Unweighted).unwrap() - expected).abs() < 1e-15);
        assert!(expected > 0.94);
        let kappa = fleiss_kappa(&patterns).unwrap();
        assert!((-0.03..0.0).contains(&kappa));
    }

    #[test]
    fn one_label_is_perfect_agreement_and_one_class_is_no_question() {
        let same = AnswerPatterns::from_counts([[0, 3, 0], [0, 2, 0]], 3).unwrap();
        assert_eq!(gwet_ac(&same, Weights::Quadratic), Ok(1.0));
        let unused = Err(Undefined::ClassNotUsed);
        let classes = Gwet::new(&same, Weights::Unweighted).by_class(&same.times());
        assert_eq!(classes, [unused, Ok(1.0), unused]);
        let single = AnswerPatterns::from_counts([[3], [2]], 1).unwrap();
        assert_eq!(gwet_ac(&single, Weights::Unweighted), Err(Undefined::OneLabelOnly));
        let apart = AnswerPatterns::from_counts([[1, 0], [0, 1]], 2).unwrap();
        assert_eq!(gwet_ac(&apart, Weights::Unweighted), Err(Undefined::NoOverlap));
    }
}
