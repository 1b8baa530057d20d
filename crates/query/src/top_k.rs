//! The k best of n scores, best first.
//!
//! It selects in O(n) and then sorts only the k best: a pool of millions is never sorted whole. The
//! order is total (`f64::total_cmp`, with -0 equal to 0). Among equal scores, the smaller index is
//! first, so the result does not depend on the selection algorithm. NaN sorts above every number;
//! no measure returns it.

use std::cmp::Ordering;

/// Returns the indices of the `k` highest scores, or of all if there are fewer, the highest first.
/// Ties go to the smaller index.
pub fn top_k(scores: &[f64], k: usize) -> Vec<usize> {
    let better = |a: &usize, b: &usize| compare(scores[*b], scores[*a]).then(a.cmp(b));
    let mut places: Vec<usize> = (0..scores.len()).collect();
    if k == 0 {
        return Vec::new();
    }
    if k < places.len() {
        places.select_nth_unstable_by(k - 1, better);
        places.truncate(k);
    }
    places.sort_unstable_by(better);
    places
}

/// Compares two scores in a total order. Adding 0 turns -0 into 0, which `total_cmp` would
/// distinguish.
fn compare(a: f64, b: f64) -> Ordering {
    (a + 0.0).total_cmp(&(b + 0.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn gives_the_highest_with_ties_by_place() {
        let scores = [0.5, 0.9, 0.5, 0.1, 0.9];
        assert_eq!(top_k(&scores, 3), [1, 4, 0]);
        assert_eq!(top_k(&scores, 9), [1, 4, 0, 2, 3]);
        assert_eq!(top_k(&scores, 0), [0; 0]);
        assert_eq!(top_k(&[], 2), [0; 0]);
        assert_eq!(top_k(&[0.0, -0.0, 0.0], 2), [0, 1]);
    }

    proptest! {
        #[test]
        fn equals_a_stable_sort(scores in prop::collection::vec(0u8..6, 0..60), k in 0usize..70) {
            let scores: Vec<f64> = scores.into_iter().map(f64::from).collect();
            let mut sorted: Vec<usize> = (0..scores.len()).collect();
            sorted.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
            sorted.truncate(k);
            prop_assert_eq!(top_k(&scores, k), sorted);
        }
    }
}
