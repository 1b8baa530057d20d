//! The belief about an item: a distribution over the classes, from its answers by Bayes' rule.

use querist_core::{Annotation, AnnotationSet, Class};

use super::model::AnswerModel;
use crate::error::{QualityError, checked_index};

/// The number of pseudo-answers that are added to each annotator's own answers; they have the mean
/// accuracy of the crowd.
pub const PRIOR: f64 = 2.0;
/// The probability that a known label is right before its item is answered.
pub const TRUST: f64 = 0.95;

/// Returns the share of each of the K classes among all answers, after adding one answer with each
/// class.
pub(super) fn prior(set: &AnnotationSet) -> Result<Vec<f64>, QualityError> {
    let k = set.n_classes();
    let mut counts = vec![1.0; k];
    for entry in set.entries() {
        counts[checked_index(entry.label, k)?] += 1.0;
    }
    let sum: f64 = counts.iter().sum();
    Ok(counts.into_iter().map(|count| count / sum).collect())
}

/// Returns the belief about an item of which only the known label is considered: [`TRUST`] for this
/// label, the rest spread evenly over the other of the `k` classes.
pub(super) fn stated(known: Class, k: usize) -> Result<Vec<f64>, QualityError> {
    let known = checked_index(known, k)?;
    if k == 1 {
        return Ok(vec![1.0]);
    }
    let mut stated = vec![(1.0 - TRUST) / (k - 1) as f64; k];
    stated[known] = TRUST;
    Ok(stated)
}

/// Returns the belief about an item after its answers, `b_k ∝ s_k Π_a w_a[k][l_a]`, computed in
/// logarithms. `before` is the belief s before the answers, and `models` has the rates w of each
/// annotator.
pub(super) fn after(before: &[f64], answers: &[Annotation], models: &[AnswerModel]) -> Vec<f64> {
    let mut logs: Vec<f64> = before.iter().map(|p| p.ln()).collect();
    for answer in answers {
        let model = &models[answer.annotator as usize];
        for (class, log) in logs.iter_mut().enumerate() {
            *log += model.rate(class, answer.label.index()).ln();
        }
    }
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logs.into_iter().map(|log| (log - most).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// Returns the entropy `H(p) = -Σ p ln p` of a distribution in nats, with 0 ln 0 = 0.
pub(super) fn entropy(p: &[f64]) -> f64 {
    p.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum::<f64>().max(0.0)
}

/// Returns the divergence `KL(b ‖ s) = Σ b ln (b / s)` of the belief b from the distribution s =
/// `stated` in nats; every value of s is above 0.
pub(super) fn divergence(belief: &[f64], stated: &[f64]) -> f64 {
    let pairs = belief.iter().zip(stated).filter(|(b, _)| **b > 0.0);
    pairs.map(|(b, s)| b * (b / s).ln()).sum::<f64>().max(0.0)
}
