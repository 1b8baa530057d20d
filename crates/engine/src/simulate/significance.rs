//! Whether strategies differ beyond chance: a paired sign-flip test over seeds, corrected for the
//! number of pairs by Holm's method.
//!
//! On each seed two strategies start from the same labels, so their difference d is paired. If both
//! were the same, d and -d were equally likely; p is the share of all 2ⁿ ways to flip the signs of
//! the n differences whose sum is at least as far from 0 as the one that was found (Fisher 1935;
//! the one-sample randomization test). Nothing is assumed of the distribution. With n seeds p is
//! never below 2 / 2ⁿ: five seeds give 0.0625 at best. From [`EXACT`] + 1 seeds on the flips are
//! drawn, 100,000 of them, with the identity counted among them (Phipson and Smyth 2010), so that p
//! is never 0.
//!
//! The correction is that of `querist_quality::holm`.

use querist_core::Seed;
use rand::Rng;

/// Up to so many seeds all sign flips are tried.
pub const EXACT: usize = 18;

/// How many flips are drawn beyond that.
const DRAWN: usize = 100_000;

/// p of the two-sided sign-flip test of paired differences (n); 1 without any.
pub fn sign_flip(differences: &[f64]) -> f64 {
    let n = differences.len();
    let found = differences.iter().sum::<f64>().abs();
    let scale: f64 = differences.iter().map(|difference| difference.abs()).sum();
    // Sums that are equal but for rounding count as equal.
    let bar = found - 1e-12 * scale;
    if n <= EXACT {
        let all = 1u64 << n;
        let far = (0..all).filter(|flips| flipped(differences, *flips) >= bar).count();
        return far as f64 / all as f64;
    }
    let mut rng = Seed(0).rng(n as u32, "sign flips");
    let mut far = 1;
    for _ in 0..DRAWN {
        let mut sum = 0.0;
        for part in differences.chunks(64) {
            let flips = rng.next_u64();
            sum += signed(part, flips);
        }
        far += usize::from(sum.abs() >= bar);
    }
    far as f64 / (DRAWN + 1) as f64
}

/// |sum| with the sign of each difference flipped whose bit is set.
fn flipped(differences: &[f64], flips: u64) -> f64 {
    signed(differences, flips).abs()
}

fn signed(differences: &[f64], flips: u64) -> f64 {
    let term = |(place, difference): (usize, &f64)| {
        if flips >> place & 1 == 1 { -difference } else { *difference }
    };
    differences.iter().enumerate().map(term).sum()
}

/// The smallest p that `n` differences can give.
pub fn smallest(n: usize) -> f64 {
    if n <= EXACT { (2.0 / (1u64 << n) as f64).min(1.0) } else { 1.0 / (DRAWN + 1) as f64 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sign_flips_by_enumeration() {
        // All of one sign: only the two with all signs alike are as far.
        assert!((sign_flip(&[1.0, 2.0, 3.0]) - 2.0 / 8.0).abs() < 1e-15);
        // |1 + 2 - 3| = 0: all flips are as far.
        assert!((sign_flip(&[1.0, 2.0, -3.0]) - 1.0).abs() < 1e-15);
        // Sums of (±1, ±2, ±4) are ±7, ±5, ±3, ±1; found 4 + 2 - 1 = 5: ±7 and ±5 of eight.
        assert!((sign_flip(&[-1.0, 2.0, 4.0]) - 4.0 / 8.0).abs() < 1e-15);
        // Equal but for rounding: 0.1 + 0.2 - 0.3 is not quite 0, yet 0.3 - 0.2 - 0.1 must count
        // like it.
        assert!((sign_flip(&[0.1, 0.2, -0.3]) - 1.0).abs() < 1e-15);
        assert!((sign_flip(&[0.0; 5]) - 1.0).abs() < 1e-15);
        assert!((sign_flip(&[]) - 1.0).abs() < 1e-15);
        assert!((smallest(5) - 0.0625).abs() < 1e-15);
        assert!((smallest(1) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn drawn_flips_come_near_the_exact_ones() {
        // 20 differences of size 1, 15 of them up: p = P(|X - 10| >= 5), X binomial of 20 halves,
        // 0.041389 by its table.
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
