//! Defines the errors of files with predictions of the user's own model. Each message says what is
//! wrong and what to do.

use thiserror::Error;

/// The reason why a row has no valid probabilities or vector.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PredictionProblem {
    /// The row has no probability for a class.
    #[error("the probability of \"{label}\" is missing; expected one number for each class")]
    MissingProbability {
        /// The label of the class.
        label: String,
    },
    /// The row does not have exactly one probability for each class.
    #[error(
        "the row has {found} probabilities for {expected} classes; expected one per class, in label order"
    )]
    ProbabilityCount {
        /// How many probabilities the row has.
        found: usize,
        /// How many classes there are.
        expected: usize,
    },
    /// A number cannot be a probability.
    #[error("the probability of \"{label}\" is {value}; expected a number from 0 to 1")]
    NotAProbability {
        /// The label of the class.
        label: String,
        /// The number in the row.
        value: f64,
    },
    /// The row has no probabilities at all.
    #[error(
        "the row has no probabilities; expected a field \"probabilities\", or one for each class, such as \"{example}\""
    )]
    NoProbabilities {
        /// The name of the field for the first class.
        example: String,
    },
    /// The probabilities do not sum to 1.
    #[error("the probabilities sum to {sum}; expected 1, within 0.01")]
    ProbabilitySum {
        /// The sum of the probabilities.
        sum: f64,
    },
    /// The row has a vector under its name, and another under its former name.
    #[error(
        "the row has both \"vector\" and \"embedding\", which is the former name of the same field; keep one"
    )]
    TwoVectors,
    /// The row's vector has more or fewer numbers than the vectors of earlier rows.
    #[error(
        "the vector has {found} numbers, but earlier ones have {expected}; expected the same width \
             throughout"
    )]
    VectorWidth {
        /// How many numbers this vector has.
        found: usize,
        /// How many numbers the earlier vectors have.
        expected: usize,
    },
}
