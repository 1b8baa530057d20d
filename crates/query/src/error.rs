//! Errors of a request for documents.
//!
//! Messages are lowercase fragments that fit after "failed to …: ". Fields carry the faulty index
//! and value. So a caller that knows the user's own names (the label, the key in the configuration)
//! can say where the fault is.

use querist_core::{CoreError, SettingError, Share};
use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Error, Clone, PartialEq)]
#[non_exhaustive]
pub enum QueryError {
    /// A setting of the batch with a wrong value.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A quota weight that is negative or not finite.
    #[error("quota weight {index} (counted from 0) is {value}: it must be a finite number, 0 or more")]
    InvalidWeight {
        /// The weight's index, from 0, which is the class's index.
        index: usize,
        /// The weight as given.
        value: f64,
    },
    /// Quota weights that sum to 0, or no weights at all.
    #[error("the {count} quota weights sum to 0: at least one must be above 0")]
    ZeroWeights {
        /// The number of weights given.
        count: usize,
    },
    /// The number of values differs from the number of classes.
    #[error("{what} needs one value for each of {expected} classes, got {found}")]
    ClassCount {
        /// What the values are.
        what: &'static str,
        /// The number of classes.
        expected: usize,
        /// The number of values.
        found: usize,
    },
    /// A share of the mix that is negative or not finite.
    #[error("the {} share of the mix is {value}: it must be a finite number, 0 or more", share.name())]
    InvalidFraction {
        /// The share.
        share: Share,
        /// The fraction as given.
        value: f64,
    },
    /// A mix whose shares sum to more than 1.
    #[error("the shares of the mix sum to {sum}: they may sum to at most 1")]
    MixOverOne {
        /// The sum of the shares.
        sum: f64,
    },
    /// A mix in which every share is 0.
    #[error("the shares of the mix sum to 0: at least one must be above 0")]
    EmptyMix,
    /// A strategy needs class probabilities, and the pool has none.
    #[error("the strategy \"{strategy}\" needs a model's probabilities, and there is no model")]
    NoProbabilities {
        /// The strategy's name.
        strategy: &'static str,
    },
    /// A strategy needs labelled documents, and there are none.
    #[error("the strategy \"{strategy}\" needs labelled documents, and there are none")]
    NoLabeledRows {
        /// The strategy's name.
        strategy: &'static str,
    },
    /// A view of the pool whose parts do not fit together.
    #[error("malformed view of the pool: {problem}")]
    MalformedView {
        /// What is wrong with it.
        problem: String,
    },
    /// Features that could not be read.
    #[error("the features cannot be read: {problem}")]
    UnreadableFeatures {
        /// What went wrong.
        problem: String,
    },
    /// Shingles that could not be read.
    #[error("the shingles cannot be read: {problem}")]
    UnreadableShingles {
        /// What went wrong.
        problem: String,
    },
    /// No strategy has this name.
    #[error("unknown strategy \"{name}\": expected one of {known}")]
    UnknownStrategy {
        /// The name as given.
        name: String,
        /// The names that exist, separated by commas.
        known: String,
    },
    /// A strategy trains models of its own, but was given no classifier.
    #[error("the strategy \"{strategy}\" trains models of its own and needs a classifier: build it with one")]
    NoClassifier {
        /// The strategy's name.
        strategy: String,
    },
    /// A strategy trains a model, and too few classes have labelled documents.
    #[error(
        "the strategy \"{strategy}\" needs labelled documents of {needed} classes, and there are {found}"
    )]
    TooFewClasses {
        /// The strategy's name.
        strategy: &'static str,
        /// The number of labelled classes that it needs.
        needed: usize,
        /// The number of labelled classes that there are.
        found: usize,
    },
    /// A model that the strategy trains or uses for predictions failed.
    #[error("the strategy \"{strategy}\" cannot use its model: {problem}")]
    Model {
        /// The strategy's name.
        strategy: &'static str,
        /// What went wrong.
        problem: String,
    },
    /// A strategy from outside this crate failed or returned rows that it may not pick.
    #[error("the strategy \"{strategy}\" failed: {problem}")]
    Strategy {
        /// The strategy's name.
        strategy: String,
        /// What went wrong.
        problem: String,
    },
    /// A number that is not allowed.
    #[error("{what} is {value}: it must be {expected}")]
    InvalidNumber {
        /// What the number means.
        what: &'static str,
        /// The number as given.
        value: f64,
        /// The numbers that are allowed.
        expected: &'static str,
    },
    /// A past round of the adaptive mix without exactly one outcome for each share.
    #[error("a past round has {found} outcomes for {expected} shares of the adaptive mix")]
    ArmCount {
        /// The number of shares.
        expected: usize,
        /// The number of outcomes.
        found: usize,
    },
    /// A value of the vocabulary that could not be built.
    #[error(transparent)]
    Core(#[from] CoreError),
}
