//! The view of the pool that is passed to strategies, its check, and the remaining pool after some
//! rows are taken.
//!
//! A caller builds a [`PoolView`]; a [`Pool`] has been checked. Strategies take a [`Pool`], so they
//! may index with its rows. [`compose`](crate::compose()) checks once for the whole batch.

use std::borrow::Cow;
use std::ops::Deref;

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{Class, Features, Probabilities, Rows, Shingles};

use crate::error::QueryError;
use crate::strategy::Selected;

/// The data that a strategy may use. Rows of the pool are documents in the order of their ids. So
/// the smaller row, which wins ties, is the document with the smaller id.
#[derive(Clone, Copy)]
pub struct PoolView<'a> {
    /// The features of the whole pool, one row for each document.
    pub features: &'a dyn Rows,
    /// The rows that may be picked, ascending.
    pub open: &'a [usize],
    /// Rows that are neither open nor labelled nor given out, ascending. They are outside the part
    /// of the pool that a round chooses from. A near-duplicate of such a row may be picked.
    pub outside: &'a [usize],
    /// The class probabilities of each open row, in the order of `open`; `None` without a model.
    pub probabilities: Option<&'a Probabilities>,
    /// The labelled rows, ascending, with their classes.
    pub labeled: &'a [(usize, Class)],
    /// The shingles of the whole pool, by row; `None` if near-duplicates may be picked.
    pub shingles: Option<&'a dyn Shingles>,
}

impl<'a> PoolView<'a> {
    /// Returns a pool with these features and open rows, without probabilities, labels and
    /// shingles.
    pub fn new(features: &'a dyn Rows, open: &'a [usize]) -> Self {
        Self { features, open, outside: &[], probabilities: None, labeled: &[], shingles: None }
    }

    /// Returns the same pool with a model's probabilities of the open rows.
    #[must_use]
    pub fn with_probabilities(self, probabilities: &'a Probabilities) -> Self {
        Self { probabilities: Some(probabilities), ..self }
    }

    /// Returns the same pool with these labelled rows.
    #[must_use]
    pub fn with_labeled(self, labeled: &'a [(usize, Class)]) -> Self {
        Self { labeled, ..self }
    }

    /// Returns the same pool with the shingles of all its rows, so that
    /// [`compose`](crate::compose()) picks no near-duplicates.
    #[must_use]
    pub fn with_shingles(self, shingles: &'a dyn Shingles) -> Self {
        Self { shingles: Some(shingles), ..self }
    }

    /// Checks that the parts fit together, and returns the pool for strategies. The time is about
    /// linear in the number of open and labelled rows.
    ///
    /// # Errors
    /// Rows do not ascend or are outside the features, a row is both open and labelled, or the
    /// number of rows of probabilities is not the number of open rows.
    pub fn check(self) -> Result<Pool<'a>, QueryError> {
        let fault = |problem: String| Err(QueryError::MalformedView { problem });
        let n_rows = self.features.n_rows();
        if self.open.windows(2).any(|pair| pair[0] >= pair[1]) {
            return fault("the open rows do not ascend".to_owned());
        }
        if self.labeled.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return fault("the labelled rows do not ascend".to_owned());
        }
        if self.outside.windows(2).any(|pair| pair[0] >= pair[1]) {
            return fault("the rows outside do not ascend".to_owned());
        }
        // All lists ascend, so only their last rows can be outside the features.
        let last = self.open.last().max(self.outside.last()).max(self.labeled.last().map(|(row, _)| row));
        if let Some(row) = last.filter(|row| **row >= n_rows) {
            return fault(format!("row {row} of {n_rows} rows of features"));
        }
        if let Some((row, _)) = self.labeled.iter().find(|(row, _)| self.open.binary_search(row).is_ok()) {
            return fault(format!("row {row} is both open and labelled"));
        }
        if let Some(probabilities) = self.probabilities
            && probabilities.len() != self.open.len()
        {
            return fault(format!(
                "{} rows of probabilities for {} open rows",
                probabilities.len(),
                self.open.len()
            ));
        }
        Ok(Pool(self))
    }

    /// Returns the number of classes with a labelled row.
    pub(crate) fn labeled_classes(&self) -> usize {
        let mut classes: Vec<Class> = self.labeled.iter().map(|(_, class)| *class).collect();
        classes.sort_unstable();
        classes.dedup();
        classes.len()
    }
}

/// A view of the pool that has been checked ([`PoolView::check`]): its rows are valid indices.
#[derive(Clone, Copy)]
pub struct Pool<'a>(PoolView<'a>);

impl<'a> Deref for Pool<'a> {
    type Target = PoolView<'a>;

    fn deref(&self) -> &PoolView<'a> {
        &self.0
    }
}

impl<'a> Pool<'a> {
    /// Returns the probabilities; if there are none, the error names the strategy that needs them.
    pub(crate) fn predictions(self, strategy: &'static str) -> Result<&'a Probabilities, QueryError> {
        self.probabilities.ok_or(QueryError::NoProbabilities { strategy })
    }

    /// Returns the rows of the pool that are labelled or given out, ascending.
    pub(crate) fn taken(self) -> Vec<usize> {
        let mut open = self.open.iter().copied().peekable();
        let mut outside = self.outside.iter().copied().peekable();
        let mut is_free = |row: &usize| open.next_if_eq(row).is_some() || outside.next_if_eq(row).is_some();
        (0..self.features.n_rows()).filter(|row| !is_free(row)).collect()
    }

    /// Returns the open rows at the indices `places`, in that order, each as a pick with this
    /// reason.
    pub(crate) fn selected(self, places: &[usize], reason: &str) -> Vec<Selected> {
        let of_place =
            |place: &usize| Selected { row: self.open[*place], reason: reason.to_owned(), fallback: false };
        places.iter().map(of_place).collect()
    }
}

/// Reads the features of these rows and returns them in that order.
pub(crate) fn gather(features: &dyn Rows, rows: &[usize]) -> Result<Features, QueryError> {
    features.gather(rows).map_err(unreadable)
}

/// Returns the error that the features cannot be read.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
pub(crate) fn unreadable(error: BoxError) -> QueryError {
    QueryError::UnreadableFeatures { problem: error.to_string() }
}

/// The rest of a pool after some rows are taken.
pub(crate) struct Remaining<'p> {
    pool: Pool<'p>,
    open: Cow<'p, [usize]>,
    probabilities: Option<Cow<'p, Probabilities>>,
}

impl<'p> Remaining<'p> {
    /// Returns the part of the pool whose open rows are not taken; `taken` is indexed by row.
    pub(crate) fn new(pool: Pool<'p>, taken: &[bool]) -> Result<Self, QueryError> {
        Self::of(pool, pool.open.iter().copied().filter(|row| !taken[*row]).collect())
    }

    /// Returns the part of the pool with only these open rows, which must ascend.
    pub(crate) fn among(pool: Pool<'p>, rows: &'p [usize]) -> Result<Self, QueryError> {
        Self::of(pool, Cow::Borrowed(rows))
    }

    /// Returns the part of the pool with these open rows. Unchanged parts are borrowed, because a
    /// pool may have millions of rows.
    fn of(pool: Pool<'p>, open: Cow<'p, [usize]>) -> Result<Self, QueryError> {
        let probabilities = match pool.probabilities {
            Some(all) if open.len() < pool.open.len() => Some(Cow::Owned(part(all, pool.open, &open)?)),
            all => all.map(Cow::Borrowed),
        };
        Ok(Self { pool, open, probabilities })
    }

    /// Returns the rest as a pool. It needs no check, because it has some rows of a checked pool,
    /// in their order.
    pub(crate) fn pool(&self) -> Pool<'_> {
        Pool(PoolView { open: &self.open, probabilities: self.probabilities.as_deref(), ..*self.pool })
    }
}

/// Returns the probabilities of `rows`, which are some of the open rows. `all` has the
/// probabilities of all open rows, in the order of `open`. Both `open` and `rows` must ascend.
fn part(all: &Probabilities, open: &[usize], rows: &[usize]) -> Result<Probabilities, QueryError> {
    let mut values = Vec::with_capacity(rows.len() * all.n_classes());
    let mut wanted = rows.iter().copied().peekable();
    let mut n = 0;
    for (place, row) in open.iter().enumerate() {
        if wanted.next_if_eq(row).is_some() {
            values.extend(all.row(place));
            n += 1;
        }
    }
    let malformed = |error: ndarray::ShapeError| QueryError::MalformedView { problem: error.to_string() };
    let values = Array2::from_shape_vec((n, all.n_classes()), values).map_err(malformed)?;
    Ok(Probabilities::new(values)?)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn problem(open: &[usize], labeled: &[(usize, Class)], n_probabilities: usize) -> Option<String> {
        let features = Features::Dense(Array2::zeros((4, 2)));
        let rows = Array2::from_elem((n_probabilities, 2), 0.5);
        let probabilities = Probabilities::new(rows).unwrap();
        let view = PoolView::new(&features, open).with_probabilities(&probabilities).with_labeled(labeled);
        view.check().err().map(|error| error.to_string())
    }

    #[test]
    fn finds_every_way_in_which_a_view_can_be_malformed() {
        assert_eq!(problem(&[0, 3], &[(1, Class(0))], 2), None);
        let faults = [
            (problem(&[3, 0], &[], 2), "open rows do not ascend"),
            (problem(&[0, 0], &[], 2), "open rows do not ascend"),
            (problem(&[], &[(1, Class(0)), (0, Class(0))], 0), "labelled rows do not ascend"),
            (problem(&[4], &[], 1), "row 4 of 4"),
            (problem(&[0], &[(9, Class(0))], 1), "row 9 of 4"),
            (problem(&[0, 1], &[(1, Class(0))], 2), "both open and labelled"),
            (problem(&[0, 1], &[], 1), "1 rows of probabilities for 2 open rows"),
        ];
        for (found, expected) in faults {
            let found = found.unwrap();
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn what_remains_keeps_its_own_probabilities() {
        let features = Features::Dense(Array2::zeros((4, 2)));
        let probabilities = Probabilities::new(array![[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]]).unwrap();
        let pool = PoolView::new(&features, &[0, 2, 3]).with_probabilities(&probabilities).check().unwrap();
        let remaining = Remaining::new(pool, &[false, false, true, false]).unwrap();
        let left = remaining.pool();
        assert_eq!(left.open, [0, 3]);
        assert_eq!(left.probabilities.unwrap().view(), array![[0.1, 0.9], [0.3, 0.7]]);
        let among = Remaining::among(pool, &[2, 3]).unwrap();
        assert_eq!(among.pool().probabilities.unwrap().view(), array![[0.2, 0.8], [0.3, 0.7]]);
        assert_eq!((among.pool().open, pool.taken()), (&[2, 3][..], vec![1]));
        assert!(PoolView { outside: &[1], ..*pool }.check().unwrap().taken().is_empty());
        // The rest needs no check, because it would pass it.
        assert!(left.check().is_ok() && among.pool().check().is_ok());
    }
}
