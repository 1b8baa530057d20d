//! Stopping rules: whether more labels are worth asking for.
//!
//! A rule looks at the history of rounds and at nothing else: it is a pure function, and answers
//! with what it advises, why, and the numbers that it went by. "Cannot tell yet" is an answer of
//! its own: too few rounds are no reason to go on or to stop. Left out: how a history comes about;
//! the engine knows.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

/// A share of right answers as it was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trials {
    /// How many were looked at.
    pub n: usize,
    /// How many of them were right; at most `n`.
    pub correct: usize,
}

/// Two successive models on the documents of the stop set that both predicted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// How many documents.
    pub n: usize,
    /// How many of them changed their class.
    pub changed: usize,
    /// Cohen's kappa, in [-1, 1]; `None` where both models gave one and the same class to all.
    pub kappa: Option<f64>,
}

/// What there is to know of one round's model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PastRound {
    /// Its number.
    pub round: u32,
    /// Documents that were labelled when it was trained.
    pub labeled: usize,
    /// Whether enough labels came since the last model that counts ([`History::enough`]). A round
    /// that does not count has no evidence of its own, so no rule compares its model with another.
    pub counts: bool,
    /// Labels by which its training set differs, at least, from the set of the last model that
    /// counts: a copy of a text that it has is none.
    pub new_labels: usize,
    /// How it agrees with the last model before it that counts; `None` where one of the two is not
    /// known.
    pub agreement: Option<Agreement>,
    /// Mean normalised entropy of its predictions of the stop set, in [0, 1]; `None` where it is
    /// not known.
    pub mean_entropy: Option<f64>,
    /// On its random slice, which it predicted before anybody labelled it.
    pub audit: Trials,
    /// On the test set.
    pub test: Trials,
}

/// The rounds so far, and where things stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct History<'a> {
    /// By number, ascending.
    pub rounds: &'a [PastRound],
    /// Documents of the pool.
    pub pool: usize,
    /// Documents of the pool that are labelled by now.
    pub labeled: usize,
    /// Answers by now, skips left out.
    pub answers: usize,
}

impl<'a> History<'a> {
    /// How many labels must come between two models for a comparison to mean something: 2 % of the
    /// labels, and at least 5. A model that learned next to nothing new agrees with the one before
    /// for that reason alone.
    pub fn enough(labeled: usize) -> usize {
        labeled.div_ceil(50).max(5)
    }

    /// The rounds whose models may be compared, by number.
    pub fn counting(&self) -> impl DoubleEndedIterator<Item = &'a PastRound> + use<'a> {
        self.rounds.iter().filter(|round| round.counts)
    }

    /// The random slices, one for each model that counts: slices of rounds that do not are added to
    /// the slice of the model before.
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

    /// What to add to a reason where the last rounds do not count; nothing where they do.
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

/// What a rule advises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Advice {
    /// More labels are worth it.
    #[serde(rename = "go on")]
    GoOn,
    /// They are not.
    #[serde(rename = "stop")]
    Stop,
    /// There is too little to go by.
    #[serde(rename = "cannot tell yet")]
    CannotTell,
}

impl Advice {
    /// As JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::GoOn => "go on",
            Self::Stop => "stop",
            Self::CannotTell => "cannot tell yet",
        }
    }

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::GoOn => "go on",
            Self::Stop => "stop",
            Self::CannotTell => "too early to tell",
        }
    }
}

/// What a rule comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgment {
    /// What it advises.
    pub advice: Advice,
    /// Why, as a sentence without its full stop.
    pub reason: String,
    /// What it went by: names and finite values, in the order of the reason; in JSON an object, by
    /// name.
    #[serde(serialize_with = "by_name")]
    pub numbers: Vec<(&'static str, f64)>,
}

fn by_name<S: Serializer>(numbers: &[(&'static str, f64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(numbers.iter().copied().collect::<BTreeMap<_, _>>())
}

/// A rule that says whether to stop.
///
/// Contract, checked by one suite for all: the same history gives the same judgment; of no rounds
/// it cannot tell, unless it looks at cost alone; its numbers are finite and its reason is not
/// empty.
pub trait StoppingRule {
    /// Its name, as in `querist.toml`.
    fn name(&self) -> &'static str;

    /// Judges a history.
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
