//! The protocol: how many labels, rounds and seeds, who answers, and which strategies take part.
//!
//! The unit of cost is an **answer**: one annotator's answer to one document. Where each document
//! is answered by m annotators, a budget of b answers pays for ⌊b / m⌋ documents. Budgets are
//! cumulative, so what does not pay for a document is not lost but spent in the next round, and a
//! strategy with m = 3 is compared with one of m = 1 at the same cost.

use querist_core::Named;
use serde::Serialize;
use thiserror::Error;

use super::oracle::Crew;
use crate::settings::{Consensus, RoundSettings};

/// What all runs have in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Protocol {
    /// Answers before the first round.
    pub initial: usize,
    /// Rounds after that.
    pub rounds: u32,
    /// Answers a round.
    pub size: usize,
    /// Seeds: 0, 1, … up to this many.
    pub seeds: u64,
    /// Who answers.
    #[serde(flatten)]
    pub crew: Crew,
}

/// A strategy that takes part, with how many answers each document gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// How tables and charts call it: unique.
    pub name: String,
    /// The strategy's name.
    pub strategy: String,
    /// Answers a document, from different annotators.
    pub answers_per_item: usize,
    /// How it composes a batch, and how answers become labels; seed and size are set by the run.
    pub settings: RoundSettings,
}

impl Arm {
    /// An arm whose name says how many answers a document gets where that is not one.
    pub fn new(strategy: &str, answers_per_item: usize, settings: RoundSettings) -> Self {
        let name = match answers_per_item {
            1 => strategy.to_owned(),
            m => format!("{strategy} ×{m}"),
        };
        Self { name, strategy: strategy.to_owned(), answers_per_item, settings }
    }

    /// The same arm with answers put together otherwise; where `named`, its name says how.
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

/// A protocol that cannot be played.
#[derive(Debug, Error, Clone, PartialEq)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A number that is out of its range.
    #[error("{what} is {found}; expected {expected}")]
    OutOfRange {
        /// The setting.
        what: &'static str,
        /// Its value.
        found: String,
        /// What it may be.
        expected: String,
    },
    /// The pool is smaller than what would be asked.
    #[error(
        "the pool has {pool} documents, but the runs need {needed} ({initial} initial answers, then \
         {rounds} rounds of {size})"
    )]
    PoolTooSmall {
        /// Documents there are.
        pool: usize,
        /// Documents needed.
        needed: usize,
        /// Initial answers.
        initial: usize,
        /// Rounds.
        rounds: u32,
        /// Answers a round.
        size: usize,
    },
    /// Two arms of one name.
    #[error("the strategy \"{name}\" is given twice; keep one of them")]
    RepeatedArm {
        /// Its name.
        name: String,
    },
    /// Shares of classes that the training file cannot have.
    #[error("the imbalance {fault}")]
    Imbalance {
        /// What is wrong with it, and what to do.
        fault: &'static str,
    },
    /// There is nothing to measure on.
    #[error("{what}")]
    Unusable {
        /// What is missing, and what to do.
        what: String,
    },
    /// A round that was kept does not come out again.
    #[error(
        "round {round} of \"{arm}\" with seed {seed} differs from the results in the folder, which come \
         from another version or another kind of processor; choose another folder, or remove the results"
    )]
    NotReproduced {
        /// The arm.
        arm: String,
        /// The seed.
        seed: u64,
        /// The round.
        round: u32,
    },
}

impl Protocol {
    /// The documents that have been asked once `round` rounds are done, at m answers each:
    /// ⌊(initial + round · size) / m⌋.
    pub fn documents_after(&self, round: u32, answers_per_item: usize) -> usize {
        (self.initial + round as usize * self.size) / answers_per_item.max(1)
    }

    /// How many documents the batch of a round has, from 1.
    pub fn batch_size(&self, round: u32, answers_per_item: usize) -> usize {
        self.documents_after(round, answers_per_item) - self.documents_after(round - 1, answers_per_item)
    }

    /// Checks that the protocol can be played by those arms on a pool of that size with that many
    /// classes.
    ///
    /// # Errors
    /// A number out of range, an arm that is there twice, or a pool that would run out.
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
        // 25, 35, 45, 55 answers buy 8, 11, 15, 18 documents of three answers.
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
