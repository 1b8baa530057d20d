//! Lightweight core-set: a sample that is half uniform, and half in proportion to the squared
//! distance from the mean.
//!
//! Bachem, Lucic and Krause (2018), "Scalable k-Means Clustering via Lightweight Coresets": each
//! document is drawn with `q(x) = 1/2 · 1/n + 1/2 · |x - mean|² / Σ |x' - mean|²`. Here documents
//! are drawn without replacement, since nobody labels a document twice. If all rows are equal, the
//! sample is uniform. The strategy uses neither labels nor a model.
//!
//! Cost: one pass over a uniform sample of candidates, O(candidates × columns).

use rand::Rng;

use crate::candidates::{Limits, fill_uniformly, uniform};
use crate::draw::draw_without_replacement;
use crate::error::QueryError;
use crate::points::Points;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::Pool;

const NAME: &str = "lightweight-core-set";

/// Draws a random sample that prefers documents far from the mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LightweightCoreSet {
    /// The maximum number of candidates; only `candidates` is used.
    pub limits: Limits,
}

impl QueryStrategy for LightweightCoreSet {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> Needs {
        Needs::NOTHING
    }

    /// Returns n open rows, or all if there are fewer, in the order in which they were drawn.
    ///
    /// # Errors
    /// The features of the pool cannot be read.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        let places = uniform(pool.open.len(), self.limits.candidates, rng);
        let rows: Vec<usize> = places.iter().map(|place| pool.open[*place]).collect();
        let masses = masses(&Points::gather(pool.features, &rows)?);
        let logs: Vec<f64> = masses.into_iter().map(f64::ln).collect();
        let picks = draw_without_replacement(&logs, n, rng).into_iter().map(|at| places[at]).collect();
        Ok(pool.selected(&fill_uniformly(picks, pool.open.len(), n, rng), NAME))
    }
}

/// Returns the probability q of each point; the probabilities sum to 1.
fn masses(points: &Points) -> Vec<f64> {
    let distances = points.squared_distances(&points.mean());
    let (n, total) = (points.len() as f64, distances.iter().sum::<f64>());
    let of_point = |distance: f64| if total > 0.0 { 0.5 / n + 0.5 * distance / total } else { 1.0 / n };
    distances.into_iter().map(of_point).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Features, Seed};

    use super::*;
    use crate::view::PoolView;

    #[test]
    fn masses_by_hand() {
        // The mean is (2, 0), so the squared distances are 4, 0 and 4. The ends have q = 1/6 + 1/4,
        // and the middle has 1/6.
        let found = masses(&Points::new(Features::Dense(array![[0.0f32, 0.0], [2.0, 0.0], [4.0, 0.0]])));
        for (found, expected) in found.into_iter().zip([5.0 / 12.0, 1.0 / 6.0, 5.0 / 12.0]) {
            assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        }
        assert_eq!(masses(&Points::new(Features::Dense(array![[3.0f32], [3.0]]))), [0.5, 0.5]);
    }

    #[test]
    fn the_first_draw_follows_the_masses() {
        let features = Features::Dense(array![[0.0f32, 0.0], [2.0, 0.0], [4.0, 0.0]]);
        let pool = PoolView::new(&features, &[0, 1, 2]).check().unwrap();
        let mut rng = Seed(1).rng(1, "test");
        let mut first = [0u32; 3];
        for _ in 0..6_000 {
            let picks = LightweightCoreSet::default().select(pool, 1, &mut rng).unwrap();
            first[picks[0].row] += 1;
        }
        // The expected counts are 2,500, 1,000 and 2,500, with standard deviations below 39.
        for (found, expected) in first.into_iter().zip([2_500, 1_000, 2_500]) {
            assert!(found.abs_diff(expected) < 200, "{first:?}");
        }
    }
}
