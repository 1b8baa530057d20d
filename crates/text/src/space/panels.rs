//! Tall dense matrices, divided into panels of a few columns.
//!
//! A panel of 32 columns in single precision takes two cache lines for each row. A sparse product
//! keeps one row of its result in registers, and a whole panel of some ten thousand rows stays in
//! the last-level cache. Operations that mix columns (products of two tall matrices, triangular
//! updates) run through `ndarray`'s matrix product, one block of rows after the other.
//!
//! Invariants: blocks of rows have a fixed size, and their sums are added in order, in double
//! precision, so the number of threads does not change the result. The number of columns is a
//! multiple of 32.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};
use rayon::prelude::*;

/// The number of columns of a panel.
pub(super) const WIDTH: usize = 32;

/// One row of a panel.
pub(super) type PanelRow = [f32; WIDTH];

/// The n rows of a panel.
pub(super) type Panel = Vec<PanelRow>;

/// The number of rows of a block. They are so few that a sum over them is exact enough in single
/// precision and that two blocks fit into a core's cache.
const BLOCK: usize = 2048;

/// A direction counts as a combination of the preceding ones if at most this share of its squared
/// length remains after projecting them out.
const DEPENDENT: f64 = 1e-5;

/// A direction counts as 0 if its squared length is at most this share of the longest direction's.
const VANISHED: f64 = 1e-12;

/// A tall matrix, (n, l), l a multiple of [`WIDTH`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Panels(pub(super) Vec<Panel>);

/// Returns some rows of a panel as a matrix with [`WIDTH`] columns.
fn view(rows: &[PanelRow]) -> ArrayView2<'_, f32> {
    ArrayView2::from(rows)
}

impl Panels {
    /// Returns the number of rows.
    pub(super) fn n_rows(&self) -> usize {
        self.0.first().map_or(0, Vec::len)
    }

    /// Returns the number of columns.
    pub(super) fn n_columns(&self) -> usize {
        self.0.len() * WIDTH
    }

    /// Returns the Gram matrix, which is the transpose times the matrix itself.
    pub(super) fn gram(&self) -> Array2<f64> {
        let pairs: Vec<(usize, usize)> =
            (0..self.0.len()).flat_map(|p| (p..self.0.len()).map(move |q| (p, q))).collect();
        let products: Vec<Array2<f64>> = pairs
            .par_iter()
            .map(|(p, q)| {
                let mut sum = Array2::<f64>::zeros((WIDTH, WIDTH));
                for (left, right) in self.0[*p].chunks(BLOCK).zip(self.0[*q].chunks(BLOCK)) {
                    sum += &view(left).t().dot(&view(right)).mapv(f64::from);
                }
                sum
            })
            .collect();
        let l = self.n_columns();
        let mut gram = Array2::zeros((l, l));
        for ((p, q), product) in pairs.iter().zip(products) {
            let (p, q) = (p * WIDTH, q * WIDTH);
            gram.slice_mut(s![p..p + WIDTH, q..q + WIDTH]).assign(&product);
            gram.slice_mut(s![q..q + WIDTH, p..p + WIDTH]).assign(&product.t());
        }
        gram
    }

    /// Returns the product of the matrix and `factor`. `factor` has one row for each column of the
    /// matrix, and its number of columns must be a multiple of [`WIDTH`].
    #[must_use]
    pub(super) fn times(&self, factor: &Array2<f32>) -> Self {
        let panels = (0..factor.ncols() / WIDTH).map(|q| {
            let mut out = vec![[0.0; WIDTH]; self.n_rows()];
            out.par_chunks_mut(BLOCK).enumerate().for_each(|(block, out)| {
                let rows = block * BLOCK..block * BLOCK + out.len();
                let mut out = ArrayViewMut2::from(out);
                for (p, panel) in self.0.iter().enumerate() {
                    let part = factor.slice(s![p * WIDTH..(p + 1) * WIDTH, q * WIDTH..(q + 1) * WIDTH]);
                    // The factor is often triangular, so products with its zero parts are skipped.
                    if part.iter().any(|value| *value != 0.0) {
                        general_mat_mul(1.0, &view(&panel[rows.clone()]), &part, 1.0, &mut out);
                    }
                }
            });
            out
        });
        Self(panels.collect())
    }

    /// Returns a matrix with orthonormal columns that span the same space, by the Cholesky factor
    /// of the Gram matrix. A column that the preceding ones span becomes 0 or, if rounding hides
    /// the dependence, some other direction. For nearly dependent columns, the result is only
    /// roughly orthogonal; a second call corrects this (Yamamoto, Nakatsukasa, Yanagisawa and
    /// Fukaya, "Roundoff error analysis of the `CholeskyQR2` algorithm", 2015).
    #[must_use]
    pub(super) fn orthonormalised(&self) -> Self {
        self.times(&inverse_cholesky(&self.gram()))
    }
}

/// Returns the inverse of the upper triangular matrix R with Rᵀ R = `gram`. Its columns for
/// dependent directions are 0.
fn inverse_cholesky(gram: &Array2<f64>) -> Array2<f32> {
    let l = gram.nrows();
    let longest = gram.diag().iter().copied().fold(0.0, f64::max);
    let mut lower = Array2::<f64>::zeros((l, l));
    let mut inverse = Array2::<f64>::zeros((l, l));
    for j in 0..l {
        // Row j of the lower triangle Rᵀ, then row j of its inverse, by forward substitution.
        for i in 0..j {
            let pivot = lower[[i, i]];
            if pivot > 0.0 {
                let dot: f64 = (0..i).map(|k| lower[[i, k]] * lower[[j, k]]).sum();
                lower[[j, i]] = (gram[[i, j]] - dot) / pivot;
            }
        }
        let rest = gram[[j, j]] - (0..j).map(|k| lower[[j, k]].powi(2)).sum::<f64>();
        if rest <= DEPENDENT * gram[[j, j]] || gram[[j, j]] <= VANISHED * longest {
            lower.row_mut(j).fill(0.0);
            continue;
        }
        let pivot = rest.sqrt();
        lower[[j, j]] = pivot;
        let (done, mut open) = inverse.view_mut().split_at(ndarray::Axis(0), j);
        let mut row = open.row_mut(0);
        for i in 0..j {
            row.scaled_add(-lower[[j, i]] / pivot, &done.row(i));
        }
        row[j] = 1.0 / pivot;
    }
    inverse.t().mapv(|value| value as f32).as_standard_layout().into_owned()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these sums are exact")]
mod tests {
    use super::*;

    /// Values without structure.
    fn sample(n: usize, panels: usize) -> Panels {
        let value = |i: usize, j: usize| {
            let bits = ((i * 1_000_003 + j) as u64 ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            ((bits ^ bits >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f32 / 2f32.powi(24) - 0.5
        };
        Panels(
            (0..panels)
                .map(|p| (0..n).map(|i| std::array::from_fn(|j| value(i + 1, p * WIDTH + j + 1))).collect())
                .collect(),
        )
    }

    fn largest_difference(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
        (a - b).iter().map(|value| value.abs()).fold(0.0, f64::max)
    }

    #[test]
    fn gram_by_hand() {
        let mut panel = vec![[0.0; WIDTH]; 3];
        (panel[0][0], panel[1][0], panel[2][1]) = (1.0, 2.0, 3.0);
        panel[1][1] = 4.0;
        let gram = Panels(vec![panel]).gram();
        assert_eq!((gram[[0, 0]], gram[[0, 1]], gram[[1, 0]], gram[[1, 1]]), (5.0, 8.0, 8.0, 25.0));
        assert_eq!(gram.sum(), 46.0);
    }

    #[test]
    fn orthonormal_columns_have_the_identity_as_gram() {
        let once = sample(5000, 3).orthonormalised();
        let identity = Array2::eye(3 * WIDTH);
        assert!(largest_difference(&once.gram(), &identity) < 1e-3);
        assert!(largest_difference(&once.orthonormalised().gram(), &identity) < 1e-5);
    }

    #[test]
    fn dependent_columns_do_no_harm() {
        let mut matrix = sample(300, 2);
        for row in 0..300 {
            matrix.0[1][row][3] = matrix.0[0][row][5] * 2.0 - matrix.0[0][row][6];
            matrix.0[1][row][4] = 0.0;
        }
        let gram = matrix.orthonormalised().orthonormalised().gram();
        let mut expected = Array2::eye(2 * WIDTH);
        expected[[WIDTH + 4, WIDTH + 4]] = 0.0;
        // What is left of a dependent column is rounding, which may count as a direction of its
        // own.
        let left = gram[[WIDTH + 3, WIDTH + 3]];
        assert!(left == 0.0 || (left - 1.0).abs() < 1e-4, "{left}");
        expected[[WIDTH + 3, WIDTH + 3]] = left;
        assert!(largest_difference(&gram, &expected) < 1e-4);
    }
}
