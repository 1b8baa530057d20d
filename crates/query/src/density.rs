//! Information density: uncertain documents that have many similar documents in the pool.
//!
//! Settles and Craven (2008), "An Analysis of Active Learning Strategies for Sequence Labeling
//! Tasks": the score is `u · (mean cosine to the pool)^β`. Outliers, which are uncertain because
//! nothing is like them, then do not fill the batch. A negative mean cosine counts as 0, and a row
//! of zeros has the mean cosine 0. The mean is over a uniform sample of the open documents.
//!
//! Cost: linear in the pool; the mean cosine is one product (see the crate's `direction`).

use rand::Rng;

use crate::candidates::{Limits, uniform};
use crate::direction::{mean_cosines, mean_direction};
use crate::diversify::diversified_top;
use crate::error::QueryError;
use crate::measure::Measure;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::Pool;

const NAME: &str = "information-density";

/// Picks documents that are uncertain and similar to many documents of the pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InformationDensity {
    /// The measure of uncertainty u.
    pub measure: Measure,
    /// The exponent β of the mean cosine, finite and at least 0; with 0, only the measure counts.
    pub weight: f64,
    /// The number m of candidates for each requested document. For n requested documents, the m·n
    /// best candidates are clustered into n groups, and the best of each group is picked. With m =
    /// 0 or 1, the n best candidates are picked without clustering.
    pub diversity: usize,
    /// The maximum number of open documents in the sample for the mean; only `candidates` is used.
    pub limits: Limits,
}

impl InformationDensity {
    /// The exponent β in the paper.
    pub const WEIGHT: f64 = 1.0;
}

impl QueryStrategy for InformationDensity {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> Needs {
        Needs::MODEL
    }

    /// Returns n open rows, or all if there are fewer, the highest score first.
    ///
    /// # Errors
    /// The pool has no probabilities, the weight is negative or not finite, or the features cannot
    /// be read.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        if !self.weight.is_finite() || self.weight < 0.0 {
            let expected = "a finite number, 0 or more";
            return Err(QueryError::InvalidNumber {
                what: "the weight of density",
                value: self.weight,
                expected,
            });
        }
        let uncertainty = self.measure.scores(pool.predictions(NAME)?);
        let sample = uniform(pool.open.len(), self.limits.candidates, rng);
        let rows: Vec<usize> = sample.into_iter().map(|place| pool.open[place]).collect();
        let mean = mean_direction(pool.features, &rows)?;
        let densities = mean_cosines(pool.features, pool.open, &mean)?;
        let score = |(uncertainty, density): (f64, Option<f64>)| {
            uncertainty * density.unwrap_or_default().max(0.0).powf(self.weight)
        };
        let scores: Vec<f64> = uncertainty.into_iter().zip(densities).map(score).collect();
        let places = diversified_top(pool.features, pool.open, &scores, n, self.diversity, rng)?;
        Ok(pool.selected(&places, NAME))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Features, Probabilities, Seed};

    use super::*;
    use crate::view::PoolView;

    #[test]
    fn an_outlier_needs_more_uncertainty() {
        // The mean direction is (3/4, 1/4). So rows 0 to 2 have the density 3/4, and row 3 has 1/4.
        // With a least confidence of 0.1, 0.2, 0.3 and 0.5, the scores are 0.075, 0.15, 0.225 and
        // 0.125.
        let features = Features::Dense(array![[1.0f32, 0.0], [2.0, 0.0], [3.0, 0.0], [0.0, 1.0]]);
        let probabilities =
            Probabilities::new(array![[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.5, 0.5]]).unwrap();
        let pool =
            PoolView::new(&features, &[0, 1, 2, 3]).with_probabilities(&probabilities).check().unwrap();
        let rows = |weight: f64| -> Vec<usize> {
            let strategy = InformationDensity {
                measure: Measure::LeastConfidence,
                weight,
                diversity: 1,
                limits: Limits::default(),
            };
            let picks = strategy.select(pool, 4, &mut Seed(1).rng(1, "test")).unwrap();
            picks.into_iter().map(|pick| pick.row).collect()
        };
        assert_eq!(rows(1.0), [2, 1, 3, 0]);
        assert_eq!(rows(0.0), [3, 2, 1, 0]);
        let strategy = InformationDensity {
            measure: Measure::Margin,
            weight: f64::NAN,
            diversity: 1,
            limits: Limits::default(),
        };
        assert!(matches!(
            strategy.select(pool, 1, &mut Seed(1).rng(1, "test")),
            Err(QueryError::InvalidNumber { .. })
        ));
    }
}
