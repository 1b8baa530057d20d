//! How the solve goes, and what the next step is to be.
//!
//! Newton's equations are solved as far as the gradient has come: a share of 0.9 (|g| / |g
//! before|)^1.5 of the right side is left (Eisenstat and Walker, "Choosing the Forcing Terms in an
//! Inexact Newton Method", 1996, choice 2). When a direction had to be cut by the line search, the
//! next ones may be no longer than that was good for, which ends their solves early (Steihaug, "The
//! Conjugate Gradient Method and Trust Regions in Large Scale Optimization", 1983).

use super::Effort;

/// At most this share of the right side is left, and this one at first.
const LOOSEST: f64 = 0.25;
const FIRST: f64 = 0.2;
/// At least this share is left: single precision hardly gets further.
const TIGHTEST: f64 = 1e-3;
/// How far a direction may go after one that was cut, over what was left of that; and after one
/// that went all the way.
const AFTER_CUT: f64 = 2.0;
const AFTER_WHOLE: f64 = 4.0;
/// A whole step that leaves more than this share of the gradient is a poor one.
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
    /// How long the direction may be, in the norm of the preconditioner.
    pub(super) radius: f64,
    /// The most products with the Hessian.
    pub(super) most: usize,
    /// The precision of the direction.
    pub(super) precision: Precision,
}

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// The length of the direction, in the norm of the preconditioner.
    pub(super) length: f64,
    /// Which share of it was gone; 0 when f does not fall along it.
    pub(super) gone: f64,
    /// Products with the Hessian that it took.
    pub(super) products: usize,
}

/// What has happened so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    effort: Effort,
    /// Passes over the data: gradients and products with the Hessian.
    pub(super) passes: usize,
    precision: Precision,
    radius: f64,
    /// Whether the last step was Newton's, neither cut nor held back.
    whole: bool,
    /// Poor steps in this precision.
    poor: usize,
    /// The norm of the gradient before.
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

    /// What to do at a point whose gradient has that norm; `None`: nothing more.
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
        let enough = (0.5 * self.effort.tolerance / norm).min(LOOSEST);
        Some(Order {
            norm,
            share: share.max(enough),
            radius: self.radius,
            most: self.effort.max_iterations - self.passes,
            precision: self.precision,
        })
    }

    /// Takes note of a step; says whether to go on.
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

    /// Goes over to double precision; says whether that is anything new.
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
        // All the way to the radius.
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
