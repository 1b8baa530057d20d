//! Plateau: stop when accuracy on the random slices shows no gain that matters.
//!
//! Each round's model predicts its random slice before anybody labels the slice. So its share of
//! right predictions is an unbiased estimate for the documents that were open at the time. The
//! slices of the last w rounds are pooled and compared with the slices of the w rounds before. The
//! gain has Newcombe's 95 % interval ([`super::interval`]). Stop if its upper end is at most g
//! (0.02 by default), the smallest gain that matters. Go on if its lower end is above 0. Otherwise
//! the slices are too small to tell.
//!
//! As hard documents are labelled, the remaining ones become easier, so the real gain is at most
//! the measured one.

use querist_core::{Advice, History, Judgment, StoppingRule, Trials};

use super::{cannot_tell, interval, more_rounds};

/// The parameters of the rule; the code that reads the settings checks them. If too few labels were
/// added between two models ([`History::enough`]), their slices count as one slice of one model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plateau {
    /// The smallest gain in accuracy g that matters, in (0, 1).
    pub gain: f64,
    /// The number of rounds w that are pooled, at least 1.
    pub window: usize,
}

impl Default for Plateau {
    fn default() -> Self {
        Self { gain: 0.02, window: 3 }
    }
}

impl StoppingRule for Plateau {
    fn name(&self) -> &'static str {
        "plateau"
    }

    /// Compares the random slices of the last w rounds with the slices of the w rounds before. It
    /// cannot tell if there are fewer slices, or if they are too small.
    fn judge(&self, history: &History<'_>) -> Judgment {
        let slices: Vec<Trials> = history.slices().into_iter().filter(|slice| slice.n > 0).collect();
        let needed = 2 * self.window;
        if slices.len() < needed {
            let have = slices.len();
            let missing = more_rounds(needed - have);
            let stale = history.stale();
            let reason = format!("{missing}, with {have} of {needed} random slices labelled so far{stale}");
            return cannot_tell(reason, vec![("slices", have as f64)]);
        }
        // Pools slices into one.
        let together = |slices: &[Trials]| Trials {
            n: slices.iter().map(|slice| slice.n).sum(),
            correct: slices.iter().map(|slice| slice.correct).sum(),
        };
        let (before, last) = slices.split_at(slices.len() - self.window);
        let (before, last) = (together(&before[before.len() - self.window..]), together(last));
        let Some(gain) = interval::difference(before, last) else {
            return cannot_tell("no random slice is labelled yet".to_owned(), vec![]);
        };
        let points = |share: f64| format!("{:+.1}", share * 100.0);
        let shown = format!(
            "accuracy on random slices changed by {} points ({} to {}; n = {} and {}) between the last {} \
             rounds and the rounds before them",
            points(gain.value),
            points(gain.low),
            points(gain.high),
            before.n,
            last.n,
            self.window
        );
        let numbers = vec![("gain", gain.value), ("low", gain.low), ("high", gain.high)];
        let matters = format!("{:.1} points", self.gain * 100.0);
        let (advice, words) = if gain.high <= self.gain {
            (Advice::Stop, format!("a gain of {matters} can be ruled out"))
        } else if gain.low > 0.0 {
            (Advice::GoOn, "accuracy still rises".to_owned())
        } else {
            (
                Advice::CannotTell,
                format!("the slices are too small to show a gain or to rule out one of {matters}"),
            )
        };
        Judgment { advice, reason: format!("{shown}: {words}"), numbers }
    }
}

#[cfg(test)]
mod tests {
    use querist_core::PastRound;

    use super::*;

    fn judge(slices: &[(usize, usize)]) -> Judgment {
        let round = |(correct, n): &(usize, usize)| PastRound {
            round: 1,
            labeled: 10,
            counts: true,
            new_labels: 10,
            agreement: None,
            mean_entropy: None,
            audit: Trials { n: *n, correct: *correct },
            test: Trials::default(),
        };
        let rounds: Vec<PastRound> = slices.iter().map(round).collect();
        let history = History { rounds: &rounds, pool: 9_000, labeled: 10, answers: 10 };
        Plateau { gain: 0.02, window: 2 }.judge(&history)
    }

    #[test]
    fn a_gain_is_shown_ruled_out_or_neither() {
        // Pooled, the slices have 48 of 80 right, then 56 of 70. This is Newcombe's example: the
        // gain is 0.2, with the interval 0.052 to 0.334. The first slice does not count.
        let on = judge(&[(0, 50), (24, 40), (24, 40), (28, 35), (28, 35)]);
        assert_eq!(on.advice, Advice::GoOn);
        assert!(on.reason.contains("+20.0 points (+5.2 to +33.4; n = 80 and 70)"), "{}", on.reason);
        assert_eq!(judge(&[(14, 15); 4]).advice, Advice::CannotTell);
        // In both windows 0.95 of 4,000 are right, so the gain is 0 ± 0.0096.
        let stop = judge(&[(1_900, 2_000); 4]);
        assert_eq!(stop.advice, Advice::Stop);
        assert!(stop.reason.ends_with("a gain of 2.0 points can be ruled out"), "{}", stop.reason);
        assert!((stop.numbers[2].1 - 0.00956).abs() < 1e-4, "{:?}", stop.numbers);
    }

    #[test]
    fn slices_of_one_model_are_one_slice() {
        // Six slices of 1,000 documents were all labelled at once, so they judge only the model of
        // the first round.
        let of = |counts: bool| PastRound {
            round: 1,
            labeled: 10,
            counts,
            new_labels: 0,
            agreement: None,
            mean_entropy: None,
            audit: Trials { n: 1_000, correct: 950 },
            test: Trials::default(),
        };
        let rounds = [true, false, false, false, false, false].map(of);
        let history = History { rounds: &rounds, pool: 9_000, labeled: 10, answers: 10 };
        let judged = Plateau::default().judge(&history);
        assert_eq!(judged.advice, Advice::CannotTell);
        assert!(judged.reason.starts_with("5 more rounds are needed, with 1 of 6"), "{}", judged.reason);
        assert_eq!(history.slices(), [Trials { n: 6_000, correct: 5_700 }]);
    }

    #[test]
    fn rounds_without_a_labelled_slice_do_not_count() {
        let judged = judge(&[(9, 10), (0, 0), (9, 10), (9, 10)]);
        assert_eq!(judged.advice, Advice::CannotTell);
        assert!(judged.reason.starts_with("1 more round is needed, with 3 of 4"), "{}", judged.reason);
    }
}
