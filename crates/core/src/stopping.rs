//! Stopping rules: whether more labels are worth asking for.
//!
//! A rule is a pure function of the history of rounds. It returns its advice, the reason, and the
//! numbers behind it. "Cannot tell yet" is a separate advice, because too few rounds are a reason
//! neither to go on nor to stop. The engine builds the history.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

/// A number of checked answers or predictions, and how many of them are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trials {
    /// The number of answers or predictions that were checked.
    pub n: usize,
    /// The number of right ones, at most `n`.
    pub correct: usize,
}

/// The predictions of two successive models on the same documents of the stop set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// The number of documents that both models predicted.
    pub n: usize,
    /// The number of documents whose predicted class changed.
    pub changed: usize,
    /// Cohen's kappa, in [-1, 1]; `None` if both models gave the same single class to all
    /// documents.
    pub kappa: Option<f64>,
}

/// What is known about one round's model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PastRound {
    /// The number of the round, from 1.
    pub round: u32,
    /// The number of documents that were labelled when the model was trained.
    pub labeled: usize,
    /// Whether enough labels were added since the last model that counts ([`History::enough`]). If
    /// not, the round's model is hardly new, so no rule compares it with another.
    pub counts: bool,
    /// At least this many labels differ between the training sets of this model and of the last
    /// model that counts. The label of a text that the set already contains is not counted.
    pub new_labels: usize,
    /// The agreement of the model with the last earlier model that counts; `None` if the
    /// predictions of one of them are unknown.
    pub agreement: Option<Agreement>,
    /// The mean normalised entropy of the model's predictions on the stop set, in [0, 1]; `None` if
    /// unknown.
    pub mean_entropy: Option<f64>,
    /// The checked predictions of the model on the round's random slice, made before anybody
    /// labelled the slice.
    pub audit: Trials,
    /// The checked predictions of the model on the test set.
    pub test: Trials,
}

/// The rounds so far, and the present state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct History<'a> {
    /// The rounds, by ascending number.
    pub rounds: &'a [PastRound],
    /// The number of documents in the pool.
    pub pool: usize,
    /// The number of documents in the pool that are labelled by now.
    pub labeled: usize,
    /// The number of answers by now, without skips.
    pub answers: usize,
}

impl<'a> History<'a> {
    /// Returns the number of labels that must be added between two models before a comparison of
    /// the two is informative: 2 % of `labeled`, rounded up, and at least 5. A model that learned
    /// almost nothing new agrees with the previous one for that reason alone.
    pub fn enough(labeled: usize) -> usize {
        labeled.div_ceil(50).max(5)
    }

    /// Iterates over the rounds whose models may be compared, by ascending number.
    pub fn counting(&self) -> impl DoubleEndedIterator<Item = &'a PastRound> + use<'a> {
        self.rounds.iter().filter(|round| round.counts)
    }

    /// Returns the checked predictions on random slices, one entry for each model that counts. The
    /// slice of a round that does not count is added to the entry before it.
    pub fn slices(&self) -> Vec<Trials> {
        let mut slices: Vec<Trials> = Vec::new();
        for round in self.rounds {
            match slices.last_mut().filter(|_| !round.counts) {
                Some(last) => {
                    last.n += round.audit.n;
                    last.correct += round.audit.correct;
                }
                None => slices.push(round.audit),
            }
        }
        slices
    }

    /// Returns the note to append to a reason if the last rounds do not count; empty if the last
    /// round counts.
    pub fn stale(&self) -> String {
        let stale = self.rounds.iter().rev().take_while(|round| !round.counts);
        let numbers: Vec<&PastRound> = stale.collect();
        let (Some(last), Some(first)) = (numbers.first(), numbers.last()) else { return String::new() };
        let enough = Self::enough(last.labeled);
        let came = match last.new_labels {
            0 => "no new label".to_owned(),
            n => format!("only {n} of the {enough} labels needed for a comparison"),
        };
        let (rounds, bring) = if first.round == last.round {
            (format!("round {}", last.round), "does")
        } else {
            (format!("rounds {} to {}", first.round, last.round), "do")
        };
        format!("; {rounds} {bring} not count, because {came} came in since the previous model")
    }
}

/// The advice of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Advice {
    /// More labels are worth asking for.
    #[serde(rename = "go on")]
    GoOn,
    /// More labels are not worth asking for.
    #[serde(rename = "stop")]
    Stop,
    /// There is too little evidence.
    #[serde(rename = "cannot tell yet")]
    CannotTell,
}

impl Advice {
    /// Returns the advice as it is written in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::GoOn => "go on",
            Self::Stop => "stop",
            Self::CannotTell => "cannot tell yet",
        }
    }

    /// Returns the advice in words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::GoOn => "go on",
            Self::Stop => "stop",
            Self::CannotTell => "too early to tell",
        }
    }
}

/// The judgment of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgment {
    /// The advice.
    pub advice: Advice,
    /// The reason, as a sentence without its full stop.
    pub reason: String,
    /// The names and values of the numbers behind the advice, finite, in the order of the reason;
    /// in JSON an object, by name.
    #[serde(serialize_with = "by_name")]
    pub numbers: Vec<(&'static str, f64)>,
}

/// Serializes the numbers as an object whose keys are sorted.
fn by_name<S: Serializer>(numbers: &[(&'static str, f64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(numbers.iter().copied().collect::<BTreeMap<_, _>>())
}

/// A rule that says whether to stop.
///
/// Contract, checked by one suite for all rules: the same history gives the same judgment; without
/// rounds a rule cannot tell, unless it looks only at cost; its numbers are finite and its reason
/// is not empty.
pub trait StoppingRule: Send + Sync {
    /// Returns the rule's name, as in `querist.toml`.
    fn name(&self) -> &'static str;

    /// Returns the rule's judgment of a history: advice, reason and numbers.
    fn judge(&self, history: &History<'_>) -> Judgment;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(round: u32, counts: bool, new_labels: usize) -> PastRound {
        PastRound {
            round,
            labeled: 100,
            counts,
            new_labels,
            agreement: None,
            mean_entropy: None,
            audit: Trials { n: 10, correct: 9 },
            test: Trials::default(),
        }
    }

    #[test]
    fn enough_labels_are_a_fiftieth_and_never_below_5() {
        assert_eq!([0, 1, 250, 251, 5_000].map(History::enough), [5, 5, 5, 6, 100]);
    }

    #[test]
    fn rounds_that_do_not_count_are_named() {
        let stale = |rounds: &[PastRound]| History { rounds, pool: 9, labeled: 9, answers: 9 }.stale();
        assert_eq!(stale(&[round(1, true, 100), round(2, true, 50)]), "");
        assert_eq!(
            stale(&[round(1, true, 100), round(2, false, 0)]),
            "; round 2 does not count, because no new label came in since the previous model"
        );
        assert_eq!(
            stale(&[round(1, true, 100), round(2, false, 0), round(3, false, 2)]),
            "; rounds 2 to 3 do not count, because only 2 of the 5 labels needed for a comparison came in \
             since the previous model"
        );
    }

    #[test]
    fn slices_of_one_model_are_taken_together() {
        let rounds = [round(1, false, 0), round(2, false, 0), round(3, true, 50), round(4, false, 1)];
        let history = History { rounds: &rounds, pool: 9, labeled: 9, answers: 9 };
        assert_eq!(history.slices(), [Trials { n: 20, correct: 18 }; 2]);
        assert_eq!(history.counting().map(|round| round.round).collect::<Vec<_>>(), [3]);
    }
}
