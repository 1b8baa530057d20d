//! Novelty sampling: documents unlike the labelled ones. It is used while all labels are of one
//! class, so that no classifier can be trained. A document unlike the known class most likely
//! belongs to another class.
//!
//! The score is `1 - mean cosine to the labelled rows`. The mean cosine is a single product with
//! the mean of the labelled unit rows, so the cost is linear in the pool, however many labels there
//! are. The largest cosine would need a comparison of every open row with every labelled row. The
//! m·n documents with the highest scores are clustered, and the best of each cluster is picked, as
//! for uncertainty. Representing a class by its centroid follows Rocchio (1971), "Relevance
//! Feedback in Information Retrieval".

use rand::Rng;

use crate::direction::{mean_cosines, mean_direction};
use crate::diversify::diversified_top;
use crate::error::QueryError;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::{Pool, PoolView};

/// Picks documents unlike the labelled ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Novelty {
    /// The number m of candidates for each requested document. For n requested documents, the m·n
    /// best candidates are clustered into n groups, and the best of each group is picked. With m =
    /// 0 or 1, the n best candidates are picked without clustering.
    pub diversity: usize,
}

impl QueryStrategy for Novelty {
    fn name(&self) -> &'static str {
        "novelty"
    }

    fn needs(&self) -> Needs {
        Needs { probabilities: false, labeled_classes: 1 }
    }

    /// Returns n open rows, or all if there are fewer, the most novel first.
    ///
    /// # Errors
    /// The pool has no labelled rows, or its features cannot be read.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        if pool.labeled.is_empty() {
            return Err(QueryError::NoLabeledRows { strategy: "novelty" });
        }
        let places = diversified_top(pool.features, pool.open, &novelty(&pool)?, n, self.diversity, rng)?;
        Ok(pool.selected(&places, "novelty"))
    }
}

/// Returns the novelty of each open row, in [0, 2], or in [0, 1] for features without negative
/// values. The novelty of a row of zeros is 0: a document without a known word is unlike
/// everything, but a model learns nothing from it.
fn novelty(pool: &PoolView<'_>) -> Result<Vec<f64>, QueryError> {
    let labeled: Vec<usize> = pool.labeled.iter().map(|(row, _)| *row).collect();
    let cosines = mean_cosines(pool.features, pool.open, &mean_direction(pool.features, &labeled)?)?;
    Ok(cosines.into_iter().map(|cosine| cosine.map_or(0.0, |cosine| (1.0 - cosine).max(0.0))).collect())
}

#[cfg(test)]
mod tests {
    use querist_core::{Class, Csr, Features, Seed};

    use super::*;

    #[test]
    fn scores_by_hand_in_both_layouts() {
        let dense =
            Features::Dense(ndarray::array![[2.0f32, 0.0], [0.0, 5.0], [3.0, 4.0], [0.0, 0.0], [0.0, 0.1]]);
        let mut csr = Csr::empty(2);
        let rows: [(&[u32], &[f32]); 5] =
            [(&[0], &[2.0]), (&[1], &[5.0]), (&[0, 1], &[3.0, 4.0]), (&[], &[]), (&[1], &[0.1])];
        for (columns, values) in rows {
            csr.push_row(columns, values).unwrap();
        }
        for features in [dense, Features::Sparse(csr)] {
            let labeled = [(0, Class(0))];
            let pool = PoolView::new(&features, &[1, 2, 3, 4]).with_labeled(&labeled).check().unwrap();
            for (found, expected) in novelty(&pool).unwrap().into_iter().zip([1.0, 0.4, 0.0, 1.0]) {
                assert!((found - expected).abs() < 1e-7, "{found} is not {expected}");
            }
            // The labelled directions are (1, 0) and (0, 1). So the mean cosine of (0.6, 0.8) is
            // 0.7, and the mean cosine of (0, 1) is 0.5.
            let labeled = [(0, Class(0)), (1, Class(0))];
            let pool = PoolView::new(&features, &[2, 4]).with_labeled(&labeled).check().unwrap();
            for (found, expected) in novelty(&pool).unwrap().into_iter().zip([0.3, 0.5]) {
                assert!((found - expected).abs() < 1e-7, "{found} is not {expected}");
            }
            let strategy = Novelty { diversity: 1 };
            let picks = strategy.select(pool, 2, &mut Seed(1).rng(1, "test")).unwrap();
            assert_eq!(picks.iter().map(|pick| pick.row).collect::<Vec<_>>(), [4, 2]);
            let none =
                strategy.select(pool.with_labeled(&[]).check().unwrap(), 1, &mut Seed(1).rng(1, "test"));
            assert_eq!(none, Err(QueryError::NoLabeledRows { strategy: "novelty" }));
        }
    }
}
