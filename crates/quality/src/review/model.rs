//! The worth of an annotator's answer: the rate of each answer, given the true class.

use ndarray::Array2;
use querist_core::Skill;

use super::belief::{PRIOR, entropy};

/// The mean accuracy assumed of a crowd about which nothing is known.
const UNKNOWN: f64 = 0.8;
/// The highest mean accuracy that a crowd is credited with: somebody always errs.
const MOST: f64 = 0.98;

/// The answer rates of one annotator.
#[derive(Debug, Clone)]
pub(super) struct AnswerModel {
    /// (K, K): row k holds the rates of their answers to items of class k, each above 0, summing to
    /// 1.
    rates: Array2<f64>,
    /// The entropy of each row, in nats, K of them.
    entropies: Vec<f64>,
}

impl AnswerModel {
    fn new(rates: Array2<f64>) -> Self {
        let entropies = rates.outer_iter().map(|row| entropy(&row.to_vec())).collect();
        Self { rates, entropies }
    }

    /// The rate of the answer `label` to items of class `class`.
    pub(super) fn rate(&self, class: usize, label: usize) -> f64 {
        self.rates[[class, label]]
    }

    /// The mutual information of truth and answer, in nats, given a belief about the truth (K).
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

/// The model of each annotator, for K classes: their own rates, mixed with [`PRIOR`] answers of an
/// annotator of mean accuracy.
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

/// The mean accuracy, weighted by answers, within the limits assumed of a crowd.
fn mean_accuracy(skills: &[Skill], k: usize) -> f64 {
    let (mut right, mut n) = (0.0, 0.0);
    for skill in skills {
        if let Some(accuracy) = skill.accuracy {
            right += accuracy * skill.answers as f64;
            n += skill.answers as f64;
        }
    }
    let chance = 1.0 / k.max(1) as f64;
    // Somewhat better than guessing: below that, answers would count against the class they name.
    let least = (chance + 0.1).min(MOST);
    if n > 0.0 { (right / n).clamp(least, MOST) } else { UNKNOWN.clamp(least, MOST) }
}

/// The rates of an annotator who is right with this accuracy; all wrong labels are equally likely.
fn one_coin(accuracy: f64, k: usize) -> Array2<f64> {
    if k < 2 {
        return Array2::ones((k, k));
    }
    let other = (1.0 - accuracy) / (k - 1) as f64;
    Array2::from_shape_fn((k, k), |(class, label)| if class == label { accuracy } else { other })
}
