//! The protocol of a benchmark: the numbers of labels, rounds and seeds; the annotators; and the
//! strategies that take part.
//!
//! The unit of cost is an **answer**: one annotator's answer to one document. With m answers per
//! document, a budget of b answers pays for ⌊b / m⌋ documents. If some answers of a round's budget
//! do not pay for a whole document, the next round may spend them. So strategies with m = 3 and m =
//! 1 are compared at the same cost.

use querist_core::Named;
use serde::Serialize;
use thiserror::Error;

use super::oracle::Crew;
use crate::settings::{Consensus, RoundSettings};

/// Settings that all runs share.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Protocol {
    /// Number of answers before the first round.
    pub initial: usize,
    /// Number of rounds after the initial answers.
    pub rounds: u32,
    /// Number of answers per round.
    pub size: usize,
    /// Number of seeds; the seeds are 0, 1, 2 and so on.
    pub seeds: u64,
    /// The annotators who answer.
    #[serde(flatten)]
    pub crew: Crew,
}

/// An arm of the benchmark: a strategy with a number of answers per document.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// Unique name in tables and charts.
    pub name: String,
    /// Name of the strategy.
    pub strategy: String,
    /// Number of answers per document, each from a different annotator.
    pub answers_per_item: usize,
    /// How the strategy composes a batch, and how answers become labels. The seed and the size of
    /// the batch are not used; each run has its own.
    pub settings: RoundSettings,
}

impl Arm {
    /// Makes an arm. Its name includes the number of answers per document unless this is 1.
    pub fn new(strategy: &str, answers_per_item: usize, settings: RoundSettings) -> Self {
        let name = match answers_per_item {
            1 => strategy.to_owned(),
            m => format!("{strategy} ×{m}"),
        };
        Self { name, strategy: strategy.to_owned(), answers_per_item, settings }
    }

    /// Returns the same arm with other settings for turning answers into labels. If `named`, the
    /// arm's name says which.
    #[must_use]
    pub fn with_consensus(mut self, consensus: Consensus, named: bool) -> Self {
        if named {
            self.name = format!("{} {} {}", self.name, consensus.aggregator, consensus.training.name());
        }
        self.settings.quality.aggregator = consensus.aggregator;
        self.settings.quality.training = consensus.training;
        self
    }
}

/// A protocol that cannot be run.
#[derive(Debug, Error, Clone, PartialEq)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A number is out of range.
    #[error("{what} is {found}; expected {expected}")]
    OutOfRange {
        /// Name of the number's setting.
        what: &'static str,
        /// The given value.
        found: String,
        /// The values that are allowed.
        expected: String,
    },
    /// The pool has fewer documents than the runs would ask for.
    #[error(
        "the pool has {pool} documents, but the runs need {needed} ({initial} initial answers, then \
         {rounds} rounds of {size})"
    )]
    PoolTooSmall {
        /// Number of documents in the pool.
        pool: usize,
        /// Number of documents that the runs would ask for.
        needed: usize,
        /// Number of initial answers.
        initial: usize,
        /// Number of rounds.
        rounds: u32,
        /// Number of answers per round.
        size: usize,
    },
    /// Two arms have the same name.
    #[error("the strategy \"{name}\" is given twice; keep one of them")]
    RepeatedArm {
        /// The repeated name.
        name: String,
    },
    /// The training file cannot be thinned to these class shares.
    #[error("the imbalance {fault}")]
    Imbalance {
        /// What is wrong, and what to do.
        fault: &'static str,
    },
    /// The data lacks something that the measures need.
    #[error("{what}")]
    Unusable {
        /// What is missing, and what to do.
        what: String,
    },
    /// A repeated round has another result than its stored line.
    #[error(
        "round {round} of \"{arm}\" with seed {seed} differs from the results in the folder, which come \
         from another version or another kind of processor; choose another folder, or remove the results"
    )]
    NotReproduced {
        /// Name of the arm.
        arm: String,
        /// The seed of the run.
        seed: u64,
        /// Number of the round.
        round: u32,
    },
}

impl Protocol {
    /// Returns the number of documents that the oracle has been asked about after `round` rounds:
    /// ⌊(initial + round · size) / m⌋ with m answers per document.
    pub fn documents_after(&self, round: u32, answers_per_item: usize) -> usize {
        (self.initial + round as usize * self.size) / answers_per_item.max(1)
    }

    /// Returns the number of documents in the batch of round `round`, which is at least 1.
    pub fn batch_size(&self, round: u32, answers_per_item: usize) -> usize {
        self.documents_after(round, answers_per_item) - self.documents_after(round - 1, answers_per_item)
    }

    /// Checks that the arms can follow the protocol on a pool of `pool` documents.
    ///
    /// # Errors
    /// A number is out of range, two arms have the same name, or the pool would run out.
    pub fn check(&self, arms: &[Arm], pool: usize) -> Result<(), ProtocolError> {
        let out = |what, found: String, expected: &str| {
            Err(ProtocolError::OutOfRange { what, found, expected: expected.to_owned() })
        };
        if self.rounds == 0 {
            return out("rounds", "0".to_owned(), "1 or more");
        }
        if self.seeds == 0 {
            return out("seeds", "0".to_owned(), "1 or more");
        }
        if let Some(noise) = self.crew.noise.iter().find(|noise| !(0.0..=1.0).contains(*noise)) {
            return out("noise", noise.to_string(), "a probability, 0 to 1");
        }
        if self.crew.noise.is_empty() || self.crew.noise.len() > self.crew.annotators.max(1) {
            let most = format!("1 to {} values, at most one for each annotator", self.crew.annotators);
            return out("noise", format!("{} values", self.crew.noise.len()), &most);
        }
        if arms.iter().any(|arm| arm.answers_per_item == 0) {
            return out("answers-per-item", "0".to_owned(), "1 or more");
        }
        if self.crew.annotators == 0 || self.crew.annotators > 1_000 {
            return out("annotators", self.crew.annotators.to_string(), "1 to 1000");
        }
        for (place, arm) in arms.iter().enumerate() {
            let m = arm.answers_per_item;
            if m > self.crew.annotators {
                let most = format!("1 to the number of annotators, {}", self.crew.annotators);
                return out("answers-per-item", m.to_string(), &most);
            }
            let least = format!("at least {m}, the number of answers per document");
            if self.size < m {
                return out("size", self.size.to_string(), &least);
            }
            if self.initial < m {
                return out("initial", self.initial.to_string(), &least);
            }
            if arms[..place].iter().any(|other| other.name == arm.name) {
                return Err(ProtocolError::RepeatedArm { name: arm.name.clone() });
            }
            let needed = self.documents_after(self.rounds, m);
            if needed > pool {
                let Self { initial, rounds, size, .. } = *self;
                return Err(ProtocolError::PoolTooSmall { pool, needed, initial, rounds, size });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protocol() -> Protocol {
        Protocol {
            initial: 25,
            rounds: 3,
            size: 10,
            seeds: 1,
            crew: Crew { annotators: 3, noise: vec![0.1] },
        }
    }

    fn arm(strategy: &str, m: usize) -> Arm {
        let settings = RoundSettings::of_random_sample();
        Arm::new(strategy, m, settings)
    }

    #[test]
    fn answers_that_pay_for_no_document_are_spent_later() {
        let protocol = protocol();
        // 25, 35, 45 and 55 answers pay for 8, 11, 15 and 18 documents with three answers each.
        assert_eq!([0, 1, 2, 3].map(|round| protocol.documents_after(round, 3)), [8, 11, 15, 18]);
        assert_eq!([1, 2, 3].map(|round| protocol.batch_size(round, 3)), [3, 4, 3]);
        assert_eq!([1, 2, 3].map(|round| protocol.batch_size(round, 1)), [10; 3]);
    }

    #[test]
    fn says_what_cannot_be_played() {
        let check = |change: fn(&mut Protocol), arms: &[Arm], pool| {
            let mut protocol = protocol();
            change(&mut protocol);
            protocol.check(arms, pool).map_err(|error| error.to_string())
        };
        let arms = [arm("random", 1), arm("random", 3)];
        assert_eq!(check(|_| (), &arms, 55), Ok(()));
        for (change, arms, pool, words) in [
            ((|_| ()) as fn(&mut Protocol), &arms[..], 54, "the pool has 54 documents, but the runs need 55"),
            (|p| p.rounds = 0, &arms, 99, "rounds is 0"),
            (|p| p.seeds = 0, &arms, 99, "seeds is 0"),
            (|p| p.crew.noise = vec![1.5], &arms, 99, "noise is 1.5; expected a probability"),
            (|p| p.crew.noise = vec![0.1; 4], &arms, 99, "noise is 4 values; expected 1 to"),
            (|p| p.crew.annotators = 2, &arms, 99, "answers-per-item is 3; expected 1 to the number"),
            (|p| p.size = 2, &arms, 99, "size is 2; expected at least 3"),
            (|p| p.initial = 2, &arms, 99, "initial is 2; expected at least 3"),
            (|_| (), &[arm("a", 1), arm("a", 1)], 99, "\"a\" is given twice"),
        ] {
            let message = check(change, arms, pool).unwrap_err();
            assert!(message.contains(words), "{message}");
        }
    }
}
