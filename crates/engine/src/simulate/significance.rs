//! Whether strategies differ beyond chance: a paired sign-flip test over seeds, corrected by Holm's
//! method for the number of pairs of strategies (`querist_quality::holm`).
//!
//! With the same seed two strategies start from the same labels, so their differences are paired.
//! The test assumes nothing about the distribution. With n seeds, p is never below 2 / 2ⁿ: five
//! seeds give 0.0625 at best. With more than [`EXACT`] seeds, random sign flips are drawn.

use querist_core::Seed;
use rand::Rng;

/// With at most this number of seeds, all sign flips are tried.
pub const EXACT: usize = 18;

/// Number of random sign flips drawn with more seeds.
const DRAWN: usize = 100_000;

/// Returns p of the two-sided sign-flip test of paired differences; 1 without any difference.
///
/// If both strategies were equal, d and -d would be equally likely. p is the proportion of all 2ⁿ
/// ways to flip the signs of the differences whose sum is at least as far from 0 as the observed
/// sum (Fisher 1935; the one-sample randomization test). If flips are drawn, the identity counts as
/// one of them, so that p is never 0 (Phipson and Smyth 2010).
pub fn sign_flip(differences: &[f64]) -> f64 {
    let n = differences.len();
    let found = differences.iter().sum::<f64>().abs();
    let scale: f64 = differences.iter().map(|difference| difference.abs()).sum();
    // Sums that differ only by rounding count as equal.
    let bar = found - 1e-12 * scale;
    if n <= EXACT {
        let all = 1u64 << n;
        let far = (0..all).filter(|flips| flipped(differences, *flips) >= bar).count();
        return far as f64 / all as f64;
    }
    let mut rng = Seed(0).rng(n as u32, "sign flips");
    // The unflipped differences count as one draw: their sum is as far from 0 as itself.
    let mut far = 1;
    for _ in 0..DRAWN {
        let mut sum = 0.0;
        // One random number holds the signs of 64 differences.
        for part in differences.chunks(64) {
            let flips = rng.next_u64();
            sum += signed(part, flips);
        }
        far += usize::from(sum.abs() >= bar);
    }
    far as f64 / (DRAWN + 1) as f64
}

/// Returns the absolute sum of the differences after flipping the sign of each one whose bit in
/// `flips` is set.
fn flipped(differences: &[f64], flips: u64) -> f64 {
    signed(differences, flips).abs()
}

/// Sums the differences after flipping the sign of each one whose bit in `flips` is set.
fn signed(differences: &[f64], flips: u64) -> f64 {
    let term = |(place, difference): (usize, &f64)| {
        if flips >> place & 1 == 1 { -difference } else { *difference }
    };
    differences.iter().enumerate().map(term).sum()
}

/// Returns the smallest p that `n` differences can yield.
pub fn smallest(n: usize) -> f64 {
    if n <= EXACT { (2.0 / (1u64 << n) as f64).min(1.0) } else { 1.0 / (DRAWN + 1) as f64 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sign_flips_by_enumeration() {
        // All have one sign: only the two flips with equal signs are as far from 0.
        assert!((sign_flip(&[1.0, 2.0, 3.0]) - 2.0 / 8.0).abs() < 1e-15);
        // |1 + 2 - 3| = 0: every flip is at least as far from 0.
        assert!((sign_flip(&[1.0, 2.0, -3.0]) - 1.0).abs() < 1e-15);
        // Sums of (±1, ±2, ±4) are ±7, ±5, ±3 and ±1. The observed sum is 4 + 2 - 1 = 5, so ±7 and
        // ±5 count: four of eight.
        assert!((sign_flip(&[-1.0, 2.0, 4.0]) - 4.0 / 8.0).abs() < 1e-15);
        // 0.1 + 0.2 - 0.3 is not exactly 0, but 0.3 - 0.2 - 0.1 must count as equal to it.
        assert!((sign_flip(&[0.1, 0.2, -0.3]) - 1.0).abs() < 1e-15);
        assert!((sign_flip(&[0.0; 5]) - 1.0).abs() < 1e-15);
        assert!((sign_flip(&[]) - 1.0).abs() < 1e-15);
        assert!((smallest(5) - 0.0625).abs() < 1e-15);
        assert!((smallest(1) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn drawn_flips_come_near_the_exact_ones() {
        // 20 differences of size 1, 15 of them positive: p = P(|X - 10| >= 5) with X binomial(20,
        // 1/2), 0.041389 by the table.
        let differences: Vec<f64> = (0..20).map(|i| if i < 15 { 1.0 } else { -1.0 }).collect();
        assert!((sign_flip(&differences) - 0.041_389).abs() < 0.003);
        assert!((sign_flip(&[1.0; 70]) - smallest(70)).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn the_direction_does_not_matter_and_p_is_a_probability(mut d in prop::collection::vec(-1.0f64..1.0, 1..9)) {
            let p = sign_flip(&d);
            prop_assert!(p >= smallest(d.len()) - 1e-15 && p <= 1.0);
            for difference in &mut d {
                *difference = -*difference;
            }
            prop_assert_eq!(sign_flip(&d).to_bits(), p.to_bits());
        }
    }
}
