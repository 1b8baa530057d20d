//! The solver: multinomial logistic regression of `linfa-logistic`, on dense rows.
//!
//! The only file that names `linfa` and `linfa-logistic` (0.8.1, L-BFGS of argmin). What it does not tell is made up for
//! here: it returns a result that did not converge as if it had, and stops when the cost no longer changes, so the
//! gradient is recomputed after every run, and the solver restarts from its own result, with an empty memory of
//! curvature, while that helps. Its log-sum-exp subtracts the maximum of the whole matrix, so logits more than about 34
//! apart fit wrongly; the recomputed gradient shows it.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::MultiLogisticRegression;
use ndarray::{Array1, Array2, Axis, concatenate};

use crate::error::ModelError;
use crate::objective::Objective;

/// The solver as reports and fingerprints name it.
pub(crate) const SOLVER: &str = "linfa-logistic 0.8.1";

/// How often the solver runs at most.
const RUNS: usize = 8;

/// A restart has to bring the gradient below this share of what it was, or it is the last.
const WORTHWHILE: f64 = 0.9;

/// How long to go on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Iterations of one run of the solver.
    pub(crate) max_iterations: u64,
    /// Norm of the gradient that is small enough.
    pub(crate) tolerance: f64,
}

/// Parameters at the end of the last useful run, (d + 1, K), whose last row is the intercept.
pub(crate) fn minimise(objective: &Objective<'_>, effort: Effort) -> Result<Array2<f64>, ModelError> {
    let mut best = run(objective, effort, None)?;
    let mut norm = objective.gradient_norm(&best);
    for _ in 1..RUNS {
        if norm < effort.tolerance {
            break;
        }
        let Ok(next) = run(objective, effort, Some(best.clone())) else { break };
        let next_norm = objective.gradient_norm(&next);
        let worthwhile = next_norm < WORTHWHILE * norm;
        if next_norm < norm {
            (best, norm) = (next, next_norm);
        }
        if !worthwhile {
            break;
        }
    }
    if norm.is_finite() {
        return Ok(best);
    }
    Err(ModelError::Solver { problem: "its parameters are not finite".to_owned() })
}

/// One run, from `start` or from 0.
fn run(
    objective: &Objective<'_>,
    effort: Effort,
    start: Option<Array2<f64>>,
) -> Result<Array2<f64>, ModelError> {
    let mut solver = MultiLogisticRegression::default()
        .alpha(objective.alpha)
        .max_iterations(effort.max_iterations)
        .gradient_tolerance(effort.tolerance);
    if let Some(parameters) = start {
        solver = solver.initial_params(parameters);
    }
    let targets = Array1::from_vec(objective.targets.to_vec());
    let refused = |problem: String| ModelError::Solver { problem };
    let fitted = solver
        .fit(&DatasetBase::new(objective.design, targets))
        .map_err(|error| refused(error.to_string()))?;
    if fitted.classes().len() != objective.n_classes {
        return Err(refused(format!("it saw {} classes of {}", fitted.classes().len(), objective.n_classes)));
    }
    let intercept = fitted.intercept().view().insert_axis(Axis(0));
    concatenate(Axis(0), &[fitted.params().view(), intercept]).map_err(|error| refused(error.to_string()))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn without_features_the_intercept_gives_the_class_frequencies() {
        let design = Array2::zeros((4, 0));
        let objective = Objective { design: design.view(), targets: &[0, 1, 1, 1], n_classes: 2, alpha: 1.0 };
        let parameters = minimise(&objective, Effort { max_iterations: 100, tolerance: 1e-8 }).unwrap();
        assert_eq!(parameters.dim(), (1, 2));
        assert!((parameters[(0, 1)] - parameters[(0, 0)] - 3.0_f64.ln()).abs() < 1e-7);
    }

    #[test]
    fn runs_again_until_the_gradient_is_small() {
        let design = array![[1.0, 0.0], [0.9, 0.3], [0.0, 1.0], [0.2, 0.8], [0.5, 0.5]];
        let objective =
            Objective { design: design.view(), targets: &[0, 0, 1, 1, 2], n_classes: 3, alpha: 0.1 };
        let norm = |max_iterations| {
            let parameters = minimise(&objective, Effort { max_iterations, tolerance: 1e-7 }).unwrap();
            objective.gradient_norm(&parameters)
        };
        assert!(norm(100) < 1e-7);
        // Single steps cannot get there, however often they are repeated; six of them get further than one.
        assert!(norm(1) > 1e-7 && norm(6) < norm(1));
    }
}
