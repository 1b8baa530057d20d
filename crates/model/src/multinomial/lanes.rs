//! Matrices in a layout for vector instructions, with a row for each column of the design or each
//! document and an entry for each class.
//!
//! The K classes of a row lie in one or more arrays of L lanes, with L = 4, 8 or 16. The rest of
//! the last array is padding. Padding is 0, except in an intercept, where it is so far below any
//! logit that its probability is 0. No operation changes this.

use std::borrow::Cow;
use std::ops::{AddAssign, Range};

use ndarray::{ArrayView2, LinalgScalar, s};

/// A number in single or double precision.
pub(super) trait Scalar: LinalgScalar + Send + Sync + AddAssign {
    /// The number 0.
    const ZERO: Self;
    /// Converts a number from single precision, exactly.
    fn of(value: f32) -> Self;
    /// Converts a number from double precision, with rounding.
    fn rounded(value: f64) -> Self;
    /// Converts a slice from single precision, exactly; borrows it if this type is single
    /// precision.
    fn all_of(values: &[f32]) -> Cow<'_, [Self]>;
    /// Converts some columns of a matrix from single precision, exactly; borrows them if this type
    /// is single precision, and otherwise keeps them in `converted`.
    fn columns_of<'a>(
        values: ArrayView2<'a, f32>,
        columns: Range<usize>,
        converted: &'a mut Vec<Self>,
    ) -> ArrayView2<'a, Self>;
    /// Converts this number to double precision, exactly.
    fn widened(self) -> f64;
}

impl Scalar for f32 {
    const ZERO: Self = 0.0;
    fn of(value: f32) -> Self {
        value
    }
    fn rounded(value: f64) -> Self {
        value as f32
    }
    fn all_of(values: &[f32]) -> Cow<'_, [Self]> {
        values.into()
    }
    fn columns_of<'a>(
        values: ArrayView2<'a, f32>,
        columns: Range<usize>,
        _: &'a mut Vec<Self>,
    ) -> ArrayView2<'a, Self> {
        values.slice_move(s![.., columns])
    }
    fn widened(self) -> f64 {
        f64::from(self)
    }
}

impl Scalar for f64 {
    const ZERO: Self = 0.0;
    fn of(value: f32) -> Self {
        Self::from(value)
    }
    fn rounded(value: f64) -> Self {
        value
    }
    fn all_of(values: &[f32]) -> Cow<'_, [Self]> {
        values.iter().map(|value| Self::from(*value)).collect()
    }
    fn columns_of<'a>(
        values: ArrayView2<'a, f32>,
        columns: Range<usize>,
        converted: &'a mut Vec<Self>,
    ) -> ArrayView2<'a, Self> {
        let width = columns.len();
        converted.resize(values.nrows() * width, 0.0);
        for (to, from) in converted.chunks_exact_mut(width).zip(values.outer_iter()) {
            let from = from.slice_move(s![columns.clone()]);
            to.iter_mut().zip(from).for_each(|(to, from)| *to = Self::from(*from));
        }
        let Ok(view) = ArrayView2::from_shape((values.nrows(), width), converted) else {
            unreachable!("the vector has a number for each row and column")
        };
        view
    }
    fn widened(self) -> f64 {
        self
    }
}

/// A matrix of (rows, arrays × L) values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lanes<T, const L: usize> {
    arrays: usize,
    values: Vec<[T; L]>,
}

impl<T: Scalar, const L: usize> Lanes<T, L> {
    /// Makes a matrix of zeros with `rows` rows of `arrays` arrays each, at least 1.
    pub(super) fn zeros(rows: usize, arrays: usize) -> Self {
        Self { arrays, values: vec![[T::ZERO; L]; rows * arrays] }
    }

    /// Returns the number of rows.
    pub(super) fn n_rows(&self) -> usize {
        self.values.len() / self.arrays
    }

    /// Returns the number of arrays in a row.
    pub(super) fn arrays(&self) -> usize {
        self.arrays
    }

    /// Returns all arrays, row by row.
    pub(super) fn all(&self) -> &[[T; L]] {
        &self.values
    }

    /// Returns all arrays, row by row, for writing.
    pub(super) fn all_mut(&mut self) -> &mut [[T; L]] {
        &mut self.values
    }

    /// Returns the arrays of the row with the index `row`.
    pub(super) fn row(&self, row: usize) -> &[[T; L]] {
        &self.values[row * self.arrays..(row + 1) * self.arrays]
    }

    /// Returns the arrays of the row with the index `row`, for writing.
    pub(super) fn row_mut(&mut self, row: usize) -> &mut [[T; L]] {
        &mut self.values[row * self.arrays..(row + 1) * self.arrays]
    }

    /// Returns the arrays of each row.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[[T; L]]> {
        self.values.chunks_exact(self.arrays)
    }

    /// Returns the arrays of each row, for writing.
    pub(super) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [[T; L]]> {
        self.values.chunks_exact_mut(self.arrays)
    }

    /// Adds scale × `other` to this matrix.
    pub(super) fn add_scaled(&mut self, scale: T, other: &Self) {
        for (sum, values) in self.values.iter_mut().zip(&other.values) {
            add_scaled(sum, scale, values);
        }
    }

    /// Multiplies each row by scale × its factor in `factors`.
    pub(super) fn scale_rows(&mut self, factors: &[f64], scale: f64) {
        for (row, factor) in self.rows_mut().zip(factors) {
            let factor = T::rounded(scale * factor);
            for value in row.as_flattened_mut() {
                *value = *value * factor;
            }
        }
    }

    /// Returns scale × this matrix, converted to the precision U.
    pub(super) fn rounded<U: Scalar>(&self, scale: f64) -> Lanes<U, L> {
        let values = self.values.iter().map(|values| values.map(|value| U::rounded(value.widened() * scale)));
        Lanes { arrays: self.arrays, values: values.collect() }
    }

    /// Returns the sum of all rows.
    pub(super) fn sum(&self) -> Vec<[T; L]> {
        let mut sum = vec![[T::ZERO; L]; self.arrays];
        for row in self.rows() {
            for (sum, values) in sum.iter_mut().zip(row) {
                *sum = added(*sum, values);
            }
        }
        sum
    }
}

/// Subtracts from the first `n_classes` entries of a row the mean of these entries.
pub(super) fn center<T: Scalar, const L: usize>(row: &mut [[T; L]], n_classes: usize) {
    let row = &mut row.as_flattened_mut()[..n_classes];
    let sum: f64 = row.iter().map(|value| value.widened()).sum();
    let mean = T::rounded(sum / n_classes as f64);
    for value in row {
        *value = *value - mean;
    }
}

/// Adds scale × `values` to `sum`, lane by lane.
#[inline]
pub(super) fn add_scaled<T: Scalar, const L: usize>(sum: &mut [T; L], scale: T, values: &[T; L]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += scale * *value;
    }
}

/// Adds a × b to `sum`, lane by lane.
#[inline]
pub(super) fn add_products<T: Scalar, const L: usize>(sum: &mut [T; L], a: &[T; L], b: &[T; L]) {
    for lane in 0..L {
        sum[lane] += a[lane] * b[lane];
    }
}

/// Returns a + b, lane by lane.
#[inline]
pub(super) fn added<T: Scalar, const L: usize>(mut a: [T; L], b: &[T; L]) -> [T; L] {
    for (a, b) in a.iter_mut().zip(b) {
        *a += *b;
    }
    a
}

/// Returns scale × `values`, lane by lane.
#[inline]
pub(super) fn scaled<T: Scalar, const L: usize>(scale: T, values: &[T; L]) -> [T; L] {
    values.map(|value| scale * value)
}

/// Returns the sum of the lanes, added pairwise.
#[inline]
pub(super) fn lane_sum<T: Scalar, const L: usize>(values: &[T; L]) -> T {
    let mut values = *values;
    let mut width = L / 2;
    while width > 0 {
        for lane in 0..width {
            values[lane] += values[lane + width];
        }
        width /= 2;
    }
    values[0]
}

/// Long sums add this many arrays in the precision of the arrays, and add these partial sums in
/// double precision, which bounds the rounding error.
pub(super) const BLOCK: usize = 256;

/// Returns Σ a b over all lanes, added in a fixed order.
pub(super) fn dot<T: Scalar, const L: usize>(a: &[[T; L]], b: &[[T; L]]) -> f64 {
    let mut total = 0.0;
    for (a, b) in a.chunks(BLOCK).zip(b.chunks(BLOCK)) {
        // Two sums, so that one addition need not wait for the other.
        let mut sums = [[T::ZERO; L]; 2];
        for (a, b) in a.chunks(2).zip(b.chunks(2)) {
            for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
                add_products(sum, a, b);
            }
        }
        total += lane_sum(&added(sums[0], &sums[1])).widened();
    }
    total
}
