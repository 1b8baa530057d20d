//! Whether strategies differ beyond chance: a paired sign-flip test over seeds, corrected by Holm's
//! method for the number of pairs of strategies (`querist_quality::holm`).
//!
//! With the same seed, two strategies start from the same labels, so their results are paired. The
//! test assumes nothing about the distribution of their differences. With n seeds, p is at least 2
//! / 2ⁿ: with five seeds, at least 0.0625. With at most [`EXACT`] seeds, all sign flips are tried;
//! with more seeds, random sign flips are drawn.

use querist_core::Seed;
use rand::Rng;

/// Up to this number of seeds, the test tries all sign flips.
pub const EXACT: usize = 18;

/// Number of random sign flips that the test draws if there are more seeds.
const DRAWN: usize = 100_000;

/// Returns the two-sided p of the sign-flip test; 1 if all differences are 0.
///
/// If both strategies were equal, each difference d and its opposite -d would be equally likely.
/// There are 2ⁿ ways to flip the signs of n differences. p is the proportion of these ways whose
/// sum is at least as far from 0 as the observed sum (Fisher 1935; the one-sample randomization
/// test). If flips are drawn, the unflipped differences count as one draw, so that p is never 0
/// (Phipson and Smyth 2010).
pub fn sign_flip(differences: &[f64]) -> f64 {
    let n = differences.len();
    let found = differences.iter().sum::<f64>().abs();
    let scale: f64 = differences.iter().map(|difference| difference.abs()).sum();
    // The small margin makes sums that differ only by rounding count as equal.
    let bar = found - 1e-12 * scale;
    if n <= EXACT {
        let all = 1u64 << n;
        let far = (0..all).filter(|flips| flipped(differences, *flips) >= bar).count();
        return far as f64 / all as f64;
    }
    let mut rng = Seed(0).rng(n as u32, "sign flips");
    // Count the unflipped differences as the first draw.
    let mut far = 1;
    for _ in 0..DRAWN {
        let mut sum = 0.0;
        // Each bit of a random number flips the sign of one of 64 differences.
        for part in differences.chunks(64) {
            let flips = rng.next_u64();
            sum += signed(part, flips);
        }
        far += usize::from(sum.abs() >= bar);
    }
    far as f64 / (DRAWN + 1) as f64
}

/// Returns the absolute value of [`signed`].
fn flipped(differences: &[f64], flips: u64) -> f64 {
    signed(differences, flips).abs()
}

/// Returns the sum of the differences. If bit i of `flips` is set, difference i has the opposite
/// sign.
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
