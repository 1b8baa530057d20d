//! Upper tails of two discrete distributions: the probability of a count at least as high as the
//! observed one, by chance.
//!
//! - binomial: k or more successes in n trials, `I_p(k, n - k + 1)` by the regularized incomplete
//!   beta function;
//! - hypergeometric: k or more marked items in a draw of `drawn` items without replacement, from
//!   `all` items of which `marked` are marked. This is Fisher's exact test, one-sided. It is summed
//!   term by term from k upwards.
//!
//! The special functions come from `statrs`.

use statrs::function::beta::beta_reg;
use statrs::function::factorial::ln_binomial;

/// Returns the tail `P(X >= k)` of the binomial distribution of `n` trials with success probability
/// `p` in [0, 1].
pub fn binomial(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 || p >= 1.0 && k <= n {
        1.0
    } else if k > n || p <= 0.0 {
        0.0
    } else {
        beta_reg(k as f64, (n - k + 1) as f64, p)
    }
}

/// Returns the tail `P(X >= k)` of the number X of marked items in a draw without replacement.
/// `drawn` items are drawn from `all` items, of which `marked` are marked; `marked` and `drawn` are
/// at most `all`.
///
/// The sum starts at k, and each term follows from the one before:
/// `p(x + 1) / p(x) = (marked - x)(drawn - x) / ((x + 1)(all - marked - drawn + x + 1))`.
pub fn hypergeometric(k: u64, all: u64, marked: u64, drawn: u64) -> f64 {
    let lowest = (marked + drawn).saturating_sub(all);
    let highest = marked.min(drawn);
    if k <= lowest {
        return 1.0;
    }
    if k > highest {
        return 0.0;
    }
    let mut term =
        (ln_binomial(marked, k) + ln_binomial(all - marked, drawn - k) - ln_binomial(all, drawn)).exp();
    let mut sum = 0.0;
    for x in k..=highest {
        sum += term;
        // Beyond the mode the terms fall ever faster, so once they are this small, the rest cannot
        // change the sum.
        let ratio = (marked - x) as f64 * (drawn - x) as f64
            / ((x + 1) as f64 * (all + x + 1 - marked - drawn) as f64);
        if ratio < 0.5 && term < sum * 1e-17 {
            break;
        }
        term *= ratio;
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-12 * expected.max(1e-3), "{found} {expected}");
    }

    #[test]
    fn small_cases_by_hand() {
        close(binomial(2, 3, 0.5), 0.5);
        close(binomial(3, 3, 0.1), 0.001);
        close(binomial(1, 4, 0.25), 1.0 - 0.75f64.powi(4));
        // In Fisher's tea test, 4 of 8 cups had milk first. By chance, all 4 are named with
        // probability 1/70, and at least 3 with probability 17/70.
        close(hypergeometric(4, 8, 4, 4), 1.0 / 70.0);
        close(hypergeometric(3, 8, 4, 4), 17.0 / 70.0);
    }

    #[test]
    fn the_ends() {
        close(binomial(0, 5, 0.3), 1.0);
        close(binomial(6, 5, 0.3), 0.0);
        close(binomial(5, 5, 1.0), 1.0);
        close(binomial(1, 5, 0.0), 0.0);
        close(hypergeometric(2, 5, 4, 3), 1.0);
        close(hypergeometric(4, 5, 4, 3), 0.0);
    }

    #[test]
    fn large_tables_stay_sound() {
        // SciPy 1.18 has hypergeom.sf(530 - 1, 1_000_000, 500_000, 1_000) = 0.0310…, which is close
        // to the binomial tail.
        let found = hypergeometric(530, 1_000_000, 500_000, 1_000);
        assert!((found - binomial(530, 1_000, 0.5)).abs() < 1e-4, "{found}");
    }

    proptest! {
        #[test]
        fn tails_fall_and_meet_at_one(all in 1u64..40, marked in 0u64..40, drawn in 0u64..40) {
            let (marked, drawn) = (marked.min(all), drawn.min(all));
            let tails: Vec<f64> = (0..=all + 1).map(|k| hypergeometric(k, all, marked, drawn)).collect();
            prop_assert!((tails[0] - 1.0).abs() < 1e-12);
            prop_assert!(tails.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12));
            // The mean of X is the sum of its tails from 1 on.
            let mean: f64 = tails[1..].iter().sum();
            prop_assert!((mean - (marked * drawn) as f64 / all as f64).abs() < 1e-9);
        }
    }
}
