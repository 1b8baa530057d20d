//! Improves the ability of one annotator, given for each of their answers the probability that it
//! is right.
//!
//! The ability maximises
//! `Q(α) = sum_j q_j ln σ(α β_j) + (1 - q_j) ln (1 - σ(α β_j)) - (α - 1)² / 2`, where `q_j` is the
//! probability that answer j is right, and `β_j` belongs to its item. A skill prior adds r right
//! and w wrong answers to items with a given β. Q is concave, so Newton's method inside a bracket
//! finds its maximum. Q is at least as high at every point between the start and the maximum as at
//! the start. Only such points are returned, so Q never falls.

use querist_core::SkillPrior;

use super::{MEAN, logistic};

/// The most steps of one call; usually two or three are enough, because a fit starts each call from
/// the last ability.
const STEPS: usize = 60;
/// The search ends when a step is shorter than this.
const SHORT: f64 = 1e-4;

/// Returns the part of Q that comes from the skill prior, whose answers are to items with this
/// `beta`.
pub(super) fn log_prior(prior: SkillPrior, alpha: f64, beta: f64) -> f64 {
    let (_, log_wrong) = logistic(alpha * beta);
    prior.right * (log_wrong + alpha * beta) + prior.wrong * log_wrong
}

/// Returns an ability close to the maximum of Q, at which Q is at least as high as at `from`.
/// `answers` has (β, q) of each answer; `beta` is the β of the answers that the skill prior adds.
pub(super) fn maximise(from: f64, answers: &[(f64, f64)], prior: SkillPrior, beta: f64) -> f64 {
    let slope_and_curvature = |alpha: f64| {
        let (sigma, _) = logistic(alpha * beta);
        let n = prior.right + prior.wrong;
        let mut slope = MEAN - alpha + (prior.right - n * sigma) * beta;
        let mut curvature = 1.0 + n * sigma * (1.0 - sigma) * beta * beta;
        for (beta, q) in answers {
            // `small * share * share` is σ (1 - σ), computed so that it does not round to 0 early.
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
            // Steps that do not shrink fast may be in a cycle, so bisect instead.
            if !inside || (next - alpha).abs() > last / 2.0 {
                next = f64::midpoint(best, beyond);
            }
        }
        last = (next - alpha).abs();
        if last < SHORT {
            // The maximum is within `SHORT` of `next`. Return a point just before the maximum,
            // which is certainly not worse than the start.
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
