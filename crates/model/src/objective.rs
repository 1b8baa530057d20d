//! The objective of multinomial logistic regression and the norm of its gradient.
//!
//! f(W, b) = Σ wᵢ (-ln `p[i][y_i]`) + alpha/2 |W|² over the rows i, with p = softmax(X W + b) row
//! by row and no penalty on b. The gradient is Xᵀ D (P - Y) + alpha W for W and the column sums of
//! D (P - Y) for b, where D holds the weights of the rows.
//!
//! Whether a solver has converged is not taken from the solver: every fit recomputes this norm at
//! the solver's result.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::error::ModelError;
use crate::linear::LinearModel;
use crate::probabilities::softmax_in_place;
use crate::training::Training;

/// The objective on dense rows X, (n, d), that all have weight 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Objective<'a> {
    /// The rows X, (n, d).
    pub(crate) design: ArrayView2<'a, f64>,
    /// The class y of each row, n of them, below K.
    pub(crate) targets: &'a [u32],
    /// The number of classes, K.
    pub(crate) n_classes: usize,
    /// The weight alpha of the penalty.
    pub(crate) alpha: f64,
}

impl Objective<'_> {
    /// Returns the Euclidean norm of the gradient at `parameters`, (d + 1, K), whose last row is
    /// the intercept.
    pub(crate) fn gradient_norm(&self, parameters: &Array2<f64>) -> f64 {
        let d = self.design.ncols();
        let (weights, intercept) = parameters.view().split_at(Axis(0), d);
        let logits = self.design.dot(&weights) + intercept;
        let mut residual = Array2::zeros(logits.dim());
        for ((logits, target), mut out) in
            logits.outer_iter().zip(self.targets).zip(residual.outer_iter_mut())
        {
            let mut row = logits.to_vec();
            softmax_in_place(&mut row);
            row[*target as usize] -= 1.0;
            out.iter_mut().zip(row).for_each(|(to, r)| *to = r);
        }
        let mut by_weights = self.design.t().dot(&residual);
        by_weights.scaled_add(self.alpha, &weights);
        let by_intercept = residual.sum_axis(Axis(0));
        by_weights.iter().chain(&by_intercept).map(|g| g * g).sum::<f64>().sqrt()
    }
}

/// The number of parts in which the rows are summed. It does not depend on the number of threads,
/// so the order of the sums does not either.
const PARTS: usize = 2;

/// Returns the Euclidean norm of the gradient at a fitted model, without its calibration, on the
/// examples that it was fitted to. Every sum has a fixed order: first over the rows of each part,
/// then over the parts, then over the columns.
pub(crate) fn model_gradient_norm(
    model: &LinearModel,
    training: &Training<'_>,
    alpha: f64,
) -> Result<f64, ModelError> {
    let map = model.map();
    let columns = map.weights.columns();
    let rows: Vec<usize> = (0..training.n()).collect();
    let logits = map.logits(training.features, &rows);
    let logits = logits.map_err(|error| ModelError::Solver { problem: error.to_string() })?;
    let mut places = vec![u32::MAX; map.weights.n_columns()];
    for (place, column) in (0_u32..).zip(columns) {
        places[*column as usize] = place;
    }
    // The objective covers only the classes seen, so skip the columns of the other classes.
    let k = training.n_seen();
    let weights = map.weights.values().outer_iter();
    let mut sums: Vec<f64> = weights
        .flat_map(|weights| training.classes.iter().map(move |class| alpha * weights[*class]))
        .collect();
    sums.resize(sums.len() + k, 0.0);
    let part = training.n().div_ceil(PARTS).max(1);
    let parts: Vec<Vec<f64>> = rows
        .par_chunks(part)
        .map(|rows| loss_gradient(training, &places, sums.len(), rows, logits.view()))
        .collect();
    for part in parts {
        sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
    Ok(sums.iter().map(|g| g * g).sum::<f64>().sqrt())
}

/// Returns the gradient of the summed loss of some rows, `n_values` numbers: one for each class
/// seen at each place in `places`, then one for each class seen for the intercept. `places` maps
/// each column of the features to the place of its weights in the model. `logits` are the logits of
/// all rows and all classes.
fn loss_gradient(
    training: &Training<'_>,
    places: &[u32],
    n_values: usize,
    rows: &[usize],
    logits: ArrayView2<'_, f64>,
) -> Vec<f64> {
    let k = training.n_seen();
    let mut sums = vec![0.0; n_values];
    let (by_weights, by_intercept) = sums.split_at_mut(n_values - k);
    let mut residual = vec![0.0; k];
    for row in rows {
        residual.iter_mut().zip(&training.classes).for_each(|(to, class)| *to = logits[[*row, *class]]);
        softmax_in_place(&mut residual);
        residual[training.ranks[*row] as usize] -= 1.0;
        let weight = training.weights.as_ref().map_or(1.0, |weights| weights[*row]);
        for (sum, r) in by_intercept.iter_mut().zip(&mut residual) {
            *r *= weight;
            *sum += *r;
        }
        training.features.for_each_entry(*row, |column, value| {
            let place = places[column] as usize;
            // A column without a place holds only zeros.
            if let Some(sums) = by_weights.get_mut(place * k..(place + 1) * k) {
                sums.iter_mut().zip(&residual).for_each(|(sum, r)| *sum += value * r);
            }
        });
    }
    sums
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_gradient_worked_by_hand() {
        // One row x = 2 of class 0, two classes, all parameters 0: P = (1/2, 1/2), P - Y = (-1/2,
        // 1/2). Gradient: weights 2 (-1/2, 1/2) = (-1, 1), intercept (-1/2, 1/2); norm sqrt(2.5).
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
            let loss =
                |(z, y): (ndarray::ArrayView1<'_, f64>, &u32)| z.mapv(f64::exp).sum().ln() - z[*y as usize];
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
