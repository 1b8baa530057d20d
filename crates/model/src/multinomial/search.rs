//! The line search: how far to go along a direction.
//!
//! Logits are linear along a direction, so a trial costs n K exponentials and no pass over the
//! data. A length is accepted if f falls enough (Armijo's condition). If the change of f is within
//! the rounding error, the slope decides (the approximate Wolfe condition of Hager and Zhang, "A
//! New Conjugate Gradient Method with Guaranteed Descent and an Efficient Line Search", 2005).

use super::lanes::{Lanes, dot};
use super::objective::Objective;
use super::parameters::Parameters;

/// f must fall by at least this share of the fall that the slope predicts.
const DECREASE: f64 = 1e-4;
/// Changes of f below this share of f count as rounding errors.
const ROUNDING: f64 = 1e-13;
/// The most trials. Each shortens the length to at most 0.7 of it, so after 60 trials it is
/// practically 0.
const MOST_TRIALS: usize = 60;

/// A direction, and the values at its start from which f along it is computed.
pub(super) struct Line<'a, const L: usize> {
    /// The parameters at its start.
    pub(super) point: &'a Parameters<L>,
    /// The logits at its start, (n, K).
    pub(super) logits: &'a Lanes<f64, L>,
    /// The loss Σ s (-ln p) at its start, in nats.
    pub(super) loss: f64,
    /// The direction in the parameters, at length 1.
    pub(super) direction: &'a Parameters<L>,
    /// The change of the logits per unit of length, (n, K).
    pub(super) margins: &'a Lanes<f64, L>,
    /// The derivative of f with respect to the length, at the start.
    pub(super) slope: f64,
}

/// The point at which a search ends.
pub(super) struct Landing<const L: usize> {
    /// The length gone, as a multiple of the direction.
    pub(super) length: f64,
    /// The probabilities at this point, (n, K).
    pub(super) probabilities: Lanes<f64, L>,
    /// The loss Σ s (-ln p) at this point, in nats.
    pub(super) loss: f64,
}

impl<const L: usize> Line<'_, L> {
    /// Finds a length at which f is lower, and returns the point there; `None` if f does not fall
    /// by more than rounding hides.
    pub(super) fn search(&self, objective: &Objective<'_, L>) -> Option<Landing<L>> {
        if self.slope.is_nan() || self.slope >= 0.0 {
            return None;
        }
        let alpha = objective.problem.alpha;
        let cross = self.point.weights_dot(self.direction);
        let square = self.direction.weights_dot(self.direction);
        let floor = ROUNDING * (self.loss + 0.5 * alpha * self.point.weights_dot(self.point));
        let mut length = 1.0;
        for _ in 0..MOST_TRIALS {
            let mut probabilities = self.logits.clone();
            probabilities.add_scaled(length, self.margins);
            let loss = objective.softmax(&mut probabilities);
            let change = loss - self.loss + alpha * length * (cross + 0.5 * length * square);
            if change <= DECREASE * length * self.slope {
                return Some(Landing { length, probabilities, loss });
            }
            let residual = objective.residual(&probabilities);
            let slope = dot(residual.all(), self.margins.all()) + alpha * (cross + length * square);
            if change <= floor && slope <= (2.0 * DECREASE - 1.0) * self.slope {
                return Some(Landing { length, probabilities, loss });
            }
            // Try the length at which the slope, interpolated linearly between the two slopes, is
            // 0; the bounds guarantee progress.
            let next = length * self.slope / (self.slope - slope);
            length = if next.is_finite() { next.clamp(0.1 * length, 0.7 * length) } else { 0.1 * length };
        }
        None
    }
}
