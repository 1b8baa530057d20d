//! An annotator's skill: the share of right answers, estimated although it is uncertain which
//! answers are right.
//!
//! Let `q_j` be the method's probability that the answer to item j is right. With a prior of r
//! right and w wrong answers the accuracy is `p = (r + sum q_j) / (r + w + n)`. If p is a parameter
//! of a method that EM fits, this is the M-step, so p maximises the posterior probability.
//!
//! Limits: the interval treats the parameters of the other annotators as exact, and assumes that
//! the model is right. `docs/quality-measured.md` has the measured coverage of the interval.

use querist_core::{Skill, SkillPrior, wilson_rate};

/// The sums over one annotator's answers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Tally {
    /// The number of answers.
    pub(crate) answers: usize,
    /// The expected number of right answers, `sum q_j`.
    pub(crate) right: f64,
    /// The variance of the number of right answers, `sum q_j (1 - q_j)`; 0 if it is known which
    /// answers are right.
    pub(crate) doubt: f64,
}

impl Tally {
    /// Adds an answer that is right with probability `q`.
    pub(crate) fn add(&mut self, q: f64) {
        self.answers += 1;
        self.right += q;
        self.doubt += q * (1.0 - q);
    }

    /// Returns the skill that follows from these sums and a skill prior, without a confusion
    /// matrix.
    ///
    /// The interval is Wilson's at p (see `querist_core::wilson_rate`), but for n' instead of n
    /// answers:
    ///
    /// - If it were known which answers are right, the information on p would be `n / (p (1 - p))`.
    /// - The information that is missing is the variance of the score under the posterior,
    ///   `sum q_j (1 - q_j) / (p (1 - p))^2` (Louis 1982).
    /// - What remains is the information of `n' = n - sum q_j (1 - q_j) / (p (1 - p))` answers of
    ///   which it is known whether they are right.
    ///
    /// Answers to items that nobody else answered carry no information: n' = 0 makes the interval
    /// [0, 1].
    pub(crate) fn skill(self, prior: SkillPrior) -> Skill {
        let n = self.answers as f64 + prior.right + prior.wrong;
        if n <= 0.0 {
            return Skill {
                accuracy: None,
                interval: None,
                evidence: None,
                answers: self.answers,
                confusion: None,
            };
        }
        let accuracy = ((self.right + prior.right) / n).clamp(0.0, 1.0);
        let variance = accuracy * (1.0 - accuracy);
        // Below this limit, `doubt` is only rounding error, and so would be the quotient.
        let missing = if self.doubt > f64::EPSILON * n { self.doubt / variance } else { 0.0 };
        let worth = (n - missing).max(0.0);
        let interval = wilson_rate(accuracy, if worth.is_finite() { worth } else { 0.0 });
        Skill { accuracy: Some(accuracy), interval, evidence: None, answers: self.answers, confusion: None }
    }
}

#[cfg(test)]
mod tests {
    use querist_core::{Interval, wilson};

    use super::*;

    const NONE: SkillPrior = SkillPrior { right: 0.0, wrong: 0.0 };

    fn tally(qs: &[f64]) -> Tally {
        let mut tally = Tally::default();
        for q in qs {
            tally.add(*q);
        }
        tally
    }

    #[test]
    fn known_answers_give_the_interval_of_counts() {
        let skill = tally(&[1.0, 1.0, 0.0, 1.0]).skill(NONE);
        assert_eq!((skill.accuracy, skill.answers), (Some(0.75), 4));
        let (ours, counted) = (skill.interval.unwrap(), wilson(3, 4).unwrap());
        assert!((ours.low - counted.low).abs() < 1e-12 && (ours.high - counted.high).abs() < 1e-12);
    }

    #[test]
    fn answers_that_nothing_else_judges_tell_nothing() {
        // Every q equals p, so sum q (1 - q) / (p (1 - p)) = n, and n' is 0.
        let skill = tally(&[0.75; 8]).skill(NONE);
        assert_eq!(skill.accuracy, Some(0.75));
        assert_eq!(skill.interval, Some(Interval { low: 0.0, high: 1.0 }));
    }

    #[test]
    fn doubt_makes_the_interval_wider() {
        // p = 0.5 and sum q (1 - q) = 4 * 0.09 = 0.36, so n' = 4 - 0.36 / 0.25 = 2.56 answers.
        let skill = tally(&[0.9, 0.1, 0.9, 0.1]).skill(NONE);
        let by_hand = wilson_rate(0.5, 2.56).unwrap();
        let interval = skill.interval.unwrap();
        assert!((interval.low - by_hand.low).abs() < 1e-12 && (interval.high - by_hand.high).abs() < 1e-12);
    }

    #[test]
    fn a_prior_counts_as_answers_and_no_answer_is_undefined() {
        let prior = SkillPrior { right: 3.0, wrong: 1.0 };
        let skill = tally(&[1.0, 0.0]).skill(prior);
        assert_eq!((skill.accuracy, skill.answers), (Some(4.0 / 6.0), 2));
        assert_eq!(tally(&[]).skill(prior).accuracy, Some(0.75));
        assert_eq!((tally(&[]).skill(NONE).accuracy, tally(&[]).skill(NONE).interval), (None, None));
    }
}
