//! Computes Newton's direction.
//!
//! Let g be the gradient in the shared columns and h in the private columns, σ the lengths of the
//! private columns, D from [`Curvature`] and e = (σ / alpha) h. The direction δ in the shared
//! columns and δ' in the private columns then solve
//! H δ = -g + Xᵀ D e, and δ' = -(h + σ D (X δ - e)) / alpha.
//!
//! The first equations are scaled by the norm of the gradient and solved in the precision T: at
//! this scale single precision neither overflows nor underflows.

use super::conjugate::Hessian;
use super::curvature::Curvature;
use super::lanes::{Lanes, Scalar, added, center};
use super::objective::Objective;
use super::parameters::Parameters;
use super::preconditioner::{Moments, Preconditioner};
use super::progress::Order;

/// A direction from a point of the search.
#[derive(Debug)]
pub(super) struct Direction<const L: usize> {
    /// The change of the parameters.
    pub(super) parameters: Parameters<L>,
    /// The change of the logits, (n, K).
    pub(super) margins: Lanes<f64, L>,
    /// The length of the direction, in the norm of the preconditioner.
    pub(super) length: f64,
    /// The number of products with the Hessian that were needed.
    pub(super) products: usize,
}

impl<const L: usize> Direction<L> {
    /// Computes Newton's direction, in the precision T, at a point with these probabilities, (n,
    /// K), and this gradient. `order` has the accuracy and the limits.
    pub(super) fn new<T: Scalar>(
        objective: &Objective<'_, L>,
        moments: &Moments,
        probabilities: &Lanes<f64, L>,
        gradient: &Parameters<L>,
        order: Order,
    ) -> Self {
        let alpha = objective.problem.alpha;
        let curvature = Curvature::new(objective, probabilities);
        let mut e = gradient.private.clone();
        e.scale_rows(&objective.split.private, 1.0 / alpha);
        let hessian = Hessian {
            split: objective.split,
            curvature: curvature.rounded(),
            alpha: T::rounded(alpha),
            preconditioner: Preconditioner::new(objective, moments, &curvature),
        };
        let right = right_side(objective, &curvature, gradient, &e, order.norm);
        // The right side was divided by the norm, so divide the radius too.
        let solution = hessian.solve(right, order.share, order.radius / order.norm, order.most);
        let mut shared = solution.x.rounded(order.norm);
        // The mean over the classes is 0 except for rounding. Remove it, because no later step
        // would.
        for row in shared.rows_mut() {
            center(row, objective.problem.n_classes);
        }
        let mut margins = objective.shared_logits(&shared);
        let private = private_part(objective, &curvature, gradient, &e, &margins);
        objective.add_private_logits(&private, &mut margins);
        Self {
            parameters: Parameters { shared, private },
            margins,
            length: solution.length * order.norm,
            products: solution.products,
        }
    }
}

/// Returns the right side of the equations for δ, divided by the norm of the gradient: (-g + Xᵀ D
/// e) / norm.
fn right_side<T: Scalar, const L: usize>(
    objective: &Objective<'_, L>,
    curvature: &Curvature<f64, L>,
    gradient: &Parameters<L>,
    e: &Lanes<f64, L>,
    norm: f64,
) -> Lanes<T, L> {
    let mut pulled = e.clone();
    curvature.apply(&mut pulled);
    let pulled: Lanes<T, L> = pulled.rounded(1.0 / norm);
    let gradient: Lanes<T, L> = gradient.shared.rounded(-1.0 / norm);
    let mut right = gradient.clone();
    objective.split.multiply_transposed(&pulled, |row, array| gradient.row(row)[array], &mut right);
    // No penalty holds the intercept, so the equations have a solution only if its right side sums
    // to 0 over the classes.
    let intercept = right.row_mut(objective.split.shared.len());
    for (intercept, sum) in intercept.iter_mut().zip(&pulled.sum()) {
        *intercept = added(*intercept, sum);
    }
    center(intercept, objective.problem.n_classes);
    right
}

/// Returns the part of the direction in the private columns, δ' = -(h + σ D (X δ - e)) / alpha. The
/// symbols are explained at the top of this file. `margins` is X δ, with shape (n, K).
fn private_part<const L: usize>(
    objective: &Objective<'_, L>,
    curvature: &Curvature<f64, L>,
    gradient: &Parameters<L>,
    e: &Lanes<f64, L>,
    margins: &Lanes<f64, L>,
) -> Lanes<f64, L> {
    let alpha = objective.problem.alpha;
    let mut out = margins.clone();
    out.add_scaled(-1.0, e);
    curvature.apply(&mut out);
    out.scale_rows(&objective.split.private, -1.0 / alpha);
    out.add_scaled(-1.0 / alpha, &gradient.private);
    out
}
