//! Ranked batch mode: uncertain documents unlike the labelled ones and unlike earlier picks.
//!
//! Cardoso et al. (2017), "Ranked Batch-mode Active Learning": documents are picked one by one,
//! each with the highest `α (1 - s) + (1 - α) u`. Here s is the largest cosine to a labelled or
//! picked document, clamped to [0, 1]; u is the normalised uncertainty. `α = |U| / (|U| + |D|)` for
//! |U| open documents and |D| labelled or picked ones: with few labels it explores, with many it
//! trusts the model.
//!
//! Cost: candidates × (references + picks) × columns. Candidates are the most uncertain documents.

use rand::Rng;

use crate::candidates::{Limits, fill_by_score, highest, references};
use crate::error::QueryError;
use crate::measure::Measure;
use crate::points::Points;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::Pool;

const NAME: &str = "ranked-batch";

/// Picks uncertain documents that are unlike the labelled documents and earlier picks. A row of
/// zeros has cosine 0 to all rows, so it counts as unlike all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankedBatch {
    /// The measure of uncertainty.
    pub measure: Measure,
    /// The maximum numbers of candidates and of labelled documents that the candidates are compared
    /// with.
    pub limits: Limits,
}

impl QueryStrategy for RankedBatch {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> Needs {
        Needs::MODEL
    }

    /// Returns n open rows, or all if there are fewer, in the order of the ranking.
    ///
    /// # Errors
    /// The pool has no probabilities, or its features cannot be read.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        let probabilities = pool.predictions(NAME)?;
        let score = |place: usize| self.measure.normalized_score(probabilities.row(place));
        let cut: Vec<f64> = (0..pool.open.len()).map(score).collect();
        let places = highest(&cut, self.limits.candidates);
        let rows: Vec<usize> = places.iter().map(|place| pool.open[*place]).collect();
        let labeled: Vec<usize> =
            references(&pool, self.limits.references, rng).into_iter().map(|(row, _)| row).collect();
        let points = Points::gather(pool.features, &rows)?;
        let mut likeness = vec![0.0f64; points.len()];
        let labeled = Points::gather(pool.features, &labeled)?;
        for at in 0..labeled.len() {
            approach(&mut likeness, &points.cosines(&labeled.vector(at)));
        }
        let uncertainty: Vec<f64> = places.iter().map(|place| cut[*place]).collect();
        let picks = rank(&points, likeness, &uncertainty, (pool.open.len(), pool.labeled.len()), n);
        let picks = picks.into_iter().map(|at| places[at]).collect();
        Ok(pool.selected(&fill_by_score(picks, &cut, n), NAME))
    }
}

/// Returns the indices of the n points ranked first, or of all if there are fewer; ties go to the
/// smaller index. `likeness` has each point's largest cosine to a labelled document, and
/// `uncertainty` its normalised uncertainty. `(open, labeled)` are the numbers of open and labelled
/// documents before the first pick.
fn rank(
    points: &Points,
    mut likeness: Vec<f64>,
    uncertainty: &[f64],
    (open, labeled): (usize, usize),
    n: usize,
) -> Vec<usize> {
    let mut free = vec![true; points.len()];
    let mut picks = Vec::new();
    while picks.len() < n.min(points.len()) {
        let alpha = (open - picks.len()) as f64 / (open + labeled) as f64;
        let score = |at: usize| alpha * (1.0 - likeness[at]) + (1.0 - alpha) * uncertainty[at];
        let best = (0..points.len()).filter(|at| free[*at]).fold(None, |best, at| match best {
            Some((_, highest)) if score(at) <= highest => best,
            _ => Some((at, score(at))),
        });
        let Some((best, _)) = best else { break };
        free[best] = false;
        picks.push(best);
        approach(&mut likeness, &points.cosines(&points.vector(best)));
    }
    picks
}

/// Raises each value of `likeness` to the cosine with the same index, if that cosine is larger.
fn approach(likeness: &mut [f64], cosines: &[f64]) {
    for (likeness, cosine) in likeness.iter_mut().zip(cosines) {
        *likeness = likeness.max(*cosine);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Class, Features, Probabilities, Seed};

    use super::*;
    use crate::view::PoolView;

    #[test]
    fn a_ranking_by_hand() {
        // A row at (1, 0) is labelled. Rows 1 and 2 point along (0, 1), and row 3 along (1, 0).
        // Their normalised least confidence is 0.6, 1 and 0.8. With α = 3/4 the scores are 0.75 +
        // 0.15 = 0.9, 0.75 + 0.25 = 1 and 0 + 0.2, so row 2 comes first. Then α is 2/4, and rows 1
        // and 3 have the scores 0 + 0.3 and 0 + 0.4.
        let features = Features::Dense(array![[1.0f32, 0.0], [0.0, 1.0], [0.0, 2.0], [3.0, 0.0]]);
        let probabilities = Probabilities::new(array![[0.7, 0.3], [0.5, 0.5], [0.6, 0.4]]).unwrap();
        let labeled = [(0, Class(0))];
        let pool = PoolView::new(&features, &[1, 2, 3])
            .with_probabilities(&probabilities)
            .with_labeled(&labeled)
            .check()
            .unwrap();
        let strategy = RankedBatch { measure: Measure::LeastConfidence, limits: Limits::default() };
        let picks = strategy.select(pool, 3, &mut Seed(1).rng(1, "test")).unwrap();
        assert_eq!(picks.iter().map(|pick| pick.row).collect::<Vec<_>>(), [2, 3, 1]);
    }
}
