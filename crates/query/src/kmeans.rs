//! Spherical k-means: groups documents whose feature vectors point in similar directions, so that a
//! batch need not contain two similar documents.
//!
//! Invariants: each row is assigned independently of the others. A tie goes to the centre with the
//! smaller number, and sums run in the order of the given rows. So the number of threads does not
//! change the result. Rows of zeros have no direction: they are never seeds and belong to no
//! cluster. If there are fewer directions than requested centres, there are fewer centres. There
//! are no restarts, and iterations stop before full convergence, since a batch only needs roughly
//! right groups.

mod dense;
mod sparse;

use std::cmp::Reverse;

use querist_core::Features;
use rand::Rng;
use rayon::prelude::*;

use crate::draw::draw;

/// The maximum number of iterations of Lloyd's method; the first few do nearly all the work.
const MAX_ITERATIONS: usize = 10;

/// Two rows count as having the same direction if 1 - cosine is below this. Rows are stored in
/// single precision, so equal directions can differ by rounding.
const SAME_DIRECTION: f64 = 1e-5;

/// The result of a clustering: the cluster of each row.
pub(crate) struct Clusters {
    /// The cluster of each row, in the order of the rows; `None` for a row of zeros.
    pub(crate) assignment: Vec<Option<usize>>,
    /// The cosine of each row to the centre of its cluster; 0 for a row of zeros.
    pub(crate) similarity: Vec<f64>,
    /// The number of clusters, at most k; some may be empty.
    pub(crate) count: usize,
}

impl Clusters {
    /// Returns, for each cluster with rows, the index of the row nearest to its centre; a tie goes
    /// to the first row. Larger clusters come first; of equally large clusters, the one with the
    /// smaller number.
    pub(crate) fn nearest_to_centers(&self) -> Vec<usize> {
        let mut best: Vec<Option<usize>> = vec![None; self.count];
        let mut sizes = vec![0usize; self.count];
        for (place, cluster) in self.assignment.iter().enumerate() {
            let Some(cluster) = *cluster else { continue };
            sizes[cluster] += 1;
            if best[cluster].is_none_or(|best| self.similarity[place] > self.similarity[best]) {
                best[cluster] = Some(place);
            }
        }
        let mut order: Vec<usize> = (0..self.count).collect();
        order.sort_by_key(|cluster| Reverse(sizes[*cluster]));
        order.into_iter().filter_map(|cluster| best[cluster]).collect()
    }
}

/// Clusters the rows of `features` into at most `k` clusters. `weights` has one value, at least 0,
/// for each row.
///
/// Rows are scaled to length 1 and compared by cosine (Dhillon and Modha 2001, "Concept
/// Decompositions for Large Sparse Text Data Using Clustering"). Seeds are drawn, and a few of
/// Lloyd's iterations with weighted means follow (weights after Zhdanov 2019, "Diverse mini-batch
/// Active Learning").
pub(crate) fn spherical_kmeans(
    features: &Features,
    weights: &[f64],
    k: usize,
    rng: &mut dyn Rng,
) -> Clusters {
    debug_assert_eq!(features.n_rows(), weights.len(), "one weight a row");
    match features {
        Features::Sparse(matrix) => cluster(&sparse::SparseRows::new(matrix), weights, k, rng),
        Features::Dense(matrix) => cluster(&dense::DenseRows::new(matrix), weights, k, rng),
    }
}

/// Rows scaled to length 1 that can be compared with centres.
trait UnitRows: Sync {
    /// A centre: a direction of length 1.
    type Center: Clone + Send + Sync;

    /// Returns the number of rows.
    fn len(&self) -> usize;

    /// Returns whether the row is all zeros.
    fn is_zero(&self, row: usize) -> bool;

    /// Returns the cosine of every row to the row with index `row`.
    fn similarities(&self, row: usize) -> Vec<f64>;

    /// Returns a centre with the direction of the row.
    fn center_at(&self, row: usize) -> Self::Center;

    /// Returns the direction of the weighted sum of the member rows, added in their order; `None`
    /// if the sum is zero or not finite.
    fn center_of(&self, members: &[usize], weights: &[f64]) -> Option<Self::Center>;

    /// Returns, for each row, the number of its nearest centre and the cosine to this centre; a tie
    /// goes to the smaller number. There must be at least one centre.
    fn nearest(&self, centers: &[Self::Center]) -> Vec<(usize, f64)>;
}

/// Clusters the rows: seeds at most k centres, then moves the centres until no row changes its
/// cluster or [`MAX_ITERATIONS`] is reached.
fn cluster<R: UnitRows>(rows: &R, weights: &[f64], k: usize, rng: &mut dyn Rng) -> Clusters {
    let seeds = seed(rows, weights, k, rng);
    if seeds.is_empty() {
        return Clusters { assignment: vec![None; rows.len()], similarity: vec![0.0; rows.len()], count: 0 };
    }
    let mut centers: Vec<R::Center> = seeds.iter().map(|&row| rows.center_at(row)).collect();
    let mut nearest = rows.nearest(&centers);
    for _ in 0..MAX_ITERATIONS {
        let members = members(rows, &nearest, centers.len());
        centers = members
            .par_iter()
            .zip(&centers)
            // A cluster that lost all its rows keeps its centre, so that it can win rows again.
            .map(|(members, center)| rows.center_of(members, weights).unwrap_or_else(|| center.clone()))
            .collect();
        let moved = rows.nearest(&centers);
        let settled = moved.iter().zip(&nearest).all(|(now, before)| now.0 == before.0);
        nearest = moved;
        if settled {
            break;
        }
    }
    let of_row =
        |row: usize| if rows.is_zero(row) { (None, 0.0) } else { (Some(nearest[row].0), nearest[row].1) };
    let (assignment, similarity) = (0..rows.len()).map(of_row).unzip();
    Clusters { assignment, similarity, count: centers.len() }
}

/// Returns the rows of each cluster, ascending, without rows of zeros.
fn members<R: UnitRows>(rows: &R, nearest: &[(usize, f64)], n_clusters: usize) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); n_clusters];
    for (row, (cluster, _)) in nearest.iter().enumerate() {
        if !rows.is_zero(row) {
            members[*cluster].push(row);
        }
    }
    members
}

/// Draws at most k rows with different directions by k-means++ (Arthur and Vassilvitskii 2007,
/// "k-means++: The Advantages of Careful Seeding"), and returns their indices. The probability of a
/// row is proportional to weight · D², where D² is half the squared distance to the nearest seed so
/// far. For rows of length 1, D² is 1 - cosine.
fn seed<R: UnitRows>(rows: &R, weights: &[f64], k: usize, rng: &mut dyn Rng) -> Vec<usize> {
    // 2 is the largest possible 1 - cosine, so the first seed replaces it everywhere.
    let mut distance: Vec<f64> =
        (0..rows.len()).map(|row| if rows.is_zero(row) { 0.0 } else { 2.0 }).collect();
    let mut seeds = Vec::new();
    while seeds.len() < k {
        let weighted: Vec<f64> = distance.iter().zip(weights).map(|(d, weight)| d * weight).collect();
        // Rows with weight 0 become seeds only if no other direction is left.
        let Some(chosen) = draw(&weighted, rng).or_else(|| draw(&distance, rng)) else {
            break;
        };
        seeds.push(chosen);
        for (distance, similarity) in distance.iter_mut().zip(rows.similarities(chosen)) {
            *distance = if 1.0 - similarity < SAME_DIRECTION { 0.0 } else { distance.min(1.0 - similarity) };
        }
        // Rounding can make the distance of a row to itself positive, and it would be drawn again.
        distance[chosen] = 0.0;
    }
    seeds
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use querist_core::{Csr, Seed};

    use super::*;

    /// Returns 13 rows. Twelve rows point in three directions in turn, with lengths of about 1 to 4
    /// in each direction. The last row is all zeros.
    fn three_directions() -> Array2<f32> {
        Array2::from_shape_fn((13, 6), |(row, column)| {
            let scale = (row / 3 + 1) as f32;
            let near = if column == row % 3 { 1.0 } else { 0.0 };
            let noise = if column == 3 + row % 2 { 0.1 } else { 0.0 };
            if row == 12 { 0.0 } else { scale * (near + noise) }
        })
    }

    fn sparse_of(dense: &Array2<f32>) -> Features {
        let mut csr = Csr::empty(dense.ncols());
        for row in dense.outer_iter() {
            let columns: Vec<u32> = (0..row.len()).filter(|at| row[*at] != 0.0).map(|at| at as u32).collect();
            let values: Vec<f32> = columns.iter().map(|at| row[*at as usize]).collect();
            csr.push_row(&columns, &values).unwrap();
        }
        Features::Sparse(csr)
    }

    #[test]
    fn finds_directions_whatever_the_length_in_both_layouts() {
        let dense = three_directions();
        for features in [sparse_of(&dense), Features::Dense(dense)] {
            for seed in 0..20 {
                let clusters = spherical_kmeans(&features, &[1.0; 13], 3, &mut Seed(seed).rng(1, "test"));
                assert_eq!(clusters.count, 3);
                for row in 0..12 {
                    assert_eq!(
                        clusters.assignment[row],
                        clusters.assignment[row % 3],
                        "seed {seed} row {row}"
                    );
                    assert!(clusters.similarity[row] > 0.99);
                }
                assert_ne!(clusters.assignment[0], clusters.assignment[1]);
                assert_ne!(clusters.assignment[0], clusters.assignment[2]);
                assert_ne!(clusters.assignment[1], clusters.assignment[2]);
                assert_eq!((clusters.assignment[12], clusters.similarity[12]), (None, 0.0));
            }
        }
    }

    #[test]
    fn has_no_more_centres_than_directions() {
        let dense = ndarray::array![[1.0f32, 0.0], [3.0, 0.0], [0.0, 2.0], [0.0, 0.0], [0.5, 0.0]];
        for features in [sparse_of(&dense), Features::Dense(dense)] {
            let clusters = spherical_kmeans(&features, &[0.0; 5], 5, &mut Seed(3).rng(1, "test"));
            assert_eq!(clusters.count, 2);
            let only_zeros = spherical_kmeans(&features.select(&[3]), &[1.0], 1, &mut Seed(3).rng(1, "test"));
            assert_eq!((only_zeros.count, only_zeros.assignment), (0, vec![None]));
            let none = spherical_kmeans(&features.select(&[]), &[], 4, &mut Seed(3).rng(1, "test"));
            assert_eq!(none.count, 0);
        }
    }

    #[test]
    fn a_row_without_weight_seeds_last() {
        for attempt in 0..20 {
            let rows = dense::DenseRows::new(&Array2::eye(4));
            let seeds = seed(&rows, &[1.0, 0.0, 1.0, 1.0], 4, &mut Seed(attempt).rng(1, "test"));
            assert_eq!(seeds.len(), 4);
            assert_eq!(seeds[3], 1);
        }
    }

    #[test]
    fn draws_in_proportion_to_mass() {
        let mut rng = Seed(1).rng(1, "test");
        let mut counts = [0u32; 4];
        for _ in 0..10_000 {
            counts[draw(&[1.0, 0.0, 2.0, 1.0], &mut rng).unwrap()] += 1;
        }
        assert_eq!(counts[1], 0);
        // The standard deviations are 43 and 50, and the test allows about five of them.
        assert!(counts[0].abs_diff(2500) < 220 && counts[2].abs_diff(5000) < 250, "{counts:?}");
        assert_eq!(draw(&[0.0, 0.0], &mut rng), None);
    }
}
