//! Newton's method.
//!
//! Each step solves Newton's equations as far as the gradient has come (Eisenstat and Walker, "Choosing the Forcing Terms
//! in an Inexact Newton Method", 1996, choice 2), in single precision as long as that brings the gradient down. The
//! equations have the private columns v eliminated: with D from [`Curvature`] and e = (σ / alpha) `g_v`,
//!
//! H δ = -g + Xᵀ D e, δv = -(`g_v` + σ D (X δ - e)) / alpha.

use ndarray::Array2;

use super::conjugate::{Hessian, sum};
use super::curvature::Curvature;
use super::lanes::{Lanes, Scalar};
use super::objective::Objective;
use super::parameters::Parameters;
use super::preconditioner::{Moments, Preconditioner};
use super::search::Line;
use super::{Effort, Problem, Solution};

/// How far the equations are solved: at most and at least this share of their right side is left.
const LOOSEST: f64 = 0.25;
const TIGHTEST: f64 = 1e-3;
/// A step that leaves more than this share of the gradient is a poor one; after this many poor ones in single precision
/// comes double, and after this many in double there is nothing more to be had.
const POOR: f64 = 0.5;
const MOST_POOR_SINGLE: usize = 3;
const MOST_POOR_DOUBLE: usize = 40;

/// A problem as Newton's method sees it.
pub(super) struct Newton<'a, const L: usize> {
    objective: Objective<'a, L>,
    moments: Moments,
}

/// Where the search is.
struct Point<const L: usize> {
    parameters: Parameters<L>,
    logits: Lanes<f64, L>,
    probabilities: Lanes<f64, L>,
    /// Σ s (-ln p).
    loss: f64,
}

/// Where to go from a point.
struct Direction<const L: usize> {
    parameters: Parameters<L>,
    /// X δ.
    margins: Lanes<f64, L>,
    /// Products with the Hessian that it took.
    products: usize,
}

impl<'a, const L: usize> Newton<'a, L> {
    pub(super) fn new(problem: &Problem<'a>) -> Self {
        let objective = Objective::new(*problem);
        Self { objective, moments: Moments::new(&objective) }
    }

    /// Runs until the gradient is small enough, or no step helps, or the effort is spent.
    pub(super) fn run(&self, start: Option<&Array2<f64>>, effort: Effort) -> Solution {
        let Problem { design, n_classes, .. } = self.objective.problem;
        let mut point = self.point(Parameters::start(design, n_classes, start));
        // Logits that were moved along with the parameters are only nearly theirs.
        let mut exact = true;
        let mut passes = 0;
        let mut poor = 0;
        let mut precise = false;
        let mut previous = f64::INFINITY;
        loop {
            let gradient = self.objective.gradient(&point.parameters, &point.probabilities);
            let norm = gradient.dot(&gradient).sqrt();
            passes += 1;
            if std::env::var("DEBUG").is_ok() {
                eprintln!(
                    "pass {passes} f {:.10} g {norm:.3e} precise {precise} poor {poor}",
                    point.loss
                        + 0.5
                            * self.objective.problem.alpha
                            * point.parameters.weights_dot(&point.parameters)
                );
            }
            let done = norm <= effort.tolerance || passes >= effort.max_iterations;
            if !done && norm > POOR * previous {
                poor += 1;
                if !precise && poor >= MOST_POOR_SINGLE {
                    (precise, poor) = (true, 0);
                }
            }
            let stuck = precise && poor >= MOST_POOR_DOUBLE;
            let mut landed = false;
            if !done && !stuck {
                let share = forcing(norm, previous, effort.tolerance);
                let most = effort.max_iterations - passes;
                let direction = if precise {
                    self.direction::<f64>(&point, &gradient, norm, share, most)
                } else {
                    self.direction::<f32>(&point, &gradient, norm, share, most)
                };
                passes += direction.products;
                if std::env::var("DEBUG").is_ok() {
                    eprintln!("    share {share:.2e} products {}", direction.products);
                }
                landed = self.advance(&mut point, &gradient, &direction);
                exact &= !landed;
                if !landed && !precise {
                    (precise, poor, landed) = (true, 0, true);
                }
            }
            previous = norm;
            if !landed {
                if exact {
                    let parameters = point.parameters.to_array(design, n_classes);
                    let converged = norm <= effort.tolerance;
                    return Solution { parameters, gradient_norm: norm, iterations: passes, converged };
                }
                point = self.point(point.parameters);
                exact = true;
            }
        }
    }

    fn point(&self, parameters: Parameters<L>) -> Point<L> {
        let logits = self.objective.logits(&parameters);
        let mut probabilities = logits.clone();
        let loss = self.objective.softmax(&mut probabilities);
        Point { parameters, logits, probabilities, loss }
    }

    /// Moves along a direction, unless f would not fall.
    fn advance(&self, point: &mut Point<L>, gradient: &Parameters<L>, direction: &Direction<L>) -> bool {
        let slope = gradient.dot(&direction.parameters);
        if !(slope < 0.0) {
            return false;
        }
        let line = Line {
            point: &point.parameters,
            logits: &point.logits,
            loss: point.loss,
            direction: &direction.parameters,
            margins: &direction.margins,
            slope,
        };
        let Some(landing) = line.search(&self.objective) else { return false };
        if std::env::var("DEBUG").is_ok() {
            eprintln!("    length {} slope {slope:.3e}", landing.length);
        }
        point.parameters.move_along(landing.length, &direction.parameters);
        point.logits.add_scaled(landing.length, &direction.margins);
        (point.probabilities, point.loss) = (landing.probabilities, landing.loss);
        true
    }

    /// Solves Newton's equations until `share` of their right side is left.
    fn direction<T: Scalar>(
        &self,
        point: &Point<L>,
        gradient: &Parameters<L>,
        norm: f64,
        share: f64,
        most: usize,
    ) -> Direction<L> {
        let Objective { problem: Problem { alpha, .. }, split, .. } = self.objective;
        let curvature = Curvature::new(&self.objective, &point.probabilities);
        let mut e = gradient.private.clone();
        for panel in 0..e.panels() {
            for (e, sigma) in e.panel_mut(panel).iter_mut().zip(&split.private) {
                e.iter_mut().for_each(|e| *e *= sigma / alpha);
            }
        }
        let mut pulled = e.clone();
        curvature.apply(&mut pulled);
        // At the gradient's own scale single precision has nothing to fear.
        let pulled: Lanes<T, L> = pulled.rounded(1.0 / norm);
        let mut right: Lanes<T, L> = gradient.shared.rounded(-1.0 / norm);
        for panel in 0..right.panels() {
            let total = sum(pulled.panel(panel));
            if let Some(intercept) = right.panel_mut(panel).last_mut() {
                for lane in 0..L {
                    intercept[lane] += total[lane];
                }
            }
        }
        split.by_column.multiply(&pulled, &mut right);
        let hessian = Hessian {
            split,
            curvature: curvature.rounded(),
            alpha: T::rounded(alpha),
            inverse: self.preconditioner(&curvature),
        };
        let step = hessian.solve(right, share, most);
        let shared = step.direction.rounded(norm);
        let mut margins = self.objective.shared_logits(&shared);
        let mut pulled = margins.clone();
        pulled.add_scaled(-1.0, &e);
        curvature.apply(&mut pulled);
        let mut private = gradient.private.clone();
        for panel in 0..private.panels() {
            let rows = private.panel_mut(panel).iter_mut().zip(pulled.panel(panel)).zip(&split.private);
            for ((private, pulled), sigma) in rows {
                for lane in 0..L {
                    private[lane] = -(private[lane] + sigma * pulled[lane]) / alpha;
                }
            }
        }
        self.objective.add_private_logits(&private, &mut margins);
        Direction { parameters: Parameters { shared, private }, margins, products: step.products }
    }

    fn preconditioner<T: Scalar>(&self, c: &Curvature<f64, L>) -> Preconditioner<T, L> {
        let k = self.objective.problem.n_classes as f64;
        let mean = c.total() / self.moments.squares.last().unwrap() / k * (1.0 - 1.0 / k);
        Preconditioner::new(
            &self.moments,
            self.objective.problem.alpha,
            mean,
            self.objective.split,
            &c.weights,
            &c.rows,
        )
    }
}

/// How much of the right side a solve may leave.
fn forcing(norm: f64, previous: f64, tolerance: f64) -> f64 {
    let ratio = norm / previous;
    let share = (if previous.is_finite() { 0.9 * ratio * ratio } else { 0.1 }).clamp(TIGHTEST, LOOSEST);
    share.max((0.5 * tolerance / norm).min(LOOSEST))
}
