//! TypiClust: picks the most typical documents from the groups of the pool with the fewest labels.
//!
//! Hacohen, Dekel and Weinshall (2022), "Active Learning on a Budget: Opposite Strategies Suit High
//! and Low Budgets". It works without labels and without a model.
//!
//! Cost: the clustering, candidates × clusters × columns; and, for each cluster that a document is
//! picked from, members × (at most 1,000 of them, drawn uniformly) × columns.

use std::cmp::Reverse;

use querist_core::Features;
use rand::Rng;

use crate::candidates::{Limits, fill_uniformly, references, uniform};
use crate::error::QueryError;
use crate::kmeans::spherical_kmeans;
use crate::neighbors::nearest;
use crate::points::Points;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::{self, Pool};

const NAME: &str = "typiclust";

/// The maximum number of clusters; the paper uses 500.
const MAX_CLUSTERS: usize = 200;

/// The number of candidates for each cluster, enough to tell which of them is typical.
const CANDIDATES_EACH: usize = 20;

/// The minimum number of candidates, unless the limit or the pool is smaller.
const MIN_CANDIDATES: usize = 2_000;

/// A cluster with fewer members than this is used only after all larger ones, because rare
/// documents are not typical.
const SMALL: usize = 5;

/// The number of nearest neighbours whose mean distance measures typicality.
const NEIGHBORS: usize = 20;

/// The maximum number of members of a cluster that may be neighbours.
const MAX_NEIGHBORHOOD: usize = 1_000;

/// Picks typical documents of groups with few labels.
///
/// Open and labelled documents are clustered together, into as many clusters as there will be
/// labels. Documents are picked one by one. Each is the most typical remaining document of the
/// cluster with the fewest labelled and picked documents; among such clusters, the largest is
/// used. Typicality is the inverse of the mean Euclidean distance to the 20 nearest neighbours in
/// the cluster. Small clusters are used after all others. Rows of zeros, which belong to no
/// cluster, are picked last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TypiClust {
    /// The maximum numbers of candidates and of labelled documents that the candidates are compared
    /// with.
    pub limits: Limits,
}

impl QueryStrategy for TypiClust {
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
        let labeled = references(&pool, self.limits.references, rng);
        let k = n.saturating_add(labeled.len()).min(MAX_CLUSTERS);
        let size = (CANDIDATES_EACH * k).max(MIN_CANDIDATES).max(n).min(self.limits.candidates);
        let places = uniform(pool.open.len(), size, rng);
        let rows: Vec<usize> =
            places.iter().map(|place| pool.open[*place]).chain(labeled.iter().map(|(row, _)| *row)).collect();
        // The labelled rows follow the candidates, so their indices distinguish them.
        let features = view::gather(pool.features, &rows)?;
        let assignment = spherical_kmeans(&features, &vec![1.0; rows.len()], k, rng).assignment;
        let picks = typical(&features, &assignment, places.len(), n, rng);
        let picks = picks.into_iter().map(|at| places[at]).collect();
        Ok(pool.selected(&fill_uniformly(picks, pool.open.len(), n, rng), NAME))
    }
}

/// A cluster that documents are picked from.
struct Cluster {
    /// All members, open ones before labelled ones.
    members: Vec<usize>,
    /// The number of labelled or picked members.
    taken: usize,
    /// The remaining open members, the most typical last; `None` until the first is needed, because
    /// ranking is expensive.
    left: Option<Vec<usize>>,
    /// The number of remaining open members.
    open: usize,
}

/// Returns n of the first `open` rows, or all of them if there are fewer, in the order of picking.
/// The other rows are labelled. `assignment` has the cluster of each row.
fn typical(
    features: &Features,
    assignment: &[Option<usize>],
    open: usize,
    n: usize,
    rng: &mut dyn Rng,
) -> Vec<usize> {
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut zeros = Vec::new();
    for (row, cluster) in assignment.iter().enumerate() {
        let Some(cluster) = *cluster else {
            zeros.extend((row < open).then_some(row));
            continue;
        };
        while clusters.len() <= cluster {
            clusters.push(Cluster { members: Vec::new(), taken: 0, left: None, open: 0 });
        }
        let cluster = &mut clusters[cluster];
        cluster.members.push(row);
        cluster.open += usize::from(row < open);
        cluster.taken += usize::from(row >= open);
    }
    let mut picks = Vec::new();
    while picks.len() < n {
        let givers = clusters.iter_mut().filter(|cluster| cluster.open > 0);
        let order = |cluster: &Cluster| {
            (cluster.members.len() < SMALL, cluster.taken, Reverse(cluster.members.len()))
        };
        // `min_by_key` returns the first of equal clusters.
        let Some(cluster) = givers.min_by_key(|cluster| order(cluster)) else { break };
        let left = cluster.left.get_or_insert_with(|| by_typicality(features, &cluster.members, open, rng));
        let Some(pick) = left.pop() else { break };
        cluster.open -= 1;
        cluster.taken += 1;
        picks.push(pick);
    }
    let missing = n - picks.len();
    picks.extend(zeros.into_iter().take(missing));
    picks
}

/// Returns the open members of a cluster, the most typical last, because picks are taken from the
/// end. Of equally typical rows, the one with the smaller index is last. Rows below
/// `open` are open.
fn by_typicality(features: &Features, members: &[usize], open: usize, rng: &mut dyn Rng) -> Vec<usize> {
    let around = uniform(members.len(), MAX_NEIGHBORHOOD, rng);
    let points = Points::new(features.select(members));
    let others: Vec<usize> = around.iter().map(|at| members[*at]).collect();
    let own: Vec<Option<usize>> = around.iter().copied().map(Some).collect();
    let neighbors = nearest(&points, &Points::new(features.select(&others)), &own, NEIGHBORS);
    let distance = |list: &Vec<(f64, usize)>| {
        list.iter().map(|(square, _)| square.sqrt()).sum::<f64>() / list.len().max(1) as f64
    };
    let mut ranked: Vec<(f64, usize)> = neighbors.iter().map(distance).zip(members.iter().copied()).collect();
    ranked.retain(|(_, row)| *row < open);
    ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    ranked.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Class, Seed};

    use super::*;
    use crate::view::PoolView;

    #[test]
    fn the_middle_of_the_group_without_a_label() {
        // Rows 0 to 4 are along x, at 1, 2, 3, 4 and 9. Rows 5 to 10 are along y, at 1 to 6, and
        // row 5 is labelled. Row 11 has no direction.
        let features = Features::Dense(array![
            [1.0f32, 0.0],
            [2.0, 0.0],
            [3.0, 0.0],
            [4.0, 0.0],
            [9.0, 0.0],
            [0.0, 1.0],
            [0.0, 2.0],
            [0.0, 3.0],
            [0.0, 4.0],
            [0.0, 5.0],
            [0.0, 6.0],
            [0.0, 0.0]
        ]);
        let labeled = [(5, Class(0))];
        let open = [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11];
        let pool = PoolView::new(&features, &open).with_labeled(&labeled).check().unwrap();
        let rows = |n| -> Vec<usize> {
            let picks = TypiClust::default().select(pool, n, &mut Seed(1).rng(1, "test")).unwrap();
            picks.into_iter().map(|pick| pick.row).collect()
        };
        // There are two clusters, and the one along x has no label. The mean distances of 1, 2, 3,
        // 4 and 9 to the others are 14/4, 11/4, 10/4, 11/4 and 26/4, so row 2 is the most typical.
        assert_eq!(rows(1), [2]);
        // Now both clusters have one label. The cluster along y is larger; its rows 7 and 8 are
        // equally typical.
        assert_eq!(rows(2), [2, 7]);
        assert_eq!(rows(99).last(), Some(&11));
        assert_eq!(rows(99).len(), 11);
    }

    #[test]
    fn small_clusters_wait_and_large_ones_lead() {
        let features = Features::Dense(ndarray::Array2::from_shape_fn((14, 2), |(row, _)| row as f32));
        // The clusters have 5, 6 and 3 members.
        let assignment: Vec<Option<usize>> =
            [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2].into_iter().map(Some).collect();
        let picks = typical(&features, &assignment, 14, 14, &mut Seed(1).rng(1, "test"));
        let clusters: Vec<Option<usize>> = picks.iter().map(|row| assignment[*row]).collect();
        let expected = [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 2, 2, 2].map(Some);
        assert_eq!(clusters, expected);
    }
}
