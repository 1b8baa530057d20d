//! Models the answers of an annotator by the rate of each answer given the true class, and computes
//! how informative an answer is.

use ndarray::Array2;
use querist_core::Skill;

use super::belief::{PRIOR, entropy};

/// The mean accuracy that is assumed for a crowd whose accuracies are unknown.
const UNKNOWN: f64 = 0.8;
/// A higher mean accuracy of a crowd is lowered to this, because some errors always occur.
const MOST: f64 = 0.98;

/// The answer rates of one annotator.
#[derive(Debug, Clone)]
pub(super) struct AnswerModel {
    /// The rates, (K, K) for K classes: row k has the rate of each answer to items of class k. Each
    /// is above 0, and each row sums to 1.
    rates: Array2<f64>,
    /// The entropy of each of the K rows, in nats.
    entropies: Vec<f64>,
}

impl AnswerModel {
    /// Makes a model from the rates (a row for each true class, a column for each answer), and
    /// computes the entropy of each row.
    fn new(rates: Array2<f64>) -> Self {
        let entropies = rates.outer_iter().map(|row| entropy(&row.to_vec())).collect();
        Self { rates, entropies }
    }

    /// Returns the rate of the answer `label` to items of class `class`.
    pub(super) fn rate(&self, class: usize, label: usize) -> f64 {
        self.rates[[class, label]]
    }

    /// Returns the mutual information, in nats, of an item's true class and this annotator's
    /// answer, given a belief about the true class.
    pub(super) fn information(&self, belief: &[f64]) -> f64 {
        let answer = |label: usize| -> f64 {
            belief.iter().zip(self.rates.column(label)).map(|(belief, rate)| belief * rate).sum()
        };
        let answers: Vec<f64> = (0..belief.len()).map(answer).collect();
        let given: f64 = belief.iter().zip(&self.entropies).map(|(belief, entropy)| belief * entropy).sum();
        // Rounding may leave a value just below 0.
        (entropy(&answers) - given).max(0.0)
    }
}

/// Returns the model of each annotator for `k` classes: the annotator's own rates, weighted by
/// their number of answers, mixed with [`PRIOR`] answers of an annotator of mean accuracy.
pub(super) fn models(skills: &[Skill], k: usize) -> Vec<AnswerModel> {
    let mean = mean_accuracy(skills, k);
    let crowd = one_coin(mean, k);
    let of = |skill: &Skill| {
        let n = skill.answers as f64;
        let own = match (&skill.confusion, skill.accuracy) {
            (Some(confusion), _) if confusion.dim() == (k, k) => confusion.clone(),
            (_, Some(accuracy)) => one_coin(accuracy, k),
            (_, None) => return AnswerModel::new(crowd.clone()),
        };
        AnswerModel::new((own * n + &crowd * PRIOR) / (n + PRIOR))
    };
    skills.iter().map(of).collect()
}

/// Returns the mean accuracy of the annotators, weighted by their numbers of answers, and limited
/// to a plausible range for `k` classes.
fn mean_accuracy(skills: &[Skill], k: usize) -> f64 {
    let (mut right, mut n) = (0.0, 0.0);
    for skill in skills {
        if let Some(accuracy) = skill.accuracy {
            right += accuracy * skill.answers as f64;
            n += skill.answers as f64;
        }
    }
    let chance = 1.0 / k.max(1) as f64;
    // Keep the mean above the accuracy of guessing: below it, an answer would lower the probability
    // of its own class.
    let least = (chance + 0.1).min(MOST);
    if n > 0.0 { (right / n).clamp(least, MOST) } else { UNKNOWN.clamp(least, MOST) }
}

/// Returns the rates, (k, k), of an annotator with this accuracy whose wrong labels are all equally
/// likely.
fn one_coin(accuracy: f64, k: usize) -> Array2<f64> {
    if k < 2 {
        return Array2::ones((k, k));
    }
    let other = (1.0 - accuracy) / (k - 1) as f64;
    Array2::from_shape_fn((k, k), |(class, label)| if class == label { accuracy } else { other })
}
