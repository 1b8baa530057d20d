//! Decides whether a sample shows that enough of all items have the right label.
//!
//! Of `all` items, `checked` are drawn at random, and `right` of these are right. The claim is that
//! at least the share [`RIGHT`] of all items is right. Suppose that the set had one wrong item more
//! than the claim allows. The sample confirms the claim if a sample with at least as many right
//! items would then have a probability of at most 5 %. The items are drawn without replacement, so
//! this probability is a hypergeometric tail. For a large set, 99 checked items without an error
//! are enough. Once every item is checked, the share itself decides. Assumption: the checked items
//! are as hard as the others.

use crate::tails;

/// The share of right items that is claimed.
pub const RIGHT: f64 = 0.97;
/// The greatest probability of confirming the claim if the share is too small.
const CHANCE: f64 = 0.05;

/// Whether `right` of `checked` items show that at least 97 % of `all` items are right. True if
/// `all` is 0, because there is nothing to show.
pub fn confirmed(right: usize, checked: usize, all: usize) -> bool {
    let (all, checked) = (all.max(checked), checked as u64);
    if all == 0 {
        return true;
    }
    // The small term keeps rounding from turning a whole number, such as 0.03 × 100, into the next
    // lower one.
    let wrong_allowed = ((1.0 - RIGHT) * all as f64 + 1e-9).floor() as u64;
    let right = (right as u64).min(checked);
    // The probability of at least `right` right items in the sample, if the set has one wrong item
    // more than the claim allows.
    tails::hypergeometric(right, all as u64, all as u64 - wrong_allowed - 1, checked) <= CHANCE
}

/// Returns the smallest number of checked items that, if all of them are right, confirm the claim
/// for a set of `all` items.
pub fn enough(all: usize) -> usize {
    let (mut low, mut high) = (0, all);
    // Bisection works because another right item never undoes the confirmation.
    while low < high {
        let middle = usize::midpoint(low, high);
        if confirmed(middle, middle, all) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_set_takes_ninety_nine_and_a_small_one_fewer() {
        // If 97 % are right, 98 right items in a row have the probability 0.97^98 = 0.0505, and 99
        // have 0.97^99 = 0.0490.
        assert_eq!(enough(10_000_000), 99);
        assert!(!confirmed(98, 98, 10_000_000) && confirmed(99, 99, 10_000_000));
        assert!(!confirmed(30, 30, 5_850));
        // Of 40 items one may be wrong. If two were wrong, 31 drawn items would all be right with
        // the probability (9 * 8) / (40 * 39) = 0.046.
        assert_eq!(enough(40), 31);
        assert_eq!((enough(0), enough(1)), (0, 1));
    }

    #[test]
    fn what_is_checked_whole_is_its_share() {
        assert!(confirmed(97, 100, 100) && !confirmed(96, 100, 100));
        assert!(confirmed(5_575, 5_742, 5_742));
        assert!(!confirmed(5_569, 5_742, 5_742));
        assert!(confirmed(0, 0, 0) && !confirmed(0, 0, 10));
    }

    #[test]
    fn too_small_a_share_is_confirmed_in_one_of_twenty_draws_at_most() {
        // Of 200 items 7 are wrong, one more than allowed. Sum the probabilities of all samples of
        // 120 items that confirm the claim, by their number of wrong items.
        let (all, wrong, drawn) = (200, 7, 120);
        let chance: f64 = (0..=wrong)
            .filter(|seen| confirmed(drawn - seen, drawn, all))
            .map(|seen| {
                let at_least = |k: usize| tails::hypergeometric(k as u64, 200, 7, 120);
                at_least(seen) - at_least(seen + 1)
            })
            .sum();
        assert!(chance > 0.001 && chance <= 0.05, "{chance}");
    }
}
