//! The objective of multinomial logistic regression and the norm of its gradient.
//!
//! f(W, b) = sum over rows i of -ln `p[i][y_i]` + alpha/2 |W|², with p = softmax(X W + b) row by row and no penalty on b. The
//! gradient is Xᵀ (P - Y) + alpha W and, for b, the column sums of P - Y.
//!
//! Solvers are not believed: whoever fits recomputes this norm at the result. It is the one truth about convergence.

use ndarray::{Array1, Array2, ArrayView2};
use querist_core::{Class, Features};

use crate::error::ModelError;
use crate::linear::LinearModel;
use crate::rows::places;

/// What is minimised, on dense rows X of (n, d).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Objective<'a> {
    /// X, (n, d).
    pub(crate) design: ArrayView2<'a, f64>,
    /// y, n classes below K.
    pub(crate) targets: &'a [usize],
    /// K.
    pub(crate) n_classes: usize,
    /// The weight of the penalty.
    pub(crate) alpha: f64,
}

impl Objective<'_> {
    /// Euclidean norm of the gradient at `parameters`, (d + 1, K), whose last row is the intercept.
    pub(crate) fn gradient_norm(&self, parameters: &Array2<f64>) -> f64 {
        let d = self.design.ncols();
        let (weights, intercept) = parameters.view().split_at(ndarray::Axis(0), d);
        let mut residual = self.design.dot(&weights) + intercept;
        for (mut row, target) in residual.outer_iter_mut().zip(self.targets) {
            softmax_in_place(row.as_slice_mut().unwrap_or_default());
            row[*target] -= 1.0;
        }
        let mut by_weights = self.design.t().dot(&residual);
        by_weights.scaled_add(self.alpha, &weights);
        let by_intercept = residual.sum_axis(ndarray::Axis(0));
        by_weights.iter().chain(&by_intercept).map(|g| g * g).sum::<f64>().sqrt()
    }
}

/// Euclidean norm of the gradient at a fitted model, on the features it was fitted to, (n, d): rows and then columns are
/// summed in order.
pub(crate) fn model_gradient_norm(
    model: &LinearModel,
    features: &Features,
    targets: &[Class],
    alpha: f64,
) -> Result<f64, ModelError> {
    let parts = model.parts();
    let places = places(&parts.columns, parts.n_columns);
    let mut residual = model.logits(features)?;
    let mut by_weights = &parts.weights * alpha;
    let mut by_intercept = Array1::<f64>::zeros(model.n_classes());
    for (row, mut values) in residual.outer_iter_mut().enumerate() {
        softmax_in_place(values.as_slice_mut().unwrap_or_default());
        values[targets[row].index()] -= 1.0;
        by_intercept += &values;
        features.for_each_entry(row, |column, value| {
            by_weights.row_mut(places[column] as usize).scaled_add(value, &values);
        });
    }
    Ok(by_weights.iter().chain(&by_intercept).map(|g| g * g).sum::<f64>().sqrt())
}

/// Softmax of one row of logits, shifted by the row's own maximum.
fn softmax_in_place(logits: &mut [f64]) {
    let max = logits.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
    for z in &mut *logits {
        *z = (*z - max).exp();
    }
    let sum: f64 = logits.iter().sum();
    for p in logits {
        *p /= sum;
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_gradient_worked_by_hand() {
        // One row x = 2 of class 0, two classes, all parameters 0: P = (1/2, 1/2), P - Y = (-1/2, 1/2).
        // Gradient: weights 2 (-1/2, 1/2) = (-1, 1), intercept (-1/2, 1/2); norm sqrt(2.5).
        let design = array![[2.0]];
        let objective = Objective { design: design.view(), targets: &[0], n_classes: 2, alpha: 3.0 };
        assert!((objective.gradient_norm(&Array2::zeros((2, 2))) - 2.5_f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn the_gradient_is_that_of_the_objective() {
        let design = array![[1.0, -0.5], [0.25, 2.0], [-1.0, 1.5]];
        let targets = [0, 2, 1];
        let objective = Objective { design: design.view(), targets: &targets, n_classes: 3, alpha: 0.7 };
        let value = |parameters: &Array2<f64>| {
            let weights = parameters.slice(ndarray::s![..2, ..]);
            let logits = design.dot(&weights) + parameters.row(2);
            let loss = |(z, y): (ndarray::ArrayView1<'_, f64>, &usize)| z.mapv(f64::exp).sum().ln() - z[*y];
            let penalty = 0.35 * weights.iter().map(|w| w * w).sum::<f64>();
            logits.outer_iter().zip(&targets).map(loss).sum::<f64>() + penalty
        };
        let at = array![[0.1, -0.2, 0.3], [0.4, 0.5, -0.6], [0.0, 0.2, -0.1]];
        let step = 1e-6;
        let mut squares = 0.0;
        for place in 0..9 {
            let moved = |by: f64| {
                let mut parameters = at.clone();
                parameters[(place / 3, place % 3)] += by;
                value(&parameters)
            };
            squares += ((moved(step) - moved(-step)) / (2.0 * step)).powi(2);
        }
        assert!((objective.gradient_norm(&at) - squares.sqrt()).abs() < 1e-7);
    }

    #[test]
    fn wide_logits_neither_over_nor_underflow() {
        let design = array![[1.0], [-1.0]];
        let objective = Objective { design: design.view(), targets: &[0, 1], n_classes: 2, alpha: 0.0 };
        assert_eq!(
            objective.gradient_norm(&array![[900.0, -900.0], [0.0, 0.0]]).to_bits(),
            0.0_f64.to_bits()
        );
        assert!(
            (objective.gradient_norm(&array![[-900.0, 900.0], [0.0, 0.0]]) - 8.0_f64.sqrt()).abs() < 1e-12
        );
    }
}
