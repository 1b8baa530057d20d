//! Parameters, gradients and directions: a number for each class and each shared column, the
//! intercept, and each private column.

use ndarray::Array2;

use super::design::Design;
use super::lanes::{Lanes, center, dot};

/// The intercept of a padding lane, which is no class: so far below any logit that its probability
/// is 0.
const PADDING: f64 = -1e300;

/// A point of the search in the columns of a [`super::split::Split`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameters<const L: usize> {
    /// The shared columns and then the intercept, (shared columns + 1, K).
    pub(super) shared: Lanes<f64, L>,
    /// The private column of each row, (n, K).
    pub(super) private: Lanes<f64, L>,
}

impl<const L: usize> Parameters<L> {
    /// Returns the point from which the solver starts: the parameters `start`, (d' + 1, K) for K =
    /// `n_classes` classes, or 0 if there are none.
    ///
    /// The conversion drops the parts of `start` that change no probability of these rows. So the
    /// point may differ from `start`, but gives every row the same probabilities.
    pub(super) fn start(design: &Design<'_>, n_classes: usize, start: Option<&Array2<f64>>) -> Self {
        let split = design.split();
        let arrays = n_classes.div_ceil(L);
        let intercept = split.shared.len();
        let mut shared = Lanes::zeros(intercept + 1, arrays);
        let mut private = Lanes::zeros(split.private.len(), arrays);
        if let Some(start) = start {
            for (place, column) in rows_of_shared(design).enumerate() {
                let row = shared.row_mut(place);
                row.as_flattened_mut()
                    .iter_mut()
                    .zip(start.row(column))
                    .for_each(|(out, value)| *out = *value);
                // A constant added to all classes changes no probability.
                center(row, n_classes);
            }
            for (row, column, share) in private_columns(design) {
                let row = private.row_mut(row).as_flattened_mut();
                row.iter_mut().zip(start.row(column)).for_each(|(out, value)| *out += share * value);
            }
            for row in private.rows_mut() {
                center(row, n_classes);
            }
        }
        shared.row_mut(intercept).as_flattened_mut()[n_classes..].fill(PADDING);
        Self { shared, private }
    }

    /// Returns the parameters in the columns of the design, (d' + 1, K), with the intercept in the
    /// last row.
    pub(super) fn to_array(&self, design: &Design<'_>, n_classes: usize) -> Array2<f64> {
        let mut array = Array2::zeros((design.n_columns() + 1, n_classes));
        // A new array is contiguous, so `as_slice_mut` returns all its values.
        let out = array.as_slice_mut().unwrap_or_default();
        for (column, row) in rows_of_shared(design).zip(self.shared.rows()) {
            out[column * n_classes..][..n_classes].copy_from_slice(&row.as_flattened()[..n_classes]);
        }
        for (row, column, share) in private_columns(design) {
            let values = self.private.row(row).as_flattened();
            for (out, value) in out[column * n_classes..][..n_classes].iter_mut().zip(values) {
                *out = share * value;
            }
        }
        array
    }

    /// Returns the scalar product with `other` over all parameters.
    pub(super) fn dot(&self, other: &Self) -> f64 {
        dot(self.shared.all(), other.shared.all()) + dot(self.private.all(), other.private.all())
    }

    /// Returns the scalar product with `other` over the weights, which are all parameters except
    /// the intercept; the penalty applies only to them.
    pub(super) fn weights_dot(&self, other: &Self) -> f64 {
        let weights = self.shared.all().len() - self.shared.arrays();
        dot(self.private.all(), other.private.all())
            + dot(&self.shared.all()[..weights], &other.shared.all()[..weights])
    }

    /// Adds scale × `direction` to the parameters.
    pub(super) fn move_along(&mut self, scale: f64, direction: &Self) {
        self.shared.add_scaled(scale, &direction.shared);
        self.private.add_scaled(scale, &direction.private);
    }
}

/// Returns for each row of the shared parameters the corresponding row of parameters in the columns
/// of the design, (d' + 1, K).
fn rows_of_shared(design: &Design<'_>) -> impl Iterator<Item = usize> {
    design.split().shared.iter().map(|column| *column as usize).chain([design.n_columns()])
}

/// Returns (row, column, x / σ) for every entry x of the design in a private column, where σ is the
/// length of the row's private column.
fn private_columns(design: &Design<'_>) -> impl Iterator<Item = (usize, usize, f64)> {
    let split = design.split();
    split.private_entries.iter().map(|(row, column, value)| {
        let (row, column) = (*row as usize, *column as usize);
        (row, column, f64::from(*value) / split.private[row])
    })
}
