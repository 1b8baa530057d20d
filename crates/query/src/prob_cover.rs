//! Probability cover: documents that are close to many pool documents that no labelled document
//! covers yet.
//!
//! Yehuda et al. (2022), "Active Learning Through a Covering Lens" (ProbCover): a document covers
//! all documents within a radius. Documents are picked one by one. Each pick covers the most
//! documents that no labelled or picked document covers; ties go to the smaller row. The strategy
//! is made for few labels and uses no model.
//!
//! Cost: quadratic in the sample, so the sample has at most 2,000 documents, whatever the limit of
//! candidates is; and sample × references for the comparison with labelled documents.

use rand::Rng;
use rayon::prelude::*;

use crate::candidates::{Limits, fill_uniformly, references, uniform};
use crate::error::QueryError;
use crate::kmeans::spherical_kmeans;
use crate::points::Points;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::{self, Pool};

const NAME: &str = "prob-cover";

/// The maximum number of documents in the sample, whose members are all compared with each other.
const MAX_SAMPLE: usize = 2_000;

/// The share of balls that may contain a document of another group. The ball of a document holds
/// all documents that it covers.
const IMPURE: f64 = 0.05;

/// Picks the documents that newly cover the most documents.
///
/// When every document is covered, all documents that are not picked count as uncovered again. If
/// more documents are requested than the sample has, the others are drawn uniformly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProbCover {
    /// The number of groups from which the radius follows, which is the number of classes; 0 and 1
    /// count as 2.
    pub groups: usize,
    /// The maximum numbers of candidates and of labelled documents that the candidates are compared
    /// with.
    pub limits: Limits,
}

impl QueryStrategy for ProbCover {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> Needs {
        Needs::NOTHING
    }

    /// Returns n open rows, or all if there are fewer, in the order in which they were picked.
    ///
    /// # Errors
    /// The features of the pool cannot be read.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        if n == 0 || pool.open.is_empty() {
            return Ok(Vec::new());
        }
        let places = uniform(pool.open.len(), self.limits.candidates.min(MAX_SAMPLE), rng);
        let rows: Vec<usize> = places.iter().map(|place| pool.open[*place]).collect();
        let labeled: Vec<usize> =
            references(&pool, self.limits.references, rng).into_iter().map(|(row, _)| row).collect();
        let features = view::gather(pool.features, &rows)?;
        let weights = vec![1.0; rows.len()];
        let clusters = spherical_kmeans(&features, &weights, self.groups.max(2), rng);
        let points = Points::new(features);
        let distances: Vec<Vec<f64>> =
            (0..rows.len()).into_par_iter().map(|at| points.squared_distances(&points.vector(at))).collect();
        let radius = squared_radius(&distances, &clusters.assignment);
        // Even with a radius of 0, equal rows cover each other; their distance is exactly 0.
        let covers = |distance: f64| distance < radius || distance <= 0.0;
        let mut covered = vec![false; rows.len()];
        let labeled = Points::gather(pool.features, &labeled)?;
        for at in 0..labeled.len() {
            for (covered, distance) in covered.iter_mut().zip(points.squared_distances(&labeled.vector(at))) {
                *covered |= covers(distance);
            }
        }
        // The ball of each document: the documents of the sample that it covers.
        let balls: Vec<Vec<usize>> = distances
            .into_iter()
            .map(|row| (0..row.len()).filter(|other| covers(row[*other])).collect())
            .collect();
        let picks = cover(&balls, covered, n).into_iter().map(|at| places[at]).collect();
        Ok(pool.selected(&fill_uniformly(picks, pool.open.len(), n, rng), NAME))
    }
}

/// Returns the square of the covering radius, by the paper's rule in closed form. `distances` has
/// all squared distances between rows, and `groups` the group of each row. Rows of zeros form a
/// group of their own.
///
/// The ball around a row is pure if it holds no row of another group. So it is pure as long as the
/// radius is at most the distance to the nearest such row. The radius is the largest for which at
/// least 95 % of the balls are pure. Balls are open (distance < radius), but equal rows always
/// cover each other. With a single group, the radius is the median of each row's distance to the
/// nearest different row. With a single row, the radius does not matter.
fn squared_radius(distances: &[Vec<f64>], groups: &[Option<usize>]) -> f64 {
    let nearest = |wanted: &dyn Fn(usize, usize) -> bool| -> Vec<f64> {
        let of_row = |at: usize| {
            let others = (0..groups.len()).filter(|other| wanted(at, *other));
            others.map(|other| distances[at][other]).fold(f64::INFINITY, f64::min)
        };
        let mut nearest: Vec<f64> = (0..groups.len()).map(of_row).collect();
        nearest.sort_unstable_by(f64::total_cmp);
        nearest
    };
    let of_other_groups = nearest(&|at, other| groups[at] != groups[other]);
    let radius = of_other_groups[(IMPURE * groups.len() as f64) as usize];
    if radius.is_finite() {
        return radius;
    }
    let of_other_rows = nearest(&|at, other| distances[at][other] > 0.0);
    of_other_rows[groups.len() / 2]
}

/// Returns the indices of n balls, or of all if there are fewer, in the order of picking. Each pick
/// is the ball with the most members that are not yet covered. If several balls have equally many,
/// the ball with the smallest index is picked.
fn cover(balls: &[Vec<usize>], mut covered: Vec<bool>, n: usize) -> Vec<usize> {
    let gain_of = |covered: &[bool]| -> Vec<usize> {
        balls.iter().map(|ball| ball.iter().filter(|member| !covered[**member]).count()).collect()
    };
    let mut gains = gain_of(&covered);
    let mut free = vec![true; balls.len()];
    let mut picks = Vec::new();
    while picks.len() < n.min(balls.len()) {
        let largest = |gains: &[usize]| {
            let places = (0..balls.len()).filter(|at| free[*at]);
            places.fold(None, |best, at| match best {
                Some(before) if gains[at] <= gains[before] => best,
                _ => Some(at),
            })
        };
        let Some(mut best) = largest(&gains) else { break };
        if gains[best] == 0 {
            // Everything is covered: count all documents that are not picked as uncovered again.
            covered = free.iter().map(|free| !free).collect();
            gains = gain_of(&covered);
            best = largest(&gains).unwrap_or(best);
        }
        free[best] = false;
        picks.push(best);
        for &member in &balls[best] {
            if !covered[member] {
                covered[member] = true;
                // Row a is in the ball of b exactly if b is in the ball of a. So this member is in
                // the balls of exactly the rows in its own ball.
                balls[member].iter().for_each(|ball| gains[*ball] -= 1);
            }
        }
    }
    picks
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Class, Features, Seed};

    use super::*;
    use crate::view::PoolView;

    #[test]
    fn the_radius_by_hand() {
        // On a line, 0, 1 and 2 are one group, and 6 and 7 the other. The distances to the nearest
        // row of the other group are 6, 5, 4, 4 and 5. Of five balls none may be impure, so the
        // radius is 4.
        let at = [0.0f64, 1.0, 2.0, 6.0, 7.0];
        let distances: Vec<Vec<f64>> =
            at.iter().map(|a| at.iter().map(|b| (a - b) * (a - b)).collect()).collect();
        let groups = [Some(0), Some(0), Some(0), Some(1), Some(1)];
        assert!((squared_radius(&distances, &groups) - 16.0).abs() < 1e-12);
        // With one group, the nearest different row of every row is at distance 1.
        assert!((squared_radius(&distances, &[Some(0); 5]) - 1.0).abs() < 1e-12);
        // If all rows are equal, there is no different row.
        assert!(squared_radius(&vec![vec![0.0; 3]; 3], &[Some(0); 3]).is_infinite());
    }

    #[test]
    fn what_covers_most_comes_first_and_a_second_layer_follows() {
        let balls = [vec![0, 1], vec![0, 1, 2], vec![1, 2], vec![3, 4], vec![3, 4], vec![5]];
        assert_eq!(cover(&balls, vec![false; 6], 6), [1, 3, 5, 0, 2, 4]);
        // Documents that labelled documents already cover do not count.
        assert_eq!(cover(&balls, vec![true, true, true, false, false, false], 2), [3, 5]);
    }

    #[test]
    fn the_labelled_theme_is_left_for_the_other_ones() {
        // Rows 0 to 2 point along x, and rows 3 to 5 along y. Row 0 is labelled.
        let features = Features::Dense(array![
            [5.0f32, 0.0],
            [5.0, 0.1],
            [5.0, 0.2],
            [0.1, 5.0],
            [0.0, 5.0],
            [0.2, 5.0]
        ]);
        let labeled = [(0, Class(0))];
        let pool = PoolView::new(&features, &[1, 2, 3, 4, 5]).with_labeled(&labeled).check().unwrap();
        let strategy = ProbCover { groups: 2, limits: Limits::default() };
        let picks = strategy.select(pool, 1, &mut Seed(1).rng(1, "test")).unwrap();
        assert_eq!(picks[0].row, 3);
        let all = strategy.select(pool, 9, &mut Seed(1).rng(1, "test")).unwrap();
        assert_eq!(all.len(), 5);
    }
}
