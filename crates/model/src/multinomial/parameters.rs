//! A point, a gradient or a direction: one number for each class of each shared column, the intercept and each private
//! column.

use ndarray::Array2;

use super::design::Design;
use super::lanes::{Lanes, dot};
use super::split::Split;

/// The intercept of a lane that is no class: far below any logit, so that its probability is 0.
const PADDING: f64 = -1e300;

/// Parameters in the columns of a [`Split`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameters<const L: usize> {
    /// (shared columns + 1, K); the last row is the intercept.
    pub(super) shared: Lanes<f64, L>,
    /// (n, K).
    pub(super) private: Lanes<f64, L>,
}

impl<const L: usize> Parameters<L> {
    /// All 0, as wide as `split` and with `panels` panels.
    pub(super) fn zeros(split: &Split, panels: usize) -> Self {
        Self {
            shared: Lanes::zeros(split.shared.len() + 1, panels),
            private: Lanes::zeros(split.private.len(), panels),
        }
    }

    /// A point of K classes: 0, or what of `start`, (d' + 1, K), the rows and their classes can tell apart, which gives
    /// every row the same probabilities.
    pub(super) fn start(design: &Design, n_classes: usize, start: Option<&Array2<f64>>) -> Self {
        let split = design.split();
        let mut out = Self::zeros(split, n_classes.div_ceil(L));
        if let Some(start) = start {
            for (place, column) in rows_of_shared(design).enumerate() {
                for (class, value) in start.row(column).iter().enumerate() {
                    *out.shared.get_mut(place, class) = *value;
                }
            }
            for (row, column, share) in private_columns(design) {
                for (class, value) in start.row(column).iter().enumerate() {
                    *out.private.get_mut(row, class) += share * value;
                }
            }
        }
        // What all classes share changes no probability.
        for place in 0..out.shared.rows() {
            out.shared.center_row(place, n_classes);
        }
        for row in 0..out.private.rows() {
            out.private.center_row(row, n_classes);
        }
        for class in n_classes..out.shared.panels() * L {
            *out.shared.get_mut(split.shared.len(), class) = PADDING;
        }
        out
    }

    /// The parameters of the design's own columns, (d' + 1, K).
    pub(super) fn to_array(&self, design: &Design, n_classes: usize) -> Array2<f64> {
        let mut out = Array2::zeros((design.n_columns() + 1, n_classes));
        for (place, column) in rows_of_shared(design).enumerate() {
            for (class, out) in out.row_mut(column).iter_mut().enumerate() {
                *out = self.shared.get(place, class);
            }
        }
        for (row, column, share) in private_columns(design) {
            for (class, out) in out.row_mut(column).iter_mut().enumerate() {
                *out = share * self.private.get(row, class);
            }
        }
        out
    }

    /// Σ a b over everything.
    pub(super) fn dot(&self, other: &Self) -> f64 {
        dot(self.shared.all(), other.shared.all()) + dot(self.private.all(), other.private.all())
    }

    /// Σ a b over the weights: what is penalised.
    pub(super) fn weights_dot(&self, other: &Self) -> f64 {
        let mut sum = dot(self.private.all(), other.private.all());
        for panel in 0..self.shared.panels() {
            let (a, b) = (self.shared.panel(panel), other.shared.panel(panel));
            sum += dot(&a[..a.len() - 1], &b[..b.len() - 1]);
        }
        sum
    }

    /// self += scale × direction.
    pub(super) fn move_along(&mut self, scale: f64, direction: &Self) {
        self.shared.add_scaled(scale, &direction.shared);
        self.private.add_scaled(scale, &direction.private);
    }
}

/// The row of the design's parameters that each row of the shared ones is.
fn rows_of_shared(design: &Design) -> impl Iterator<Item = usize> {
    design.split().shared.iter().map(|column| *column as usize).chain([design.n_columns()])
}

/// (row, column, x / σ) of every private column.
fn private_columns(design: &Design) -> impl Iterator<Item = (usize, usize, f64)> {
    let split = design.split();
    let rows = split.private.iter().enumerate().filter(|(_, norm)| **norm > 0.0);
    rows.flat_map(move |(row, norm)| {
        let entries = design.rows().row(row).iter().filter(|(column, _)| split.is_private(*column));
        entries.map(move |(column, value)| (row, *column as usize, f64::from(*value) / norm))
    })
}
