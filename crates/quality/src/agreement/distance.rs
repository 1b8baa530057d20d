//! The distance between two classes, and the sum of the distances between the answers to an item.
//!
//! Every coefficient in this folder is 1 minus the disagreement divided by the disagreement by
//! chance. A disagreement is a sum of distances over pairs of answers, `Σ_k Σ_l m_k m_l d(k, l)`,
//! where `m_k` is the number (or share) of answers with class k. Summing over all pairs of classes
//! would take quadratic time. This file needs one pass over the classes that occur, because the sum
//! of squared distances follows from the deviations from the mean.

use querist_core::Class;
use serde::Serialize;

/// The weight of a disagreement, as a distance d(k, l) between the positions k and l of the two
/// classes in the label order.
///
/// The literature uses agreement weights instead: `w = 1 - d(k, l) / d(0, K - 1)`, where K is the
/// number of classes. Both forms define the same coefficients. With two classes, both variants of
/// this type are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    /// `d = 1` for different classes, whatever their order.
    Unweighted,
    /// `d = (k - l)²` (Fleiss and Cohen 1973).
    Quadratic,
}

impl Weights {
    /// Returns the distance `d(k, l)` of two classes, a whole number.
    pub fn steps(self, one: Class, other: Class) -> u64 {
        let apart = u64::from(one.0.abs_diff(other.0));
        match self {
            Self::Unweighted => u64::from(apart > 0),
            Self::Quadratic => apart * apart,
        }
    }

    /// Returns the distance `d(0, K - 1)` between the first and the last of K = `n_classes`
    /// classes; 0 for a single class.
    pub fn longest(self, n_classes: usize) -> f64 {
        self.steps(Class(0), Class::from_index(n_classes.saturating_sub(1))) as f64
    }

    /// Returns `Σ_k Σ_l m_k m_l d(k, l)`. `masses` has pairs (class k, mass `m_k`) in label order;
    /// a mass is a number or a share of answers. The result is exactly 0 for a single class, and
    /// exact for whole masses if all sums are below 2^53.
    pub(crate) fn spread(self, masses: impl Iterator<Item = (usize, f64)> + Clone) -> f64 {
        match self {
            Self::Unweighted => nominal_spread(masses.map(|(_, mass)| mass)),
            Self::Quadratic => squared_spread(masses.map(|(class, mass)| (class as f64, mass))),
        }
    }
}

/// Returns `Σ_{k ≠ l} m_k m_l`, computed as `Σ_k m_k (M - m_k)` with the total mass M, which is
/// exactly 0 for a single class.
fn nominal_spread(masses: impl Iterator<Item = f64> + Clone) -> f64 {
    let total: f64 = masses.clone().sum();
    masses.map(|mass| mass * (total - mass)).sum()
}

/// Returns `Σ_k Σ_l m_k m_l (v_k - v_l)² = 2 M Σ_k m_k (v_k - mean)²` for pairs (value `v_k`, mass
/// `m_k`) in any order, where M is the total mass. The first value is subtracted from all values,
/// so that the result is exactly 0 if all values are equal.
pub(crate) fn squared_spread(masses: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let Some((first, _)) = masses.clone().next() else { return 0.0 };
    let (mut total, mut sum) = (0.0, 0.0);
    for (value, mass) in masses.clone() {
        total += mass;
        sum += mass * (value - first);
    }
    if total <= 0.0 {
        return 0.0;
    }
    let mean = sum / total;
    2.0 * total * masses.map(|(value, mass)| mass * (value - first - mean).powi(2)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Weights; 2] = [Weights::Unweighted, Weights::Quadratic];

    #[test]
    fn steps_by_hand() {
        let steps = |weights: Weights| weights.steps(Class(4), Class(1));
        assert_eq!(ALL.map(steps), [1, 9]);
        assert_eq!(ALL.map(|weights| weights.longest(5) as u64), [1, 16]);
        assert_eq!(ALL.map(|weights| weights.longest(2) as u64), [1; 2]);
    }

    #[test]
    fn one_value_has_no_spread() {
        for weights in ALL {
            assert_eq!(weights.spread([(7, 0.1 + 0.2)].into_iter()).to_bits(), 0f64.to_bits());
            // The sum of no floats is -0, so compare its absolute value.
            assert_eq!(weights.spread(std::iter::empty()).abs().to_bits(), 0f64.to_bits());
        }
        assert_eq!(squared_spread([(0.1, 3.0), (0.1, 4.0)].into_iter()).to_bits(), 0f64.to_bits());
    }

    proptest! {
        #[test]
        fn one_pass_is_the_sum_over_pairs(counts in prop::collection::vec(0u32..50, 1..9)) {
            let masses = || counts.iter().map(|count| f64::from(*count)).enumerate();
            for weights in ALL {
                let mut pairs = 0;
                for (k, one) in counts.iter().enumerate() {
                    for (l, other) in counts.iter().enumerate() {
                        let steps = weights.steps(Class::from_index(k), Class::from_index(l));
                        pairs += u64::from(*one) * u64::from(*other) * steps;
                    }
                }
                let spread = weights.spread(masses());
                prop_assert!((spread - pairs as f64).abs() <= 1e-12 * (1.0 + pairs as f64), "{weights:?}");
            }
        }
    }
}
