//! Wawa, worker agreement with aggregate: a vote in which annotators are weighted by their
//! agreement with the majority.
//!
//! It computes the majority vote, then the agreement `w_a` of each annotator a with it (see
//! [`crate::majority`], also for ties and skill priors). The weighted vote on item i is
//! `p[i][k] = sum_{a answered k} w_a / sum_a w_a`. There is no model and no iteration. The formula
//! is crowd-kit's (Ustalov, Pavlichenko and Tseitlin 2024), except for ties of the majority: an
//! answer that is one of k tied classes counts 1/k here, while crowd-kit resolves ties in favour of
//! the first label.
//!
//! On an item without a known label at least one annotator agrees with the majority, so the weights
//! of its annotators do not sum to 0. Skills are the weights: agreement with the majority, not
//! accuracy.

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{Aggregation, Aggregator, AnnotationSet, Known, Posteriors, Probabilities};

use crate::error::QualityError;
use crate::judged::ENOUGH;
use crate::known::Checked;
use crate::majority::MajorityVote;
use crate::outcome::verdict;
use crate::start::Start;

/// The vote weighted by agreement with the majority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wawa {
    /// The way to weight annotators. From the second edition on it is [`Start::Known`]: an
    /// annotator with at least 30 answers to items with a known label is weighted by the accuracy
    /// of these answers alone. The reason is that agreement with a wrong majority should not raise
    /// a weight.
    pub start: Start,
}

impl Aggregator for Wawa {
    fn name(&self) -> &'static str {
        "wawa"
    }

    fn posteriors(&self) -> Posteriors {
        Posteriors::VoteShares
    }

    fn aggregate(&self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError> {
        Ok(self.vote(annotations, known)?)
    }
}

impl Wawa {
    /// Computes the weighted vote on each item, and returns verdicts, vote shares and skills.
    fn vote(self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, QualityError> {
        let majority = MajorityVote::vote(annotations, known)?;
        let known = Checked::new(annotations, known)?;
        let controls = self.start.counts(annotations, known);
        let weights = majority.skills.iter().zip(controls).map(|(skill, (right, wrong))| {
            if right + wrong >= ENOUGH { right / (right + wrong) } else { skill.accuracy.unwrap_or(0.0) }
        });
        let weights: Vec<f64> = weights.collect();
        let k = annotations.n_classes();
        let mut shares = Vec::with_capacity(annotations.items().len() * k);
        let mut row = vec![0.0; k];
        for item in 0..annotations.items().len() {
            row.fill(0.0);
            if known.label(item).is_none() {
                for answer in annotations.of_item(item) {
                    row[answer.label.index()] += weights[answer.annotator as usize];
                }
            }
            let total: f64 = row.iter().sum();
            if total > 0.0 {
                for weight in &mut row {
                    *weight /= total;
                }
                shares.extend(&row);
            } else {
                // The label is known, so no weights were added: take the row of the majority vote.
                shares.extend(majority.posteriors.row(item));
            }
        }
        let rows = Array2::from_shape_vec((annotations.items().len(), k), shares).unwrap_or_default();
        let verdicts = rows.outer_iter().map(|row| verdict(&row.to_vec())).collect();
        Ok(Aggregation {
            verdicts,
            posteriors: Probabilities::new(rows)?,
            skills: majority.skills,
            fit: None,
            instead: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use querist_core::{Class, Verdict};

    use super::*;

    const P: Class = Class(0);
    const N: Class = Class(1);

    #[test]
    fn weights_by_hand() {
        // The majorities are P for items 1 and 2, and N for item 3; item 4 is a tie. So a agrees on
        // 3.5 of 4 items, b on 2.5 of 3, c on 2 of 2, and d on 1 of 2.
        let triples = [
            ("1", "a", P),
            ("1", "b", P),
            ("1", "d", N),
            ("2", "a", P),
            ("2", "c", P),
            ("2", "b", P),
            ("3", "a", N),
            ("3", "c", N),
            ("3", "d", N),
            ("4", "a", P),
            ("4", "b", N),
        ];
        let set = AnnotationSet::new(triples, 2);
        let result = Wawa::default().aggregate(&set, &Known::default()).unwrap();
        let weights: Vec<f64> = result.skills.iter().map(|skill| skill.accuracy.unwrap()).collect();
        assert_eq!(weights, [3.5 / 4.0, 2.5 / 3.0, 1.0, 0.5]);
        // On item 4 the plain votes are tied, but a has more weight than b.
        assert_eq!(result.verdicts[3], Verdict::Label(P));
        let (a, b) = (3.5 / 4.0, 2.5 / 3.0);
        assert!((result.posteriors.row(3)[0] - a / (a + b)).abs() < 1e-15);
        assert!((result.posteriors.row(0)[1] - 0.5 / (a + b + 0.5)).abs() < 1e-15);
    }

    #[test]
    fn equal_weights_are_a_tie_and_a_known_label_decides() {
        let set = AnnotationSet::new([("1", "a", P), ("1", "b", N)], 2);
        let result = Wawa::default().aggregate(&set, &Known::default()).unwrap();
        assert_eq!(result.verdicts, [Verdict::Tie(vec![P, N])]);
        let known = Known { labels: vec![Some(N)], ..Known::default() };
        let result = Wawa::default().aggregate(&set, &known).unwrap();
        assert_eq!(result.verdicts, [Verdict::Label(N)]);
        assert_eq!(result.posteriors.row(0).to_vec(), [0.0, 1.0]);
    }
}
