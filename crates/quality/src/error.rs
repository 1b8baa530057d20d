//! Errors of the quality measures: input that does not fit together.
//!
//! A measure that is merely undefined (no control answers, no shared items) is not an error; it is
//! `None` in the result.

use querist_core::{Class, CoreError};
use thiserror::Error;

/// Input that no measure can be taken of.
#[derive(Debug, Error, Clone, PartialEq)]
#[non_exhaustive]
pub enum QualityError {
    /// A class that the label set does not have.
    #[error("class {class} is out of range: there are {n_classes} classes")]
    ClassOutOfRange {
        /// The class's index.
        class: usize,
        /// How many classes there are.
        n_classes: usize,
    },
    /// Two columns that belong together have different lengths.
    #[error("{what} has {found} values, expected {expected}")]
    LengthMismatch {
        /// Which column.
        what: &'static str,
        /// How many values it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// Votes were to be counted and there are none.
    #[error("an item without any answer has no votes to count")]
    NoVotes,
    /// Predictions were to be put in bins and there are none.
    #[error("a reliability curve needs at least one bin")]
    NoBins,
    /// A threshold that no value could be compared with in a useful way.
    #[error("{name} must lie between {low} and {high}, got {value}")]
    ThresholdOutOfRange {
        /// The threshold, as in `querist.toml`.
        name: &'static str,
        /// What was given.
        value: f64,
        /// The smallest useful value.
        low: f64,
        /// The largest useful value.
        high: f64,
    },
    /// Pseudo-counts that are none.
    #[error("the pseudo-counts of a model must be finite and above 0, got {value}")]
    BadSmoothing {
        /// What was given.
        value: f64,
    },
    /// A skill prior that is no pair of counts.
    #[error(
        "the skill prior of annotator {annotator} must be two finite counts of at least 0, got {right} right and {wrong} wrong"
    )]
    BadSkillPrior {
        /// The annotator's index.
        annotator: usize,
        /// What was given as right answers.
        right: f64,
        /// What was given as wrong answers.
        wrong: f64,
    },
    /// Something that is no duration.
    #[error("{value} is no number of seconds; it must be finite and at least 0")]
    NoDuration {
        /// What was given.
        value: f64,
    },
    /// More annotators than a matrix of pairs is made of.
    #[error(
        "{found} annotators are more than the limit of {limit} for a matrix of pairs; raise the limit or choose some"
    )]
    TooManyAnnotators {
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A result that core's vocabulary refuses.
    #[error(transparent)]
    Core(#[from] CoreError),
}

/// The class as an index below `n_classes`.
pub(crate) fn checked_index(class: Class, n_classes: usize) -> Result<usize, QualityError> {
    let index = class.index();
    if index < n_classes { Ok(index) } else { Err(QualityError::ClassOutOfRange { class: index, n_classes }) }
}
