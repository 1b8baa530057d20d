//! Converts rows to short dense rows with nearly the same scalar products, for algorithms that need
//! a square matrix over the columns.
//!
//! Dense rows are not changed. In sparse rows, columns that occur in at least an eighth of the rows
//! are kept. The other columns, for example of rare words, are hashed with a sign into [`BUCKETS`]
//! columns (Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning"). Products
//! are then right on average.

use std::collections::BTreeMap;

use ndarray::Array2;
use querist_core::{Csr, Features};

/// A column is kept if at least one in this many rows has it.
const COMMON: usize = 8;

/// The number of columns that the other columns are hashed into.
const BUCKETS: usize = 64;

/// Returns the rows as a dense matrix. Dense rows keep their columns. Sparse rows get one column
/// for each common column, followed by [`BUCKETS`] columns.
pub(crate) fn sketch(features: Features) -> Array2<f32> {
    match features {
        Features::Dense(matrix) => matrix,
        Features::Sparse(matrix) => of_sparse(&matrix),
    }
}

/// Makes a dense matrix from a sparse one: first the common columns, unchanged and in their order,
/// then [`BUCKETS`] columns into which all other columns are hashed.
fn of_sparse(matrix: &Csr) -> Array2<f32> {
    let n = matrix.n_rows();
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for row in 0..n {
        for column in matrix.row(row).0 {
            *counts.entry(*column).or_default() += 1;
        }
    }
    counts.retain(|_, count| *count * COMMON >= n);
    let common: Vec<u32> = counts.into_keys().collect();
    let mut rows = Array2::zeros((n, common.len() + BUCKETS));
    for row in 0..n {
        let (columns, values) = matrix.row(row);
        // Both lists of columns ascend, so one pass over each is enough.
        let mut next = 0;
        for (column, value) in columns.iter().zip(values) {
            while common.get(next).is_some_and(|known| known < column) {
                next += 1;
            }
            if common.get(next) == Some(column) {
                rows[(row, next)] = *value;
            } else {
                let hash = mixed(u64::from(*column));
                let bucket = common.len() + (hash >> 1) as usize % BUCKETS;
                rows[(row, bucket)] += if hash & 1 == 0 { *value } else { -value };
            }
        }
    }
    rows
}

/// Returns the hash of a column, computed by the last steps of `SplitMix64` (Steele, Lea and Flood
/// 2014).
fn mixed(column: u64) -> u64 {
    let mut z = column.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns 2,000 rows. Each has five rare columns, which no other row has; every other row also
    /// has a common column.
    fn rows() -> Csr {
        let mut csr = Csr::empty(20_000);
        for row in 0..2_000u32 {
            let mut columns: Vec<u32> = (0..5).map(|at| 1 + (row * 977 + at * 3_571) % 19_999).collect();
            let mut values = vec![0.5f32; 5];
            if row % 2 == 0 {
                columns.push(0);
                values.push(2.0);
            }
            columns.sort_unstable();
            values.sort_unstable_by(|a, b| b.total_cmp(a));
            csr.push_row(&columns, &values).unwrap();
        }
        csr
    }

    #[test]
    fn common_columns_stay_and_products_are_right_on_average() {
        let sketched = sketch(Features::Sparse(rows()));
        assert_eq!(sketched.dim(), (2_000, 1 + BUCKETS));
        assert_eq!((sketched[(0, 0)], sketched[(1, 0)]), (2.0, 0.0));
        let mean = |of: &dyn Fn(usize) -> f64| (0..1_999).map(of).sum::<f64>() / 1_999.0;
        let square = |row: usize| sketched.row(row).iter().skip(1).map(|v| f64::from(v * v)).sum::<f64>();
        // The squared length is five times 0.5². If two of a row's columns share a bucket, 2 · 0.25
        // is added or subtracted; this happens to 10 pairs with probability 1/64 each. Five
        // standard deviations of the mean are 0.08.
        assert!((mean(&square) - 1.25).abs() < 0.08, "{}", mean(&square));
        let product = |row: usize| {
            let (a, b) = (sketched.row(row), sketched.row(row + 1));
            a.iter().zip(b).skip(1).map(|(a, b)| f64::from(a * b)).sum::<f64>()
        };
        // Neighbouring rows share no column.
        assert!(mean(&product).abs() < 0.08, "{}", mean(&product));
    }

    #[test]
    fn dense_rows_stay() {
        let dense = ndarray::array![[1.0f32, 2.0], [3.0, 4.0]];
        assert_eq!(sketch(Features::Dense(dense.clone())), dense);
        assert_eq!(sketch(Features::Sparse(Csr::empty(5))).dim(), (0, BUCKETS));
    }
}
