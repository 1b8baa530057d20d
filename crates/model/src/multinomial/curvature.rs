//! The curvature of the loss in the logits, with the private columns eliminated.
//!
//! A row with weight s and probabilities p has the curvature D = s (diag p - p pᵀ). In Newton's
//! equations its private column, of squared length t, occurs only in the block C = alpha + t D.
//! Eliminating the private column replaces D by alpha D C⁻¹. With w = s p / (1 + (t s / alpha) p),
//! exactly, alpha D C⁻¹ = diag w - w wᵀ / Σw.
//!
//! So the product of this matrix with u is w (u - m), where m is the mean of u weighted by w, and
//! elimination only changes the weights from s p to w. The weights w are at most alpha / t,
//! whatever s is, so a small penalty does not worsen the condition of the equations.

use super::lanes::{Lanes, Scalar, add_products, lane_sum};
use super::objective::Objective;

/// The curvature of every row, with its private column eliminated.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curvature<T, const L: usize> {
    /// The weights w, (n, K).
    weights: Lanes<T, L>,
    /// For each row, 1 / Σw and the class of the largest w.
    rows: Vec<(T, u32)>,
}

impl<const L: usize> Curvature<f64, L> {
    /// Computes the curvature of every row at these probabilities, (n, K).
    pub(super) fn new(objective: &Objective<'_, L>, probabilities: &Lanes<f64, L>) -> Self {
        let mut weights = probabilities.clone();
        let row = |(row, (weights, norm)): (usize, (&mut [[f64; L]], &f64))| {
            let scale = objective.weight(row);
            let ratio = norm * norm * scale / objective.problem.alpha;
            let mut sums = [0.0; L];
            for weights in weights.iter_mut() {
                for (weight, sum) in weights.iter_mut().zip(&mut sums) {
                    *weight = scale * *weight / (1.0 + ratio * *weight);
                    *sum += *weight;
                }
            }
            // `apply` subtracts the entry of this class from a row.
            let mut largest = (f64::NEG_INFINITY, 0);
            for (weight, class) in weights.as_flattened().iter().zip(0..) {
                largest = if *weight > largest.0 { (*weight, class) } else { largest };
            }
            (1.0 / lane_sum(&sums), largest.1)
        };
        let rows = weights.rows_mut().zip(&objective.split.private).enumerate().map(row).collect();
        Self { weights, rows }
    }

    /// Returns the same curvature in the precision T.
    pub(super) fn rounded<T: Scalar>(&self) -> Curvature<T, L> {
        let rows = self.rows.iter().map(|(share, class)| (T::rounded(*share), *class)).collect();
        Curvature { weights: self.weights.rounded(1.0), rows }
    }

    /// Returns for each class the diagonal entry w (1 - w / Σw) of the curvature, summed over the
    /// rows.
    pub(super) fn diagonal_sums(&self) -> Vec<[f64; L]> {
        let mut sums = vec![[0.0; L]; self.weights.arrays()];
        for (row, (share, _)) in self.weights.rows().zip(&self.rows) {
            for (sum, weight) in sums.as_flattened_mut().iter_mut().zip(row.as_flattened()) {
                *sum += weight * (1.0 - weight * share);
            }
        }
        sums
    }
}

impl<T: Scalar, const L: usize> Curvature<T, L> {
    /// Replaces each row u of `values`, (n, K), by its product with the curvature, v = w (u - m),
    /// and returns Σ u v over all rows.
    ///
    /// Each u is first shifted by its entry at the largest w. The shift does not change the
    /// product, but without it the entries of a row whose class is nearly certain would drown in
    /// rounding.
    pub(super) fn apply(&self, values: &mut Lanes<T, L>) -> f64 {
        let mut total = 0.0;
        let rows = values.rows_mut().zip(self.weights.rows()).zip(&self.rows);
        for ((values, weights), (share, largest)) in rows {
            let shift = values.as_flattened()[*largest as usize];
            let mut sums = [T::ZERO; L];
            for (values, weights) in values.iter_mut().zip(weights) {
                for value in values.iter_mut() {
                    *value = *value - shift;
                }
                add_products(&mut sums, values, weights);
            }
            let mean = lane_sum(&sums) * *share;
            let mut forms = [T::ZERO; L];
            for (values, weights) in values.iter_mut().zip(weights) {
                for lane in 0..L {
                    let product = weights[lane] * (values[lane] - mean);
                    forms[lane] += values[lane] * product;
                    values[lane] = product;
                }
            }
            total += lane_sum(&forms).widened();
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Sample;
    use super::*;

    #[test]
    fn elimination_is_that_of_the_block() {
        // v = alpha D C⁻¹ u means v = alpha D y with C y = (alpha + t D) y = u. Hence y = (u - t v
        // / alpha) / alpha, and alpha D y must be v.
        let sample = Sample::new(3, 9, 6, 3);
        let problem = sample.problem(0.3);
        let objective = Objective::<4>::new(problem);
        let start = ndarray::Array2::from_shape_fn((sample.design.n_columns() + 1, 3), |(row, class)| {
            ((row * 5 + class * 3) % 7) as f64 / 2.0
        });
        let point = super::super::parameters::Parameters::start(&sample.design, 3, Some(&start));
        let mut p = objective.logits(&point);
        objective.softmax(&mut p);
        let curvature = Curvature::new(&objective, &p);
        let mut v = Lanes::zeros(9, 1);
        let u = [0.5, -1.0, 2.0, 0.0];
        v.all_mut().fill(u);
        let form = curvature.apply(&mut v);
        let mut expected_form = 0.0;
        for row in 0..9 {
            let (s, sigma) = (sample.weights[row], objective.split.private[row]);
            let (p, v, t) = (p.row(row)[0], v.row(row)[0], sigma * sigma);
            let y: Vec<f64> = (0..3).map(|k| (u[k] - t * v[k] / 0.3) / 0.3).collect();
            let mean: f64 = (0..3).map(|k| p[k] * y[k]).sum();
            for k in 0..3 {
                let expected = 0.3 * s * p[k] * (y[k] - mean);
                assert!((v[k] - expected).abs() < 1e-12, "{row}, {k}: {} is not {expected}", v[k]);
                expected_form += u[k] * expected;
            }
            assert!(v[3].abs() < f64::MIN_POSITIVE);
        }
        assert!((form - expected_form).abs() < 1e-11);
        assert!(objective.split.private.iter().any(|sigma| *sigma > 0.1));
    }
}
