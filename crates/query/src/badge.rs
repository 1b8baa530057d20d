//! BADGE picks documents with long gradients that point in different directions. Such documents are
//! uncertain and unlike each other.
//!
//! Ash et al. (2020), "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds". If
//! the likeliest class ŷ were the answer, the gradient of -ln p(ŷ) with respect to the weights of a
//! linear model would be `g = (p - e_ŷ) ⊗ x`. Gradients have K · d numbers and are never written
//! out: `g_i · g_j = (a_i · a_j)(x_i · x_j)` with `a = p - e_ŷ`, so distances need only products of
//! the two parts.
//!
//! Cost: candidates × picks × (columns + K).

use querist_core::Probabilities;
use rand::Rng;

use crate::candidates::{Limits, fill_by_score, highest};
use crate::draw::draw;
use crate::error::QueryError;
use crate::measure::Measure;
use crate::points::Points;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::top_k::top_k;
use crate::view::Pool;

const NAME: &str = "badge";

/// Draws documents by k-means++ on the gradients of the most uncertain documents.
///
/// The longest gradient is taken first (as in the authors' program). Each further document is drawn
/// with a probability proportional to its squared distance to the nearest gradient drawn before. If
/// every remaining gradient equals a drawn one, the longest remaining gradients are picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Badge {
    /// The uncertainty measure whose highest scores make an open document a candidate.
    pub measure: Measure,
    /// The maximum number of candidates; only `candidates` is used.
    pub limits: Limits,
}

impl QueryStrategy for Badge {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> Needs {
        Needs::MODEL
    }

    /// Returns n open rows, or all if there are fewer, in the order in which they were drawn.
    ///
    /// # Errors
    /// The pool has no probabilities, or its features cannot be read.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        let probabilities = pool.predictions(NAME)?;
        // These scores choose the candidates, and they fill up the batch if the gradients run out.
        let cut = self.measure.scores(probabilities);
        let places = highest(&cut, self.limits.candidates);
        let rows: Vec<usize> = places.iter().map(|place| pool.open[*place]).collect();
        let gradients = Gradients::new(Points::gather(pool.features, &rows)?, probabilities, &places);
        let picks = gradients.spread(n, rng).into_iter().map(|at| places[at]).collect();
        Ok(pool.selected(&fill_by_score(picks, &cut, n), NAME))
    }
}

/// The gradients of c candidates, each as its two factors.
struct Gradients {
    /// The features x, (c, d).
    points: Points,
    /// The errors `p - e_ŷ`, one for each candidate, with one number for each class.
    errors: Vec<Vec<f64>>,
    /// The squared lengths |g|², (c).
    squares: Vec<f64>,
}

impl Gradients {
    /// Builds the gradients of the candidates. `places` are the candidates' rows in
    /// `probabilities`, in the order of `points`.
    fn new(points: Points, probabilities: &Probabilities, places: &[usize]) -> Self {
        let error = |place: &usize| {
            let mut error = probabilities.row(*place).to_vec();
            error[probabilities.likeliest(*place).index()] -= 1.0;
            error
        };
        let errors: Vec<Vec<f64>> = places.iter().map(error).collect();
        let square = |(error, square): (&Vec<f64>, &f64)| product(error, error) * square;
        let squares = errors.iter().zip(points.squares()).map(square).collect();
        Self { points, errors, squares }
    }

    /// Returns the squared distance of every gradient to gradient `to`, at least 0.
    fn distances(&self, to: usize) -> Vec<f64> {
        // The distance is |g|² + |h|² - 2 g·h, and g·h is the product of the errors times the
        // product of the features.
        let products = self.points.products(&self.points.vector(to));
        let distance = |(at, of_points): (usize, f64)| {
            let both = product(&self.errors[at], &self.errors[to]) * of_points;
            (self.squares[at] + self.squares[to] - 2.0 * both).max(0.0)
        };
        products.into_iter().enumerate().map(distance).collect()
    }

    /// Draws n candidates by k-means++, or all if there are fewer, the longest gradient first.
    /// Returns their indices in the order of the draws.
    fn spread(&self, n: usize, rng: &mut dyn Rng) -> Vec<usize> {
        let mut nearest = vec![f64::INFINITY; self.squares.len()];
        let mut picks = top_k(&self.squares, n.min(1));
        let mut last = picks.first().copied();
        while let Some(at) = last {
            for (nearest, distance) in nearest.iter_mut().zip(self.distances(at)) {
                *nearest = nearest.min(distance);
            }
            // Rounding can make the distance of a gradient to itself positive, and it would be
            // drawn again.
            nearest[at] = 0.0;
            last = if picks.len() < n { draw(&nearest, rng) } else { None };
            picks.extend(last);
        }
        fill_by_score(picks, &self.squares, n)
    }
}

/// Returns the inner product of two vectors of the same length.
fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Features, Seed};

    use super::*;
    use crate::view::PoolView;

    fn features() -> Features {
        Features::Dense(array![[2.0f32, 1.0], [1.0, 0.0], [1.0, 0.0], [0.0, 3.0], [5.0, 5.0]])
    }

    fn probabilities() -> Probabilities {
        Probabilities::new(array![
            [0.5, 0.3, 0.2],
            [0.6, 0.2, 0.2],
            [0.6, 0.2, 0.2],
            [0.1, 0.1, 0.8],
            [0.0, 1.0, 0.0]
        ])
        .unwrap()
    }

    #[test]
    fn distances_equal_those_of_the_gradients_written_out() {
        let (features, probabilities) = (features(), probabilities());
        let places = [0, 1, 2, 3, 4];
        let gradients = Gradients::new(Points::new(features.clone()), &probabilities, &places);
        let written_out = |at: usize| -> Vec<f64> {
            let Features::Dense(x) = &features else { panic!("dense features") };
            let error = &gradients.errors[at];
            error
                .iter()
                .flat_map(|a| x.row(at).iter().map(|x| a * f64::from(*x)).collect::<Vec<_>>())
                .collect()
        };
        // For the first row, p - e_ŷ is (-0.5, 0.3, 0.2) and x is (2, 1), so |g|² = 0.38 · 5.
        assert!((gradients.squares[0] - 1.9).abs() < 1e-12);
        for to in places {
            let found = gradients.distances(to);
            for at in places {
                let differences =
                    written_out(at).into_iter().zip(written_out(to)).map(|(a, b)| (a - b) * (a - b));
                let expected: f64 = differences.sum();
                assert!(
                    (found[at] - expected).abs() < 1e-12,
                    "{at} to {to}: {} is not {expected}",
                    found[at]
                );
            }
        }
    }

    #[test]
    fn the_longest_first_then_what_differs_then_copies_by_length() {
        // The rows have |g|² = 1.9, 0.24, 0.24, 0.54 and 0. Row 4 is certain, and rows 1 and 2 are
        // the same.
        let (features, probabilities) = (features(), probabilities());
        let pool =
            PoolView::new(&features, &[0, 1, 2, 3, 4]).with_probabilities(&probabilities).check().unwrap();
        let strategy = Badge { measure: Measure::Entropy, limits: Limits::default() };
        for seed in 0..20 {
            let picks = strategy.select(pool, 5, &mut Seed(seed).rng(1, "test")).unwrap();
            let rows: Vec<usize> = picks.iter().map(|pick| pick.row).collect();
            assert_eq!(rows[0], 0);
            // The copy of a drawn row is at distance 0 from it, so it comes last.
            assert!(rows[4] == 1 || rows[4] == 2, "{rows:?}");
        }
    }
}
