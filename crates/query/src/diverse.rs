//! Diverse sampling: documents that are typical of the pool and unlike each other. It needs no
//! model and no labels, so it makes the first batch of a cold start.
//!
//! The pool is clustered into as many clusters as documents are requested. The document nearest to
//! each centre is picked, larger clusters first (after Nguyen and Smeulders 2004, "Active Learning
//! Using Pre-clustering"). Only a uniform sample is clustered: 20·n rows for n documents, at least
//! 2,000, at most 10,000, but never fewer than n. Such a sample shows the themes of a pool, and the
//! time does not grow with the pool.

use querist_core::Rows;
use rand::Rng;

use crate::error::QueryError;
use crate::kmeans::{Clusters, spherical_kmeans};
use crate::random::sample;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::{self, Pool};

/// Picks documents that are typical of the pool and unlike each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Diverse;

impl QueryStrategy for Diverse {
    fn name(&self) -> &'static str {
        "diverse"
    }

    fn needs(&self) -> Needs {
        Needs::NOTHING
    }

    /// Returns n open rows, or all if there are fewer: the row nearest to each of n cluster
    /// centres, larger clusters first.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        let rows = typical(pool.features, pool.open, n, rng)?.into_iter();
        Ok(rows.map(|row| Selected { row, reason: "diverse".to_owned(), fallback: false }).collect())
    }
}

/// Returns the number of rows that are clustered if n documents are requested.
fn sample_size(n: usize) -> usize {
    n.saturating_mul(20).clamp(2_000, 10_000).max(n)
}

/// Clusters the rows into n clusters and returns the row nearest to each centre, larger clusters
/// first. If clusters are empty, the rows that are least similar to the centre of their cluster
/// follow, until there are n rows or all rows are returned.
///
/// # Errors
/// The features of the rows cannot be read.
pub(crate) fn typical(
    features: &dyn Rows,
    rows: &[usize],
    n: usize,
    rng: &mut dyn Rng,
) -> Result<Vec<usize>, QueryError> {
    if n == 0 {
        return Ok(Vec::new());
    }
    let size = sample_size(n);
    let mut candidates = if rows.len() > size { sample(rows, size, rng) } else { rows.to_vec() };
    candidates.sort_unstable();
    let weights = vec![1.0; candidates.len()];
    let clusters = spherical_kmeans(&view::gather(features, &candidates)?, &weights, n, rng);
    let mut places = clusters.nearest_to_centers();
    if places.len() < n {
        let missing = n - places.len();
        places.extend(least_represented(&clusters, &places).into_iter().take(missing));
    }
    Ok(places.into_iter().map(|place| candidates[place]).collect())
}

/// Returns the indices of the clustered rows that are not in `taken`. The row that is least similar
/// to the centre of its cluster comes first. Rows of zeros, which belong to no cluster, come last.
fn least_represented(clusters: &Clusters, taken: &[usize]) -> Vec<usize> {
    let mut free = vec![true; clusters.assignment.len()];
    for &place in taken {
        free[place] = false;
    }
    let mut places: Vec<usize> = (0..free.len()).filter(|place| free[*place]).collect();
    places.sort_by(|a, b| {
        let zeros = clusters.assignment[*a].is_none().cmp(&clusters.assignment[*b].is_none());
        zeros.then(clusters.similarity[*a].total_cmp(&clusters.similarity[*b]))
    });
    places
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use querist_core::{Features, Seed};

    use super::*;

    #[test]
    fn the_most_typical_of_each_theme_larger_themes_first() {
        // Row 1 is in the middle of rows 0 and 2, and row 4 is in the middle of rows 3, 5, 6 and 7.
        let features = Features::Dense(ndarray::array![
            [1.0f32, 0.2, 0.0, 0.0],
            [1.0, 0.0, 0.0, 0.0],
            [1.0, -0.2, 0.0, 0.0],
            [0.0, 0.2, 1.0, 0.0],
            [0.0, 0.0, 1.0, 0.0],
            [0.0, -0.2, 1.0, 0.0],
            [0.0, 0.0, 1.0, 0.2],
            [0.0, 0.0, 1.0, -0.2],
            [0.0, 0.0, 0.0, 0.0]
        ]);
        let rows: Vec<usize> = (0..9).collect();
        for seed in 0..10 {
            let mut rng = Seed(seed).rng(1, "test");
            assert_eq!(typical(&features, &rows, 2, &mut rng).unwrap(), [4, 1], "seed {seed}");
            // The empty row comes last, even if all rows are requested.
            assert_eq!(typical(&features, &rows, 20, &mut rng).unwrap().last(), Some(&8));
        }
    }

    #[test]
    fn large_pools_are_sampled() {
        assert_eq!(
            [1, 100, 200, 500, 5_000, 20_000].map(sample_size),
            [2_000, 2_000, 4_000, 10_000, 10_000, 20_000]
        );
        let features = Features::Dense(Array2::from_shape_fn((5_000, 2), |(row, column)| {
            if column == 0 { 1.0 } else { row as f32 / 5_000.0 }
        }));
        let rows: Vec<usize> = (0..5_000).collect();
        let mut picks = typical(&features, &rows, 30, &mut Seed(1).rng(1, "test")).unwrap();
        assert_eq!(picks.len(), 30);
        picks.sort_unstable();
        picks.dedup();
        assert_eq!(picks.len(), 30);
        // The picks are spread over the whole range of directions.
        assert!(picks[0] < 500 && picks[29] > 4_500, "{picks:?}");
    }
}
