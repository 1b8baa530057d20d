//! The bootstrap over items: how much a measure would vary with other items of the same kind.
//!
//! A resample draws as many items as there are, with replacement, each with all its answers (Efron
//! and Tibshirani 1993, chapter 6). Annotators are not drawn. Items with equal answers are
//! interchangeable ([`AnswerPatterns`]), so a resample only counts how often each pattern was
//! drawn. The counts are drawn exactly and in integers, so they are the same on every machine:
//!
//! - The items, sorted by pattern, fill the first of 2^k places. Of m draws, the number that hit
//!   the lower half of the places is the number of ones among m random bits.
//! - Each half is divided in the same way, as long as this costs less than drawing the items one by
//!   one.
//! - Draws of places beyond the last item are repeated.
//!
//! The interval reaches from the 2.5th to the 97.5th percentile of the resampled values,
//! interpolated linearly. It treats the items as a random sample. It is too narrow for few items,
//! and has no width if all annotators agree on every item.

use querist_core::{Interval, Seed};
use rand::Rng;

use super::patterns::AnswerPatterns;

/// The name of the random stream from which resamples are drawn.
const PURPOSE: &str = "agreement bootstrap";

/// With at least this many items for each pattern, halving costs less than drawing items one by
/// one.
const ITEMS_PER_PATTERN: usize = 16;

/// Draws `resamples` resamples of the items. For each resample, calls `each` with the number of
/// drawn items of each pattern. These are whole numbers that sum to the number of items.
pub(crate) fn resample(
    patterns: &AnswerPatterns,
    resamples: usize,
    seed: Seed,
    mut each: impl FnMut(&[f64]),
) {
    let places = Places::new(patterns.items());
    let mut rng = seed.rng(0, PURPOSE);
    let mut times = vec![0.0; patterns.len()];
    for _ in 0..resamples {
        times.fill(0.0);
        places.draw(&mut times, &mut rng);
        each(&times);
    }
}

/// The items, sorted by pattern, each at its own place, so that drawing a place draws an item.
struct Places {
    /// The pattern of the item at each place.
    pattern: Vec<u32>,
    /// The number of places, a power of two that is not below the number of items.
    size: usize,
}

impl Places {
    /// Gives each item a place; `items` has the number of items with each pattern.
    fn new(items: &[u32]) -> Self {
        let of_pattern = |(pattern, items): (u32, &u32)| std::iter::repeat_n(pattern, *items as usize);
        let pattern: Vec<u32> = (0..).zip(items).flat_map(of_pattern).collect();
        let size = pattern.len().next_power_of_two();
        Self { pattern, size }
    }

    /// Draws as many items as there are, with replacement. Adds the number of drawn items of each
    /// pattern to `times`.
    fn draw(&self, times: &mut [f64], rng: &mut impl Rng) {
        let mut missing = self.pattern.len();
        while missing > 0 {
            missing = self.drop_into(0, self.size, missing, times, rng);
        }
    }

    /// Draws one of the `size` places from `low` on, `count` times with replacement; `size` is a
    /// power of two. Adds the number of drawn items of each pattern to `times`. Returns the number
    /// of draws that hit a place beyond the last item.
    fn drop_into(
        &self,
        low: usize,
        size: usize,
        count: usize,
        times: &mut [f64],
        rng: &mut impl Rng,
    ) -> usize {
        let n = self.pattern.len();
        if count == 0 || low >= n {
            return count;
        }
        let (first, last) = (self.pattern[low], self.pattern[(low + size - 1).min(n - 1)]);
        // All these places have the same pattern, so nothing is left to chance.
        if first == last && low + size <= n {
            times[first as usize] += count as f64;
            return 0;
        }
        if count < ITEMS_PER_PATTERN * (last - first + 1) as usize {
            let mut beyond = 0;
            for _ in 0..count {
                // `size - 1` masks the low bits, so every place is equally likely.
                match self.pattern.get(low + (rng.next_u64() as usize & (size - 1))) {
                    Some(pattern) => times[*pattern as usize] += 1.0,
                    None => beyond += 1,
                }
            }
            return beyond;
        }
        let (half, lower) = (size / 2, ones(count, rng));
        let beyond = self.drop_into(low, half, lower, times, rng);
        beyond + self.drop_into(low + half, half, count - lower, times, rng)
    }
}

/// Draws `bits` random bits and returns the number of ones, which is binomial with probability 1/2.
fn ones(bits: usize, rng: &mut impl Rng) -> usize {
    let whole: usize = (0..bits / 64).map(|_| rng.next_u64().count_ones() as usize).sum();
    match bits % 64 {
        0 => whole,
        rest => whole + (rng.next_u64() >> (64 - rest)).count_ones() as usize,
    }
}

/// Sorts `values` in place and returns their 2.5th and 97.5th percentiles; `None` without values.
/// Between two values it interpolates linearly (Hyndman and Fan 1996, definition 7).
pub(crate) fn percentile_interval(values: &mut [f64]) -> Option<Interval> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |share: f64| {
        let place = share * last as f64;
        let below = place.floor() as usize;
        let (low, high) = (values[below], values[(below + 1).min(last)]);
        low + (high - low) * (place - below as f64)
    };
    Some(Interval { low: at(0.025), high: at(0.975) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns for each pattern the mean and the variance, over the resamples, of the number of
    /// drawn items.
    fn moments(items: &[u32], resamples: usize) -> Vec<(f64, f64)> {
        let rows = items.iter().enumerate().flat_map(|(class, items)| {
            let mut row = [0; 4];
            row[class] = 1;
            std::iter::repeat_n(row, *items as usize)
        });
        let patterns = AnswerPatterns::from_counts(rows, 4).unwrap();
        let n = items.iter().sum::<u32>();
        let mut sums = vec![(0.0, 0.0); patterns.len()];
        resample(&patterns, resamples, Seed(7), |times| {
            assert_eq!(times.iter().sum::<f64>() as u32, n);
            for (sum, times) in sums.iter_mut().zip(times) {
                sum.0 += times;
                sum.1 += times * times;
            }
        });
        let count = resamples as f64;
        // Patterns are sorted by their cells, so the pattern of class 0 comes first.
        sums.into_iter()
            .map(|(sum, squares)| (sum / count, squares / count - (sum / count).powi(2)))
            .collect()
    }

    #[test]
    fn counts_are_multinomial_both_ways_of_drawing() {
        for items in [[1, 2, 3, 5], [1000, 20, 300, 4000]] {
            let n = f64::from(items.iter().sum::<u32>());
            for ((mean, variance), items) in moments(&items, 4000).into_iter().zip(items) {
                let share = f64::from(items) / n;
                let (wanted, spread) = (f64::from(items), n * share * (1.0 - share));
                assert!((mean - wanted).abs() < 4.0 * (spread / 4000.0).sqrt(), "{mean} of {wanted}");
                assert!((variance / spread - 1.0).abs() < 0.15, "{variance} of {spread}");
            }
        }
    }

    #[test]
    fn ones_are_counted_to_the_bit() {
        let mut rng = Seed(1).rng(0, "test");
        for bits in [1, 63, 64, 65, 640] {
            let draws: Vec<usize> = (0..2000).map(|_| ones(bits, &mut rng)).collect();
            assert!(draws.iter().all(|ones| *ones <= bits));
            let mean = draws.iter().sum::<usize>() as f64 / 2000.0;
            assert!(
                (mean - bits as f64 / 2.0).abs() < 4.0 * (bits as f64 / 4.0 / 2000.0).sqrt(),
                "{bits}: {mean}"
            );
        }
    }

    #[test]
    fn percentiles_lie_between_order_statistics() {
        let mut values: Vec<f64> = (0..=1000).rev().map(f64::from).collect();
        let interval = percentile_interval(&mut values).unwrap();
        assert_eq!((interval.low, interval.high), (25.0, 975.0));
        let interval = percentile_interval(&mut [1.0, 0.0]).unwrap();
        assert_eq!((interval.low, interval.high), (0.025, 0.975));
        assert_eq!(percentile_interval(&mut []), None);
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let patterns = AnswerPatterns::from_counts([[1, 0], [1, 1], [0, 3], [1, 1]], 2).unwrap();
        let drawn = |seed| {
            let mut all = Vec::new();
            resample(&patterns, 20, Seed(seed), |times| all.extend_from_slice(times));
            all
        };
        assert_eq!(drawn(3), drawn(3));
        assert_ne!(drawn(3), drawn(4));
    }
}
