//! Quotas: the number of documents of each class that a batch asks for. They are exact integers
//! that always sum to the size of the batch.
//!
//! Documents are divided in proportion to weights by the method of largest remainders (Hamilton;
//! Balinski and Young 1982, "Fair Representation"). Each class gets the whole part of its exact
//! share; the classes with the largest fractional parts get one more document each. Balancing needs
//! no fractions: it fills up the classes with the fewest labels first.

use crate::error::QueryError;

/// A tolerance for rounding. A product such as 0.29 · 100 = 28.999999999999996 must not lose a
/// whole document, and fractions that are mathematically equal must tie.
const SLACK: f64 = 1e-9;

/// Divides `n` in proportion to `weights` and returns one count for each weight w. The counts sum
/// to `n`, and each is within 1 of its exact share `n · w / Σ w`. Among equal remainders, the first
/// is rounded up. The count for a weight of 0 is 0.
///
/// # Errors
/// A weight is negative or not finite (the error has its index), or all weights are 0.
pub fn largest_remainder(n: usize, weights: &[f64]) -> Result<Vec<usize>, QueryError> {
    check_weights(weights)?;
    Ok(apportion(n, weights))
}

/// Checks that all weights are finite and at least 0, and that one is above 0.
fn check_weights(weights: &[f64]) -> Result<(), QueryError> {
    for (index, &value) in weights.iter().enumerate() {
        if !value.is_finite() || value < 0.0 {
            return Err(QueryError::InvalidWeight { index, value });
        }
    }
    if weights.iter().all(|weight| *weight <= 0.0) {
        return Err(QueryError::ZeroWeights { count: weights.len() });
    }
    Ok(())
}

/// Returns the weights scaled to sum to 1. They are divided by the largest first, so that the sum
/// of huge weights is finite.
fn normalized(weights: &[f64]) -> Vec<f64> {
    let max = weights.iter().copied().fold(0.0, f64::max);
    let sum: f64 = weights.iter().map(|weight| weight / max).sum();
    weights.iter().map(|weight| weight / max / sum).collect()
}

/// Divides `n` like [`largest_remainder`], for weights that are known to be valid.
pub(crate) fn apportion(n: usize, weights: &[f64]) -> Vec<usize> {
    let max = weights.iter().copied().fold(0.0, f64::max);
    let sum: f64 = weights.iter().map(|weight| weight / max).sum();
    let mut left = n;
    let mut counts = Vec::with_capacity(weights.len());
    let mut fractions = Vec::new();
    for (index, weight) in weights.iter().enumerate() {
        // Multiply before dividing: 80 and 20 of 100 then give whole numbers without rounding.
        let exact = n as f64 * (weight / max) / sum;
        let whole = (exact + SLACK).floor();
        let count = (whole as usize).min(left);
        left -= count;
        counts.push(count);
        if *weight > 0.0 {
            // In units of the slack, so that remainders that differ only by rounding are equal.
            fractions.push((((exact - whole) / SLACK).round() as i64, index));
        }
    }
    fractions.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, index) in fractions.iter().cycle().take(left) {
        counts[*index] += 1;
    }
    counts
}

/// Returns the quotas that make the labelled set as even as possible after a batch of `n`. `counts`
/// has the number of labelled documents of each class, in label order. The smallest classes are
/// filled up to one level. If documents remain, the first of these classes in label order get one
/// more each. The quotas sum to `n`; they are empty if there is no class.
pub fn balance(n: usize, counts: &[usize]) -> Vec<usize> {
    let Some(&smallest) = counts.iter().min() else {
        return Vec::new();
    };
    // The sum is a u128, because it may exceed a usize during the search for the level.
    let missing =
        |level: usize| counts.iter().map(|count| level.saturating_sub(*count) as u128).sum::<u128>();
    // The highest level that n documents can fill, by bisection: `missing` grows with the level.
    let (mut fits, mut exceeds) = (smallest, smallest.saturating_add(n).saturating_add(1));
    while exceeds - fits > 1 {
        let middle = fits + (exceeds - fits) / 2;
        if missing(middle) <= n as u128 { fits = middle } else { exceeds = middle }
    }
    let mut left = n - missing(fits) as usize;
    let mut quota = |count: usize| {
        let extra = usize::from(count <= fits && left > 0);
        left -= extra;
        fits.saturating_sub(count) + extra
    };
    counts.iter().map(|count| quota(*count)).collect()
}

/// The rule that determines the class quotas of a batch.
#[derive(Debug, Clone, PartialEq)]
pub enum Ratio {
    /// The quotas even out the labelled set: [`balance`].
    Balance,
    /// The user's weights, one for each class in label order, with any sum: [`largest_remainder`].
    Weights(Vec<f64>),
}

impl Ratio {
    /// Returns the quotas of a batch of `n`, one for each class in label order. `labeled_counts`
    /// has the number of labelled documents of each class.
    ///
    /// # Errors
    /// The number of weights is not the number of classes, or [`largest_remainder`] refuses the
    /// weights.
    pub fn quotas(&self, n: usize, labeled_counts: &[usize]) -> Result<Vec<usize>, QueryError> {
        match self {
            Self::Balance => Ok(balance(n, labeled_counts)),
            Self::Weights(weights) => {
                check_length(weights.len(), labeled_counts.len())?;
                largest_remainder(n, weights)
            }
        }
    }

    /// Returns the class distribution that the quotas aim at, which sums to 1: the normalised
    /// weights, or the uniform distribution for [`Ratio::Balance`].
    ///
    /// # Errors
    /// The same as for [`Ratio::quotas`].
    pub fn target(&self, n_classes: usize) -> Result<Vec<f64>, QueryError> {
        match self {
            Self::Balance => Ok(vec![1.0 / n_classes as f64; n_classes]),
            Self::Weights(weights) => {
                check_length(weights.len(), n_classes)?;
                check_weights(weights)?;
                Ok(normalized(weights))
            }
        }
    }
}

/// Returns an error if the number of weights is not the number of classes.
fn check_length(found: usize, expected: usize) -> Result<(), QueryError> {
    if found == expected {
        return Ok(());
    }
    Err(QueryError::ClassCount { what: "a ratio", expected, found })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shares_out_exactly() {
        assert_eq!(largest_remainder(1000, &[0.8, 0.2]).unwrap(), [800, 200]);
        assert_eq!(largest_remainder(1000, &[80.0, 20.0]).unwrap(), [800, 200]);
        assert_eq!(largest_remainder(100, &[0.29, 0.71]).unwrap(), [29, 71]);
        // By Hamilton's rule, the exact shares of 10 are 4.7, 3.3 and 2.0. The one document left
        // goes to the share with the fraction .7.
        assert_eq!(largest_remainder(10, &[47.0, 33.0, 20.0]).unwrap(), [5, 3, 2]);
        // Among equal remainders the first wins.
        assert_eq!(largest_remainder(10, &[1.0 / 3.0; 3]).unwrap(), [4, 3, 3]);
        assert_eq!(largest_remainder(2, &[0.1, 0.1, 0.1]).unwrap(), [1, 1, 0]);
        assert_eq!(largest_remainder(5, &[0.0, 1.0, 0.0]).unwrap(), [0, 5, 0]);
        assert_eq!(largest_remainder(0, &[0.5, 0.5]).unwrap(), [0, 0]);
        assert_eq!(largest_remainder(3, &[f64::MAX, f64::MAX, f64::MAX]).unwrap(), [1, 1, 1]);
    }

    #[test]
    fn refuses_weights_that_cannot_be_shared_by() {
        for bad in [-0.5, f64::INFINITY, f64::NAN] {
            let error = largest_remainder(10, &[1.0, 2.0, bad]).unwrap_err();
            assert!(matches!(error, QueryError::InvalidWeight { index: 2, .. }), "{error}");
            assert!(error.to_string().contains(&format!("2 (counted from 0) is {bad}")), "{error}");
        }
        assert_eq!(largest_remainder(10, &[0.0, 0.0]), Err(QueryError::ZeroWeights { count: 2 }));
        assert_eq!(largest_remainder(10, &[]), Err(QueryError::ZeroWeights { count: 0 }));
    }

    #[test]
    fn balance_fills_the_deficits() {
        // The classes have 1, 5 and 10 labels. Ten more bring the first two classes to 8 each.
        assert_eq!(balance(10, &[1, 5, 10]), [7, 3, 0]);
        assert_eq!(balance(3, &[0, 0, 0, 0]), [1, 1, 1, 0]);
        assert_eq!(balance(5, &[2, 2]), [3, 2]);
        assert_eq!(balance(4, &[100, 0]), [0, 4]);
        assert_eq!(balance(0, &[3, 1]), [0, 0]);
        assert_eq!(balance(4, &[]), [0; 0]);
    }

    #[test]
    fn a_ratio_has_quotas_and_a_target() {
        let weights = Ratio::Weights(vec![80.0, 20.0]);
        assert_eq!(weights.quotas(10, &[0, 0]).unwrap(), [8, 2]);
        assert_eq!(weights.target(2).unwrap(), [0.8, 0.2]);
        assert_eq!(Ratio::Balance.quotas(10, &[6, 0]).unwrap(), [2, 8]);
        assert_eq!(Ratio::Balance.target(4).unwrap(), [0.25; 4]);
        let wrong = QueryError::ClassCount { what: "a ratio", expected: 3, found: 2 };
        assert_eq!(weights.quotas(10, &[0, 0, 0]), Err(wrong.clone()));
        assert_eq!(weights.target(3), Err(wrong));
    }

    /// Returns all ways to divide `n` among `k` classes.
    fn compositions(n: usize, k: usize) -> Vec<Vec<usize>> {
        if k == 1 {
            return vec![vec![n]];
        }
        let rest = |first: usize| {
            let tails = compositions(n - first, k - 1);
            tails.into_iter().map(move |tail| [vec![first], tail].concat())
        };
        (0..=n).flat_map(rest).collect()
    }

    fn spread(counts: &[usize], quotas: &[usize]) -> usize {
        let totals: Vec<usize> = counts.iter().zip(quotas).map(|(a, b)| a + b).collect();
        totals.iter().max().unwrap() - totals.iter().min().unwrap()
    }

    proptest! {
        #[test]
        fn remainders_sum_to_n_and_stay_within_one(
            n in 0usize..5000,
            weights in prop::collection::vec(prop_oneof![Just(0.0), 0.0f64..10.0], 1..12),
        ) {
            prop_assume!(weights.iter().sum::<f64>() > 0.0);
            let counts = largest_remainder(n, &weights).unwrap();
            prop_assert_eq!(counts.iter().sum::<usize>(), n);
            let sum: f64 = weights.iter().sum();
            for (count, weight) in counts.iter().zip(&weights) {
                prop_assert!((*count as f64 - n as f64 * weight / sum).abs() < 1.0 + 1e-6);
                prop_assert!(*weight > 0.0 || *count == 0);
            }
        }

        #[test]
        fn no_other_quotas_leave_the_classes_more_even(
            n in 0usize..8,
            counts in prop::collection::vec(0usize..12, 1..5),
        ) {
            let quotas = balance(n, &counts);
            prop_assert_eq!(quotas.iter().sum::<usize>(), n);
            let best = compositions(n, counts.len()).iter().map(|other| spread(&counts, other)).min();
            prop_assert_eq!(Some(spread(&counts, &quotas)), best);
        }

        #[test]
        fn balance_equals_giving_one_at_a_time_to_the_smallest(
            n in 0usize..200,
            counts in prop::collection::vec(0usize..60, 1..9),
        ) {
            let mut totals = counts.clone();
            for _ in 0..n {
                let smallest = (0..totals.len()).min_by_key(|at| totals[*at]).unwrap();
                totals[smallest] += 1;
            }
            let given: Vec<usize> = totals.iter().zip(&counts).map(|(total, count)| total - count).collect();
            prop_assert_eq!(balance(n, &counts), given);
        }
    }
}
