//! What can be wrong with a row of predictions of a model that the user brings: what, and what to
//! do.

use thiserror::Error;

/// Why a row holds no distribution over the classes.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PredictionProblem {
    /// A class without a probability.
    #[error("the probability of \"{label}\" is missing; expected one number for each class")]
    MissingProbability {
        /// The class.
        label: String,
    },
    /// A list of probabilities of another length than that of the labels.
    #[error(
        "the row has {found} probabilities for {expected} classes; expected one per class, in label order"
    )]
    ProbabilityCount {
        /// How many there are.
        found: usize,
        /// How many classes there are.
        expected: usize,
    },
    /// A number that cannot be a probability.
    #[error("the probability of \"{label}\" is {value}; expected a number from 0 to 1")]
    NotAProbability {
        /// The class.
        label: String,
        /// The number.
        value: f64,
    },
    /// A row of predictions without any.
    #[error(
        "the row has no probabilities; expected a field \"probabilities\", or one for each class, such as \"{example}\""
    )]
    NoProbabilities {
        /// The field of the first class.
        example: String,
    },
    /// Probabilities that do not make a distribution.
    #[error("the probabilities sum to {sum}; expected 1, within 0.01")]
    ProbabilitySum {
        /// What they sum to.
        sum: f64,
    },
    /// An embedding of another width than those before.
    #[error(
        "the embedding has {found} numbers, but earlier ones have {expected}; expected the same width \
             throughout"
    )]
    EmbeddingWidth {
        /// How many numbers it has.
        found: usize,
        /// How many those before have.
        expected: usize,
    },
}
