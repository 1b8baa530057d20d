//! The progress of Newton's method, and the accuracy and limits of its next step.
//!
//! A solve of Newton's equations stops when 0.9 (|g| / |g before|)^1.5 of the right side is left,
//! with g the gradient: the faster g shrinks, the more exact the direction (Eisenstat and Walker,
//! "Choosing the Forcing Terms in an Inexact Newton Method", 1996, choice 2). After the line search
//! has shortened a direction, the next direction may be at most `AFTER_CUT` times as long as the
//! part that was used. That limit ends their solves early (Steihaug, "The Conjugate Gradient Method
//! and Trust Regions in Large Scale Optimization", 1983).

use super::Effort;

/// The largest share of the right side that a solve may leave.
const LOOSEST: f64 = 0.25;
/// The share that the first solve may leave: there is no earlier gradient to compare with.
const FIRST: f64 = 0.2;
/// The smallest share that a solve is asked to leave, because single precision can hardly reach
/// less.
const TIGHTEST: f64 = 1e-3;
/// The longest direction after one that the line search shortened, as a multiple of the part that
/// was used.
const AFTER_CUT: f64 = 2.0;
/// The limit is multiplied by this after a direction of the greatest length was used in full.
const AFTER_WHOLE: f64 = 4.0;
/// A full step counts as poor if it leaves more than this share of the gradient's norm.
const POOR: f64 = 0.5;
/// After this many poor steps, directions are computed in double instead of single precision.
const MOST_POOR_SINGLE: usize = 3;
/// After this many poor steps in double precision, the solver stops, because rounding prevents
/// further progress.
const MOST_POOR_DOUBLE: usize = 40;

/// The precision in which a direction is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    /// A significand of 24 bits.
    Single,
    /// A significand of 53 bits.
    Double,
}

/// The accuracy, limits and precision of the next direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Order {
    /// The Euclidean norm of the gradient.
    pub(super) norm: f64,
    /// The share of the right side of Newton's equations that the solve may leave.
    pub(super) share: f64,
    /// The greatest length of the direction, in the norm of the preconditioner.
    pub(super) radius: f64,
    /// The most products with the Hessian.
    pub(super) most: usize,
    /// The precision in which to compute the direction.
    pub(super) precision: Precision,
}

/// The step that followed an [`Order`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// The length of the direction, in the norm of the preconditioner.
    pub(super) length: f64,
    /// The share of the direction that the line search used, 0 if f does not fall along it.
    pub(super) gone: f64,
    /// The number of products with the Hessian that the direction needed.
    pub(super) products: usize,
}

/// The state of a solve, and the limits for its next direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    effort: Effort,
    /// The number of passes over the data so far: computations of the gradient and products with
    /// the Hessian.
    pub(super) passes: usize,
    precision: Precision,
    radius: f64,
    /// Whether the last step was Newton's own: neither shortened by the line search nor limited by
    /// the radius.
    whole: bool,
    /// The number of poor steps so far in this precision.
    poor: usize,
    /// The norm of the gradient one step earlier.
    previous: f64,
}

impl Progress {
    pub(super) fn new(effort: Effort) -> Self {
        Self {
            effort,
            passes: 0,
            precision: Precision::Single,
            radius: f64::INFINITY,
            whole: false,
            poor: 0,
            previous: f64::INFINITY,
        }
    }

    /// Decides how accurately, how far and in which precision to compute the next direction, given
    /// the norm of the current gradient. Returns `None` if the method should stop. After several
    /// poor steps in single precision, switches to double.
    pub(super) fn next(&mut self, norm: f64) -> Option<Order> {
        self.passes += 1;
        let previous = std::mem::replace(&mut self.previous, norm);
        if norm <= self.effort.tolerance || self.passes >= self.effort.max_iterations {
            return None;
        }
        if self.whole && norm > POOR * previous {
            self.poor += 1;
            if self.precision == Precision::Single && self.poor >= MOST_POOR_SINGLE {
                self.fall_back();
            } else if self.poor >= MOST_POOR_DOUBLE {
                return None;
            }
        }
        let ratio = norm / previous;
        let share =
            if previous.is_finite() { (0.9 * ratio * ratio.sqrt()).clamp(TIGHTEST, LOOSEST) } else { FIRST };
        // The last direction only needs to bring the gradient to half the tolerance.
        let enough = (0.5 * self.effort.tolerance / norm).min(LOOSEST);
        Some(Order {
            norm,
            share: share.max(enough),
            radius: self.radius,
            most: self.effort.max_iterations - self.passes,
            precision: self.precision,
        })
    }

    /// Records a step, and derives from it how long the next direction may be. If the objective did
    /// not fall, switches to double precision. Returns false if the method should stop.
    pub(super) fn stepped(&mut self, step: Step) -> bool {
        self.passes += step.products;
        if step.gone <= 0.0 {
            return self.fall_back();
        }
        let held_back = step.length >= 0.999 * self.radius;
        self.whole = step.gone >= 1.0 && !held_back;
        if step.gone < 1.0 {
            self.radius = AFTER_CUT * step.gone * step.length;
        } else if held_back {
            self.radius *= AFTER_WHOLE;
        }
        true
    }

    /// Changes to double precision, and returns true; returns false if it is already in use.
    fn fall_back(&mut self) -> bool {
        let new = self.precision == Precision::Single;
        if new {
            (self.precision, self.poor, self.radius) = (Precision::Double, 0, f64::INFINITY);
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(length: f64, gone: f64) -> Step {
        Step { length, gone, products: 2 }
    }

    #[test]
    fn a_direction_that_was_cut_holds_back_the_next() {
        let mut progress = Progress::new(Effort { max_iterations: 100, tolerance: 1e-3 });
        let first = progress.next(10.0).unwrap();
        assert_eq!((first.share, first.radius, first.most), (FIRST, f64::INFINITY, 99));
        assert!(progress.stepped(step(8.0, 0.25)));
        assert!((progress.next(9.0).unwrap().radius - 4.0).abs() < 1e-12);
        // The step used the whole direction, which was as long as the radius allows.
        assert!(progress.stepped(step(4.0, 1.0)));
        let third = progress.next(0.9).unwrap();
        assert_eq!((third.radius, third.most), (16.0, 93));
        assert!((third.share - 0.9 * 0.1_f64.powf(1.5)).abs() < 1e-12);
    }

    #[test]
    fn poor_steps_bring_double_precision_and_then_the_end() {
        let mut progress = Progress::new(Effort { max_iterations: 1000, tolerance: 1e-3 });
        let mut orders = Vec::new();
        while let Some(order) = progress.next(1.0) {
            orders.push(order.precision);
            progress.stepped(step(1.0, 1.0));
        }
        assert_eq!(orders.iter().filter(|precision| **precision == Precision::Single).count(), 3);
        assert_eq!(orders.len(), 3 + 40);
    }

    #[test]
    fn a_step_that_fails_ends_only_double_precision() {
        let mut progress = Progress::new(Effort { max_iterations: 1000, tolerance: 1e-3 });
        progress.next(1.0);
        assert!(progress.stepped(step(1.0, 0.0)));
        assert_eq!(progress.next(1.0).unwrap().precision, Precision::Double);
        assert!(!progress.stepped(step(1.0, 0.0)));
    }

    #[test]
    fn effort_ends() {
        let mut progress = Progress::new(Effort { max_iterations: 4, tolerance: 1e-3 });
        assert_eq!(progress.next(1.0).unwrap().most, 3);
        progress.stepped(step(1.0, 1.0));
        assert!(progress.next(0.5).is_none());
        assert_eq!(progress.passes, 4);
        assert!(Progress::new(Effort { max_iterations: 4, tolerance: 1e-3 }).next(1e-3).is_none());
    }
}
