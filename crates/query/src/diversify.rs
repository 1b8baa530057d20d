//! Picks the documents with the highest scores, but few that are similar to each other.
//!
//! The m·n documents with the highest scores are clustered into n clusters, weighted by their
//! scores. In each cluster, the document with the highest score is picked (Zhdanov 2019, "Diverse
//! mini-batch Active Learning"). With m = 1, the n documents with the highest scores are picked.

use querist_core::Rows;
use rand::Rng;

use crate::error::QueryError;
use crate::kmeans::spherical_kmeans;
use crate::top_k::top_k;
use crate::view::gather;

/// Picks n of `rows`, or all if there are fewer, and returns their indices in `rows`. `scores` has
/// one number for each row, at least 0. The best row of each cluster comes first, the highest score
/// first. If clusters are empty, the rows with the highest remaining scores follow. `diversity` is
/// m; 0 counts as 1.
///
/// # Errors
/// The features of the candidates cannot be read.
pub(crate) fn diversified_top(
    features: &dyn Rows,
    rows: &[usize],
    scores: &[f64],
    n: usize,
    diversity: usize,
    rng: &mut dyn Rng,
) -> Result<Vec<usize>, QueryError> {
    let candidates = top_k(scores, n.saturating_mul(diversity.max(1)));
    if candidates.len() <= n {
        return Ok(candidates);
    }
    let candidate_rows: Vec<usize> = candidates.iter().map(|&place| rows[place]).collect();
    let weights: Vec<f64> = candidates.iter().map(|&place| scores[place]).collect();
    let clusters = spherical_kmeans(&gather(features, &candidate_rows)?, &weights, n, rng);
    // Candidates are sorted by descending score. So the first candidate of a cluster is its best,
    // and the picks are sorted too.
    let mut given = vec![false; clusters.count];
    let (mut picks, mut rest) = (Vec::with_capacity(n), Vec::new());
    for (candidate, cluster) in candidates.into_iter().zip(clusters.assignment) {
        match cluster {
            Some(cluster) if !given[cluster] => {
                given[cluster] = true;
                picks.push(candidate);
            }
            _ => rest.push(candidate),
        }
    }
    let missing = n - picks.len();
    picks.extend(rest.into_iter().take(missing));
    Ok(picks)
}

#[cfg(test)]
mod tests {
    use querist_core::{Features, Seed};

    use super::*;

    #[test]
    fn each_direction_gives_its_highest() {
        // Rows 0 to 2 point in one direction, and rows 3 and 4 in another. Row 5 is empty.
        let features = Features::Dense(ndarray::array![
            [1.0f32, 0.0],
            [2.0, 0.0],
            [3.0, 0.1],
            [0.0, 1.0],
            [0.1, 1.0],
            [0.0, 0.0]
        ]);
        let rows = [0, 1, 2, 3, 4, 5];
        let scores = [0.9, 0.95, 0.8, 0.1, 0.2, 0.5];
        let top = |n, diversity| {
            diversified_top(&features, &rows, &scores, n, diversity, &mut Seed(5).rng(1, "test")).unwrap()
        };
        assert_eq!(top(2, 1), [1, 0]);
        assert_eq!(top(2, 0), [1, 0]);
        assert_eq!(top(2, 3), [1, 4]);
        assert_eq!(top(9, 3), [1, 0, 2, 5, 4, 3]);
        assert_eq!(top(0, 3), [0; 0]);
    }

    #[test]
    fn empty_clusters_are_filled_by_the_next_highest() {
        let features = Features::Dense(ndarray::array![[1.0f32, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0]]);
        let picks = diversified_top(
            &features,
            &[0, 1, 2, 3],
            &[0.1, 0.4, 0.3, 0.2],
            2,
            2,
            &mut Seed(5).rng(1, "test"),
        )
        .unwrap();
        assert_eq!(picks, [1, 2]);
    }
}
