//! Sparse multinomial logistic regression: the solver.
//!
//! Minimises, over weights W of (d', K) and an intercept b of K,
//!
//! f = Σ s (-ln p\[y\]) + alpha / 2 |W|², p = softmax(x W + b),
//!
//! where the sum is over the rows x of the design, y is a row's class and s > 0 its weight; b is
//! not penalised. f is convex, and at its minimum the probabilities are unique.
//!
//! The method is Newton's with conjugate gradients for its equations (truncated Newton; Nocedal and
//! Wright, "Numerical Optimization", 2006, chapter 7; for this loss: Lin, Weng and Keerthi, "Trust
//! region Newton method for large-scale logistic regression", 2008). Three things make it fast:
//!
//! - **private columns** ([`split`]): columns that one row alone has are rotated into one a row,
//!   and eliminated from Newton's equations in closed form ([`curvature`]), which also makes the
//!   equations better conditioned;
//! - **two precisions**: gradient, line search and parameters are in double precision; only the
//!   direction, which need not be exact, comes from single precision, and from double where single
//!   is not enough ([`direction`]);
//! - **layout** ([`lanes`], [`compressed`], [`dense`]): classes lie side by side, columns by
//!   falling frequency, and both the rows and their transpose are kept, so that every product is a
//!   gather with sequential writes; columns that most rows have form a dense matrix.
//!
//! Invariants: f does not rise from one point to the next, beyond rounding; convergence is judged
//! on the gradient in double precision at recomputed logits, whatever the start, so a warm start
//! never hides new labels; every sum has a fixed order, so the bits do not depend on the number of
//! threads.
//!
//! Leaves out class weights (the caller folds them into s), classes without rows (the caller leaves
//! them out) and the choice of alpha.

mod compressed;
mod conjugate;
mod curvature;
mod dense;
mod design;
mod direction;
mod lanes;
mod newton;
mod objective;
mod parameters;
mod preconditioner;
mod progress;
mod search;
mod split;
#[cfg(test)]
mod tests;

use ndarray::Array2;

use self::newton::Newton;
use crate::error::ModelError;

pub(crate) use self::design::Design;

/// Multiplications in a pass over the data from which on threads are worth it.
const WORK_FOR_THREADS: usize = 1 << 20;

/// What is minimised.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Problem<'a> {
    /// X, (n, d').
    pub(crate) design: &'a Design,
    /// y: n classes below K.
    pub(crate) targets: &'a [u32],
    /// s: n of them, positive. `None`: 1 each.
    pub(crate) weights: Option<&'a [f64]>,
    /// K.
    pub(crate) n_classes: usize,
    /// The weight of the penalty, positive.
    pub(crate) alpha: f64,
}

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Effort {
    /// The most passes over the data: gradients and products with the Hessian.
    pub(crate) max_iterations: usize,
    /// The Euclidean norm of the gradient of f at which the solver has converged.
    pub(crate) tolerance: f64,
}

/// Where the solver stopped.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Solution {
    /// (d' + 1, K), whose last row is the intercept.
    pub(crate) parameters: Array2<f64>,
    /// The Euclidean norm of the gradient of f there.
    pub(crate) gradient_norm: f64,
    /// Passes over the data: gradients and products with the Hessian.
    pub(crate) iterations: usize,
    /// Whether the norm is at most the tolerance.
    pub(crate) converged: bool,
}

/// Minimises f, from `start`, (d' + 1, K), or from 0.
///
/// # Errors
/// Lengths or shapes that do not fit, a class that is not below K, K below 2, and weights or an
/// alpha that are not positive finite numbers. A solution that did not converge is no error.
pub(crate) fn minimise(
    problem: &Problem<'_>,
    start: Option<&Array2<f64>>,
    effort: Effort,
) -> Result<Solution, ModelError> {
    check(problem, start)?;
    let run = || match problem.n_classes {
        ..=4 => Newton::<4>::new(problem).run(start, effort),
        5..=8 => Newton::<8>::new(problem).run(start, effort),
        _ => Newton::<16>::new(problem).run(start, effort),
    };
    let work = problem.design.rows().entries.len() * problem.n_classes;
    // Inside the pool a hand-over is cheap; a small problem does not need any.
    Ok(if work > WORK_FOR_THREADS { rayon::scope(|_| run()) } else { run() })
}

fn check(problem: &Problem<'_>, start: Option<&Array2<f64>>) -> Result<(), ModelError> {
    let Problem { design, targets, weights, n_classes, alpha } = *problem;
    let rows = design.n_rows();
    let positive = |name, value: f64| {
        let needed = "a positive finite number";
        let valid = value.is_finite() && value > 0.0;
        if valid { Ok(()) } else { Err(ModelError::InvalidParameter { name, value, needed }) }
    };
    positive("alpha", alpha)?;
    for weight in weights.unwrap_or_default() {
        positive("sample weight", *weight)?;
    }
    if targets.len() != rows {
        return Err(ModelError::LengthMismatch { rows, targets: targets.len() });
    }
    if let Some(weights) = weights.filter(|weights| weights.len() != rows) {
        return Err(ModelError::LengthMismatch { rows, targets: weights.len() });
    }
    if n_classes < 2 {
        return Err(ModelError::TooFewClasses { seen: n_classes });
    }
    if let Some(row) = targets.iter().position(|target| *target as usize >= n_classes) {
        return Err(ModelError::ClassOutOfRange { row, class: targets[row] as usize, n_classes });
    }
    if let Some(start) = start {
        if start.dim() != (design.n_columns() + 1, n_classes) {
            return Err(ModelError::MalformedModel {
                problem: format!(
                    "a start of {:?} for parameters of {:?}",
                    start.dim(),
                    (design.n_columns() + 1, n_classes)
                ),
            });
        }
        if start.iter().any(|value| !value.is_finite()) {
            return Err(ModelError::MalformedModel { problem: "the start is not finite".to_owned() });
        }
    }
    Ok(())
}
