//! Uncertainty sampling: the documents that the model is least sure about, without many similar
//! ones.
//!
//! Lewis and Gale (1994), "A Sequential Algorithm for Training Text Classifiers". The documents
//! that a weak model is least sure about are often similar to each other;
//! [`Uncertainty::diversity`] prevents a batch of them.

use querist_core::Named;
use rand::Rng;

use crate::diversify::diversified_top;
use crate::error::QueryError;
use crate::measure::Measure;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::Pool;

/// Picks the documents with the highest scores of an uncertainty measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uncertainty {
    /// The measure that documents are ranked by.
    pub measure: Measure,
    /// The number m of candidates for each requested document. For n requested documents, the m·n
    /// best candidates are clustered into n groups, and the best of each group is picked. With m =
    /// 0 or 1, the n best candidates are picked without clustering.
    pub diversity: usize,
}

impl QueryStrategy for Uncertainty {
    fn name(&self) -> &str {
        self.measure.name()
    }

    fn needs(&self) -> Needs {
        Needs::MODEL
    }

    /// Returns n open rows, or all if there are fewer: the best of each of n clusters of the m·n
    /// best rows, the highest score first.
    ///
    /// # Errors
    /// The pool has no probabilities, or its features cannot be read.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        let scores = self.measure.scores(pool.predictions("uncertainty")?);
        let places = diversified_top(pool.features, pool.open, &scores, n, self.diversity, rng)?;
        Ok(pool.selected(&places, self.measure.name()))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Features, Probabilities, Seed};

    use super::*;
    use crate::view::PoolView;

    #[test]
    fn the_plain_top_by_measure() {
        let features = Features::Dense(array![[1.0f32], [1.0], [1.0], [1.0]]);
        let probabilities = Probabilities::new(array![[0.9, 0.1], [0.5, 0.5], [0.4, 0.6]]).unwrap();
        let pool = PoolView::new(&features, &[0, 2, 3]).with_probabilities(&probabilities).check().unwrap();
        let strategy = Uncertainty { measure: Measure::Margin, diversity: 1 };
        let mut rng = Seed(1).rng(1, "test");
        let picks = strategy.select(pool, 2, &mut rng).unwrap();
        assert_eq!(picks.iter().map(|pick| pick.row).collect::<Vec<_>>(), [2, 3]);
        assert!(picks.iter().all(|pick| pick.reason == "margin" && !pick.fallback));
        let without = PoolView { probabilities: None, ..*pool }.check().unwrap();
        assert_eq!(
            strategy.select(without, 2, &mut rng),
            Err(QueryError::NoProbabilities { strategy: "uncertainty" })
        );
    }
}
