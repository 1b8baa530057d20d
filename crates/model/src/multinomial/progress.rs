//! How the solve goes, and what the next step is to be.

use super::Effort;

/// How far Newton's equations are solved: at most this share of the right side is left, and this one at first.
const LOOSEST: f64 = 0.25;
const FIRST: f64 = 0.1;
/// At least this share is left: single precision hardly gets further.
const TIGHTEST: f64 = 1e-3;
/// A step that leaves more than this share of the gradient is a poor one.
const POOR: f64 = 0.5;
/// After so many poor steps in single precision comes double.
const MOST_POOR_SINGLE: usize = 3;
/// After so many in double precision there is nothing more to be had.
const MOST_POOR_DOUBLE: usize = 40;

/// The precision that a direction is computed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    /// 24 bits.
    Single,
    /// 53 bits.
    Double,
}

/// What the next step is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Order {
    /// The norm of the gradient.
    pub(super) norm: f64,
    /// How much of the right side of Newton's equations may be left.
    pub(super) share: f64,
    /// The most products with the Hessian.
    pub(super) most: usize,
    /// The precision of the direction.
    pub(super) precision: Precision,
}

/// What has happened so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    effort: Effort,
    /// Passes over the data: gradients and products with the Hessian.
    pub(super) passes: usize,
    precision: Precision,
    /// Poor steps in this precision.
    poor: usize,
    /// The norm of the gradient before.
    previous: f64,
}

impl Progress {
    pub(super) fn new(effort: Effort) -> Self {
        Self { effort, passes: 0, precision: Precision::Single, poor: 0, previous: f64::INFINITY }
    }

    /// What to do at a point whose gradient has that norm; `None`: nothing more.
    pub(super) fn next(&mut self, norm: f64) -> Option<Order> {
        self.passes += 1;
        let previous = std::mem::replace(&mut self.previous, norm);
        if norm <= self.effort.tolerance || self.passes >= self.effort.max_iterations {
            return None;
        }
        if norm > POOR * previous {
            self.poor += 1;
            if self.precision == Precision::Single && self.poor >= MOST_POOR_SINGLE {
                self.fall_back();
            } else if self.poor >= MOST_POOR_DOUBLE {
                return None;
            }
        }
        let ratio = norm / previous;
        let share = if previous.is_finite() { (0.9 * ratio * ratio).clamp(TIGHTEST, LOOSEST) } else { FIRST };
        let enough = (0.5 * self.effort.tolerance / norm).min(LOOSEST);
        let most = self.effort.max_iterations - self.passes;
        Some(Order { norm, share: share.max(enough), most, precision: self.precision })
    }

    /// Goes over to double precision; says whether that is anything new.
    pub(super) fn fall_back(&mut self) -> bool {
        let new = self.precision == Precision::Single;
        if new {
            (self.precision, self.poor) = (Precision::Double, 0);
        }
        new
    }
}
