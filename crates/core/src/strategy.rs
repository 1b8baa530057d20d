//! Query strategies: which documents to ask for next.

use rand_chacha::ChaCha8Rng;

use crate::error::BoxError;
use crate::features::Rows;
use crate::label::Class;
use crate::proba::Probabilities;
use crate::shingles::Shingles;

/// What a strategy may look at. Rows of the pool are documents in the order of their ids, so the smaller of two rows is
/// the tie-break by id.
#[derive(Clone, Copy)]
pub struct PoolView<'a> {
    /// Features of the whole pool, (n, d).
    pub features: &'a dyn Rows,
    /// Rows that may be picked, ascending.
    pub open: &'a [usize],
    /// Probabilities of the open rows, (open, K), in the order of `open`; `None` without a model.
    pub probabilities: Option<&'a Probabilities>,
    /// Rows that have a label, ascending, with it.
    pub labeled: &'a [(usize, Class)],
    /// The shingles of the whole pool, by row; `None` where near-duplicates are not looked for.
    pub shingles: Option<&'a dyn Shingles>,
}

/// What a strategy cannot do without. It is asked before it is used, so that a first round can take another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// Whether it looks at probabilities.
    pub probabilities: bool,
    /// How many classes must have a labelled row.
    pub labeled_classes: usize,
}

impl Needs {
    /// Features alone.
    pub const NOTHING: Self = Self { probabilities: false, labeled_classes: 0 };
    /// A model's probabilities.
    pub const MODEL: Self = Self { probabilities: true, labeled_classes: 0 };

    /// Whether the pool has all of it. O(labelled).
    pub fn met_by(self, pool: &PoolView<'_>) -> bool {
        let mut classes: Vec<Class> = pool.labeled.iter().map(|(_, class)| *class).collect();
        classes.sort_unstable();
        classes.dedup();
        (!self.probabilities || pool.probabilities.is_some()) && classes.len() >= self.labeled_classes
    }
}

/// A row that a strategy chose.
#[derive(Debug, Clone, PartialEq)]
pub struct Selected {
    /// The chosen row of the pool.
    pub row: usize,
    /// Why, for people.
    pub reason: String,
    /// Whether it only fills a quota for want of better.
    pub fallback: bool,
}

/// A way to choose documents.
///
/// Contract, checked by one suite for all: asked for n it gives min(n, open rows) different open rows, the best first;
/// asked for 0 it gives none; the same view and generator state give the same rows on any number of threads.
pub trait QueryStrategy {
    /// The strategy's name, in the field's terms.
    fn name(&self) -> &str;

    /// What it cannot do without; a view that lacks it is an error.
    fn needs(&self) -> Needs;

    /// Chooses n of the open rows.
    ///
    /// # Errors
    /// The view lacks what the strategy needs, for example probabilities.
    fn query(&self, pool: PoolView<'_>, n: usize, rng: &mut ChaCha8Rng) -> Result<Vec<Selected>, BoxError>;
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::features::Features;

    #[test]
    fn needs_are_met_by_probabilities_and_by_classes() {
        let features = Features::Dense(array![[1.0f32], [2.0], [3.0]]);
        let probabilities = Probabilities::new(array![[0.5, 0.5]]).unwrap();
        let labeled = [(1, Class(1)), (2, Class(1))];
        let pool = PoolView {
            features: &features,
            open: &[0],
            probabilities: None,
            labeled: &labeled,
            shingles: None,
        };
        let with_model = PoolView { probabilities: Some(&probabilities), ..pool };
        let two = Needs { probabilities: false, labeled_classes: 2 };
        let one = Needs { probabilities: false, labeled_classes: 1 };
        assert!(
            Needs::NOTHING.met_by(&pool) && !Needs::MODEL.met_by(&pool) && Needs::MODEL.met_by(&with_model)
        );
        // Two rows of one class are one class.
        assert!(one.met_by(&pool) && !two.met_by(&pool));
        assert!(!one.met_by(&PoolView { labeled: &[], ..pool }));
    }
}
