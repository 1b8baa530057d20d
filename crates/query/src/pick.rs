//! Picks documents from a pool by a single strategy, without a mix of shares.
//!
//! [`compose`](crate::compose()) makes a batch of several shares, with quotas and control items.

use querist_core::Seed;

use crate::error::QueryError;
use crate::strategy::{QueryStrategy, Selected, check_selected};
use crate::view::PoolView;

/// Returns n of the open rows, or all if there are fewer, the best first. The same pool and seed
/// give the same rows. The pool's shingles are not used: only [`compose`](crate::compose()) leaves
/// out near-duplicates.
///
/// # Errors
/// The view of the pool is malformed, the pool lacks what the strategy needs, or the strategy
/// returned rows that it may not pick.
pub fn pick(
    strategy: &dyn QueryStrategy,
    pool: PoolView<'_>,
    n: usize,
    seed: Seed,
) -> Result<Vec<Selected>, QueryError> {
    let pool = pool.check()?;
    let picks = strategy.select(pool, n, &mut seed.rng(1, strategy.name()))?;
    check_selected(pool, n, strategy.name(), picks)
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Features, Probabilities};

    use super::*;
    use crate::measure::Measure;
    use crate::random::Random;
    use crate::uncertainty::Uncertainty;

    #[test]
    fn picks_what_is_least_sure_and_refuses_what_does_not_fit() {
        let features = Features::Dense(array![[1.0f32], [2.0], [3.0]]);
        let probabilities = Probabilities::new(array![[0.9, 0.1], [0.5, 0.5], [0.7, 0.3]]).unwrap();
        let pool = PoolView::new(&features, &[0, 1, 2]).with_probabilities(&probabilities);
        let margin = Uncertainty { measure: Measure::Margin, diversity: 1 };
        let rows =
            |n| pick(&margin, pool, n, Seed(0)).unwrap().iter().map(|pick| pick.row).collect::<Vec<_>>();
        assert_eq!((rows(2), rows(9)), (vec![1, 2], vec![1, 2, 0]));
        let malformed = pick(&margin, PoolView { open: &[0, 3], ..pool }, 1, Seed(0));
        assert!(matches!(malformed, Err(QueryError::MalformedView { .. })));
        let without = pick(&margin, PoolView { probabilities: None, ..pool }, 1, Seed(0));
        assert!(matches!(without, Err(QueryError::NoProbabilities { .. })));
        let drawn = |seed| pick(&Random, pool, 3, Seed(seed)).unwrap();
        assert_eq!(drawn(1), drawn(1));
        assert!((2..9).any(|seed| drawn(seed) != drawn(1)));
    }
}
