//! The ability of one annotator, when what is right is known in expectation.
//!
//! To be maximised is `Q(α) = sum_j q_j ln σ(α β_j) + (1 - q_j) ln (1 - σ(α β_j)) - (α - 1)² / 2`
//! with q the probability that answer j is right, and a prior of r right and w wrong answers to
//! items of a given β. It is concave, so Newton's method inside a bracket finds the maximum, and
//! every point between where it began and the maximum is no worse than the beginning: such a point
//! is what is given back, so that Q never falls.

use querist_core::SkillPrior;

use super::{MEAN, logistic};

/// The most steps of one call; from one iteration to the next two or three are enough.
const STEPS: usize = 60;
/// A step shorter than this ends the call.
const SHORT: f64 = 1e-4;

/// What a prior adds to Q.
pub(super) fn log_prior(prior: SkillPrior, alpha: f64, beta: f64) -> f64 {
    let (_, log_wrong) = logistic(alpha * beta);
    prior.right * (log_wrong + alpha * beta) + prior.wrong * log_wrong
}

/// An ability with a Q that is at least that of `from`. `answers` has (β, q) of each answer; `beta`
/// is that of the prior's answers.
pub(super) fn maximise(from: f64, answers: &[(f64, f64)], prior: SkillPrior, beta: f64) -> f64 {
    let slope_and_curvature = |alpha: f64| {
        let (sigma, _) = logistic(alpha * beta);
        let n = prior.right + prior.wrong;
        let mut slope = MEAN - alpha + (prior.right - n * sigma) * beta;
        let mut curvature = 1.0 + n * sigma * (1.0 - sigma) * beta * beta;
        for (beta, q) in answers {
            let small = (-(alpha * beta).abs()).exp();
            let share = 1.0 / (1.0 + small);
            let sigma = if alpha >= 0.0 { share } else { small * share };
            slope += (q - sigma) * beta;
            curvature += small * share * share * beta * beta;
        }
        (slope, curvature)
    };
    let (mut alpha, mut best, mut beyond) = (from, from, None);
    let rising = slope_and_curvature(from).0 > 0.0;
    let mut last = f64::INFINITY;
    for _ in 0..STEPS {
        let (slope, curvature) = slope_and_curvature(alpha);
        if (slope > 0.0) == rising {
            best = alpha;
        } else {
            beyond = Some(alpha);
        }
        let mut next = alpha + slope / curvature;
        if let Some(beyond) = beyond {
            let inside = (best.min(beyond)..=best.max(beyond)).contains(&next);
            // Steps that do not become short fast are those of a cycle.
            if !inside || (next - alpha).abs() > last / 2.0 {
                next = f64::midpoint(best, beyond);
            }
        }
        last = (next - alpha).abs();
        if last < SHORT {
            // The maximum is here; a little before it is a point that is no worse than the
            // beginning.
            let before = if rising { (next - SHORT).max(best) } else { (next + SHORT).min(best) };
            if (slope_and_curvature(before).0 > 0.0) == rising {
                best = before;
            }
            break;
        }
        alpha = next;
    }
    best
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(alpha: f64, answers: &[(f64, f64)], prior: SkillPrior) -> f64 {
        let of_answers = answers.iter().map(|(beta, q)| {
            let (_, log_wrong) = logistic(alpha * beta);
            q * alpha * beta + log_wrong
        });
        of_answers.sum::<f64>() + log_prior(prior, alpha, 2.0) - (alpha - MEAN) * (alpha - MEAN) / 2.0
    }

    proptest! {
        #[test]
        fn never_falls_and_finds_the_maximum(
            from in -30.0..30.0f64,
            answers in prop::collection::vec((1e-3..40.0f64, 0.0..=1.0f64), 0..20),
            right in 0.0..9.0f64,
            wrong in 0.0..9.0f64,
        ) {
            let prior = SkillPrior { right, wrong };
            let mut alpha = from;
            for _ in 0..20 {
                let next = maximise(alpha, &answers, prior, 2.0);
                let (before, after) = (value(alpha, &answers, prior), value(next, &answers, prior));
                prop_assert!(after >= before - 1e-9 * before.abs(), "{} {}", before, after);
                alpha = next;
            }
            for away in [-1e-2, 1e-2] {
                prop_assert!(value(alpha + away, &answers, prior) < value(alpha, &answers, prior));
            }
        }
    }
}
