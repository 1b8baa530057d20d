//! The columns that occur in most rows, such as the columns of an embedding, as a dense matrix, and
//! its product with lanes.
//!
//! Products of dense matrices need no lists of columns, and ndarray has fast code for them. Every
//! output is a sum in a fixed order, which does not depend on how the rows or the columns are split
//! among threads.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, s};

use super::lanes::{Lanes, Scalar};

/// The fewest multiplications to give to a thread: with less work, passing it to the thread takes
/// longer than the work.
const WORK_A_TASK: usize = 1 << 19;
/// The number of rows (a tile) to multiply at once. For double precision, each tile is converted
/// first, so it has to fit into the cache.
const TILE: usize = 256;
/// Into how many parts for each thread the columns of a transposed product are divided at most.
const PARTS_A_THREAD: usize = 2;
/// Rows and columns are divided among threads at multiples of this number.
const GRAIN: usize = 8;

/// A dense matrix (n, m), stored by row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dense {
    width: usize,
    values: Vec<f32>,
}

impl Dense {
    /// Makes a matrix of zeros with `rows` rows and `width` columns.
    pub(super) fn zeros(rows: usize, width: usize) -> Self {
        Self { width, values: vec![0.0; rows * width] }
    }

    /// The number of columns, m.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Returns the values of the row with the index `row`, for writing.
    pub(super) fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.values[row * self.width..(row + 1) * self.width]
    }

    /// The values of a column, from the first row to the last.
    pub(super) fn column(&self, column: usize) -> impl Iterator<Item = f32> {
        self.values[column..].iter().step_by(self.width).copied()
    }

    /// Adds the product of this matrix with `input` to `out`:
    /// `out[row] += Σ value × input[column]`.
    pub(super) fn add_product<T: Scalar, const L: usize>(&self, input: &Lanes<T, L>, out: &mut Lanes<T, L>) {
        if self.width > 0 {
            let k = input.arrays() * L;
            let input = view(&input.all().as_flattened()[..self.width * k], k);
            self.add_rows(&self.values, input, out.all_mut().as_flattened_mut());
        }
    }

    /// Adds the product of some rows of this matrix, whose values are `values`, with `input` to
    /// `out`.
    fn add_rows<T: Scalar>(&self, values: &[f32], input: ArrayView2<'_, T>, out: &mut [T]) {
        let k = input.ncols();
        let n = out.len() / k;
        if n > GRAIN && out.len() * self.width > 2 * WORK_A_TASK {
            let cut = (n / 2).next_multiple_of(GRAIN);
            let (left, right) = out.split_at_mut(cut * k);
            let (first, second) = values.split_at(cut * self.width);
            rayon::join(|| self.add_rows(first, input, left), || self.add_rows(second, input, right));
            return;
        }
        for (out, values) in out.chunks_mut(TILE * k).zip(values.chunks(TILE * self.width)) {
            let values = T::all_of(values);
            let mut out = view_mut(out, k);
            general_mat_mul(T::one(), &view(&values, self.width), &input, T::one(), &mut out);
        }
    }

    /// Adds the product of the transpose with `input` to `out`:
    /// `out[column] += Σ value × input[row]`. Further rows of `out` do not change.
    pub(super) fn add_transposed_product<T: Scalar, const L: usize>(
        &self,
        input: &Lanes<T, L>,
        out: &mut Lanes<T, L>,
    ) {
        if self.width > 0 {
            let k = input.arrays() * L;
            let input = view(input.all().as_flattened(), k);
            self.add_columns(0, input, &mut out.all_mut().as_flattened_mut()[..self.width * k]);
        }
    }

    /// Adds the product of the transpose with `input` to `out`, for the columns from `first` on, as
    /// many as `out` has rows.
    fn add_columns<T: Scalar>(&self, first: usize, input: ArrayView2<'_, T>, out: &mut [T]) {
        let k = input.ncols();
        let columns = out.len() / k;
        // Every part reads all rows, so there are only a few parts for each thread.
        let widest = self.width.div_ceil(PARTS_A_THREAD * rayon::current_num_threads()).max(GRAIN);
        if columns > widest && input.len() * columns > 2 * WORK_A_TASK {
            let cut = (columns / 2).next_multiple_of(GRAIN);
            let (left, right) = out.split_at_mut(cut * k);
            rayon::join(
                || self.add_columns(first, input, left),
                || self.add_columns(first + cut, input, right),
            );
            return;
        }
        let mut out = view_mut(out, k);
        let mut converted = Vec::new();
        for (tile, values) in self.values.chunks(TILE * self.width).enumerate() {
            let rows = values.len() / self.width;
            let input = input.slice(s![tile * TILE..tile * TILE + rows, ..]);
            let values = T::columns_of(view(values, self.width), first..first + columns, &mut converted);
            general_mat_mul(T::one(), &values.t(), &input, T::one(), &mut out);
        }
    }
}

/// Returns `values`, which holds rows of k values each, as a matrix view.
fn view<T>(values: &[T], k: usize) -> ArrayView2<'_, T> {
    let Ok(view) = ArrayView2::from_shape((values.len() / k, k), values) else {
        unreachable!("values are a whole number of rows")
    };
    view
}

/// Returns `values`, which holds rows of k values each, as a mutable matrix view.
fn view_mut<T>(values: &mut [T], k: usize) -> ArrayViewMut2<'_, T> {
    let Ok(view) = ArrayViewMut2::from_shape((values.len() / k, k), values) else {
        unreachable!("values are a whole number of rows")
    };
    view
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks products with a matrix of whole numbers, which are exact in any order.
    fn check<T: Scalar + std::fmt::Debug + PartialEq>(n: usize, width: usize, arrays: usize) {
        let value = |row: usize, column: usize| ((row * 5 + column * 3) % 7) as f64 - 3.0;
        let mut dense = Dense::zeros(n, width);
        for row in 0..n {
            for (column, out) in dense.row_mut(row).iter_mut().enumerate() {
                *out = value(row, column) as f32;
            }
        }
        let lanes = |rows: usize| {
            let mut out = Lanes::<T, 4>::zeros(rows, arrays);
            for (place, out) in out.all_mut().as_flattened_mut().iter_mut().enumerate() {
                *out = T::rounded(((place * 11) % 5) as f64);
            }
            out
        };
        let (by_column, by_row) = (lanes(width + 1), lanes(n));
        let mut out = lanes(n);
        dense.add_product(&by_column, &mut out);
        let mut transposed = lanes(width + 1);
        dense.add_transposed_product(&by_row, &mut transposed);
        for lane in 0..4 * arrays {
            let at = |lanes: &Lanes<T, 4>, row: usize| lanes.row(row).as_flattened()[lane].widened();
            for row in 0..n {
                let sum: f64 = (0..width).map(|column| value(row, column) * at(&by_column, column)).sum();
                assert!((at(&out, row) - at(&by_row, row) - sum).abs() < 1e-12);
            }
            for column in 0..width {
                let sum: f64 = (0..n).map(|row| value(row, column) * at(&by_row, row)).sum();
                assert!((at(&transposed, column) - at(&by_column, column) - sum).abs() < 1e-12);
            }
        }
        assert_eq!(transposed.row(width), by_column.row(width));
    }

    #[test]
    fn products_worked_entry_by_entry() {
        check::<f32>(3, 2, 1);
        check::<f64>(5, 17, 2);
        // More rows than a tile has, and enough work to be split among threads.
        check::<f32>(700, 61, 5);
        check::<f64>(601, 70, 5);
    }
}
