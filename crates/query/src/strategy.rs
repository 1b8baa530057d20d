//! The trait that all strategies implement, in this crate and outside it.

use rand::Rng;

use crate::error::QueryError;
use crate::view::{Pool, PoolView};

/// What a strategy needs from a pool. Callers check the needs before they use the strategy, so that
/// a round without a model can use another strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// Whether the strategy needs class probabilities.
    pub probabilities: bool,
    /// The number of classes that must have a labelled row.
    pub labeled_classes: usize,
}

impl Needs {
    /// The needs of a strategy that uses only features.
    pub const NOTHING: Self = Self { probabilities: false, labeled_classes: 0 };
    /// The needs of a strategy that uses a model's probabilities.
    pub const MODEL: Self = Self { probabilities: true, labeled_classes: 0 };

    /// Returns whether the pool meets all needs. The time is about linear in the number of labelled
    /// rows.
    pub fn met_by(self, pool: &PoolView<'_>) -> bool {
        (!self.probabilities || pool.probabilities.is_some())
            && pool.labeled_classes() >= self.labeled_classes
    }
}

/// A row that a strategy chose.
#[derive(Debug, Clone, PartialEq)]
pub struct Selected {
    /// The chosen row of the pool.
    pub row: usize,
    /// The reason, for people.
    pub reason: String,
    /// Whether the row is a stand-in that fills a quota, because too few documents are predicted to
    /// be in the class.
    pub fallback: bool,
}

/// A strategy that chooses documents.
///
/// Contract, checked by one suite for all strategies: asked for n, it returns min(n, open rows)
/// different open rows, the best first, and none for n = 0. The same pool and generator state give
/// the same rows on any number of threads.
pub trait QueryStrategy: Send + Sync {
    /// Returns the strategy's name, as in the literature.
    fn name(&self) -> &str;

    /// Returns what the strategy needs; [`Self::select`] fails for a pool that does not meet the
    /// needs.
    fn needs(&self) -> Needs;

    /// Returns n of the open rows, or all if there are fewer, the best first.
    ///
    /// # Errors
    /// The pool lacks what the strategy needs, for example probabilities, or its features cannot be
    /// read. A strategy from outside this crate returns its own errors as [`QueryError::Strategy`].
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError>;
}

/// Checks that the rows in `picks` are at most n different open rows, and returns them. Otherwise
/// the error names the strategy.
pub(crate) fn check_selected(
    pool: Pool<'_>,
    n: usize,
    strategy: &str,
    picks: Vec<Selected>,
) -> Result<Vec<Selected>, QueryError> {
    let mut rows: Vec<usize> = picks.iter().map(|pick| pick.row).collect();
    rows.sort_unstable();
    let problem = if rows.len() > n {
        format!("it returned {} documents instead of {n}", rows.len())
    } else if let Some(row) = rows.iter().find(|row| pool.open.binary_search(row).is_err()) {
        format!("it returned row {row}, which is not open")
    } else if let Some([row, ..]) = rows.windows(2).find(|pair| pair[0] == pair[1]) {
        format!("it returned row {row} twice")
    } else {
        return Ok(picks);
    };
    Err(QueryError::Strategy { strategy: strategy.to_owned(), problem })
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use querist_core::{Class, Features, Probabilities};

    use super::*;

    #[test]
    fn needs_are_met_by_probabilities_and_by_classes() {
        let features = Features::Dense(array![[1.0f32], [2.0], [3.0]]);
        let probabilities = Probabilities::new(array![[0.5, 0.5]]).unwrap();
        let labeled = [(1, Class(1)), (2, Class(1))];
        let pool = PoolView::new(&features, &[0]).with_labeled(&labeled);
        let with_model = pool.with_probabilities(&probabilities);
        let two = Needs { probabilities: false, labeled_classes: 2 };
        let one = Needs { probabilities: false, labeled_classes: 1 };
        assert!(
            Needs::NOTHING.met_by(&pool) && !Needs::MODEL.met_by(&pool) && Needs::MODEL.met_by(&with_model)
        );
        // Two rows with the same class count as one class.
        assert!(one.met_by(&pool) && !two.met_by(&pool));
        assert!(!one.met_by(&pool.with_labeled(&[])));
    }

    #[test]
    fn choices_from_outside_are_checked() {
        let features = Features::Dense(Array2::zeros((4, 2)));
        let pool = PoolView::new(&features, &[0, 3]).check().unwrap();
        let check = |rows: &[usize]| {
            let pick = |row: &usize| Selected { row: *row, reason: String::new(), fallback: false };
            let checked = check_selected(pool, 2, "mine", rows.iter().map(pick).collect());
            checked.map(|picks| picks.len()).map_err(|error| error.to_string())
        };
        assert_eq!(check(&[3, 0]), Ok(2));
        for (rows, problem) in [
            (&[0, 3, 0][..], "it returned 3 documents instead of 2"),
            (&[0, 1], "it returned row 1, which is not open"),
            (&[3, 3], "it returned row 3 twice"),
        ] {
            assert_eq!(check(rows), Err(format!("the strategy \"mine\" failed: {problem}")));
        }
    }
}
