//! Query by committee: several models are trained on different samples of the labelled documents,
//! and the documents about which these models disagree are picked.
//!
//! Seung, Opper and Sompolinsky (1992), "Query by Committee"; the members are trained on bootstrap
//! samples, as in Abe and Mamitsuka (1998), "Query Learning Strategies Using Boosting and
//! Bagging". If a model is unsure because classes overlap, all members are equally unsure. If it is
//! unsure because labels are missing, members differ, and a label helps.
//!
//! Cost: `members` fits, and `members` predictions of the candidates.

mod bootstrap;
mod disagreement;

use std::sync::Arc;

use querist_core::error::BoxError;
use querist_core::{Class, Classifier, Examples, Probabilities, Seed, Start};
use rand::Rng;

use crate::candidates::{Limits, fill_by_score, highest};
use crate::diversify::diversified_top;
use crate::error::QueryError;
use crate::measure::Measure;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::{self, Pool, PoolView};

pub use disagreement::Disagreement;

/// Picks the documents about which the committee disagrees most, among those that the round's model
/// is least certain about. Members are trained one after the other; each draws its sample and its
/// seed from the given generator.
#[derive(Clone)]
pub struct Committee {
    /// The classifier that is trained once for each member.
    pub classifier: Arc<dyn Classifier>,
    /// The number of members; 0 counts as 1. A single member never disagrees with itself.
    pub members: usize,
    /// The measure of disagreement.
    pub disagreement: Disagreement,
    /// The uncertainty measure whose highest scores make an open document a candidate.
    pub measure: Measure,
    /// The number m of candidates for each requested document. For n requested documents, the m·n
    /// best candidates are clustered into n groups, and the best of each group is picked. With m =
    /// 0 or 1, the n best candidates are picked without clustering.
    pub diversity: usize,
    /// The maximum number of candidates; only `candidates` is used.
    pub limits: Limits,
}

impl Committee {
    /// The number of members of each committee in the catalog.
    pub const MEMBERS: usize = 8;

    /// Trains the members and returns their class probabilities for `rows`: one matrix for each
    /// member, with one row for each of `rows` and one column for each class.
    fn predictions(
        &self,
        pool: &PoolView<'_>,
        rows: &[usize],
        n_classes: usize,
        rng: &mut dyn Rng,
    ) -> Result<Vec<Probabilities>, QueryError> {
        let failed = |error: BoxError| QueryError::Model {
            strategy: self.disagreement.name(),
            problem: error.to_string(),
        };
        let (labeled, classes): (Vec<usize>, Vec<Class>) = pool.labeled.iter().copied().unzip();
        let features = view::gather(pool.features, &labeled)?;
        let mut predictions = Vec::with_capacity(self.members);
        for _ in 0..self.members.max(1) {
            // A document that was drawn several times is one example with a larger weight.
            let (drawn, weights) = bootstrap::resample(&classes, rng);
            let targets: Vec<Class> = drawn.iter().map(|at| classes[*at]).collect();
            let examples = Examples {
                features: &features.select(&drawn),
                targets: &targets,
                weights: Some(&weights),
                n_classes,
            };
            let start = Start { warm: None, seed: Seed(rng.next_u64()) };
            let member = self.classifier.fit(examples, start).map_err(failed)?.model;
            predictions.push(member.predict(pool.features, rows).map_err(failed)?);
        }
        Ok(predictions)
    }
}

impl QueryStrategy for Committee {
    fn name(&self) -> &'static str {
        self.disagreement.name()
    }

    fn needs(&self) -> Needs {
        Needs { probabilities: true, labeled_classes: 2 }
    }

    /// Returns n open rows, or all if there are fewer, the strongest disagreement first.
    ///
    /// # Errors
    /// The pool has no probabilities, fewer than two classes have labelled documents, or the fit of
    /// a member fails.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        let name = self.disagreement.name();
        let probabilities = pool.predictions(name)?;
        let found = pool.labeled_classes();
        if found < 2 {
            return Err(QueryError::TooFewClasses { strategy: name, needed: 2, found });
        }
        if n == 0 || pool.open.is_empty() {
            return Ok(Vec::new());
        }
        // These scores choose the candidates, and they fill up the batch if the candidates run out.
        let cut = self.measure.scores(probabilities);
        let places = highest(&cut, self.limits.candidates);
        let rows: Vec<usize> = places.iter().map(|place| pool.open[*place]).collect();
        let members = self.predictions(&pool, &rows, probabilities.n_classes(), rng)?;
        let scores: Vec<f64> = (0..rows.len()).map(|at| self.disagreement.score(&members, at)).collect();
        let picks = diversified_top(pool.features, &rows, &scores, n, self.diversity, rng)?;
        let picks = picks.into_iter().map(|at| places[at]).collect();
        Ok(pool.selected(&fill_by_score(picks, &cut, n), name))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use querist_core::Features;

    use super::*;
    use crate::centroid::Centroid;

    #[test]
    fn members_disagree_where_the_samples_of_the_labels_differ() {
        // Class 0 has one row at (0, 0) and one far up at (0, 6), so its mean differs from sample
        // to sample. Class 1 is always at (4, 0). Row 6, midway between (0, 3) and (4, 0), is
        // therefore predicted differently. All members agree about rows 4 and 5, which would come
        // first without disagreement.
        let features = Features::Dense(array![
            [0.0f32, 0.0],
            [0.0, 6.0],
            [4.0, 0.0],
            [4.0, 0.0],
            [-3.0, 3.0],
            [9.0, 0.0],
            [2.0, 1.5]
        ]);
        let labeled = [(0, Class(0)), (1, Class(0)), (2, Class(1)), (3, Class(1))];
        let probabilities = Probabilities::new(Array2::from_elem((3, 2), 0.5)).unwrap();
        let pool = PoolView::new(&features, &[4, 5, 6])
            .with_probabilities(&probabilities)
            .with_labeled(&labeled)
            .check()
            .unwrap();
        for disagreement in Disagreement::ALL {
            let committee = Committee {
                classifier: Arc::new(Centroid),
                members: 12,
                disagreement,
                measure: Measure::Entropy,
                diversity: 1,
                limits: Limits::default(),
            };
            let picks = committee.select(pool, 2, &mut Seed(1).rng(1, "test")).unwrap();
            assert_eq!(picks[0].row, 6, "{disagreement:?}");
            assert_eq!(picks[0].reason, disagreement.name());
            let one = pool.with_labeled(&labeled[..2]).check().unwrap();
            let error = committee.select(one, 2, &mut Seed(1).rng(1, "test")).unwrap_err();
            assert!(matches!(error, QueryError::TooFewClasses { needed: 2, found: 1, .. }), "{error}");
        }
    }
}
