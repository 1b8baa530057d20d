//! Cholesky factor of a positive semidefinite matrix, with diagonal pivoting.
//!
//! G = L Lᵀ with L of (n, r), where r is the numerical rank: repeated or linearly dependent rows of X make G singular, and
//! pivoting then stops instead of dividing by nothing (Higham, "Analysis of the Cholesky decomposition of a
//! semi-definite matrix", 1990; LAPACK's `pstrf`, whose stopping rule this uses: a pivot of at most n ε max diag G).
//!
//! Rows of L keep the order of G. Its rows at the pivots, in pivot order, are lower triangular with a positive diagonal.
//! Every entry is one scalar product in a fixed order, so threads change nothing.

use ndarray::{Array2, ArrayView1, ArrayView2, aview1, s};
use rayon::prelude::*;

/// How many rows one task of a thread pool takes: a short product is not worth a hand-over.
const ROWS_A_TASK: usize = 64;

/// A factor L of (n, r) and its r pivots.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Factor {
    /// L, (n, r).
    pub(crate) lower: Array2<f64>,
    /// Row of G that each column of L was pivoted on, r of them, all different.
    pub(crate) pivots: Vec<usize>,
}

/// One row of L while it is being computed.
struct Row {
    entries: Vec<f64>,
    /// What is left of the diagonal of G.
    rest: f64,
    is_pivot: bool,
}

/// Factors a symmetric positive semidefinite matrix, (n, n), in O(n r²).
pub(crate) fn pivoted_cholesky(gram: ArrayView2<'_, f64>) -> Factor {
    let n = gram.nrows();
    let start = |rest: &f64| Row { entries: Vec::new(), rest: *rest, is_pivot: false };
    let mut rows: Vec<Row> = gram.diag().iter().map(start).collect();
    let largest = gram.diag().fold(0.0, |a: f64, b| a.max(*b));
    let floor = n as f64 * f64::EPSILON * largest;
    let mut pivots = Vec::new();
    while let Some(pivot) = largest_rest(&rows).filter(|pivot| rows[*pivot].rest > floor) {
        let root = rows[pivot].rest.sqrt();
        rows[pivot].entries.push(root);
        rows[pivot].is_pivot = true;
        let pivot_row = rows[pivot].entries[..pivots.len()].to_vec();
        let products = gram.row(pivot);
        rows.par_iter_mut().enumerate().with_min_len(ROWS_A_TASK).filter(|(_, row)| !row.is_pivot).for_each(
            |(place, row)| {
                let entry = (products[place] - aview1(&row.entries).dot(&aview1(&pivot_row))) / root;
                row.entries.push(entry);
                row.rest -= entry * entry;
            },
        );
        pivots.push(pivot);
    }
    let mut lower = Array2::zeros((n, pivots.len()));
    for (mut out, row) in lower.outer_iter_mut().zip(&rows) {
        out.slice_mut(s![..row.entries.len()]).assign(&aview1(&row.entries));
    }
    Factor { lower, pivots }
}

/// The row with the most left on its diagonal; the first where several are equal.
fn largest_rest(rows: &[Row]) -> Option<usize> {
    let open = rows.iter().enumerate().filter(|(_, row)| !row.is_pivot);
    open.reduce(|best, next| if next.1.rest > best.1.rest { next } else { best }).map(|(place, _)| place)
}

impl Factor {
    /// Solves Tᵀ A = V for A, (r, K), where T are the rows of L at the pivots and V is (r, K).
    pub(crate) fn solve_transposed(&self, mut v: Array2<f64>) -> Array2<f64> {
        for place in (0..self.pivots.len()).rev() {
            let row: ArrayView1<'_, f64> = self.lower.row(self.pivots[place]);
            let (mut above, mut current) = v.multi_slice_mut((s![..place, ..], s![place, ..]));
            current /= row[place];
            for (mut other, factor) in above.outer_iter_mut().zip(row) {
                other.scaled_add(-factor, &current);
            }
        }
        v
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use proptest::prelude::*;

    use super::*;

    fn assert_close(a: &Array2<f64>, b: &Array2<f64>) {
        assert_eq!(a.dim(), b.dim());
        let scale = b.iter().fold(1.0_f64, |m, v| m.max(v.abs()));
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-10 * scale), "{a} is not {b}");
    }

    #[test]
    fn factors_a_matrix_worked_by_hand() {
        // Pivot 2 first (9): its column is [2, 4, 9] / 3. What is left of the diagonal: 4 - 4/9 and 5 - 16/9.
        let gram = array![[4.0, 2.0, 2.0], [2.0, 5.0, 4.0], [2.0, 4.0, 9.0]];
        let factor = pivoted_cholesky(gram.view());
        assert_eq!(factor.pivots, [2, 0, 1]);
        let second = (32.0_f64 / 9.0).sqrt();
        assert_close(
            &factor.lower.slice(s![.., ..2]).to_owned(),
            &array![[2.0 / 3.0, second], [4.0 / 3.0, (2.0 - 8.0 / 9.0) / second], [3.0, 0.0]],
        );
        assert_close(&factor.lower.dot(&factor.lower.t()), &gram);
    }

    #[test]
    fn rank_is_found_where_rows_repeat() {
        let x = array![[1.0, 2.0, 0.0], [0.0, 1.0, 1.0], [1.0, 2.0, 0.0], [0.0, 0.0, 0.0], [1.0, 3.0, 1.0]];
        let gram = x.dot(&x.t());
        let factor = pivoted_cholesky(gram.view());
        assert_eq!((factor.lower.dim(), factor.pivots.len()), ((5, 2), 2));
        assert_close(&factor.lower.dot(&factor.lower.t()), &gram);
    }

    #[test]
    fn nothing_has_rank_0() {
        assert_eq!(pivoted_cholesky(Array2::zeros((3, 3)).view()).lower.dim(), (3, 0));
        assert_eq!(pivoted_cholesky(Array2::zeros((0, 0)).view()).lower.dim(), (0, 0));
    }

    proptest! {
        #[test]
        fn rebuilds_the_matrix_and_solves(cells in proptest::collection::vec(-4_i8..=4, 24), repeat in 0_usize..6) {
            let mut x = Array2::from_shape_vec((6, 4), cells.iter().map(|cell| f64::from(*cell)).collect()).unwrap();
            let first = x.row(0).to_owned();
            x.row_mut(repeat).assign(&first);
            let gram = x.dot(&x.t());
            let factor = pivoted_cholesky(gram.view());
            prop_assert!(factor.pivots.len() <= 4);
            assert_close(&factor.lower.dot(&factor.lower.t()), &gram);
            let triangle = factor.lower.select(ndarray::Axis(0), &factor.pivots);
            let v = Array2::from_shape_fn((factor.pivots.len(), 2), |(i, j)| (i * 3 + j) as f64 - 2.0);
            assert_close(&triangle.t().dot(&factor.solve_transposed(v.clone())), &v);
        }
    }
}
