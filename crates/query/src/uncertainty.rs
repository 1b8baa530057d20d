//! Uncertainty sampling: the documents that the model is least sure of, diversified.
//!
//! Lewis and Gale (1994), "A Sequential Algorithm for Training Text Classifiers". The plain top of a weak model's
//! uncertainty is often one kind of document many times over; see [`Uncertainty::diversity`].

use querist_core::error::BoxError;
use querist_core::{Named, Needs, PoolView, QueryStrategy, Selected};
use rand_chacha::ChaCha8Rng;

use crate::diversify::diversified_top;
use crate::error::QueryError;
use crate::measure::Measure;
use crate::view;

/// The highest scores of an uncertainty measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uncertainty {
    /// What is ranked by.
    pub measure: Measure,
    /// How many candidates are clustered for each document asked for: m. 1 (and 0) is the plain top.
    pub diversity: usize,
}

impl Uncertainty {
    /// Chooses min(n, open) open rows: the best of each of n clusters of the top m·n, highest score first.
    ///
    /// # Errors
    /// No probabilities; a malformed view.
    pub fn select(
        &self,
        pool: PoolView<'_>,
        n: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Vec<Selected>, QueryError> {
        view::check(&pool)?;
        let scores = self.measure.scores(view::probabilities(&pool, "uncertainty")?);
        let places = diversified_top(pool.features, pool.open, &scores, n, self.diversity, rng)?;
        let selected = |place: usize| Selected {
            row: pool.open[place],
            reason: self.measure.name().to_owned(),
            fallback: false,
        };
        Ok(places.into_iter().map(selected).collect())
    }
}

impl QueryStrategy for Uncertainty {
    fn name(&self) -> &str {
        self.measure.name()
    }

    fn needs(&self) -> Needs {
        Needs::MODEL
    }

    fn query(&self, pool: PoolView<'_>, n: usize, rng: &mut ChaCha8Rng) -> Result<Vec<Selected>, BoxError> {
        Ok(self.select(pool, n, rng)?)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Features, Probabilities, Seed};

    use super::*;

    #[test]
    fn the_plain_top_by_measure() {
        let features = Features::Dense(array![[1.0f32], [1.0], [1.0], [1.0]]);
        let probabilities = Probabilities::new(array![[0.9, 0.1], [0.5, 0.5], [0.4, 0.6]]).unwrap();
        let mut pool = PoolView {
            features: &features,
            open: &[0, 2, 3],
            probabilities: Some(&probabilities),
            labeled: &[],
            shingles: None,
        };
        let strategy = Uncertainty { measure: Measure::Margin, diversity: 1 };
        let mut rng = Seed(1).rng(1, "test");
        let picks = strategy.select(pool, 2, &mut rng).unwrap();
        assert_eq!(picks.iter().map(|pick| pick.row).collect::<Vec<_>>(), [2, 3]);
        assert!(picks.iter().all(|pick| pick.reason == "margin" && !pick.fallback));
        pool.probabilities = None;
        let without = strategy.select(pool, 2, &mut rng);
        assert_eq!(without, Err(QueryError::NoProbabilities { strategy: "uncertainty" }));
    }
}
