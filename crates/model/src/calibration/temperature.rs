//! One temperature for all classes.
//!
//! The inverse temperature s = 1/T > 0 minimises Σ wᵢ (-ln softmax(s zᵢ)[yᵢ]) + s - 1 - ln s. The
//! last three terms weigh as much as one example and are 0 at s = 1. They keep s finite even if
//! every held-out example is classified correctly: they are the gamma density with mode 1, so s is
//! a maximum a posteriori estimate. The objective is convex in s, so its derivative has one root.
//! Newton's method finds it inside a bracket.

use crate::held_out::HeldOut;

/// The smallest and the largest inverse temperature s that the search considers.
const RANGE: (f64, f64) = (1e-3, 1e3);

/// The search ends when a step changes s by at most this share.
const PRECISION: f64 = 1e-10;

/// The most steps: bisection alone needs about 60, and Newton's method fewer.
const MOST_STEPS: usize = 100;

/// Returns the inverse temperature s that minimises the objective on the held-out examples.
pub(super) fn scale(held_out: &HeldOut) -> f64 {
    let (mut low, mut high) = RANGE;
    let mut scale = 1.0;
    for _ in 0..MOST_STEPS {
        let (slope, curvature) = derivatives(held_out, scale);
        if slope > 0.0 {
            high = scale;
        } else {
            low = scale;
        }
        let newton = scale - slope / curvature;
        // s is a factor, so bisect its bracket on a logarithmic scale.
        let next = if newton > low && newton < high { newton } else { (low * high).sqrt() };
        let arrived = (next - scale).abs() <= PRECISION * scale;
        scale = next;
        if arrived {
            break;
        }
    }
    scale
}

/// Returns the first and the second derivative of the objective with respect to s, at s = `scale`.
fn derivatives(held_out: &HeldOut, scale: f64) -> (f64, f64) {
    let (mut slope, mut curvature) = (1.0 - 1.0 / scale, 1.0 / (scale * scale));
    for ((logits, rank), weight) in held_out.logits.outer_iter().zip(&held_out.ranks).zip(&held_out.weights) {
        // Relative to the logit of the example's own class, the loss of the row is ln Σ exp(s z).
        let own = logits[*rank];
        let max = logits.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        let (mut sum, mut first, mut second) = (0.0, 0.0, 0.0);
        for logit in logits {
            let share = (scale * (logit - max)).exp();
            let z = logit - own;
            sum += share;
            first += share * z;
            second += share * z * z;
        }
        let mean = first / sum;
        slope += weight * mean;
        curvature += weight * (second / sum - mean * mean).max(0.0);
    }
    (slope, curvature)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    /// n examples of two classes with logits z and 0, of which the first `right` are of class 0.
    fn held(n: usize, right: usize, z: f64) -> HeldOut {
        HeldOut {
            rows: (0..n).collect(),
            logits: Array2::from_shape_fn((n, 2), |(_, class)| if class == 0 { z } else { 0.0 }),
            ranks: (0..n).map(|row| usize::from(row >= right)).collect(),
            weights: vec![1.0; n],
        }
    }

    #[test]
    fn the_temperature_that_gives_the_observed_share() {
        // 750 of 1,000 are right at logit 4, and softmax(4 s) = 3/4 at s = ln 3 / 4. The prior of
        // one example hardly shows.
        let found = scale(&held(1000, 750, 4.0));
        assert!((found - 3_f64.ln() / 4.0).abs() < 2e-3, "{found}");
        let weighted = HeldOut { weights: vec![1e6; 1000], ..held(1000, 750, 4.0) };
        assert!((scale(&weighted) - 3_f64.ln() / 4.0).abs() < 1e-6);
    }

    #[test]
    fn the_optimum_by_the_derivative_worked_by_hand() {
        // One example with logits (1, 0), classified correctly: -1 / (1 + e^s) + 1 - 1/s = 0.
        let s = scale(&held(1, 1, 1.0));
        assert!((1.0 - 1.0 / s - 1.0 / (1.0 + s.exp())).abs() < 1e-9 && s > 1.0, "{s}");
    }

    #[test]
    fn extremes_stay_finite() {
        // If everything is right, the scale is bold but finite. If everything is wrong,
        // probabilities are nearly even.
        let bold = scale(&held(1000, 1000, 0.01));
        assert!(bold > 10.0 && bold < RANGE.1, "{bold}");
        let even = scale(&held(1000, 0, 30.0));
        assert!(even < 0.01 && even >= RANGE.0, "{even}");
        assert!((scale(&held(10, 5, 0.0)) - 1.0).abs() < 1e-9);
    }
}
