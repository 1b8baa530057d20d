//! Query strategies: which documents to ask for next.

use rand_chacha::ChaCha8Rng;

use crate::error::BoxError;
use crate::features::Rows;
use crate::label::Class;
use crate::proba::Probabilities;

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

    /// Chooses n of the open rows.
    ///
    /// # Errors
    /// The view lacks what the strategy needs, for example probabilities.
    fn query(&self, pool: PoolView<'_>, n: usize, rng: &mut ChaCha8Rng) -> Result<Vec<Selected>, BoxError>;
}
