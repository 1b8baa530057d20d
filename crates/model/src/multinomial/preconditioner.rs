//! The preconditioner of Newton's equations: an approximation of their matrix that is easy to
//! invert.
//!
//! For each class the equations are close to alpha + c Xᵀ S X, where S holds the weights of the
//! rows and c comes from the mean curvature of the class in a row of weight 1. Of Xᵀ S X the
//! preconditioner keeps the diagonal and one full block, for the intercept and the few columns with
//! the largest Σ s x². The strongest coupling between columns comes from the mean of the rows,
//! which lies mainly in this block.
//!
//! Adding the same number to all classes changes no probability, and in Newton's direction the mean
//! over the classes is 0. So the preconditioner subtracts this mean. Otherwise rounding errors
//! would grow in the intercept, which no penalty limits.

use super::curvature::Curvature;
use super::lanes::{BLOCK, Lanes, Scalar, add_products, center, dot, lane_sum};
use super::objective::Objective;

/// The most columns in the block.
const HEAVIEST: usize = 16;
/// The block has at most one column for this many rows.
const ROWS_A_COLUMN: usize = 16;
/// The most places in the block: the intercept comes first, then the columns.
const SIZE: usize = HEAVIEST + 1;
/// The factor c as a share of the mean curvature. It is below 1, because rows with a nearly certain
/// class have little curvature, and informative columns tend to occur in such rows.
const CURVATURE: f64 = 0.5;
/// The least curvature of a class, as a share of the mean over the classes.
const FLATTEST: f64 = 1e-6;

type Block = [[f64; SIZE]; SIZE];

/// The second moments of the columns, which are the same in every step.
#[derive(Debug, Clone)]
pub(super) struct Moments {
    /// Σ s x² for each shared column.
    squares: Vec<f64>,
    /// The sum Σ s of the weights of the rows.
    weight: f64,
    /// The rows of the parameters that the block covers: the intercept, which follows the shared
    /// columns, and then the columns with the largest squares.
    block: Vec<u32>,
    /// Σ s x xᵀ for the entries x of a row that the block covers, in the order of `block`.
    products: Block,
}

impl Moments {
    /// Computes the moments of the rows of an objective.
    pub(super) fn new<const L: usize>(objective: &Objective<'_, L>) -> Self {
        let split = objective.split;
        let square = |column| {
            let mut square = 0.0;
            split.for_each_in_column(column, |row, x| square += objective.weight(row) * x * x);
            square
        };
        let squares: Vec<f64> = (0..split.shared.len()).map(square).collect();
        let n = split.private.len();
        let mut block = vec![squares.len() as u32];
        block.extend(heaviest(&squares, HEAVIEST.min(n / ROWS_A_COLUMN)));
        let mut one = [0.0; SIZE];
        one[0] = 1.0;
        let mut rows = vec![one; n];
        for (place, column) in block.iter().enumerate().skip(1) {
            split.for_each_in_column(*column as usize, |row, x| rows[row][place] = x);
        }
        let mut products = [[0.0; SIZE]; SIZE];
        for (row, x) in rows.iter().enumerate() {
            let weight = objective.weight(row);
            for (products, a) in products.iter_mut().zip(x) {
                for (product, b) in products.iter_mut().zip(x) {
                    *product += weight * a * b;
                }
            }
        }
        Self { squares, weight: products[0][0], block, products }
    }
}

/// Returns the indices of the `count` largest squares, ascending; all indices if there are fewer
/// squares. If squares are equal, the ones with smaller indices are taken.
fn heaviest(squares: &[f64], count: usize) -> Vec<u32> {
    let mut places: Vec<u32> = (0..squares.len() as u32).collect();
    if places.len() > count {
        places.select_nth_unstable_by(count, |a, b| {
            squares[*b as usize].total_cmp(&squares[*a as usize]).then(a.cmp(b))
        });
        places.truncate(count);
    }
    places.sort_unstable();
    places
}

/// The inverse of the preconditioner M.
#[derive(Debug, Clone)]
pub(super) struct Preconditioner<T, const L: usize> {
    n_classes: usize,
    /// 1 / K in every lane that is a class, 0 in padding.
    shares: Vec<[T; L]>,
    /// 1 / M outside the block and 0 inside it, (shared columns + 1, K).
    inverse: Lanes<T, L>,
    /// The m rows of `inverse` that the block covers.
    block: Vec<u32>,
    /// M⁻¹ inside the block, (m², K): row by row of each class's m × m matrix.
    block_inverse: Lanes<T, L>,
}

impl<T: Scalar, const L: usize> Preconditioner<T, L> {
    /// Computes the preconditioner for this curvature of the rows.
    pub(super) fn new(
        objective: &Objective<'_, L>,
        moments: &Moments,
        curvature: &Curvature<f64, L>,
    ) -> Self {
        let n_classes = objective.problem.n_classes;
        let alpha = objective.problem.alpha;
        let scales = scales(n_classes, moments.weight, curvature);
        let mut inverse = Lanes::zeros(moments.squares.len() + 1, scales.len());
        for (inverse, square) in inverse.rows_mut().zip(&moments.squares) {
            for (inverse, scales) in inverse.iter_mut().zip(&scales) {
                *inverse = scales.map(|scale| T::rounded(1.0 / (alpha + scale * square)));
            }
        }
        for place in &moments.block {
            inverse.row_mut(*place as usize).fill([T::ZERO; L]);
        }
        let mut shares = vec![[T::ZERO; L]; scales.len()];
        shares.as_flattened_mut()[..n_classes].fill(T::rounded(1.0 / n_classes as f64));
        let m = moments.block.len();
        let mut block_inverse = Lanes::zeros(m * m, scales.len());
        for (class, scale) in scales.as_flattened()[..n_classes].iter().enumerate() {
            let inverted = inverted(moments, alpha, *scale);
            for (cell, values) in block_inverse.rows_mut().enumerate() {
                values.as_flattened_mut()[class] = T::rounded(inverted[cell / m][cell % m]);
            }
        }
        Self { n_classes, shares, inverse, block: moments.block.clone(), block_inverse }
    }

    /// Computes M⁻¹ r, subtracts from each row its mean over the classes, and writes the result to
    /// `out`. Returns rᵀ `out`.
    pub(super) fn apply(&self, r: &Lanes<T, L>, out: &mut Lanes<T, L>) -> f64 {
        let mut form = 0.0;
        let size = BLOCK * r.arrays();
        let blocks =
            out.all_mut().chunks_mut(size).zip(r.all().chunks(size)).zip(self.inverse.all().chunks(size));
        for ((out, r), inverse) in blocks {
            form += self.apply_diagonal(r, inverse, out);
        }
        form + self.apply_block(r, out)
    }

    /// Computes [`Self::apply`] for some of the rows outside the block. Returns their part of
    /// rᵀ `out`.
    #[inline]
    fn apply_diagonal(&self, r: &[[T; L]], inverse: &[[T; L]], out: &mut [[T; L]]) -> f64 {
        let mut forms = [T::ZERO; L];
        let arrays = self.shares.len();
        let rows = out.chunks_exact_mut(arrays).zip(r.chunks_exact(arrays)).zip(inverse.chunks_exact(arrays));
        for ((out, r), inverse) in rows {
            let mut means = [T::ZERO; L];
            for (((out, r), inverse), share) in out.iter_mut().zip(r).zip(inverse).zip(&self.shares) {
                for lane in 0..L {
                    out[lane] = r[lane] * inverse[lane];
                }
                add_products(&mut means, out, share);
            }
            let mean = lane_sum(&means) * T::rounded(self.n_classes as f64);
            for ((out, r), share) in out.iter_mut().zip(r).zip(&self.shares) {
                for lane in 0..L {
                    out[lane] = out[lane] - mean * share[lane];
                }
                add_products(&mut forms, out, r);
            }
        }
        lane_sum(&forms).widened()
    }

    /// Computes [`Self::apply`] for the rows of the block. Returns their part of rᵀ `out`.
    fn apply_block(&self, r: &Lanes<T, L>, out: &mut Lanes<T, L>) -> f64 {
        let m = self.block.len();
        let mut own = Lanes::zeros(m, r.arrays());
        for (own, place) in own.rows_mut().zip(&self.block) {
            own.copy_from_slice(r.row(*place as usize));
            center(own, self.n_classes);
        }
        let mut form = 0.0;
        for (row, place) in self.block.iter().enumerate() {
            let out = out.row_mut(*place as usize);
            out.fill([T::ZERO; L]);
            for (column, own) in own.rows().enumerate() {
                let inverse = self.block_inverse.row(row * m + column);
                for ((out, inverse), own) in out.iter_mut().zip(inverse).zip(own) {
                    add_products(out, inverse, own);
                }
            }
            center(out, self.n_classes);
            form += dot(out, own.row(row));
        }
        form
    }
}

/// Returns the factor c for each class, and [`CURVATURE`] in padding; `weight` is Σ s.
fn scales<const L: usize>(n_classes: usize, weight: f64, curvature: &Curvature<f64, L>) -> Vec<[f64; L]> {
    let mut scales = curvature.diagonal_sums();
    let mean = scales.as_flattened()[..n_classes].iter().sum::<f64>() / n_classes as f64;
    for (class, scale) in scales.as_flattened_mut().iter_mut().enumerate() {
        let sum = if class < n_classes { scale.max(FLATTEST * mean).max(f64::MIN_POSITIVE) } else { weight };
        *scale = CURVATURE * sum / weight;
    }
    scales
}

/// Returns the inverse of alpha + scale × the moments in the block, by a Cholesky factorisation;
/// alpha is not added for the intercept. Rows and columns beyond the block are 0.
fn inverted(moments: &Moments, alpha: f64, scale: f64) -> Block {
    let m = moments.block.len();
    let mut factor = moments.products.map(|row| row.map(|product| scale * product));
    for (place, row) in factor.iter_mut().enumerate().skip(1) {
        row[place] += alpha;
    }
    for row in 0..m {
        for column in 0..=row {
            let known: f64 = (0..column).map(|place| factor[row][place] * factor[column][place]).sum();
            let rest = factor[row][column] - known;
            factor[row][column] = if row == column {
                // If columns of the block depend on each other, the pivot can be 0, which would
                // make the inverse infinite.
                rest.max(1e-12 * factor[row][row]).sqrt()
            } else {
                rest / factor[column][column]
            };
        }
    }
    let mut out = [[0.0; SIZE]; SIZE];
    for unit in 0..m {
        let mut x = [0.0; SIZE];
        for row in unit..m {
            let known: f64 = (unit..row).map(|place| factor[row][place] * x[place]).sum();
            x[row] = (f64::from(u8::from(row == unit)) - known) / factor[row][row];
        }
        for row in (0..m).rev() {
            let known: f64 = (row + 1..m).map(|place| factor[place][row] * x[place]).sum();
            x[row] = (x[row] - known) / factor[row][row];
        }
        for (out, x) in out.iter_mut().zip(x) {
            out[unit] = x;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::tests::Sample;
    use super::*;

    /// 70 rows, whose block is the intercept and 4 columns.
    fn sample() -> Sample {
        Sample::new(12, 70, 15, 3)
    }

    #[test]
    fn the_block_is_inverted() {
        let sample = sample();
        let moments = Moments::new(&Objective::<4>::new(sample.problem(0.5)));
        let m = moments.block.len();
        assert_eq!((m, moments.block[0] as usize), (5, moments.squares.len()));
        let inverse = inverted(&moments, 0.5, 0.25);
        for row in 0..m {
            for column in 0..m {
                let alpha = |place: usize| if place == row && row > 0 { 0.5 } else { 0.0 };
                let cell = |place: usize| 0.25 * moments.products[row][place] + alpha(place);
                let product: f64 =
                    inverse.iter().enumerate().map(|(place, inverse)| cell(place) * inverse[column]).sum();
                assert!((product - f64::from(u8::from(row == column))).abs() < 1e-10);
            }
        }
        let weight: f64 = sample.weights.iter().sum();
        assert!((moments.weight - weight).abs() < 1e-10);
        for (place, column) in moments.block.iter().enumerate().skip(1) {
            assert!((moments.products[place][place] - moments.squares[*column as usize]).abs() < 1e-10);
        }
    }

    #[test]
    fn it_is_symmetric_and_positive_and_leaves_out_what_the_classes_share() {
        let sample = sample();
        let objective = Objective::<4>::new(sample.problem(0.5));
        let moments = Moments::new(&objective);
        let mut p = Lanes::zeros(70, 1);
        p.all_mut().fill([0.2, 0.5, 0.3, 0.0]);
        let curvature = Curvature::new(&objective, &p);
        let preconditioner = Preconditioner::<f64, 4>::new(&objective, &moments, &curvature);
        let rows = moments.squares.len() + 1;
        let vector = |seed: usize| {
            let mut out = Lanes::zeros(rows, 1);
            for (row, values) in out.rows_mut().enumerate() {
                for (lane, value) in values[0].iter_mut().take(3).enumerate() {
                    *value = ((row * 7 + lane * 5 + seed) % 11) as f64 - 5.0;
                }
                center(values, 3);
            }
            out
        };
        let (a, b) = (vector(1), vector(4));
        let mut inverse_a = Lanes::zeros(rows, 1);
        let mut inverse_b = Lanes::zeros(rows, 1);
        let form = preconditioner.apply(&a, &mut inverse_a);
        preconditioner.apply(&b, &mut inverse_b);
        assert!(form > 0.0 && (form - dot(a.all(), inverse_a.all())).abs() < 1e-9);
        assert!((dot(b.all(), inverse_a.all()) - dot(a.all(), inverse_b.all())).abs() < 1e-9);
        for row in inverse_a.rows() {
            assert!((row[0][0] + row[0][1] + row[0][2]).abs() < 1e-12 && row[0][3] == 0.0);
        }
    }
}
