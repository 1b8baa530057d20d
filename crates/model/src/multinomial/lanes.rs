//! Matrices of one row a column or document and one entry a class, laid out for vector instructions.
//!
//! The K classes are cut into panels of L lanes, L of 4, 8 or 16; a panel is one array of `[T; L]`, and the panels follow
//! one another. What is left over in the last panel is padding: it starts at 0 (or, for an intercept, far below any
//! logit, so that its softmax is 0) and every operation leaves it there.

use std::ops::{Add, AddAssign, Div, Mul, Sub};

/// Single or double precision.
pub(super) trait Scalar:
    Copy
    + Send
    + Sync
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + AddAssign
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// From single precision, exactly.
    fn of(value: f32) -> Self;
    /// From double precision, rounded.
    fn rounded(value: f64) -> Self;
    /// To double precision, exactly.
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
    fn widened(self) -> f64 {
        self
    }
}

/// A matrix of (rows, panels × L).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lanes<T, const L: usize> {
    rows: usize,
    panels: usize,
    values: Vec<[T; L]>,
}

impl<T: Scalar, const L: usize> Lanes<T, L> {
    /// All 0.
    pub(super) fn zeros(rows: usize, panels: usize) -> Self {
        Self { rows, panels, values: vec![[T::ZERO; L]; rows * panels] }
    }

    /// How many rows a panel has.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// How many panels there are.
    pub(super) fn panels(&self) -> usize {
        self.panels
    }

    /// Every lane of every row, panel by panel.
    pub(super) fn all(&self) -> &[[T; L]] {
        &self.values
    }

    /// The same, changeable.
    pub(super) fn all_mut(&mut self) -> &mut [[T; L]] {
        &mut self.values
    }

    /// One panel.
    pub(super) fn panel(&self, panel: usize) -> &[[T; L]] {
        &self.values[panel * self.rows..(panel + 1) * self.rows]
    }

    /// One panel, changeable.
    pub(super) fn panel_mut(&mut self, panel: usize) -> &mut [[T; L]] {
        &mut self.values[panel * self.rows..(panel + 1) * self.rows]
    }

    /// self += scale × other.
    pub(super) fn add_scaled(&mut self, scale: T, other: &Self) {
        for (sum, values) in self.values.iter_mut().zip(&other.values) {
            add_scaled(sum, scale, values);
        }
    }

    /// Multiplies each row by scale × its own factor.
    pub(super) fn scale_rows(&mut self, factors: &[f64], scale: f64) {
        for panel in 0..self.panels {
            for (values, factor) in self.panel_mut(panel).iter_mut().zip(factors) {
                let factor = T::rounded(scale * factor);
                for value in values {
                    *value = *value * factor;
                }
            }
        }
    }

    /// scale × self in another precision.
    pub(super) fn rounded<U: Scalar>(&self, scale: f64) -> Lanes<U, L> {
        let values = self.values.iter().map(|values| values.map(|value| U::rounded(value.widened() * scale)));
        Lanes { rows: self.rows, panels: self.panels, values: values.collect() }
    }

    /// Subtracts from a row of K classes its mean.
    pub(super) fn center_row(&mut self, row: usize, n_classes: usize) {
        let sum: f64 = (0..n_classes).map(|class| self.get(row, class).widened()).sum();
        let mean = T::rounded(sum / n_classes as f64);
        for class in 0..n_classes {
            let value = self.get_mut(row, class);
            *value = *value - mean;
        }
    }

    /// The lane of a class in a row.
    pub(super) fn get(&self, row: usize, class: usize) -> T {
        self.values[class / L * self.rows + row][class % L]
    }

    /// The same, changeable.
    pub(super) fn get_mut(&mut self, row: usize, class: usize) -> &mut T {
        &mut self.values[class / L * self.rows + row][class % L]
    }
}

/// sum += scale × values.
#[inline]
pub(super) fn add_scaled<T: Scalar, const L: usize>(sum: &mut [T; L], scale: T, values: &[T; L]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += scale * *value;
    }
}

/// a + b.
#[inline]
pub(super) fn added<T: Scalar, const L: usize>(mut a: [T; L], b: &[T; L]) -> [T; L] {
    for (a, b) in a.iter_mut().zip(b) {
        *a += *b;
    }
    a
}

/// How many rows are summed in the scalars' own precision before their sum goes into double precision.
const BLOCK: usize = 256;

/// Σ a b, in a fixed order.
pub(super) fn dot<T: Scalar, const L: usize>(a: &[[T; L]], b: &[[T; L]]) -> f64 {
    let mut total = 0.0;
    for (a, b) in a.chunks(BLOCK).zip(b.chunks(BLOCK)) {
        let mut sums = [T::ZERO; L];
        for (a, b) in a.iter().zip(b) {
            for lane in 0..L {
                sums[lane] += a[lane] * b[lane];
            }
        }
        total += sums.iter().map(|sum| sum.widened()).sum::<f64>();
    }
    total
}
