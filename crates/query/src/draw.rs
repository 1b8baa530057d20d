//! Random draws of indices, in proportion to given masses: one index, or k without replacement.
//!
//! The draws are written out here, so that a new version of a library cannot change what a seed
//! draws.

use rand::{Rng, RngExt};

use crate::top_k::top_k;

/// Draws one index in proportion to its mass; masses are at least 0. Returns `None`, without using
/// the generator, if the masses sum to 0.
pub(crate) fn draw(masses: &[f64], rng: &mut dyn Rng) -> Option<usize> {
    let total: f64 = masses.iter().sum();
    if total <= 0.0 {
        return None;
    }
    let target = rng.random::<f64>() * total;
    let mut sum = 0.0;
    let mut last = None;
    for (place, mass) in masses.iter().enumerate().filter(|(_, mass)| **mass > 0.0) {
        sum += mass;
        last = Some(place);
        if sum > target {
            break;
        }
    }
    last
}

/// Draws k indices without replacement, or all if there are fewer, and returns them in the order of
/// the draws. The probability that a remaining index is drawn next is proportional to e to the
/// power of its log mass. The k highest values of `log mass + Gumbel noise` are such draws (Vieira
/// 2014; Kool, van Hoof and Welling 2019). Indices without mass (-∞) come last, the smaller first.
/// Every index uses up one random number, so a larger k only adds draws at the end.
pub(crate) fn draw_without_replacement(log_masses: &[f64], k: usize, rng: &mut dyn Rng) -> Vec<usize> {
    let noisy: Vec<f64> = log_masses.iter().map(|log_mass| log_mass + gumbel(rng)).collect();
    top_k(&noisy, k)
}

/// Returns a finite draw from the standard Gumbel distribution, `-ln(-ln u)`.
fn gumbel(rng: &mut dyn Rng) -> f64 {
    // u in (0, 1): the middle of one of 2^52 equal parts, so that both logarithms are finite.
    let u = (rng.random_range(0..1_u64 << 52) as f64 + 0.5) / (1_u64 << 52) as f64;
    -(-u.ln()).ln()
}

#[cfg(test)]
mod tests {
    use querist_core::Seed;

    use super::*;

    #[test]
    fn without_replacement_the_first_follows_the_masses_and_the_second_what_is_left() {
        let logs = [1.0f64, 2.0, 3.0, 0.0].map(f64::ln);
        let mut rng = Seed(3).rng(1, "test");
        let (mut first, mut second_after_two) = ([0u32; 4], [0u32; 4]);
        for _ in 0..12_000 {
            let picks = draw_without_replacement(&logs, 4, &mut rng);
            assert_eq!(picks[3], 3, "no mass comes last");
            first[picks[0]] += 1;
            if picks[0] == 2 {
                second_after_two[picks[1]] += 1;
            }
        }
        // The expected counts are 2,000, 4,000 and 6,000, with standard deviations below 55.
        for (found, expected) in first.into_iter().zip([2_000, 4_000, 6_000, 0]) {
            assert!(found.abs_diff(expected) < 280, "{first:?}");
        }
        // After place 2, the places 0 and 1 are drawn in the ratio 1 to 2.
        assert!(second_after_two[0].abs_diff(2_000) < 280, "{second_after_two:?}");
        assert!(second_after_two[1].abs_diff(4_000) < 280, "{second_after_two:?}");
    }

    #[test]
    fn no_mass_is_no_draw() {
        let mut rng = Seed(3).rng(1, "test");
        assert_eq!(draw(&[0.0, 0.0], &mut rng), None);
        assert_eq!(draw(&[], &mut rng), None);
        assert_eq!(draw(&[0.0, 2.0, 0.0], &mut rng), Some(1));
        assert_eq!(draw_without_replacement(&[], 3, &mut rng), [0; 0]);
    }
}
