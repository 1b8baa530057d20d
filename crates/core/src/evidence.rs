//! Evidence about a rate, as a Beta distribution. It says how far the rate may be from its
//! estimate, and how likely the rate is to exceed a bound.
//!
//! After r right and w wrong answers the rate has the distribution Beta(r + 1/3, w + 1/3). Both
//! parameters of the prior are 1/3, because the median is then closest to r / (r + w), even at the
//! ends (Kerman 2011). A 95 % interval runs from the 0.025 quantile to the 0.975 quantile. Without
//! a wrong answer it ends at 1; without a right one it begins at 0 (Brown et al. 2001).

use statrs::function::beta::beta_reg;

use crate::interval::Interval;

/// Both parameters of the prior.
const PRIOR: f64 = 1.0 / 3.0;
/// If there are fewer right answers than this, they count as none, and the interval begins at 0. If
/// there are fewer wrong answers than this, the interval ends at 1.
const NONE: f64 = 0.05;
/// The probability left out on each side of an interval.
const OUTSIDE: f64 = 0.025;
/// The number of halvings of the bracket around a quantile.
const HALVINGS: usize = 40;

/// Evidence about a rate of right answers: numbers of answers of which it is known whether they are
/// right. Both numbers are finite and at least 0, and need not be whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SkillEvidence {
    /// The number of right answers.
    pub right: f64,
    /// The number of wrong answers.
    pub wrong: f64,
}

impl SkillEvidence {
    /// Returns the evidence whose distribution, Beta(right + 1/3, wrong + 1/3), has this mean and
    /// variance. A count that would be negative, because the variance is too large, is 0.
    pub fn of_moments(mean: f64, variance: f64) -> Self {
        let spread = mean * (1.0 - mean);
        let total = if variance > 0.0 { (spread / variance - 1.0).max(0.0) } else { 0.0 };
        let counts = |share: f64| (share * total - PRIOR).max(0.0);
        Self { right: counts(mean), wrong: counts(1.0 - mean) }
    }

    /// Returns the probability that the rate is at least `threshold`, in [0, 1].
    pub fn at_least(self, threshold: f64) -> f64 {
        1.0 - self.below(threshold)
    }

    /// Returns the 95 % interval of the rate.
    pub fn interval(self) -> Interval {
        let low = if self.right < NONE { 0.0 } else { self.quantile(OUTSIDE) };
        let high = if self.wrong < NONE { 1.0 } else { self.quantile(1.0 - OUTSIDE) };
        Interval { low, high }
    }

    /// Returns the probability that the true rate is below `rate`.
    fn below(self, rate: f64) -> f64 {
        if rate <= 0.0 {
            0.0
        } else if rate >= 1.0 {
            1.0
        } else {
            beta_reg(self.right + PRIOR, self.wrong + PRIOR, rate)
        }
    }

    /// Returns the rate below which the distribution has the probability `share`, by bisection.
    fn quantile(self, share: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if self.below(middle) < share { low = middle } else { high = middle }
        }
        f64::midpoint(low, high)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_are_those_of_scipy() {
        // The reference is SciPy 1.18, beta.ppf([0.025, 0.975], 19 + 1/3, 1 + 1/3).
        let interval = SkillEvidence { right: 19.0, wrong: 1.0 }.interval();
        let (low, high) = (0.799_670_71, 0.996_214_09);
        assert!((interval.low - low).abs() < 1e-8 && (interval.high - high).abs() < 1e-8, "{interval:?}");
        // Without evidence, the distribution is Beta(1/3, 1/3), which is symmetric.
        let nothing = SkillEvidence { right: 0.0, wrong: 0.0 };
        assert_eq!((nothing.interval().low, nothing.interval().high), (0.0, 1.0));
        assert!((nothing.at_least(0.5) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn the_ends_are_reached_without_an_answer_on_their_side() {
        let all = SkillEvidence { right: 30.0, wrong: 0.0 }.interval();
        assert!(all.high >= 1.0 && all.low > 0.9 && all.low < 1.0, "{all:?}");
        let none = SkillEvidence { right: 0.0, wrong: 1_000.0 }.interval();
        assert!(none.low <= 0.0 && none.high < 0.01, "{none:?}");
        assert!(SkillEvidence { right: 0.0, wrong: 1_000.0 }.at_least(0.5) < 1e-12);
    }

    proptest! {
        #[test]
        fn moments_lead_back(right in 1.0..500.0f64, wrong in 1.0..500.0f64) {
            let (a, b) = (right + PRIOR, wrong + PRIOR);
            let (mean, n) = (a / (a + b), a + b);
            let found = SkillEvidence::of_moments(mean, mean * (1.0 - mean) / (n + 1.0));
            prop_assert!((found.right - right).abs() < 1e-6 && (found.wrong - wrong).abs() < 1e-6);
            let interval = found.interval();
            prop_assert!(interval.low < mean && mean < interval.high);
            prop_assert!((found.at_least(interval.low) - 0.975).abs() < 1e-5);
        }
    }
}
