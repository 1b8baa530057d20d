//! The curvature of the loss in the logits, with the private columns eliminated.
//!
//! Of a row with weight s and probabilities p the curvature is D = s (diag p - p pᵀ). In Newton's equations a private
//! column of squared length t in that row has the block C = alpha + t D and no other; eliminating it leaves
//! alpha D C⁻¹ in the place of D. With w = s p / (1 + (t s / alpha) p) that is, exactly,
//!
//! alpha D C⁻¹ = diag w - w wᵀ / Σw,
//!
//! so its product with u is w (u - m), m being the mean of u weighted by w: elimination only changes the weights. They are
//! at most alpha / t, whatever s: a small penalty does not make the equations worse conditioned.

use super::lanes::{Lanes, Scalar};
use super::objective::Objective;

/// The curvature of every row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curvature<T, const L: usize> {
    /// w, (n, K).
    weights: Lanes<T, L>,
    /// 1 / Σw and the class of the largest w, by row.
    rows: Vec<(T, u32)>,
}

impl<const L: usize> Curvature<f64, L> {
    /// The curvature at probabilities (n, K).
    pub(super) fn new(objective: &Objective<'_, L>, probabilities: &Lanes<f64, L>) -> Self {
        let (n, panels) = (probabilities.rows(), probabilities.panels());
        let mut weights = probabilities.clone();
        let mut rows = Vec::with_capacity(n);
        for (row, norm) in objective.split.private.iter().enumerate() {
            let scale = objective.weight(row);
            let ratio = norm * norm * scale / objective.problem.alpha;
            let mut total = 0.0;
            let mut largest = (f64::NEG_INFINITY, 0);
            for panel in 0..panels {
                let weights = &mut weights.all_mut()[panel * n + row];
                for weight in weights.iter_mut() {
                    *weight = scale * *weight / (1.0 + ratio * *weight);
                }
                for (weight, class) in weights.iter().zip(panel * L..) {
                    total += weight;
                    if *weight > largest.0 {
                        largest = (*weight, class as u32);
                    }
                }
            }
            rows.push((1.0 / total, largest.1));
        }
        Self { weights, rows }
    }

    /// The same in another precision.
    pub(super) fn rounded<T: Scalar>(&self) -> Curvature<T, L> {
        let rows = self.rows.iter().map(|(share, class)| (T::rounded(*share), *class)).collect();
        Curvature { weights: self.weights.rounded(1.0), rows }
    }

    /// The sum over the rows of the diagonal, w (1 - w / Σw), by panel and lane.
    pub(super) fn diagonal_sums(&self) -> Vec<[f64; L]> {
        let panel = |panel| {
            let mut sums = [0.0; L];
            for (weights, (share, _)) in self.weights.panel(panel).iter().zip(&self.rows) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += weight * (1.0 - weight * share);
                }
            }
            sums
        };
        (0..self.weights.panels()).map(panel).collect()
    }
}

impl<T: Scalar, const L: usize> Curvature<T, L> {
    /// Replaces each row u, (n, K), by its product w (u - m).
    ///
    /// u is shifted by its entry at the largest w first. That leaves the product as it is, and the entries of a row whose
    /// class is nearly certain do not drown in rounding.
    pub(super) fn apply(&self, values: &mut Lanes<T, L>) {
        let (n, panels) = (values.rows(), values.panels());
        let weights = self.weights.all();
        for (row, (share, largest)) in self.rows.iter().enumerate() {
            let shift = values.get(row, *largest as usize);
            let values = values.all_mut();
            let mut sums = [T::ZERO; L];
            for panel in 0..panels {
                let (values, weights) = (&mut values[panel * n + row], &weights[panel * n + row]);
                for lane in 0..L {
                    values[lane] = values[lane] - shift;
                    sums[lane] += weights[lane] * values[lane];
                }
            }
            let mut mean = T::ZERO;
            for sum in sums {
                mean += sum * *share;
            }
            for panel in 0..panels {
                let (values, weights) = (&mut values[panel * n + row], &weights[panel * n + row]);
                for lane in 0..L {
                    values[lane] = weights[lane] * (values[lane] - mean);
                }
            }
        }
    }
}
