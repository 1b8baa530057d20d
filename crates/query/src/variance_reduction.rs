//! Variance reduction: documents whose labels would reduce the model's uncertainty about the whole
//! pool most.
//!
//! Zhang and Oles (2000), "A Probability Analysis on the Value of Unlabeled Data for Classification
//! Problems"; Hoi et al. (2006), "Batch Mode Active Learning and Its Application to Medical Image
//! Classification"; Ash et al. (2021), "Gone Fishing: Neural Active Learning with Fisher
//! Embeddings". They use the Fisher information of all classes. Here a single number replaces it:
//! the doubt u, which is 1 minus the margin between the two likeliest classes.
//!
//! Cost: (1,000 + L + candidates) × D² for L references and D sketched columns (`sketch.rs`), and n
//! × candidates × D.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};
use rand::{Rng, RngExt};

use crate::candidates::{Limits, fill_by_score, highest, references, uniform};
use crate::error::QueryError;
use crate::measure::Measure;
use crate::sketch::sketch;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::{self, Pool};

const NAME: &str = "variance-reduction";

/// λ, the precision of the prior; the value corresponds to a classifier with C = 10.
const PRECISION: f64 = 0.1;

/// The information w of a labelled document. The margin of a labelled document is not used, because
/// it would only show how well the model memorised the document.
const LABELED: f64 = 0.3;

/// The power of u that weights a document of the pool: m = u³.
const POWER: i32 = 3;

/// The number of candidates of each kind (smallest margins, random) for each requested document.
const CANDIDATES_EACH: usize = 20;

/// The maximum number of candidates of each kind.
const MAX_CANDIDATES: usize = 2_000;

/// The number of documents that represent the pool; they are drawn in proportion to m.
const SAMPLE: usize = 1_000;

/// The number of labelled documents that are added to A in one step.
const BLOCK: usize = 32;

/// Picks documents that make the model more certain about the documents that it is uncertain about
/// now.
///
/// Consider a linear model whose weights have a Gaussian prior of precision λ. After documents x
/// with information w, the covariance of the weights is `A⁻¹ = (λI + Σ w x xᵀ)⁻¹` (the Laplace
/// approximation). A design is optimal for predicting a pool (V-optimality) if `Σ m(r) rᵀ A⁻¹ r` is
/// small, summed over the documents r of the pool with weights m(r). One more document x reduces
/// this sum by
///
/// ```text
/// w(x) Σ m(r) (xᵀ A⁻¹ r)² / (1 + w(x) xᵀ A⁻¹ x)
/// ```
///
/// Documents are picked one by one, and each is added to A before the next is picked. So the picks
/// are unlike labelled documents and unlike each other, but similar to many uncertain documents; an
/// outlier tells the model little about others. With the doubt u of a document, a candidate has w =
/// u, a labelled document w = 0.3, and a document of the pool m = u³.
///
/// Candidates are the 20 n documents with the smallest margins, and as many random documents, in
/// case the model is certain but wrong. There are at most 4,000 candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VarianceReduction {
    /// The maximum numbers of candidates and of labelled documents that the candidates are compared
    /// with.
    pub limits: Limits,
}

impl QueryStrategy for VarianceReduction {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> Needs {
        Needs::MODEL
    }

    /// Returns n open rows, or all if there are fewer, in the order in which they were picked.
    ///
    /// # Errors
    /// The pool has no probabilities, or its features cannot be read.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        let doubt = Measure::Margin.scores(pool.predictions(NAME)?);
        let wanted = n.saturating_mul(CANDIDATES_EACH).min(MAX_CANDIDATES).min(self.limits.candidates);
        let candidates = union(highest(&doubt, wanted), uniform(pool.open.len(), wanted, rng));
        let labeled = references(&pool, self.limits.references, rng);
        let mass: Vec<f64> = doubt.iter().map(|doubt| doubt.powi(POWER)).collect();
        // The documents that represent the pool, and the number of times that each was drawn.
        let (sample, times): (Vec<usize>, Vec<f32>) = systematic(&mass, SAMPLE, rng).into_iter().unzip();
        let open = |places: &[usize]| places.iter().map(|place| pool.open[*place]).collect::<Vec<_>>();
        let known = labeled.iter().map(|(row, _)| *row).collect();
        // All rows are sketched at once, so that sparse rows keep the same columns.
        let rows = [known, open(&sample), open(&candidates)].concat();
        let rows = sketch(view::gather(pool.features, &rows)?);
        let (labeled, rest) = rows.view().split_at(Axis(0), labeled.len());
        let (of_pool, of_candidates) = rest.split_at(Axis(0), sample.len());
        let information = candidates.iter().map(|place| doubt[*place]).collect();
        let moments = pool_moments(of_pool, &Array1::from(times));
        let picks = Design::new(labeled, &moments, of_candidates, information).greedy(n);
        let picks = picks.into_iter().map(|at| candidates[at]).collect();
        Ok(pool.selected(&fill_by_score(picks, &doubt, n), NAME))
    }
}

/// Returns the union of both lists, ascending, each value once.
fn union(mut places: Vec<usize>, more: Vec<usize>) -> Vec<usize> {
    places.extend(more);
    places.sort_unstable();
    places.dedup();
    places
}

/// Draws `count` indices in proportion to their mass, with repetition. Returns each drawn index,
/// ascending, with the number of times that it was drawn. The draws are `count` equal steps along
/// the sum of all masses, from a random start (systematic sampling; Madow 1949). The expected
/// counts are exact, whatever the size of the pool.
fn systematic(mass: &[f64], count: usize, rng: &mut dyn Rng) -> Vec<(usize, f32)> {
    let step = mass.iter().sum::<f64>() / count as f64;
    let mut next = step * rng.random::<f64>();
    let (mut sum, mut drawn) = (0.0, Vec::new());
    for (place, mass) in mass.iter().enumerate() {
        sum += mass;
        // Count the steps that end within the mass of this index.
        let before = next;
        while next < sum {
            next += step;
        }
        if next > before {
            drawn.push((place, ((next - before) / step).round() as f32));
        }
    }
    drawn
}

/// Returns the square matrix `M = Σ t r rᵀ` over the rows r, where `times` has the number of times
/// t that each row counts.
fn pool_moments(rows: ArrayView2<'_, f32>, times: &Array1<f32>) -> Array2<f32> {
    let times = times.view().insert_axis(Axis(1));
    (&rows * &times).t().dot(&rows)
}

/// The c candidates, with the covariance A⁻¹ of the weights and the numbers from which the gain of
/// each candidate follows.
struct Design<'a> {
    /// The rows x of the candidates, (c, D).
    rows: ArrayView2<'a, f32>,
    /// The information w of each candidate, (c).
    information: Vec<f64>,
    /// The moments M of the pool, (D, D).
    moments: &'a Array2<f32>,
    /// The covariance A⁻¹, (D, D).
    covariance: Array2<f64>,
    /// The variance `xᵀ A⁻¹ x` of each candidate, (c).
    variance: Array1<f64>,
    /// `xᵀ A⁻¹ M A⁻¹ x` of each candidate, (c): the covariance that it shares with the pool.
    shared: Array1<f64>,
}

impl<'a> Design<'a> {
    /// Builds the design of the candidates `rows`, with the labelled rows already added to A.
    fn new(
        labeled: ArrayView2<'_, f32>,
        moments: &'a Array2<f32>,
        rows: ArrayView2<'a, f32>,
        information: Vec<f64>,
    ) -> Self {
        let covariance = after_labeled(labeled);
        let explained = rows.dot(&covariance.mapv(|value| value as f32));
        let variance = row_products(explained.view(), rows);
        let shared = row_products(explained.dot(moments).view(), explained.view());
        Self { rows, information, moments, covariance, variance, shared }
    }

    /// Returns the indices of n candidates, or of all if there are fewer, in the order of picking.
    /// Each pick is the free candidate that reduces the variance over the pool most. If several
    /// candidates reduce it equally, the one with the smallest index is picked.
    fn greedy(mut self, n: usize) -> Vec<usize> {
        let mut free = vec![true; self.information.len()];
        let mut picks = Vec::new();
        while picks.len() < n.min(free.len()) {
            let best = (0..free.len())
                .filter(|at| free[*at])
                .reduce(|best, next| if self.gain(next) > self.gain(best) { next } else { best });
            let Some(best) = best else { break };
            free[best] = false;
            picks.push(best);
            self.learn(best);
        }
        picks
    }

    /// Returns how much the label of a candidate would reduce the variance over the pool.
    fn gain(&self, at: usize) -> f64 {
        taken(self.information[at], self.variance[at]) * self.shared[at]
    }

    /// Adds the row x of the candidate `chosen` to A. With `u = A⁻¹ x`, A⁻¹ loses `k u uᵀ` (see
    /// `taken`). So for every candidate y, `yᵀ A⁻¹ M A⁻¹ y` loses
    /// `2k (y·u) (yᵀ A⁻¹ M u) - k² (y·u)² (uᵀ M u)`.
    fn learn(&mut self, chosen: usize) {
        let direction = self.covariance.dot(&self.rows.row(chosen).mapv(f64::from));
        let k = taken(self.information[chosen], self.variance[chosen]);
        let moved = self.moments.dot(&direction.mapv(|value| value as f32)).mapv(f64::from);
        let explained = self.covariance.dot(&moved);
        let on = |vector: &Array1<f64>| self.rows.dot(&vector.mapv(|value| value as f32)).mapv(f64::from);
        // For every candidate y, `along` is y·u and `across` is yᵀ A⁻¹ M u; `own` is uᵀ M u.
        let (along, across, own) = (on(&direction), on(&explained), direction.dot(&moved));
        for (at, (along, across)) in along.iter().zip(&across).enumerate() {
            self.shared[at] += k * along * (k * along * own - 2.0 * across);
            self.variance[at] -= k * along * along;
        }
        for (mut row, value) in self.covariance.rows_mut().into_iter().zip(&direction) {
            row.scaled_add(-k * value, &direction);
        }
    }
}

/// Returns the factor `k = w / (1 + w xᵀ A⁻¹ x)` of the change in A⁻¹ when a document is added, by
/// Sherman and Morrison. A variance below 0, which only rounding can cause, counts as 0.
fn taken(information: f64, variance: f64) -> f64 {
    information / (1.0 + information * variance.max(0.0))
}

/// Returns the scalar product of each row of `left` with the row of `right` that has the same
/// index.
fn row_products(left: ArrayView2<'_, f32>, right: ArrayView2<'_, f32>) -> Array1<f64> {
    let product = |(a, b): (ArrayView1<'_, f32>, ArrayView1<'_, f32>)| {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
    };
    left.rows().into_iter().zip(right.rows()).map(product).collect()
}

/// Returns A⁻¹ after adding the labelled rows, one block at a time.
fn after_labeled(labeled: ArrayView2<'_, f32>) -> Array2<f64> {
    let mut covariance = Array2::<f64>::eye(labeled.ncols()) / PRECISION;
    for block in labeled.axis_chunks_iter(Axis(0), BLOCK) {
        let block = block.mapv(f64::from);
        // Rows u = A⁻¹ x; the loop updates each for the earlier rows of its block.
        let mut directions = block.dot(&covariance);
        let mut weights: Vec<f64> = Vec::with_capacity(block.nrows());
        for (at, x) in block.rows().into_iter().enumerate() {
            let (before, mut now) = directions.multi_slice_mut((s![..at, ..], s![at, ..]));
            for (u, k) in before.rows().into_iter().zip(&weights) {
                now.scaled_add(-k * u.dot(&x), &u);
            }
            weights.push(taken(LABELED, now.dot(&x)));
        }
        let weights = Array1::from(weights).insert_axis(Axis(1));
        covariance -= &directions.t().dot(&(&directions * &weights));
    }
    covariance
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Class, Features, Probabilities, Seed};

    use super::*;
    use crate::view::PoolView;

    /// Returns ten documents: 0 to 3 along one direction, 4 to 8 along another, and 9 along a
    /// third.
    fn features() -> Features {
        Features::Dense(Array2::from_shape_fn((10, 3), |(row, column)| {
            f32::from(u8::from(column == [0, 0, 0, 0, 1, 1, 1, 1, 1, 2][row]))
        }))
    }

    fn picks(labeled: &[(usize, Class)], n: usize) -> Vec<usize> {
        let features = features();
        let open: Vec<usize> = (0..10).filter(|row| labeled.iter().all(|(known, _)| known != row)).collect();
        let probabilities = Probabilities::new(Array2::from_elem((open.len(), 2), 0.5)).unwrap();
        let view = PoolView::new(&features, &open).with_probabilities(&probabilities).with_labeled(labeled);
        let pool = view.check().unwrap();
        let picked = VarianceReduction::default().select(pool, n, &mut Seed(1).rng(1, "test")).unwrap();
        picked.into_iter().map(|pick| pick.row).collect()
    }

    #[test]
    fn the_thickest_first_then_what_is_unlike_it() {
        assert_eq!(picks(&[], 3), [4, 0, 9]);
        // The direction of the labelled documents is known already.
        assert_eq!(picks(&[(4, Class(0)), (5, Class(0)), (6, Class(0))], 1), [0]);
        assert_eq!(picks(&[(0, Class(0)), (1, Class(0)), (4, Class(1)), (5, Class(1))], 1), [9]);
    }

    #[test]
    fn systematic_draws_are_in_proportion() {
        let mass = [0.0, 3.0, 0.5, 0.25, 0.25, 0.0, 4.0];
        for seed in 0..50 {
            let drawn = systematic(&mass, 8, &mut Seed(seed).rng(1, "test"));
            assert!(drawn.is_sorted_by(|left, right| left.0 < right.0));
            assert!((drawn.iter().map(|(_, times)| times).sum::<f32>() - 8.0).abs() < 0.5);
            // The masses 3 and 4 are exactly three and four steps. One draw is left for the other
            // documents.
            assert!(drawn.contains(&(1, 3.0)) && drawn.contains(&(6, 4.0)) && drawn.len() == 3, "{drawn:?}");
        }
        assert_eq!(systematic(&[0.0, 0.0], 8, &mut Seed(1).rng(1, "test")), []);
    }

    #[test]
    fn the_variance_is_that_of_the_inverse() {
        // With a = (1, 0) and b = (1, 1), A = 0.1 I + 0.3 (a aᵀ + b bᵀ) is [[0.7, 0.3], [0.3,
        // 0.4]]. Its determinant is 0.19, so A⁻¹ = [[0.4, -0.3], [-0.3, 0.7]] / 0.19.
        let labeled = array![[1.0f32, 0.0], [1.0, 1.0]];
        let (moments, rows) =
            (pool_moments(array![[0.0f32, 1.0]].view(), &array![2.0]), array![[1.0f32, 2.0]]);
        let mut design = Design::new(labeled.view(), &moments, rows.view(), vec![0.5]);
        // (1, 2) A⁻¹ (1, 2)ᵀ = (0.4 - 1.2 + 2.8) / 0.19 and (1, 2) A⁻¹ (0, 1)ᵀ = (-0.3 + 1.4) /
        // 0.19.
        assert!((design.variance[0] - 2.0 / 0.19).abs() < 1e-4, "{}", design.variance[0]);
        let shared = 2.0 * (1.1f64 / 0.19).powi(2);
        assert!((design.shared[0] - shared).abs() < 1e-3);
        let k = 0.5 / (1.0 + 0.5 * 2.0 / 0.19);
        assert!((design.gain(0) - k * shared).abs() < 1e-3);
        // Once the candidate is labelled, the covariance that it shares with the pool is multiplied
        // by (1 - k v)², where v is its variance.
        design.learn(0);
        let left = 1.0 - k * 2.0 / 0.19;
        assert!((design.shared[0] - shared * left * left).abs() < 1e-3, "{}", design.shared[0]);
        assert!((design.variance[0] - 2.0 / 0.19 * left).abs() < 1e-4, "{}", design.variance[0]);
    }

    #[test]
    fn blocks_of_labelled_rows_give_the_inverse() {
        // The 70 rows are added in blocks of 32, 32 and 6.
        let value = |row: usize, column: usize| ((row * 7 + column * 13) % 11) as f32 / 11.0 - 0.4;
        let rows = Array2::from_shape_fn((70, 5), |(row, column)| value(row, column));
        let exact = rows.mapv(f64::from);
        let a = exact.t().dot(&exact) * LABELED + Array2::<f64>::eye(5) * PRECISION;
        let product = a.dot(&after_labeled(rows.view()));
        for ((row, column), value) in product.indexed_iter() {
            let expected = f64::from(u8::from(row == column));
            assert!((value - expected).abs() < 1e-9, "{row} {column} {value}");
        }
    }
}
