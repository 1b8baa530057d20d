//! Overall uncertainty: stop if the model is certain about the pool, or no longer becomes more
//! certain.
//!
//! `u_i` is the mean normalised entropy H / ln K of round i's predictions on the stop set, in [0,
//! 1]. The rule stops in two cases:
//!
//! - u is at most ε (0.01 by default, as in the source);
//! - u no longer falls: the lowest of the last k values (3) is less than δ (0.001) below the lowest
//!   earlier value. The source does not have this case.
//!
//! Rounds are skipped if too few labels were added since the round before ([`History::enough`]).
//! One model alone is never enough, because it may be certain before anybody has answered. A badly
//! calibrated model that is certain but wrong misleads the rule. Source: Zhu, Wang and Hovy (2008),
//! "Multi-Criteria-based Strategy to Stop Active Learning for Data Annotation", COLING.

use querist_core::{Advice, History, Judgment, StoppingRule};

use super::{cannot_tell, more_rounds};

/// The parameters of the rule; the code that reads the settings checks them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverallUncertainty {
    /// The mean entropy ε at or below which the rule says stop, in [0, 1).
    pub threshold: f64,
    /// The smallest fall δ of the mean entropy that counts, in [0, 1).
    pub fall: f64,
    /// The number k of last rounds in which the mean entropy must fall by δ to go on, at least 1.
    pub window: usize,
}

impl Default for OverallUncertainty {
    fn default() -> Self {
        Self { threshold: 0.01, fall: 0.001, window: 3 }
    }
}

impl StoppingRule for OverallUncertainty {
    fn name(&self) -> &'static str {
        "uncertainty"
    }

    /// Says stop if the last mean entropy is at most ε, or if the mean entropy no longer falls.
    /// With too few rounds for the comparison, it cannot tell.
    fn judge(&self, history: &History<'_>) -> Judgment {
        let known: Vec<f64> = history.counting().filter_map(|round| round.mean_entropy).collect();
        let Some(&now) = known.last() else {
            return cannot_tell(
                "1 more round is needed, as no round has recorded how sure its model was".to_owned(),
                vec![],
            );
        };
        let mut numbers = vec![("mean_entropy", now), ("threshold", self.threshold)];
        if known.len() < 2 && now <= self.threshold {
            let reason = format!(
                "mean normalised entropy of the pool is {now:.3}, at most {}, but only one model says so: {}{}",
                self.threshold,
                more_rounds(1),
                history.stale()
            );
            return cannot_tell(reason, numbers);
        }
        if now <= self.threshold {
            let reason =
                format!("mean normalised entropy of the pool is {now:.3}, at most {}", self.threshold);
            return Judgment { advice: Advice::Stop, reason, numbers };
        }
        if known.len() <= self.window {
            let reason = format!(
                "mean normalised entropy of the pool is {now:.3}, above {}; {} to see whether it still falls{}",
                self.threshold,
                more_rounds(self.window + 1 - known.len()),
                history.stale()
            );
            return cannot_tell(reason, numbers);
        }
        // Compare the lowest value of the last rounds with the lowest value of all earlier rounds.
        let lowest = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
        let (before, last) = known.split_at(known.len() - self.window);
        let fell = lowest(before) - lowest(last);
        numbers.push(("fell", fell));
        let (advice, words) =
            if fell < self.fall { (Advice::Stop, "no longer falls") } else { (Advice::GoOn, "still falls") };
        let reason = format!(
            "mean normalised entropy of the pool is {now:.3} and {words}: its lowest value fell by {fell:.3} \
             in the last {} rounds, and only a fall of {} or more counts{}",
            self.window,
            self.fall,
            history.stale()
        );
        Judgment { advice, reason, numbers }
    }
}

#[cfg(test)]
mod tests {
    use querist_core::{PastRound, Trials};

    use super::*;

    fn advice(entropies: &[f64]) -> Advice {
        let round = |entropy: &f64| PastRound {
            round: 1,
            labeled: 10,
            counts: true,
            new_labels: 10,
            agreement: None,
            mean_entropy: Some(*entropy),
            audit: Trials::default(),
            test: Trials::default(),
        };
        let rounds: Vec<PastRound> = entropies.iter().map(round).collect();
        let history = History { rounds: &rounds, pool: 200, labeled: 10, answers: 10 };
        OverallUncertainty::default().judge(&history).advice
    }

    #[test]
    fn sure_enough_or_no_surer() {
        assert_eq!(advice(&[0.5, 0.01]), Advice::Stop);
        assert_eq!(advice(&[0.01]), Advice::CannotTell, "no label has come since");
        assert_eq!(advice(&[0.5, 0.4, 0.3]), Advice::CannotTell);
        assert_eq!(advice(&[0.5, 0.4, 0.3, 0.25]), Advice::GoOn);
        // The lowest earlier value is 0.3; the lowest of the last three is 0.2995, less than δ
        // below it.
        assert_eq!(advice(&[0.5, 0.3, 0.31, 0.2995, 0.32]), Advice::Stop);
        assert_eq!(advice(&[0.5, 0.3, 0.31, 0.298, 0.32]), Advice::GoOn);
        assert_eq!(advice(&[]), Advice::CannotTell);
    }
}
