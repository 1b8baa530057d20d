//! Checks of a [`PoolView`] before anything indexes with it, and views of what is left of a pool.

use std::borrow::Cow;

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{Class, Features, PoolView, Probabilities, Rows, Selected};

use crate::error::QueryError;

/// Checks that open and labelled rows ascend, lie inside the features and do not meet, and that there is a row of
/// probabilities for each open row. O(open + labelled).
pub(crate) fn check(pool: &PoolView<'_>) -> Result<(), QueryError> {
    let fault = |problem: String| Err(QueryError::MalformedView { problem });
    let n_rows = pool.features.n_rows();
    if pool.open.windows(2).any(|pair| pair[0] >= pair[1]) {
        return fault("the open rows do not ascend".to_owned());
    }
    if pool.labeled.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
        return fault("the labelled rows do not ascend".to_owned());
    }
    let last = pool.open.last().max(pool.labeled.last().map(|(row, _)| row));
    if let Some(row) = last.filter(|row| **row >= n_rows) {
        return fault(format!("row {row} of {n_rows} rows of features"));
    }
    if let Some((row, _)) = pool.labeled.iter().find(|(row, _)| pool.open.binary_search(row).is_ok()) {
        return fault(format!("row {row} is both open and labelled"));
    }
    if let Some(probabilities) = pool.probabilities
        && probabilities.len() != pool.open.len()
    {
        return fault(format!(
            "{} rows of probabilities for {} open rows",
            probabilities.len(),
            pool.open.len()
        ));
    }
    Ok(())
}

/// The probabilities that a strategy cannot do without.
pub(crate) fn probabilities<'a>(
    pool: &PoolView<'a>,
    strategy: &'static str,
) -> Result<&'a Probabilities, QueryError> {
    pool.probabilities.ok_or(QueryError::NoProbabilities { strategy })
}

/// The rows of the pool that are not open, ascending.
pub(crate) fn not_open(pool: &PoolView<'_>) -> Vec<usize> {
    let mut open = pool.open.iter().copied().peekable();
    (0..pool.features.n_rows()).filter(|row| open.next_if_eq(row).is_none()).collect()
}

/// How many classes have a labelled row.
pub(crate) fn labeled_classes(pool: &PoolView<'_>) -> usize {
    let mut classes: Vec<Class> = pool.labeled.iter().map(|(_, class)| *class).collect();
    classes.sort_unstable();
    classes.dedup();
    classes.len()
}

/// Those places of the open rows as a strategy's choice, in that order.
pub(crate) fn selected(pool: &PoolView<'_>, places: &[usize], reason: &str) -> Vec<Selected> {
    let of_place =
        |place: &usize| Selected { row: pool.open[*place], reason: reason.to_owned(), fallback: false };
    places.iter().map(of_place).collect()
}

/// The rows that a strategy from anywhere chose, if they are at most n different open ones.
pub(crate) fn check_selected(
    pool: &PoolView<'_>,
    n: usize,
    strategy: &str,
    picks: Vec<Selected>,
) -> Result<Vec<Selected>, QueryError> {
    let mut rows: Vec<usize> = picks.iter().map(|pick| pick.row).collect();
    rows.sort_unstable();
    let problem = if rows.len() > n {
        format!("it gave {} documents for {n}", rows.len())
    } else if let Some(row) = rows.iter().find(|row| pool.open.binary_search(row).is_err()) {
        format!("it gave row {row}, which is not open")
    } else if let Some([row, ..]) = rows.windows(2).find(|pair| pair[0] == pair[1]) {
        format!("it gave row {row} twice")
    } else {
        return Ok(picks);
    };
    Err(QueryError::Strategy { strategy: strategy.to_owned(), problem })
}

/// The features of those rows.
pub(crate) fn gather(features: &dyn Rows, rows: &[usize]) -> Result<Features, QueryError> {
    features.gather(rows).map_err(unreadable)
}

/// The error of features that cannot be read.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
pub(crate) fn unreadable(error: BoxError) -> QueryError {
    QueryError::UnreadableFeatures { problem: error.to_string() }
}

/// What is left of a pool when some rows are taken.
pub(crate) struct Remaining<'p> {
    open: Cow<'p, [usize]>,
    probabilities: Option<Cow<'p, Probabilities>>,
}

impl<'p> Remaining<'p> {
    /// The open rows for which `taken`, by row, is false.
    pub(crate) fn new(pool: &PoolView<'p>, taken: &[bool]) -> Result<Self, QueryError> {
        Self::of(pool, pool.open.iter().copied().filter(|row| !taken[*row]).collect())
    }

    /// Those rows, which ascend, of the open ones.
    pub(crate) fn among(pool: &PoolView<'p>, rows: &'p [usize]) -> Result<Self, QueryError> {
        Self::of(pool, Cow::Borrowed(rows))
    }

    /// A pool of millions is not copied for nothing: what is the same is borrowed, and nothing is listed besides.
    fn of(pool: &PoolView<'p>, open: Cow<'p, [usize]>) -> Result<Self, QueryError> {
        let probabilities = match pool.probabilities {
            Some(all) if open.len() < pool.open.len() => Some(Cow::Owned(part(all, pool.open, &open)?)),
            all => all.map(Cow::Borrowed),
        };
        Ok(Self { open, probabilities })
    }

    /// As a view of the same pool.
    pub(crate) fn view<'a>(&'a self, pool: &PoolView<'a>) -> PoolView<'a> {
        PoolView { open: &self.open, probabilities: self.probabilities.as_deref(), ..*pool }
    }
}

/// The probabilities of some of the open rows; both ascend.
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
        let pool = PoolView {
            features: &features,
            open,
            probabilities: Some(&probabilities),
            labeled,
            shingles: None,
        };
        check(&pool).err().map(|error| error.to_string())
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
    fn choices_from_outside_are_checked() {
        let features = Features::Dense(Array2::zeros((4, 2)));
        let pool = PoolView {
            features: &features,
            open: &[0, 3],
            probabilities: None,
            labeled: &[],
            shingles: None,
        };
        let check = |rows: &[usize]| {
            let pick = |row: &usize| Selected { row: *row, reason: String::new(), fallback: false };
            let checked = check_selected(&pool, 2, "mine", rows.iter().map(pick).collect());
            checked.map(|picks| picks.len()).map_err(|error| error.to_string())
        };
        assert_eq!(check(&[3, 0]), Ok(2));
        for (rows, problem) in [
            (&[0, 3, 0][..], "it gave 3 documents for 2"),
            (&[0, 1], "it gave row 1, which is not open"),
            (&[3, 3], "it gave row 3 twice"),
        ] {
            assert_eq!(check(rows), Err(format!("the strategy \"mine\" failed: {problem}")));
        }
    }

    #[test]
    fn what_remains_keeps_its_own_probabilities() {
        let features = Features::Dense(Array2::zeros((4, 2)));
        let probabilities = Probabilities::new(array![[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]]).unwrap();
        let pool = PoolView {
            features: &features,
            open: &[0, 2, 3],
            probabilities: Some(&probabilities),
            labeled: &[],
            shingles: None,
        };
        let remaining = Remaining::new(&pool, &[false, false, true, false]).unwrap();
        let view = remaining.view(&pool);
        assert_eq!(view.open, [0, 3]);
        assert_eq!(view.probabilities.unwrap().view(), array![[0.1, 0.9], [0.3, 0.7]]);
        let among = Remaining::among(&pool, &[2, 3]).unwrap();
        assert_eq!(among.view(&pool).probabilities.unwrap().view(), array![[0.2, 0.8], [0.3, 0.7]]);
        assert_eq!((among.view(&pool).open, not_open(&pool)), (&[2, 3][..], vec![1]));
    }
}
