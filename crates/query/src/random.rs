//! Random sampling: a uniform sample of the open pool. The baseline, and the only unbiased share of
//! a batch.

use rand::{Rng, RngExt};

use crate::error::QueryError;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::Pool;

/// Draws a uniform sample without replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Random;

impl QueryStrategy for Random {
    fn name(&self) -> &'static str {
        "random"
    }

    fn needs(&self) -> Needs {
        Needs::NOTHING
    }

    /// Returns n open rows, or all if there are fewer, in the order in which they were drawn. Every
    /// set of rows, in every order, is equally likely.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        let drawn = sample(pool.open, n, rng).into_iter();
        Ok(drawn.map(|row| Selected { row, reason: "random".to_owned(), fallback: false }).collect())
    }
}

/// Draws n of the items without replacement, or all if there are fewer, and returns them in the
/// order of the draws. These are the first n steps of a Fisher-Yates shuffle (Durstenfeld 1964),
/// written out here so that a new version of a library cannot change what a seed draws.
pub(crate) fn sample(items: &[usize], n: usize, rng: &mut dyn Rng) -> Vec<usize> {
    let mut items = items.to_vec();
    let n = n.min(items.len());
    for place in 0..n {
        let chosen = rng.random_range(place..items.len());
        items.swap(place, chosen);
    }
    items.truncate(n);
    items
}

#[cfg(test)]
mod tests {
    use querist_core::Seed;

    use super::*;

    #[test]
    fn every_ordered_pair_is_equally_likely() {
        let mut rng = Seed(11).rng(1, "test");
        let mut counts = [[0u32; 4]; 4];
        for _ in 0..12_000 {
            let pair = sample(&[0, 1, 2, 3], 2, &mut rng);
            counts[pair[0]][pair[1]] += 1;
        }
        for (first, row) in counts.iter().enumerate() {
            for (second, count) in row.iter().enumerate() {
                // Each of the 12 ordered pairs is expected 1,000 times, with a standard deviation
                // of 30.
                let expected = if first == second { 0 } else { 1000 };
                assert!(count.abs_diff(expected) <= if expected == 0 { 0 } else { 150 }, "{counts:?}");
            }
        }
    }

    #[test]
    fn gives_no_more_than_there_is() {
        let mut rng = Seed(11).rng(1, "test");
        let mut all = sample(&[7, 8, 9], 10, &mut rng);
        all.sort_unstable();
        assert_eq!(all, [7, 8, 9]);
        assert_eq!(sample(&[], 10, &mut rng), [0; 0]);
    }
}
