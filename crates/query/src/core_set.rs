//! Core-set: picks documents so that no document is far from a labelled or picked one.
//!
//! Sener and Savarese (2018), "Active Learning for Convolutional Neural Networks: A Core-Set
//! Approach". They use the greedy k-centre rule, farthest first: its radius is at most twice the
//! best radius (Gonzalez 1985). Distances are Euclidean. Without labels, the first pick is the
//! candidate nearest to the mean. An outlier is far from everything, so it is picked early.
//!
//! Cost: candidates (a uniform sample) × (references + picks) × columns. Needs no model.

use rand::Rng;

use crate::candidates::{Limits, fill_uniformly, references, uniform};
use crate::error::QueryError;
use crate::points::Points;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::top_k::top_k;
use crate::view::Pool;

const NAME: &str = "core-set";

/// Picks documents one by one, each time the one farthest from all labelled and picked documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CoreSet {
    /// The maximum numbers of candidates and of labelled documents that the candidates are compared
    /// with.
    pub limits: Limits,
}

impl QueryStrategy for CoreSet {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> Needs {
        Needs::NOTHING
    }

    /// Returns n open rows, or all if there are fewer. Each is the candidate farthest from all
    /// labelled rows and earlier picks; if the candidates run out, a uniform sample follows.
    ///
    /// # Errors
    /// The features of the pool cannot be read.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        if n == 0 {
            return Ok(Vec::new());
        }
        let places = uniform(pool.open.len(), self.limits.candidates, rng);
        let rows: Vec<usize> = places.iter().map(|place| pool.open[*place]).collect();
        let labeled: Vec<usize> =
            references(&pool, self.limits.references, rng).into_iter().map(|(row, _)| row).collect();
        let picks = farthest_first(
            &Points::gather(pool.features, &rows)?,
            &Points::gather(pool.features, &labeled)?,
            n,
        );
        let picks: Vec<usize> = picks.into_iter().map(|at| places[at]).collect();
        Ok(pool.selected(&fill_uniformly(picks, pool.open.len(), n, rng), NAME))
    }
}

/// Returns the indices of n points, or of all if there are fewer. Each is the point farthest from
/// the centres and the earlier picks; ties go to the smaller index. Without centres, the first is
/// the point nearest to the mean.
fn farthest_first(points: &Points, centers: &Points, n: usize) -> Vec<usize> {
    let mut nearest = vec![f64::INFINITY; points.len()];
    for center in 0..centers.len() {
        approach(&mut nearest, &points.squared_distances(&centers.vector(center)));
    }
    let mut picks = Vec::new();
    if centers.len() == 0 {
        let from_mean = points.squared_distances(&points.mean());
        let closeness: Vec<f64> = from_mean.iter().map(|distance| -distance).collect();
        if let [first] = top_k(&closeness, n.min(1))[..] {
            take(first, points, &mut nearest, &mut picks);
        }
    }
    while picks.len() < n.min(points.len()) {
        let farthest =
            (0..points.len()).fold(0, |best, at| if nearest[at] > nearest[best] { at } else { best });
        take(farthest, points, &mut nearest, &mut picks);
    }
    picks
}

/// Adds point `at` to the picks and lowers the distances in `nearest` accordingly.
fn take(at: usize, points: &Points, nearest: &mut [f64], picks: &mut Vec<usize>) {
    approach(nearest, &points.squared_distances(&points.vector(at)));
    // This is below every distance, so the point is never the farthest again.
    nearest[at] = f64::NEG_INFINITY;
    picks.push(at);
}

/// Lowers each value of `nearest` to the distance with the same index, if that distance is smaller.
fn approach(nearest: &mut [f64], distances: &[f64]) {
    for (nearest, distance) in nearest.iter_mut().zip(distances) {
        *nearest = nearest.min(*distance);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Class, Features, Seed};

    use super::*;
    use crate::view::PoolView;

    #[test]
    fn farthest_first_by_hand() {
        // On a line, 0 is labelled, and 1, 2, 4 and 9 are open. The farthest from 0 is 9. Then
        // comes 4, which is 4 from 0 and 5 from 9; then 2, and then 1.
        let features = Features::Dense(array![[0.0f32, 0.0], [1.0, 0.0], [2.0, 0.0], [4.0, 0.0], [9.0, 0.0]]);
        let labeled = [(0, Class(1))];
        let pool = PoolView::new(&features, &[1, 2, 3, 4]).with_labeled(&labeled).check().unwrap();
        let rows = |pool: Pool<'_>, n| -> Vec<usize> {
            let picks = CoreSet::default().select(pool, n, &mut Seed(1).rng(1, "test")).unwrap();
            picks.into_iter().map(|pick| pick.row).collect()
        };
        assert_eq!(rows(pool, 3), [4, 3, 2]);
        assert_eq!(rows(pool, 9), [4, 3, 2, 1]);
        // Without labels, the first pick is row 3, which is at the mean of 1, 2, 4 and 9. Then
        // comes 9, and then 1, because 2 is nearer to 4.
        assert_eq!(rows(pool.with_labeled(&[]).check().unwrap(), 3), [3, 4, 1]);
    }

    #[test]
    fn what_lies_beyond_the_candidates_is_filled() {
        let features = Features::Dense(ndarray::Array2::from_shape_fn((40, 1), |(row, _)| row as f32));
        let open: Vec<usize> = (0..40).collect();
        let pool = PoolView::new(&features, &open).check().unwrap();
        let strategy = CoreSet { limits: Limits { candidates: 7, references: 1 } };
        let picks = strategy.select(pool, 20, &mut Seed(1).rng(1, "test")).unwrap();
        let mut rows: Vec<usize> = picks.into_iter().map(|pick| pick.row).collect();
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows.len(), 20);
    }
}
