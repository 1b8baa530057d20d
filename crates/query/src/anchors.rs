//! Anchors: open documents that are most like the labelled documents of the rarest classes.
//!
//! After Lesci and Vlachos (2024), "AnchorAL: Computationally Efficient Active Learning for Large
//! and Imbalanced Datasets": a rare class is found through its known members, not through a model
//! that has hardly seen it.
//!
//! Cost: linear in the number of open documents. All open documents are multiplied by the anchors,
//! one block of rows at a time.

use ndarray::Array2;
use querist_core::{ColumnWeights, Rows};
use rand::Rng;

use crate::error::QueryError;
use crate::quota::balance;
use crate::random::sample;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::top_k::top_k;
use crate::view::{self, Pool, PoolView};

const NAME: &str = "anchors";

/// The maximum number of anchors of all classes together. Each class has at least one anchor, so
/// there are more if there are more classes.
const MAX_ANCHORS: usize = 64;

/// The number of open rows that are multiplied by the anchors at once.
const BLOCK: usize = 1 << 16;

/// Picks the open documents that are most similar to labelled documents of the rarest classes.
///
/// The batch is divided among the labelled classes so that the labelled set becomes as even as
/// possible ([`crate::balance`]). For each class, the strategy picks the open documents with the
/// largest cosine to any of the class's anchors. The class with the fewest labels is served first;
/// among equals, the first in label order. Documents whose cosine to every anchor is 0 or less are
/// picked last, the smaller row first.
///
/// Anchors are a uniform sample of a class's labelled documents. The classes with a quota have up
/// to 64 anchors together, and each of them has at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Anchors;

impl QueryStrategy for Anchors {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> Needs {
        Needs { probabilities: false, labeled_classes: 1 }
    }

    /// Returns n open rows, or all if there are fewer; the rows picked for the rarest class come
    /// first.
    ///
    /// # Errors
    /// The pool has no labelled rows, or its features cannot be read.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        if pool.labeled.is_empty() {
            return Err(QueryError::NoLabeledRows { strategy: NAME });
        }
        let n = n.min(pool.open.len());
        let mut wanted: Vec<Wanted> = members(&pool);
        let counts: Vec<usize> = wanted.iter().map(|class| class.rows.len()).collect();
        for (class, quota) in wanted.iter_mut().zip(balance(n, &counts)) {
            class.quota = quota;
        }
        wanted.retain(|class| class.quota > 0);
        // The sort is stable, so equal counts keep the label order.
        wanted.sort_by_key(|class| class.rows.len());
        let each = (MAX_ANCHORS / wanted.len().max(1)).max(1);
        let mut free = vec![true; pool.open.len()];
        let mut picks = Vec::with_capacity(n);
        for class in wanted {
            let mut anchors = sample(&class.rows, each.min(class.rows.len()), rng);
            anchors.sort_unstable();
            let likeness = likeness(&pool, &anchors)?;
            let places: Vec<usize> = (0..free.len()).filter(|place| free[*place]).collect();
            let scores: Vec<f64> = places.iter().map(|place| likeness[*place]).collect();
            for at in top_k(&scores, class.quota) {
                free[places[at]] = false;
                picks.push(places[at]);
            }
        }
        Ok(pool.selected(&picks, NAME))
    }
}

/// A class with labelled rows, and the number of documents to pick for it.
struct Wanted {
    rows: Vec<usize>,
    quota: usize,
}

/// Returns the classes that have labelled rows, in label order. Each has its rows and, until the
/// batch is divided, a quota of 0.
fn members(pool: &PoolView<'_>) -> Vec<Wanted> {
    let n_classes = pool.labeled.iter().map(|(_, class)| class.index() + 1).max().unwrap_or_default();
    let mut members: Vec<Wanted> = (0..n_classes).map(|_| Wanted { rows: Vec::new(), quota: 0 }).collect();
    for (row, class) in pool.labeled {
        members[class.index()].rows.push(*row);
    }
    members.retain(|class| !class.rows.is_empty());
    members
}

/// Returns, for each open row, its largest cosine to any anchor. The value is 0 if no cosine is
/// positive or if the row is all zeros.
fn likeness(pool: &PoolView<'_>, anchors: &[usize]) -> Result<Vec<f64>, QueryError> {
    let directions = directions(pool.features, anchors)?;
    let mut likeness = Vec::with_capacity(pool.open.len());
    for rows in pool.open.chunks(BLOCK) {
        let products = pool.features.product(rows, &directions).map_err(view::unreadable)?;
        let lengths = pool.features.norms(rows).map_err(view::unreadable)?;
        likeness.extend(products.outer_iter().zip(lengths).map(|(products, length)| {
            let largest = products.iter().copied().fold(0.0, f64::max);
            if length > 0.0 { largest / length } else { 0.0 }
        }));
    }
    Ok(likeness)
}

/// Returns a weight matrix whose columns are the rows, each scaled to length 1. The product of
/// another row with this matrix has one number for each of them: the scalar product. A row of zeros
/// stays zero.
fn directions(features: &dyn Rows, rows: &[usize]) -> Result<ColumnWeights, QueryError> {
    let gathered = view::gather(features, rows)?;
    let lengths = features.norms(rows).map_err(view::unreadable)?;
    let mut columns = Vec::new();
    for row in 0..rows.len() {
        gathered.for_each_entry(row, |column, value| {
            if value != 0.0 {
                columns.push(column as u32);
            }
        });
    }
    columns.sort_unstable();
    columns.dedup();
    let mut values = Array2::zeros((columns.len(), rows.len()));
    for (row, length) in lengths.into_iter().enumerate().filter(|(_, length)| *length > 0.0) {
        gathered.for_each_entry(row, |column, value| {
            if let Ok(place) = columns.binary_search(&(column as u32)) {
                values[(place, row)] = value / length;
            }
        });
    }
    Ok(ColumnWeights::new(gathered.n_columns(), columns, values)?)
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Class, Csr, Features, Seed};

    use super::*;

    #[test]
    fn the_rarest_class_takes_its_neighbours_first_in_both_layouts() {
        // Rows 0 and 1 are labelled with class 1, at (1, 0). Row 2 is labelled with class 0, at (0,
        // 1). With three more labels both classes can have three: two for class 0, one for class 1.
        let dense = array![
            [1.0f32, 0.0],
            [2.0, 0.0],
            [0.0, 1.0],
            [3.0, 4.0],
            [1.0, 0.0],
            [4.0, 3.0],
            [0.0, 0.0],
            [0.0, 9.0]
        ];
        let mut csr = Csr::empty(2);
        for row in dense.outer_iter() {
            let columns: Vec<u32> = (0..2u32).filter(|at| row[*at as usize] != 0.0).collect();
            let values: Vec<f32> = columns.iter().map(|at| row[*at as usize]).collect();
            csr.push_row(&columns, &values).unwrap();
        }
        for features in [Features::Dense(dense), Features::Sparse(csr)] {
            let labeled = [(0, Class(1)), (1, Class(1)), (2, Class(0))];
            let pool = PoolView::new(&features, &[3, 4, 5, 6, 7]).with_labeled(&labeled).check().unwrap();
            let rows = |n| -> Vec<usize> {
                let picks = Anchors.select(pool, n, &mut Seed(1).rng(1, "test")).unwrap();
                picks.into_iter().map(|pick| pick.row).collect()
            };
            // The cosines of the open rows to (0, 1) are 0.8, 0, 0.6, 0 and 1. Of the rows that
            // remain, row 4 has the largest cosine to (1, 0).
            assert_eq!(rows(3), [7, 3, 4]);
            assert_eq!(rows(1), [7]);
            // If all five rows are picked, class 0 gets three and class 1 two; the empty row comes
            // last.
            assert_eq!(rows(9), [7, 3, 5, 4, 6]);
            let error =
                Anchors.select(pool.with_labeled(&[]).check().unwrap(), 1, &mut Seed(1).rng(1, "test"));
            assert_eq!(error, Err(QueryError::NoLabeledRows { strategy: NAME }));
        }
    }
}
