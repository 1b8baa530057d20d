//! The line search: how far along a direction.
//!
//! Logits are linear along it, so a trial costs n K exponentials and no pass over the data. A
//! length is accepted when f falls by enough (Armijo), or, where that is within rounding, when the
//! slope says so (the approximate Wolfe condition of Hager and Zhang, "A New Conjugate Gradient
//! Method with Guaranteed Descent and an Efficient Line Search", 2005).

use super::lanes::{Lanes, dot};
use super::objective::Objective;
use super::parameters::Parameters;

/// How much of the fall that the slope promises has to come.
const DECREASE: f64 = 1e-4;
/// Changes of f below this share of it are rounding.
const ROUNDING: f64 = 1e-13;
/// The most trials: halving this often leaves nothing of the direction.
const MOST_TRIALS: usize = 60;

/// A direction and what is known about it.
pub(super) struct Line<'a, const L: usize> {
    /// The parameters where it starts.
    pub(super) point: &'a Parameters<L>,
    /// Their logits, (n, K).
    pub(super) logits: &'a Lanes<f64, L>,
    /// Σ s (-ln p) there.
    pub(super) loss: f64,
    /// The direction.
    pub(super) direction: &'a Parameters<L>,
    /// How the logits change along it.
    pub(super) margins: &'a Lanes<f64, L>,
    /// The derivative of f along it.
    pub(super) slope: f64,
}

/// Where a search ends.
pub(super) struct Landing<const L: usize> {
    /// How far.
    pub(super) length: f64,
    /// The probabilities there.
    pub(super) probabilities: Lanes<f64, L>,
    /// Σ s (-ln p) there.
    pub(super) loss: f64,
}

impl<const L: usize> Line<'_, L> {
    /// A length at which f is lower; `None` when there is none to be found, rounding being what it
    /// is.
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
            // Where the line through the two slopes is 0.
            let next = length * self.slope / (self.slope - slope);
            length = if next.is_finite() { next.clamp(0.1 * length, 0.7 * length) } else { 0.1 * length };
        }
        None
    }
}
