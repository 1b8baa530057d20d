//! Sparse multinomial logistic regression: the solver.
//!
//! Minimises f = Σ s (-ln p\[y\]) + alpha / 2 |W|², with p = softmax(x W + b), over weights W, (d',
//! K), and an intercept b, (K), which is not penalised. The sum is over the rows x of the design; y
//! is a row's class and s > 0 its weight. f is convex, and at its minimum the probabilities are
//! unique.
//!
//! Invariants: f does not rise from one point to the next, beyond rounding. Convergence is judged
//! on the gradient in double precision at recomputed logits, so a warm start never hides new
//! labels. Every sum has a fixed order, so the bits do not depend on the number of threads.

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
use self::split::EntryRows;

/// With more multiplications than this in a pass over the data, using several threads saves time.
const WORK_FOR_THREADS: usize = 1 << 20;

/// The function f to minimise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Problem<'a> {
    /// The rows X, (n, d').
    pub(crate) design: &'a Design<'a>,
    /// The class y of each row, n of them, below K.
    pub(crate) targets: &'a [u32],
    /// The weight s of each row, n of them, positive; `None` stands for 1 each.
    pub(crate) weights: Option<&'a [f64]>,
    /// The number of classes K, at least 2.
    pub(crate) n_classes: usize,
    /// The weight alpha of the penalty, positive.
    pub(crate) alpha: f64,
}

/// When the solver stops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Effort {
    /// The most passes over the data: gradients and products with the Hessian.
    pub(crate) max_iterations: usize,
    /// The Euclidean norm of the gradient of f at which the solver has converged.
    pub(crate) tolerance: f64,
}

/// The point at which the solver stopped.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Solution {
    /// The parameters, (d' + 1, K), with the intercept in the last row.
    pub(crate) parameters: Array2<f64>,
    /// The Euclidean norm of the gradient of f at these parameters.
    pub(crate) gradient_norm: f64,
    /// The number of passes over the data: computations of the gradient and products with the
    /// Hessian.
    pub(crate) iterations: usize,
    /// Whether the norm is at most the tolerance.
    pub(crate) converged: bool,
}

/// Minimises f. The search starts from the parameters `start`, with shape (d' + 1, K), or from
/// zeros if that is `None`. Returns the point at which the solver stopped.
///
/// The method is Newton's, with conjugate gradients for its equations (truncated Newton; Nocedal
/// and Wright, "Numerical Optimization", 2006, chapter 7; for this loss: Lin, Weng and Keerthi,
/// "Trust region Newton method for large-scale logistic regression", 2008). Three things make it
/// fast:
///
/// - **private columns** ([`split`]): the columns that only one row has are rotated into one column
///   for each row. Newton's equations are solved for it in closed form ([`curvature`]), which also
///   makes the remaining equations better conditioned;
/// - **two precisions**: the gradient, the line search and the parameters are in double precision.
///   Only the direction, which need not be exact, is in single precision, or in double precision if
///   single is not enough ([`direction`]);
/// - **layout** ([`lanes`], [`compressed`], [`dense`]): classes lie side by side, and columns by
///   falling frequency. The rows and their transpose are both kept, so every product is a gather
///   with sequential writes. Columns that occur in most rows form a dense matrix.
///
/// The caller multiplies class weights into s, leaves out classes without rows, and chooses alpha.
///
/// # Errors
/// Lengths or shapes differ, a class is not below K, K is below 2, the start is not finite, or a
/// weight or alpha is not a positive finite number. A solution that did not converge is not an
/// error.
pub(crate) fn minimise(
    problem: &Problem<'_>,
    start: Option<&Array2<f64>>,
    effort: Effort,
) -> Result<Solution, ModelError> {
    check(problem, start)?;
    // Use the smallest number of lanes that holds all classes in one array; with more than 16
    // classes a row has several arrays.
    let run = || match problem.n_classes {
        ..=4 => Newton::<4>::new(problem).run(start, effort),
        5..=8 => Newton::<8>::new(problem).run(start, effort),
        _ => Newton::<16>::new(problem).run(start, effort),
    };
    let work = problem.design.n_entries() * problem.n_classes;
    // Passing work to other threads is cheap from inside the thread pool. A small problem needs no
    // other threads.
    Ok(if work > WORK_FOR_THREADS { rayon::scope(|_| run()) } else { run() })
}

/// Checks the problem and the start; the errors are the errors of [`minimise`].
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
