//! Kappa average: stop when successive models agree on a fixed set of documents.
//!
//! Let `κ_i` be Cohen's kappa of the predictions of the models of rounds i - 1 and i on the stop
//! set, which needs no labels. Stop if the mean of the last k kappas is at least θ; by default k =
//! 3 and θ = 0.99. Rounds are skipped if too few labels were added since the round before
//! ([`History::enough`]): their models agree because they learned from almost the same labels. A
//! set of at least 2,000 documents (or the whole pool) makes the mean reliable. Source: Bloodgood
//! and Vijay-Shanker (2009), "A Method for Stopping Active Learning Based on Stabilizing
//! Predictions and the Need for User-Adjustable Stopping", `CoNLL`.

use querist_core::{Advice, Agreement, History, Judgment, StoppingRule};

use super::{cannot_tell, more_rounds};

/// The minimum number of documents in the stop set, unless the pool is smaller.
pub const STOP_SET: usize = 2_000;

/// The parameters of the rule; the code that reads the settings checks them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KappaAverage {
    /// The mean kappa θ at or above which the rule says stop, in (0, 1].
    pub threshold: f64,
    /// The number of kappas k in the mean, at least 1.
    pub window: usize,
}

impl Default for KappaAverage {
    fn default() -> Self {
        Self { threshold: 0.99, window: 3 }
    }
}

impl StoppingRule for KappaAverage {
    fn name(&self) -> &'static str {
        "kappa"
    }

    /// Says stop if the mean of the last k kappas reaches θ. It cannot tell if there are fewer
    /// kappas, if one of them is undefined, or if both models predicted too few documents.
    fn judge(&self, history: &History<'_>) -> Judgment {
        // Comparisons are taken from the last round backwards, and end at the first one that is
        // missing.
        let last: Vec<Agreement> =
            history.counting().rev().take(self.window).map_while(|round| round.agreement).collect();
        let kappas: Vec<f64> = last.iter().map_while(|agreement| agreement.kappa).collect();
        if last.len() < self.window {
            let missing = more_rounds(self.window - last.len());
            let (have, window) = (last.len(), self.window);
            let stale = history.stale();
            let reason = format!(
                "{missing}, with {have} of {window} comparisons of successive models made so far{stale}"
            );
            return cannot_tell(reason, vec![("comparisons", have as f64)]);
        }
        if kappas.len() < self.window {
            let reason =
                "kappa is undefined, because two successive models give all documents the same class";
            return cannot_tell(reason.to_owned(), vec![("comparisons", kappas.len() as f64)]);
        }
        let mean = kappas.iter().sum::<f64>() / self.window as f64;
        let n = last.iter().map(|agreement| agreement.n).min().unwrap_or_default();
        let numbers = vec![("mean_kappa", mean), ("threshold", self.threshold), ("documents", n as f64)];
        if n < STOP_SET.min(history.pool) / 2 {
            let reason =
                format!("only {n} documents of the stop set were predicted by both of two successive models");
            return cannot_tell(reason, numbers);
        }
        // A mean that is below the threshold only by a rounding error counts as equal to it.
        let enough = mean >= self.threshold - 1e-12;
        let (advice, relation) = if enough { (Advice::Stop, "at least") } else { (Advice::GoOn, "below") };
        let (window, threshold) = (self.window, self.threshold);
        let reason = format!(
            "kappa between successive models averages {mean:.3} over {window} rounds, {relation} {threshold}, on {n} \
             documents{}",
            history.stale()
        );
        Judgment { advice, reason, numbers }
    }
}

#[cfg(test)]
mod tests {
    use querist_core::{PastRound, Trials};

    use super::*;

    #[expect(clippy::option_option, reason = "nothing was compared, or kappa is not defined, or its value")]
    fn judge(kappas: &[Option<Option<f64>>], n: usize) -> Judgment {
        let round = |(place, kappa): (usize, &Option<Option<f64>>)| PastRound {
            round: place as u32 + 1,
            labeled: 10,
            counts: true,
            new_labels: 10,
            agreement: kappa.map(|kappa| Agreement { n, changed: 0, kappa }),
            mean_entropy: None,
            audit: Trials::default(),
            test: Trials::default(),
        };
        let rounds: Vec<PastRound> = kappas.iter().enumerate().map(round).collect();
        let history = History { rounds: &rounds, pool: 5_000, labeled: 10, answers: 10 };
        KappaAverage::default().judge(&history)
    }

    #[expect(clippy::option_option, reason = "nothing was compared, or kappa is not defined, or its value")]
    fn known(kappas: &[f64]) -> Vec<Option<Option<f64>>> {
        kappas.iter().map(|kappa| Some(Some(*kappa))).collect()
    }

    #[test]
    fn the_mean_of_the_last_three_decides() {
        // The mean of the last three kappas is (1 + 0.98 + 0.99) / 3 = 0.99 exactly; earlier kappas
        // do not count.
        let stop = judge(&known(&[0.2, 1.0, 0.98, 0.99]), 2_000);
        assert_eq!(stop.advice, Advice::Stop);
        assert_eq!(
            stop.reason,
            "kappa between successive models averages 0.990 over 3 rounds, at least 0.99, on 2000 documents"
        );
        let on = judge(&known(&[1.0, 0.98, 0.98]), 2_000);
        assert_eq!(on.advice, Advice::GoOn);
        assert!((on.numbers[0].1 - 2.96 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_gap_or_an_undefined_kappa_tells_nothing() {
        let two = judge(&known(&[1.0, 1.0]), 2_000);
        assert_eq!(two.advice, Advice::CannotTell);
        assert!(two.reason.starts_with("1 more round is needed, with 2 of 3"), "{}", two.reason);
        let gap = judge(&[Some(Some(1.0)), None, Some(Some(1.0)), Some(Some(1.0))], 2_000);
        assert!(gap.reason.starts_with("1 more round is needed"), "{}", gap.reason);
        let one_class = judge(&[Some(Some(1.0)), Some(None), Some(Some(1.0))], 2_000);
        assert_eq!(one_class.advice, Advice::CannotTell);
        assert!(one_class.reason.starts_with("kappa is undefined"));
    }

    #[test]
    fn few_shared_documents_tell_nothing() {
        assert_eq!(judge(&known(&[1.0; 3]), 999).advice, Advice::CannotTell);
        assert_eq!(judge(&known(&[1.0; 3]), 1_000).advice, Advice::Stop);
    }
}
