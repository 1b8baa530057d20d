//! Epsilon: any strategy, with some of its picks replaced by uniform random ones.
//!
//! A share ε of the requested documents, rounded to the nearest count, is drawn uniformly from the
//! whole open pool. The strategy chooses the others from the rest. Only chance finds documents that
//! a model is confidently wrong about (ε-greedy, Sutton and Barto 2018).
//!
//! Cost: the cost of the strategy, plus O(open).

use rand::Rng;

use crate::catalog::Strategy;
use crate::error::QueryError;
use crate::random::Random;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::{Pool, Remaining};

/// A strategy whose batches contain a fixed share of uniform random picks.
pub struct Epsilon {
    inner: Strategy,
    share: f64,
    name: String,
}

impl Epsilon {
    /// The share of random picks in a batch of `epsilon:NAME`, in [0, 1].
    pub const SHARE: f64 = 0.1;

    /// Wraps the strategy `inner`, so that the share ε of each batch is picked at random.
    ///
    /// # Errors
    /// The share is outside [0, 1].
    pub fn new(inner: Strategy, share: f64) -> Result<Self, QueryError> {
        if !(0.0..=1.0).contains(&share) {
            let what = "the share of chance (epsilon)";
            return Err(QueryError::InvalidNumber { what, value: share, expected: "between 0 and 1" });
        }
        let name = format!("epsilon:{}", inner.name());
        Ok(Self { inner, share, name })
    }
}

impl QueryStrategy for Epsilon {
    fn name(&self) -> &str {
        &self.name
    }

    fn needs(&self) -> Needs {
        self.inner.needs()
    }

    /// Returns n open rows, or all if there are fewer: first the strategy's picks, then the random
    /// ones.
    ///
    /// # Errors
    /// The wrapped strategy or the random draw fails.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        let n = n.min(pool.open.len());
        let drawn = Random.select(pool, (self.share * n as f64).round() as usize, rng)?;
        let mut taken = vec![false; pool.features.n_rows()];
        for pick in &drawn {
            taken[pick.row] = true;
        }
        let remaining = Remaining::new(pool, &taken)?;
        let mut picks = self.inner.select(remaining.pool(), n - drawn.len(), rng)?;
        picks.extend(drawn);
        Ok(picks)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use querist_core::{Features, Probabilities, Seed};

    use super::*;
    use crate::measure::Measure;
    use crate::uncertainty::Uncertainty;
    use crate::view::PoolView;

    const MARGIN: Uncertainty = Uncertainty { measure: Measure::Margin, diversity: 1 };

    #[test]
    fn a_fifth_by_chance_and_the_rest_by_the_strategy() {
        let features = Features::Dense(Array2::ones((40, 2)));
        let open: Vec<usize> = (0..40).collect();
        let rows = Array2::from_shape_fn((40, 2), |(row, class)| {
            let first = 0.5 + row as f64 / 100.0;
            if class == 0 { first } else { 1.0 - first }
        });
        let probabilities = Probabilities::new(rows).unwrap();
        let pool = PoolView::new(&features, &open).with_probabilities(&probabilities).check().unwrap();
        let strategy = Epsilon::new(Box::new(MARGIN), 0.2).unwrap();
        let picks = strategy.select(pool, 10, &mut Seed(1).rng(1, "test")).unwrap();
        assert_eq!(picks.iter().filter(|pick| pick.reason == "random").count(), 2);
        // The strategy's own picks are the smallest rows that were not drawn at random.
        let drawn: Vec<usize> = picks[8..].iter().map(|pick| pick.row).collect();
        let expected: Vec<usize> = (0..40).filter(|row| !drawn.contains(row)).take(8).collect();
        assert_eq!(picks[..8].iter().map(|pick| pick.row).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn refuses_what_is_no_share_and_keeps_the_errors_of_the_strategy() {
        assert!(matches!(Epsilon::new(Box::new(MARGIN), 1.5), Err(QueryError::InvalidNumber { .. })));
        assert!(Epsilon::new(Box::new(MARGIN), f64::NAN).is_err());
        let features = Features::Dense(array![[1.0f32]]);
        let pool = PoolView::new(&features, &[0]).check().unwrap();
        let strategy = Epsilon::new(Box::new(MARGIN), 0.0).unwrap();
        let error = strategy.select(pool, 1, &mut Seed(1).rng(1, "test"));
        assert_eq!(error, Err(QueryError::NoProbabilities { strategy: "uncertainty" }));
        assert_eq!((strategy.name(), strategy.needs()), ("epsilon:margin", Needs::MODEL));
    }
}
