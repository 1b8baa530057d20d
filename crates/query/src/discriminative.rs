//! Discriminative active learning: open documents that a classifier can tell apart from the
//! labelled ones.
//!
//! Gissin and Shalev-Shwartz (2019), "Discriminative Active Learning" (DAL): a classifier learns to
//! tell labelled from open documents. The documents that it most surely calls open are picked, so
//! that the labelled set becomes similar to the pool.
//!
//! Cost: for each sub-batch, a fit of the references and ten times as many candidates, and a
//! prediction of all candidates, which are a uniform sample.

use std::sync::Arc;

use querist_core::error::BoxError;
use querist_core::{Class, Classifier, Examples, Probabilities, Seed, Start};
use rand::Rng;

use crate::candidates::{Limits, fill_uniformly, references, uniform};
use crate::error::QueryError;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::top_k::top_k;
use crate::view::{self, Pool, PoolView};

const NAME: &str = "discriminative";

/// The class of open documents.
const OPEN: Class = Class(0);

/// The class of labelled documents.
const LABELED: Class = Class(1);

/// The number of open documents in a fit for each labelled document, as in small-text.
const OPEN_FOR_EACH: usize = 10;

/// Picks documents that a classifier can tell apart from the labelled ones.
///
/// The batch is divided into sub-batches. The picks of a sub-batch count as labelled in the next
/// one, so the picks of a batch are not all similar to each other. The paper uses 10 to 20
/// sub-batches. More sub-batches make the batch more diverse, but each costs a fit.
///
/// Both classes weigh the same in a fit, however many documents they have. So a few open documents
/// for each labelled one are enough; they are drawn anew for each sub-batch.
#[derive(Clone)]
pub struct Discriminative {
    /// The classifier, trained on the two classes once for each sub-batch.
    pub classifier: Arc<dyn Classifier>,
    /// The number of sub-batches; 0 counts as 1.
    pub sub_batches: usize,
    /// The maximum numbers of candidates and of labelled documents that the candidates are compared
    /// with.
    pub limits: Limits,
}

impl Discriminative {
    /// The number of sub-batches of the catalog's strategy.
    pub const SUB_BATCHES: usize = 10;

    /// Trains a model to tell `labeled` from a sample of `open`. Returns for each row of `open` the
    /// probability of "open" that the model predicts.
    fn openness(
        &self,
        pool: &PoolView<'_>,
        open: &[usize],
        labeled: &[usize],
        rng: &mut dyn Rng,
    ) -> Result<Vec<f64>, QueryError> {
        let failed = |error: BoxError| QueryError::Model { strategy: NAME, problem: error.to_string() };
        let shown = uniform(open.len(), labeled.len() * OPEN_FOR_EACH, rng);
        let rows: Vec<usize> = shown.iter().map(|at| open[*at]).chain(labeled.iter().copied()).collect();
        let targets: Vec<Class> = shown.iter().map(|_| OPEN).chain(labeled.iter().map(|_| LABELED)).collect();
        // The weights of each class sum to half the number of rows.
        let of_side = |count: usize| rows.len() as f64 / (2.0 * count as f64);
        let weights: Vec<f64> = targets
            .iter()
            .map(|side| of_side(if *side == OPEN { shown.len() } else { labeled.len() }))
            .collect();
        let features = view::gather(pool.features, &rows)?;
        let examples =
            Examples { features: &features, targets: &targets, weights: Some(&weights), n_classes: 2 };
        let start = Start { warm: None, seed: Seed(rng.next_u64()) };
        let model = self.classifier.fit(examples, start).map_err(failed)?.model;
        let predicted: Probabilities = model.predict(pool.features, open).map_err(failed)?;
        Ok((0..open.len()).map(|at| predicted.of(at, OPEN)).collect())
    }
}

impl QueryStrategy for Discriminative {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> Needs {
        Needs { probabilities: false, labeled_classes: 1 }
    }

    /// Returns n open rows, or all if there are fewer, sub-batch by sub-batch. Within a sub-batch,
    /// the row with the highest probability of being open comes first.
    ///
    /// # Errors
    /// The pool has no labelled rows, a fit fails, or the features cannot be read.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        if pool.labeled.is_empty() {
            return Err(QueryError::NoLabeledRows { strategy: NAME });
        }
        if n == 0 || pool.open.is_empty() {
            return Ok(Vec::new());
        }
        let places = uniform(pool.open.len(), self.limits.candidates, rng);
        let mut labeled: Vec<usize> =
            references(&pool, self.limits.references, rng).into_iter().map(|(row, _)| row).collect();
        let mut open: Vec<usize> = (0..places.len()).collect();
        let mut picks = Vec::new();
        let wanted = n.min(open.len());
        let size = wanted.div_ceil(self.sub_batches.max(1));
        while picks.len() < wanted {
            let rows: Vec<usize> = open.iter().map(|at| pool.open[places[*at]]).collect();
            let openness = self.openness(&pool, &rows, &labeled, rng)?;
            let chosen = top_k(&openness, size.min(wanted - picks.len()));
            // In the next sub-batch, the picks count as labelled and are no longer candidates.
            labeled.extend(chosen.iter().map(|at| rows[*at]));
            picks.extend(chosen.iter().map(|at| places[open[*at]]));
            let mut chosen = chosen;
            chosen.sort_unstable();
            open =
                (0..open.len()).filter(|at| chosen.binary_search(at).is_err()).map(|at| open[at]).collect();
        }
        Ok(pool.selected(&fill_uniformly(picks, pool.open.len(), n, rng), NAME))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::Features;

    use super::*;
    use crate::centroid::Centroid;

    #[test]
    fn a_later_sub_batch_goes_elsewhere() {
        // A row at 0 is labelled, and rows at -4, 4, 4.5 and 5.5 are open. Their mean is 2.5, so
        // the first pick is 5.5. With one sub-batch, 4.5 is the second pick. With two, 0 and 5.5
        // (mean 2.75) count as labelled, and -4, 4 and 4.5 (mean 1.5) are open. Now everything
        // below 2.125 looks open, so -4 is the second pick.
        let features =
            Features::Dense(array![[0.0f32, 0.0], [-4.0, 0.0], [4.0, 0.0], [4.5, 0.0], [5.5, 0.0]]);
        let labeled = [(0, Class(1))];
        let pool = PoolView::new(&features, &[1, 2, 3, 4]).with_labeled(&labeled).check().unwrap();
        let rows = |sub_batches| -> Vec<usize> {
            let strategy =
                Discriminative { classifier: Arc::new(Centroid), sub_batches, limits: Limits::default() };
            let picks = strategy.select(pool, 2, &mut Seed(1).rng(1, "test")).unwrap();
            picks.into_iter().map(|pick| pick.row).collect()
        };
        assert_eq!(rows(1), [4, 3]);
        assert_eq!(rows(2), [4, 1]);
        let strategy =
            Discriminative { classifier: Arc::new(Centroid), sub_batches: 2, limits: Limits::default() };
        let none = pool.with_labeled(&[]).check().unwrap();
        assert_eq!(
            strategy.select(none, 1, &mut Seed(1).rng(1, "test")),
            Err(QueryError::NoLabeledRows { strategy: NAME })
        );
    }
}
