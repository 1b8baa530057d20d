//! Truncated singular value decomposition of a sparse matrix, by randomised subspace iteration
//! (Halko, Martinsson and Tropp, "Finding structure with randomness: probabilistic algorithms for
//! constructing approximate matrix decompositions", 2011, algorithms 4.4 and 5.1).
//!
//! Invariants: the result is the same to the bit on any number of threads. Values are in single
//! precision, except for sums over all rows and for the small eigenproblem, which are in double. On
//! another processor, products of dense blocks may be rounded differently, because they use other
//! instructions.
//!
//! The left singular vectors are not computed, because documents are projected by V.

use linfa_linalg::eigh::Eigh;
use ndarray::{Array2, s};
use querist_core::Seed;
use rand::Rng;

use super::panels::{Panel, Panels, WIDTH};
use super::sparse::Sparse;
use crate::error::TextError;

/// The minimum number of directions that are iterated in addition to the requested ones.
const OVERSAMPLING: usize = 10;

/// Singular values of at most this share of the largest one are taken for rounding noise.
const NOISE: f64 = 1e-4;

/// The first singular values of a matrix A and its right singular vectors.
///
/// - Z starts as random signs. It has one row for each column of A, and a few more columns than the
///   rank.
/// - Repeatedly, Z becomes an orthonormal basis of `AᵀA Z`.
/// - Then (Rayleigh and Ritz) the eigenvalues of `(A Z)ᵀ(A Z)` are the squares of the singular
///   values, and Z times its eigenvectors are the right singular vectors V.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Svd {
    /// The r largest singular values, descending.
    pub(super) singular_values: Vec<f64>,
    /// The r right singular vectors V as orthonormal columns. In each column, the entry with the
    /// largest absolute value is positive.
    pub(super) vectors: Array2<f32>,
}

impl Svd {
    /// Computes the first `rank` singular values and vectors of `matrix`, or fewer if its rank is
    /// lower. `iterations`, at least 1, is the number of products with `AᵀA`.
    ///
    /// # Errors
    /// The small eigenproblem has no solution, because values are not finite.
    pub(super) fn new(
        matrix: &Sparse,
        rank: usize,
        iterations: usize,
        seed: Seed,
    ) -> Result<Self, TextError> {
        let rank = rank.min(matrix.n_rows()).min(matrix.n_columns());
        if rank == 0 {
            return Ok(Self { singular_values: Vec::new(), vectors: Array2::zeros((matrix.n_columns(), 0)) });
        }
        let transposed = matrix.transposed();
        let mut basis = random_signs(matrix.n_columns(), (rank + OVERSAMPLING).div_ceil(WIDTH), seed);
        for _ in 0..iterations.max(1) {
            for panel in &mut basis.0 {
                *panel = transposed.times(&matrix.times(panel));
            }
            basis = basis.orthonormalised();
        }
        // A second call is needed, because nearly dependent columns are only roughly orthogonal
        // after the first.
        basis = basis.orthonormalised();
        let image = Panels(basis.0.iter().map(|panel| matrix.times(panel)).collect());
        let (values, rotation) = descending_eigenpairs(&image.gram())?;
        let significant = values.iter().take_while(|value| **value > NOISE * values[0]).count();
        let rank = rank.min(significant);
        let rotated = basis.times(&rotation);
        let mut vectors = Array2::zeros((matrix.n_columns(), rank));
        for (p, panel) in rotated.0.iter().enumerate() {
            let columns = p * WIDTH..rank.min((p + 1) * WIDTH);
            for (row, from) in panel.iter().enumerate() {
                for column in columns.clone() {
                    vectors[[row, column]] = from[column - p * WIDTH];
                }
            }
        }
        fix_signs(&mut vectors);
        Ok(Self { singular_values: values[..rank].to_vec(), vectors })
    }
}

/// Returns a matrix of random signs, +1 and -1, with `d` rows and the given number of panels.
fn random_signs(d: usize, panels: usize, seed: Seed) -> Panels {
    let mut rng = seed.rng(0, "subspace iteration");
    let panel = |_| -> Panel {
        (0..d)
            .map(|_| {
                let bits = rng.next_u32();
                std::array::from_fn(|j| if bits >> j & 1 == 1 { 1.0 } else { -1.0 })
            })
            .collect()
    };
    Panels((0..panels).map(panel).collect())
}

/// Returns the square roots of the eigenvalues of a symmetric matrix, descending, and its
/// eigenvectors as columns, in the same order.
fn descending_eigenpairs(matrix: &Array2<f64>) -> Result<(Vec<f64>, Array2<f32>), TextError> {
    if matrix.iter().any(|value| !value.is_finite()) {
        return Err(TextError::Decomposition { problem: "a value is not finite".to_owned() });
    }
    let (values, vectors) =
        matrix.eigh().map_err(|error| TextError::Decomposition { problem: error.to_string() })?;
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]).then(a.cmp(b)));
    let mut sorted = Array2::zeros(vectors.dim());
    for (place, from) in order.iter().enumerate() {
        sorted.slice_mut(s![.., place]).assign(&vectors.column(*from).mapv(|value| value as f32));
    }
    Ok((order.iter().map(|place| values[*place].max(0.0).sqrt()).collect(), sorted))
}

/// Changes the signs of columns so that the first entry with the largest absolute value is positive
/// in each column. Otherwise the sign of an eigenvector would be arbitrary.
fn fix_signs(vectors: &mut Array2<f32>) {
    let mut largest = vec![0.0_f32; vectors.ncols()];
    for row in vectors.outer_iter() {
        for (largest, value) in largest.iter_mut().zip(row) {
            if value.abs() > largest.abs() {
                *largest = *value;
            }
        }
    }
    for mut row in vectors.outer_iter_mut() {
        for (value, largest) in row.iter_mut().zip(&largest) {
            if *largest < 0.0 {
                *value = -*value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svd(rows: &[Vec<(u32, f32)>], n_columns: usize, rank: usize) -> Svd {
        Svd::new(&Sparse::from_rows(n_columns, rows), rank, 6, Seed(0)).unwrap()
    }

    #[test]
    fn a_diagonal_matrix_by_hand() {
        let rows: Vec<Vec<(u32, f32)>> =
            [3.0, -5.0, 1.0, 0.5].iter().enumerate().map(|(i, v)| vec![(i as u32, *v)]).collect();
        let svd = svd(&rows, 6, 3);
        for (found, expected) in svd.singular_values.iter().zip([5.0, 3.0, 1.0]) {
            assert!((found - expected).abs() < 1e-5, "{found}");
        }
        for (column, row) in [1, 0, 2].into_iter().enumerate() {
            assert!((svd.vectors[[row, column]] - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn values_of_a_known_matrix() {
        // numpy.linalg.svd([[1, 2, 0], [0, 3, 4], [5, 0, 6], [7, 8, 0]])[1], numpy 2.4.6.
        let rows = [
            vec![(0, 1.0), (1, 2.0)],
            vec![(1, 3.0), (2, 4.0)],
            vec![(0, 5.0), (2, 6.0)],
            vec![(0, 7.0), (1, 8.0)],
        ];
        let svd = svd(&rows, 3, 3);
        for (found, expected) in
            svd.singular_values.iter().zip([11.987_379_538, 6.897_171_334, 3.568_159_105])
        {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }

    #[test]
    fn no_more_values_than_the_rank() {
        // Rank 1: every row is a multiple of the first.
        let rows: Vec<Vec<(u32, f32)>> = (1..50).map(|i| vec![(2, i as f32), (7, 2.0 * i as f32)]).collect();
        let svd = svd(&rows, 9, 5);
        assert_eq!(svd.singular_values.len(), 1);
        let squares: f64 = (1..50).map(|i| 5.0 * f64::from(i * i)).sum();
        assert!((svd.singular_values[0] - squares.sqrt()).abs() < 1e-2);
        assert!((svd.vectors[[7, 0]] - 2.0 / 5f32.sqrt()).abs() < 1e-5);
        let empty = Svd::new(&Sparse::from_rows::<Vec<(u32, f32)>>(4, &[]), 3, 4, Seed(0)).unwrap();
        assert_eq!(empty.vectors.dim(), (4, 0));
    }
}
