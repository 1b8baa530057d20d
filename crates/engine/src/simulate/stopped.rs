//! Judges stopping rules on finished runs: the round after which each rule would have ended a run,
//! and how much accuracy this would have cost.
//!
//! Each line of results stores the figures that the rules need ([`StopFigures`]). The rules, with
//! their default settings, are applied to finished runs, so that every rule is judged on the same
//! runs. The accuracy at the stop is compared with the accuracy of the run's last round.

use querist_core::{Advice, Agreement, Class, History, PastRound, Trials};
use querist_report::simulation::Stopped;
use serde::{Deserialize, Serialize};

use super::labels_needed::median;
use super::protocol::{Arm, Protocol};
use super::results::{Results, RoundLine};
use super::student::{estimate, estimate_share};
use crate::error::EngineError;
use crate::situation::Situation;
use crate::stopping::{Evidence, Predicted, RULES, StopRules};

/// The figures that stopping rules use after a round.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct StopFigures {
    /// Number of stop-set documents that this model and the last model that counts as evidence have
    /// both predicted; 0 if one of these models is missing.
    pub compared: usize,
    /// Number of these documents whose predicted class differs.
    pub changed: usize,
    /// Kappa between the predictions of both models.
    pub kappa: Option<f64>,
    /// Mean normalised entropy of the predictions on the stop set, in [0, 1].
    pub mean_entropy: Option<f64>,
    /// Number of random picks of this round that the previous model predicted and that have a
    /// label.
    pub audited: usize,
    /// Number of these picks that the previous model predicted correctly.
    pub audited_right: usize,
}

impl StopFigures {
    /// Computes the figures of a model. `now` holds its predictions on the stop set, `before` the
    /// predictions of the last model that counts as evidence. `audit` holds the rows of the round's
    /// random picks, each with the class that the previous model predicted.
    ///
    /// # Errors
    /// The predictions of the two models cannot be compared.
    pub fn of(
        now: Option<&Predicted>,
        before: Option<&Predicted>,
        audit: &[(usize, Class)],
        situation: &Situation,
    ) -> Result<Self, EngineError> {
        let agreement = match (now, before) {
            (Some(now), Some(before)) => Some(now.agreement(before)?),
            _ => None,
        };
        let known = audit.iter().filter_map(|(row, class)| Some((situation.label_of[*row]?, *class)));
        let known: Vec<(Class, Class)> = known.collect();
        Ok(Self {
            compared: agreement.map_or(0, |agreement| agreement.n),
            changed: agreement.map_or(0, |agreement| agreement.changed),
            kappa: agreement.and_then(|agreement| agreement.kappa),
            mean_entropy: now.map(|now| now.mean_entropy),
            audited: known.len(),
            audited_right: known.iter().filter(|(label, predicted)| label == predicted).count(),
        })
    }
}

/// Returns the rounds as stopping rules see them after the last of these lines. The random picks in
/// a line measure the model of the line before.
fn past_rounds(lines: &[&RoundLine]) -> Vec<PastRound> {
    let mut evidence = Evidence::default();
    let past = |(place, line): (usize, &&RoundLine)| {
        let StopFigures { compared, changed, kappa, mean_entropy, .. } = line.stop;
        // The model of this line predicted the random picks of the next line.
        let next = lines.get(place + 1).map(|next| next.stop).unwrap_or_default();
        let (counts, new_labels) = evidence.takes(&line.labeled, None, &[]);
        PastRound {
            round: line.round,
            labeled: line.labeled.iter().sum(),
            counts,
            new_labels,
            agreement: (counts && compared > 0).then_some(Agreement { n: compared, changed, kappa }),
            mean_entropy,
            audit: Trials { n: next.audited, correct: next.audited_right },
            test: Trials::default(),
        }
    };
    lines.iter().enumerate().map(past).collect()
}

/// Returns the index of the first line of a run after which the rule `says` advises to stop; `None`
/// if it never does. `pool` is the number of documents in the pool.
fn first_stop(lines: &[&RoundLine], pool: usize, says: &dyn Fn(&History<'_>) -> Advice) -> Option<usize> {
    (0..lines.len()).find(|place| {
        let so_far = &lines[..=*place];
        // Later lines are cut off, because a rule must not see labels from the future.
        let rounds = past_rounds(so_far);
        let (labeled, answers) = (rounds[*place].labeled, so_far[*place].answers);
        says(&History { rounds: &rounds, pool, labeled, answers }) == Advice::Stop
    })
}

/// Applies each rule to the runs of each arm, and measures when it stops and how much accuracy this
/// costs. `pool` is the number of documents in the pool.
pub fn stopped(results: &Results, protocol: &Protocol, arms: &[Arm], pool: usize) -> Vec<Stopped> {
    let settings = StopRules::default();
    let rules = settings.rules();
    let mut all = Vec::new();
    for (place, arm) in arms.iter().enumerate() {
        let runs: Vec<Vec<&RoundLine>> =
            (0..protocol.seeds).map(|seed| results.run(place, seed).collect()).collect();
        // "defaults" is the combined verdict of all rules.
        for name in RULES.into_iter().chain(["defaults"]) {
            let says = |history: &History<'_>| match rules.iter().find(|rule| rule.name() == name) {
                Some(rule) => rule.judge(history).advice,
                None => settings.judge(history).0.advice,
            };
            all.push(row(&arm.name, name, &runs, pool, &says));
        }
    }
    all
}

/// Measures when one rule would have ended the runs of one strategy, and the accuracy that this
/// costs.
fn row(
    strategy: &str,
    rule: &str,
    runs: &[Vec<&RoundLine>],
    pool: usize,
    says: &dyn Fn(&History<'_>) -> Advice,
) -> Stopped {
    let mut answers = Vec::new();
    let (mut there, mut end) = (Vec::new(), Vec::new());
    for lines in runs {
        if let (Some(place), Some(last)) = (first_stop(lines, pool, says), lines.last()) {
            answers.push(Some(lines[place].answers as f64));
            there.push(lines[place].accuracy.unwrap_or(0.0));
            end.push(last.accuracy.unwrap_or(0.0));
        }
    }
    let lost: Vec<f64> = end.iter().zip(&there).map(|(end, there)| end - there).collect();
    let some = !there.is_empty();
    Stopped {
        strategy: strategy.to_owned(),
        rule: rule.to_owned(),
        seeds: there.len(),
        answers: median(&answers),
        accuracy: some.then(|| estimate_share(&there)),
        final_accuracy: some.then(|| estimate_share(&end)),
        lost: some.then(|| estimate(&lost)),
        most_lost: lost.iter().copied().reduce(f64::max),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(round: u32, kappa: f64, accuracy: f64) -> RoundLine {
        RoundLine {
            arm: "a".into(),
            seed: 0,
            round,
            answers: 10 * (round as usize + 1),
            asked: 10,
            chosen: vec![],
            labeled: vec![5 + 5 * round as usize, 5 + 5 * round as usize],
            wrong: 0,
            undecided: 0,
            features: "lsa".into(),
            converged: None,
            accuracy: Some(accuracy),
            macro_f1: None,
            recall: vec![],
            stop: StopFigures { compared: 2_000, kappa: Some(kappa), audited: 5, ..StopFigures::default() },
            seconds: 0.0,
        }
    }

    #[test]
    fn the_stop_is_the_first_and_compared_with_the_end() {
        let kappas = [0.5, 1.0, 0.99, 0.98, 0.2, 1.0, 1.0];
        let lines: Vec<RoundLine> = (0..7)
            .map(|round| line(round, kappas[round as usize], 0.5 + 0.1 * f64::from(round.min(4))))
            .collect();
        let run: Vec<&RoundLine> = lines.iter().collect();
        let rule = querist_query::stopping::KappaAverage::default();
        let says = |history: &History<'_>| querist_core::StoppingRule::judge(&rule, history).advice;
        let found = row("a", "kappa", &[run.clone(), run[..3].to_vec()], 9_000, &says);
        // Kappas 1.0, 0.99 and 0.98 after round 3, with 40 answers; the second run ends before
        // that.
        assert_eq!((found.seeds, found.answers), (1, Some(40.0)));
        assert!((found.accuracy.unwrap().mean - 0.8).abs() < 1e-12);
        assert!((found.most_lost.unwrap() - 0.1).abs() < 1e-12);
        let none = row("a", "kappa", &[run[..3].to_vec()], 9_000, &says);
        assert_eq!((none.seeds, none.answers, none.lost), (0, None, None));
    }

    #[test]
    fn rounds_that_brought_no_label_stop_nothing() {
        let rule = querist_query::stopping::KappaAverage::default();
        let says = |history: &History<'_>| querist_core::StoppingRule::judge(&rule, history).advice;
        let mut lines: Vec<RoundLine> = (0..7).map(|round| line(round, 1.0, 0.5)).collect();
        for tied in &mut lines[1..] {
            tied.labeled = vec![6, 5];
        }
        assert_eq!(first_stop(&lines.iter().collect::<Vec<_>>(), 9_000, &says), None);
    }

    #[test]
    fn the_random_share_of_a_line_tells_of_the_model_before() {
        let lines = [line(0, 1.0, 0.5), line(1, 1.0, 0.5)];
        let rounds = past_rounds(&[&lines[0], &lines[1]]);
        assert_eq!((rounds[0].audit.n, rounds[1].audit.n), (5, 0));
    }
}
