//! Holm's correction: raises the p-values of many tests. If only tests with a corrected p-value
//! below a level count as findings, the probability of any false finding is at most this level.
//!
//! With many tests, the smallest p-value is small even if there is nothing to find. The m p-values
//! are sorted ascending. The i-th is multiplied by m - i + 1; if the product is below the corrected
//! value before it, that value is used instead. The tests may depend on each other in any way.
//! Source: Holm 1979.

/// Returns the p-values `p`, in [0, 1], corrected by Holm's method, in the order of `p`. `tests` is
/// the number m of all tests; it may exceed the number of p-values, because tests with a p-value of
/// 1 can be left out of `p`.
pub fn holm(p: &[f64], tests: usize) -> Vec<f64> {
    let tests = tests.max(p.len());
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|left, right| p[*left].total_cmp(&p[*right]).then(left.cmp(right)));
    let mut corrected = vec![0.0; p.len()];
    let mut least = 0.0f64;
    for (rank, place) in order.into_iter().enumerate() {
        least = least.max((p[place] * (tests - rank) as f64).min(1.0));
        corrected[place] = least;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        // The sorted p-values are multiplied by 4, 3, 2 and 1. The last product, 1 · 0.04, is
        // raised to the value before it, 2 · 0.03.
        let found = holm(&[0.01, 0.04, 0.03, 0.005], 4);
        for (found, expected) in found.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((found - expected).abs() < 1e-15, "{found} {expected}");
        }
        assert_eq!(holm(&[0.6, 0.9], 2), [1.0, 1.0]);
        assert!(holm(&[], 7).is_empty());
    }

    #[test]
    fn tests_that_are_not_listed_count() {
        let listed = holm(&[0.01, 0.02], 10);
        let all = holm(&[0.01, 0.02, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], 10);
        assert_eq!(listed, all[..2]);
    }

    proptest! {
        #[test]
        fn only_raises_and_keeps_the_order(p in prop::collection::vec(0.0f64..1.0, 1..12)) {
            let corrected = holm(&p, p.len());
            for (i, value) in corrected.iter().enumerate() {
                prop_assert!(*value >= p[i] && *value <= 1.0);
                prop_assert!((0..p.len()).all(|j| p[j] <= p[i] || corrected[j] >= *value));
            }
        }
    }
}
