//! Classification change: stop when successive models predict the same classes.
//!
//! Stop if, in each of the last k rounds, at most a share ε of the documents changed its predicted
//! class. By default k = 2 and ε = 0: no change in two successive rounds. Rounds are skipped if too
//! few labels were added since the round before ([`History::enough`]). The source compares
//! predictions of all unlabelled documents; this rule uses the stop set, a uniform sample. If none
//! of n predictions changed, less than about 3 / n of the pool changed, with 95 % confidence.
//! Source: Zhu, Wang and Hovy (2008), "Multi-Criteria-based Strategy to Stop Active Learning for
//! Data Annotation", COLING.

use querist_core::{Advice, Agreement, History, Judgment, StoppingRule};

use super::{cannot_tell, more_rounds, percent};

/// The parameters of the rule; the code that reads the settings checks them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassificationChange {
    /// The share of predictions ε that may change, in [0, 1).
    pub threshold: f64,
    /// The number of successive rounds k, at least 1.
    pub window: usize,
}

impl Default for ClassificationChange {
    fn default() -> Self {
        Self { threshold: 0.0, window: 2 }
    }
}

impl StoppingRule for ClassificationChange {
    fn name(&self) -> &'static str {
        "change"
    }

    /// Says stop if at most the share ε of the predictions changed in each of the last k rounds.
    /// With fewer comparisons than k, it cannot tell.
    fn judge(&self, history: &History<'_>) -> Judgment {
        let last: Vec<Agreement> =
            history.counting().rev().take(self.window).map_while(|round| round.agreement).collect();
        // A round whose models have no document in common says nothing about changes.
        let last: Vec<Agreement> = last.into_iter().filter(|agreement| agreement.n > 0).collect();
        if last.len() < self.window {
            let (have, window) = (last.len(), self.window);
            let (missing, stale) = (more_rounds(window - have), history.stale());
            let reason = format!(
                "{missing}, with {have} of {window} comparisons of successive models made so far{stale}"
            );
            return cannot_tell(reason, vec![("comparisons", have as f64)]);
        }
        let shares = last.iter().map(|agreement| agreement.changed as f64 / agreement.n as f64);
        let most = shares.fold(0.0, f64::max);
        let advice = if most <= self.threshold { Advice::Stop } else { Advice::GoOn };
        let limit = if self.threshold > 0.0 { percent(self.threshold) } else { "none".to_owned() };
        let reason = format!(
            "up to {} of the predictions changed per round in the last {} rounds; the limit is {limit}{}",
            percent(most),
            self.window,
            history.stale()
        );
        Judgment { advice, reason, numbers: vec![("changed", most), ("threshold", self.threshold)] }
    }
}

#[cfg(test)]
mod tests {
    use querist_core::{PastRound, Trials};

    use super::*;

    fn judge(changed: &[Option<usize>], rule: ClassificationChange) -> Judgment {
        let round = |changed: &Option<usize>| PastRound {
            round: 1,
            labeled: 10,
            counts: true,
            new_labels: 10,
            agreement: changed.map(|changed| Agreement { n: 200, changed, kappa: None }),
            mean_entropy: None,
            audit: Trials::default(),
            test: Trials::default(),
        };
        let rounds: Vec<PastRound> = changed.iter().map(round).collect();
        rule.judge(&History { rounds: &rounds, pool: 200, labeled: 10, answers: 10 })
    }

    #[test]
    fn two_rounds_without_any_change() {
        let rule = ClassificationChange::default();
        assert_eq!(judge(&[Some(9), Some(0), Some(0)], rule).advice, Advice::Stop);
        let on = judge(&[Some(0), Some(1), Some(0)], rule);
        assert_eq!((on.advice, on.numbers[0]), (Advice::GoOn, ("changed", 0.005)));
        assert_eq!(judge(&[Some(0)], rule).advice, Advice::CannotTell);
        assert_eq!(judge(&[Some(0), None], rule).advice, Advice::CannotTell);
    }

    #[test]
    fn a_share_may_be_allowed() {
        let rule = ClassificationChange { threshold: 0.01, window: 1 };
        assert_eq!(judge(&[Some(2)], rule).advice, Advice::Stop);
        assert_eq!(judge(&[Some(3)], rule).advice, Advice::GoOn);
    }
}
