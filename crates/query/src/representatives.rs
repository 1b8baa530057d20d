//! Representatives: the most typical document of each group of uncertain documents.
//!
//! The 20 n documents with the highest uncertainty are clustered into n groups, weighted by their
//! scores. The document nearest to the centre of each group is picked (Zhdanov 2019, "Diverse
//! mini-batch Active Learning", with β = 20). [`crate::uncertainty`] picks the document with the
//! highest score of each group instead, which is often unlike the rest of its group.

use rand::Rng;

use crate::candidates::{Limits, fill_by_score};
use crate::error::QueryError;
use crate::kmeans::spherical_kmeans;
use crate::measure::Measure;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::top_k::top_k;
use crate::view::{self, Pool};

const NAME: &str = "representatives";

/// The number of candidates for each requested document.
const CANDIDATES_EACH: usize = 20;

/// Picks the document nearest to the centre of each group of uncertain documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Representatives {
    /// The uncertainty measure whose highest scores make an open document a candidate.
    pub measure: Measure,
    /// The maximum number of candidates; only `candidates` is used.
    pub limits: Limits,
}

impl QueryStrategy for Representatives {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> Needs {
        Needs::MODEL
    }

    /// Returns n open rows, or all if there are fewer: the row nearest to each of n centres, larger
    /// groups first.
    ///
    /// # Errors
    /// The pool has no probabilities, or its features cannot be read.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        let scores = self.measure.scores(pool.predictions(NAME)?);
        let wanted = n.saturating_mul(CANDIDATES_EACH).min(self.limits.candidates).max(n);
        let places = top_k(&scores, wanted);
        if places.len() <= n {
            return Ok(pool.selected(&places, NAME));
        }
        let rows: Vec<usize> = places.iter().map(|place| pool.open[*place]).collect();
        let weights: Vec<f64> = places.iter().map(|place| scores[*place]).collect();
        let clusters = spherical_kmeans(&view::gather(pool.features, &rows)?, &weights, n, rng);
        let picks = clusters.nearest_to_centers().into_iter().map(|at| places[at]).collect();
        Ok(pool.selected(&fill_by_score(picks, &scores, n), NAME))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use querist_core::{Features, Probabilities, Seed};

    use super::*;
    use crate::view::PoolView;

    #[test]
    fn each_group_gives_its_middle_and_not_its_most_uncertain() {
        // Rows 0 to 2 are around one direction and rows 3 to 5 around another. The first row of
        // each group is the most uncertain, but not in the middle.
        let features = Features::Dense(array![
            [1.0f32, 0.3],
            [1.0, 0.1],
            [1.0, -0.1],
            [0.3, 1.0],
            [0.1, 1.0],
            [-0.1, 1.0],
        ]);
        let open: Vec<usize> = (0..6).collect();
        let sure = [0.5, 0.6, 0.55, 0.5, 0.62, 0.55];
        let probabilities =
            Array2::from_shape_fn(
                (6, 2),
                |(row, class)| {
                    if class == 0 { sure[row] } else { 1.0 - sure[row] }
                },
            );
        let probabilities = Probabilities::new(probabilities).unwrap();
        let pool = PoolView::new(&features, &open).with_probabilities(&probabilities).check().unwrap();
        let strategy = Representatives { measure: Measure::Entropy, limits: Limits::default() };
        let picked = |n| {
            let mut rng = Seed(3).rng(1, "test");
            let mut rows: Vec<usize> =
                strategy.select(pool, n, &mut rng).unwrap().into_iter().map(|pick| pick.row).collect();
            rows.sort_unstable();
            rows
        };
        assert_eq!(picked(2), [1, 4]);
        assert_eq!(picked(9), [0, 1, 2, 3, 4, 5]);
    }
}
