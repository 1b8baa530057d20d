//! Newton's method: gradient, direction and line search, repeated until the gradient is small.
//!
//! Directions are computed in single precision as long as they reduce the gradient
//! ([`super::progress`]). Each step updates the logits along with the parameters, which is cheap
//! but accumulates rounding errors. So before a solution is reported, its gradient is computed from
//! logits that are computed anew from the parameters.

use ndarray::Array2;

use super::direction::Direction;
use super::lanes::Lanes;
use super::objective::Objective;
use super::parameters::Parameters;
use super::preconditioner::Moments;
use super::progress::{Order, Precision, Progress, Step};
use super::search::Line;
use super::{Effort, Problem, Solution};

/// A problem prepared for Newton's method.
pub(super) struct Newton<'a, const L: usize> {
    objective: Objective<'a, L>,
    /// The moments of the columns, from which each step computes its preconditioner.
    moments: Moments,
}

/// A point of the search and the values computed there.
struct Point<const L: usize> {
    parameters: Parameters<L>,
    logits: Lanes<f64, L>,
    probabilities: Lanes<f64, L>,
    /// The loss Σ s (-ln p), in nats.
    loss: f64,
    /// Whether the logits were computed from the parameters, not updated step by step.
    exact: bool,
}

impl<'a, const L: usize> Newton<'a, L> {
    pub(super) fn new(problem: &Problem<'a>) -> Self {
        let objective = Objective::new(*problem);
        Self { objective, moments: Moments::new(&objective) }
    }

    /// Minimises f. The search starts from `start`, or from zeros if that is `None`. It stops if
    /// the gradient is below the tolerance, no step lowers f, or the limit on passes is reached.
    /// Returns the last point.
    pub(super) fn run(&self, start: Option<&Array2<f64>>, effort: Effort) -> Solution {
        let Problem { design, n_classes, .. } = self.objective.problem;
        let mut point = self.point(Parameters::start(design, n_classes, start));
        let mut progress = Progress::new(effort);
        loop {
            let gradient = self.objective.gradient(&point.parameters, &point.probabilities);
            let norm = gradient.dot(&gradient).sqrt();
            if let Some(order) = progress.next(norm)
                && progress.stepped(self.step(&mut point, &gradient, order))
            {
                continue;
            }
            if point.exact {
                return Solution {
                    parameters: point.parameters.to_array(design, n_classes),
                    gradient_norm: norm,
                    iterations: progress.passes,
                    converged: norm <= effort.tolerance,
                };
            }
            // The updated logits may hide a larger gradient: recompute them and check again.
            point = self.point(point.parameters);
        }
    }

    /// Computes the logits, the probabilities and the loss at these parameters.
    fn point(&self, parameters: Parameters<L>) -> Point<L> {
        let logits = self.objective.logits(&parameters);
        let mut probabilities = logits.clone();
        let loss = self.objective.softmax(&mut probabilities);
        Point { parameters, logits, probabilities, loss, exact: true }
    }

    /// Computes a direction according to `order`, and moves the point along it. Returns the lengths
    /// of the direction and of the move.
    fn step(&self, point: &mut Point<L>, gradient: &Parameters<L>, order: Order) -> Step {
        let Self { objective, moments } = self;
        let direction = match order.precision {
            Precision::Single => {
                Direction::new::<f32>(objective, moments, &point.probabilities, gradient, order)
            }
            Precision::Double => {
                Direction::new::<f64>(objective, moments, &point.probabilities, gradient, order)
            }
        };
        let gone = self.advance(point, gradient, &direction);
        Step { length: direction.length, gone, products: direction.products }
    }

    /// Moves the point along a direction by the length that the line search finds, and returns this
    /// length; 0 if f does not fall along the direction.
    fn advance(&self, point: &mut Point<L>, gradient: &Parameters<L>, direction: &Direction<L>) -> f64 {
        let line = Line {
            point: &point.parameters,
            logits: &point.logits,
            loss: point.loss,
            direction: &direction.parameters,
            margins: &direction.margins,
            slope: gradient.dot(&direction.parameters),
        };
        let Some(landing) = line.search(&self.objective) else { return 0.0 };
        point.parameters.move_along(landing.length, &direction.parameters);
        point.logits.add_scaled(landing.length, &direction.margins);
        (point.probabilities, point.loss, point.exact) = (landing.probabilities, landing.loss, false);
        landing.length
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Sample;
    use super::*;

    #[test]
    fn the_objective_never_rises() {
        for (seed, c) in [(1, 1e-3), (2, 1.0), (3, 1e3), (4, 1e6)] {
            let sample = Sample::new(seed, 40, 30, 3);
            let problem = sample.problem(1.0 / c);
            let newton = Newton::<4>::new(&problem);
            let mut point = newton.point(Parameters::start(&sample.design, 3, None));
            let mut progress = Progress::new(Effort { max_iterations: 5000, tolerance: 1e-7 });
            let mut values = Vec::new();
            loop {
                values.push(point.loss + 0.5 / c * point.parameters.weights_dot(&point.parameters));
                let gradient = newton.objective.gradient(&point.parameters, &point.probabilities);
                let Some(order) = progress.next(gradient.dot(&gradient).sqrt()) else { break };
                if !progress.stepped(newton.step(&mut point, &gradient, order)) {
                    break;
                }
            }
            assert!(values.len() > 2);
            assert!(values.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-12)), "{values:?}");
        }
    }
}
