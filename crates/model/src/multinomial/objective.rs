//! The objective f and its gradient.

use querist_core::elementary::exp;

use super::Problem;
use super::lanes::{Lanes, add_scaled, lane_sum, scaled};
use super::parameters::Parameters;
use super::split::Split;

/// The objective f, for parameters in the shared and private columns of a [`Split`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Objective<'a, const L: usize> {
    /// The rows, classes, weights and penalty that define f.
    pub(super) problem: Problem<'a>,
    /// The rows of the problem, split into shared and private columns.
    pub(super) split: &'a Split,
}

impl<'a, const L: usize> Objective<'a, L> {
    pub(super) fn new(problem: Problem<'a>) -> Self {
        Self { problem, split: problem.design.split() }
    }

    /// The weight s of a row.
    pub(super) fn weight(&self, row: usize) -> f64 {
        self.problem.weights.map_or(1.0, |weights| weights[row])
    }

    /// Returns the part of the logits X W + b, (n, K), that comes from the shared columns and the
    /// intercept b.
    pub(super) fn shared_logits(&self, shared: &Lanes<f64, L>) -> Lanes<f64, L> {
        let mut out = Lanes::zeros(self.split.private.len(), shared.arrays());
        self.split.multiply(shared, shared.row(self.split.shared.len()), &mut out);
        out
    }

    /// Adds to `out`, (n, K), the part of the logits that comes from the private columns.
    pub(super) fn add_private_logits(&self, private: &Lanes<f64, L>, out: &mut Lanes<f64, L>) {
        for ((out, private), norm) in out.rows_mut().zip(private.rows()).zip(&self.split.private) {
            out.iter_mut().zip(private).for_each(|(out, private)| add_scaled(out, *norm, private));
        }
    }

    /// Returns the logits X W + b, (n, K).
    pub(super) fn logits(&self, parameters: &Parameters<L>) -> Lanes<f64, L> {
        let mut out = self.shared_logits(&parameters.shared);
        self.add_private_logits(&parameters.private, &mut out);
        out
    }

    /// Turns logits (n, K) into probabilities and returns the loss Σ s (-ln p) of the targets, in
    /// nats.
    pub(super) fn softmax(&self, values: &mut Lanes<f64, L>) -> f64 {
        let mut loss = 0.0;
        for (row, (values, target)) in values.rows_mut().zip(self.problem.targets).enumerate() {
            let own = values.as_flattened()[*target as usize];
            let (top, sum) = softmax(values);
            loss += self.weight(row) * (sum.ln() - (own - top));
        }
        loss
    }

    /// Returns s (p - y), (n, K), the derivative of the loss with respect to the logits, where y is
    /// 1 for the class of the row and 0 for the others.
    pub(super) fn residual(&self, probabilities: &Lanes<f64, L>) -> Lanes<f64, L> {
        let mut out = probabilities.clone();
        for (out, target) in out.rows_mut().zip(self.problem.targets) {
            out.as_flattened_mut()[*target as usize] -= 1.0;
        }
        if let Some(weights) = self.problem.weights {
            out.scale_rows(weights, 1.0);
        }
        out
    }

    /// Returns the gradient of f at `point`, at which the rows have these probabilities, (n, K).
    pub(super) fn gradient(&self, point: &Parameters<L>, probabilities: &Lanes<f64, L>) -> Parameters<L> {
        let alpha = self.problem.alpha;
        let residual = self.residual(probabilities);
        let intercept = self.split.shared.len();
        let mut shared = Lanes::zeros(intercept + 1, residual.arrays());
        shared.row_mut(intercept).copy_from_slice(&residual.sum());
        let base = |row, array| scaled(alpha, &point.shared.row(row)[array]);
        self.split.multiply_transposed(&residual, base, &mut shared);
        let mut private = residual;
        private.scale_rows(&self.split.private, 1.0);
        private.add_scaled(alpha, &point.private);
        Parameters { shared, private }
    }
}

/// Replaces the logits of a row by probabilities. Returns the highest logit, and Σ e^(logit -
/// highest) over the classes.
#[inline]
fn softmax<const L: usize>(row: &mut [[f64; L]]) -> (f64, f64) {
    // Compute a maximum and a sum for each lane, so that the compiler turns the inner loops into
    // vector instructions.
    let mut tops = [f64::NEG_INFINITY; L];
    for values in row.iter() {
        for (top, value) in tops.iter_mut().zip(values) {
            *top = if *value > *top { *value } else { *top };
        }
    }
    let top = tops.iter().fold(tops[0], |a, b| if *b > a { *b } else { a });
    let mut sums = [0.0; L];
    for values in row.iter_mut() {
        for (value, sum) in values.iter_mut().zip(&mut sums) {
            *value = exp(*value - top);
            *sum += *value;
        }
    }
    let sum = lane_sum(&sums);
    let share = 1.0 / sum;
    for value in row.as_flattened_mut() {
        *value *= share;
    }
    (top, sum)
}

#[cfg(test)]
mod tests {
    use super::super::tests::Sample;
    use super::*;

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        let sample = Sample::new(2, 14, 9, 3);
        let problem = sample.problem(0.7);
        let objective = Objective::<4>::new(problem);
        let value = |parameters: &Parameters<4>| {
            let mut probabilities = objective.logits(parameters);
            objective.softmax(&mut probabilities) + 0.35 * parameters.weights_dot(parameters)
        };
        let rows = sample.design.n_columns() + 1;
        let start = ndarray::Array2::from_shape_fn((rows, 3), |(row, class)| {
            ((row * 5 + class * 3) % 7) as f64 / 7.0
        });
        let at = Parameters::start(&sample.design, 3, Some(&start));
        let mut probabilities = objective.logits(&at);
        objective.softmax(&mut probabilities);
        let gradient = objective.gradient(&at, &probabilities);
        let step = 1e-5;
        let part = |parameters: &mut Parameters<4>, place: usize, by: f64| {
            let shared = parameters.shared.n_rows();
            let row = if place / 3 < shared {
                parameters.shared.row_mut(place / 3)
            } else {
                parameters.private.row_mut(place / 3 - shared)
            };
            row.as_flattened_mut()[place % 3] += by;
            row.as_flattened()[place % 3]
        };
        for place in 0..3 * (at.shared.n_rows() + at.private.n_rows()) {
            let (mut up, mut down) = (at.clone(), at.clone());
            part(&mut up, place, step);
            part(&mut down, place, -step);
            let expected = (value(&up) - value(&down)) / (2.0 * step);
            let found = part(&mut gradient.clone(), place, 0.0);
            assert!((found - expected).abs() < 1e-8, "{place}: {found}, not {expected}");
        }
    }

    #[test]
    fn logits_in_the_hundreds_neither_over_nor_underflow() {
        let mut row = [[900.0, -900.0, 900.0, -1e300]];
        assert_eq!(softmax(&mut row), (900.0, 2.0));
        assert_eq!(row, [[0.5, 0.0, 0.5, 0.0]]);
    }
}
