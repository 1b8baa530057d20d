//! What can be wrong with a request for documents.
//!
//! Messages are lowercase fragments that fit after "failed to …: ". Fields carry the offending
//! index and value, so that a caller that knows the user's own names (the label, the key in the
//! configuration) can point at them.

use querist_core::{CoreError, SettingError, Share};
use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Error, Clone, PartialEq)]
#[non_exhaustive]
pub enum QueryError {
    /// A setting of the batch that makes no sense.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A quota weight that is negative or not finite.
    #[error("quota weight {index} (counted from 0) is {value}: it must be a finite number, 0 or more")]
    InvalidWeight {
        /// The weight's place, from 0: the class's index.
        index: usize,
        /// The weight as given.
        value: f64,
    },
    /// Quota weights that sum to 0, or no weights at all.
    #[error("the {count} quota weights sum to 0: at least one must be above 0")]
    ZeroWeights {
        /// How many weights were given.
        count: usize,
    },
    /// Something is given per class, but not for each class.
    #[error("{what} needs one value for each of {expected} classes, got {found}")]
    ClassCount {
        /// What is given per class.
        what: &'static str,
        /// How many classes there are.
        expected: usize,
        /// How many values there are.
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
    /// A mix of more than the whole batch.
    #[error("the shares of the mix sum to {sum}: they may sum to at most 1")]
    MixOverOne {
        /// What they sum to.
        sum: f64,
    },
    /// A mix of nothing.
    #[error("the shares of the mix sum to 0: at least one must be above 0")]
    EmptyMix,
    /// The strategy scores predictions, and there is no model.
    #[error("the strategy \"{strategy}\" needs a model's probabilities, and there is no model")]
    NoProbabilities {
        /// The strategy's name.
        strategy: &'static str,
    },
    /// The strategy compares with labelled documents, and there are none.
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
    /// The strategy trains models of its own, and was given nothing to train.
    #[error("the strategy \"{strategy}\" trains models of its own and needs a classifier: build it with one")]
    NoClassifier {
        /// The strategy's name.
        strategy: String,
    },
    /// The strategy trains a model, and too few classes are labelled for that.
    #[error(
        "the strategy \"{strategy}\" needs labelled documents of {needed} classes, and there are {found}"
    )]
    TooFewClasses {
        /// The strategy's name.
        strategy: &'static str,
        /// How many classes it needs.
        needed: usize,
        /// How many are labelled.
        found: usize,
    },
    /// A model that the strategy trains or asks failed.
    #[error("the strategy \"{strategy}\" cannot use its model: {problem}")]
    Model {
        /// The strategy's name.
        strategy: &'static str,
        /// What went wrong.
        problem: String,
    },
    /// A strategy from outside this crate failed, or chose what it may not.
    #[error("the strategy \"{strategy}\" failed: {problem}")]
    Strategy {
        /// The strategy's name.
        strategy: String,
        /// What went wrong.
        problem: String,
    },
    /// A number that a strategy cannot work with.
    #[error("{what} is {value}: it must be {expected}")]
    InvalidNumber {
        /// What the number is.
        what: &'static str,
        /// The number as given.
        value: f64,
        /// What it must be.
        expected: &'static str,
    },
    /// A past round of the adaptive mix that does not have one outcome for each share.
    #[error("a past round has {found} outcomes for {expected} shares of the adaptive mix")]
    ArmCount {
        /// How many shares there are.
        expected: usize,
        /// How many outcomes there are.
        found: usize,
    },
    /// A value of the vocabulary that could not be built.
    #[error(transparent)]
    Core(#[from] CoreError),
}
