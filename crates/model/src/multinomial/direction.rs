//! Newton's direction.
//!
//! With g the gradient in the shared columns and h that in the private ones, σ the private columns'
//! lengths, D from [`Curvature`] and e = (σ / alpha) h, the equations with the private columns
//! eliminated are
//!
//! H δ = -g + Xᵀ D e, and then δ' = -(h + σ D (X δ - e)) / alpha
//!
//! is the direction in the private columns. The first are solved in the precision T at the
//! gradient's own scale, where single precision has nothing to fear.

use super::conjugate::Hessian;
use super::curvature::Curvature;
use super::lanes::{Lanes, Scalar, added, center};
use super::objective::Objective;
use super::parameters::Parameters;
use super::preconditioner::{Moments, Preconditioner};
use super::progress::Order;

/// Where to go from a point.
#[derive(Debug)]
pub(super) struct Direction<const L: usize> {
    /// How the parameters change.
    pub(super) parameters: Parameters<L>,
    /// How the logits change, (n, K).
    pub(super) margins: Lanes<f64, L>,
    /// Its length, in the norm of the preconditioner.
    pub(super) length: f64,
    /// Products with the Hessian that it took.
    pub(super) products: usize,
}

impl<const L: usize> Direction<L> {
    /// Newton's direction from where the gradient and the probabilities, (n, K), are those, as far
    /// as ordered.
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
        let solution = hessian.solve(right, order.share, order.radius / order.norm, order.most);
        let mut shared = solution.x.rounded(order.norm);
        // What the classes have in common is 0 but for rounding, and no later step would bring it
        // back.
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

/// (-g + Xᵀ D e) / norm.
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
    let intercept = right.row_mut(objective.split.shared.len());
    for (intercept, sum) in intercept.iter_mut().zip(&pulled.sum()) {
        *intercept = added(*intercept, sum);
    }
    center(intercept, objective.problem.n_classes);
    right
}

/// -(h + σ D (X δ - e)) / alpha, where the margins are X δ.
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
