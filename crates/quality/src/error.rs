//! Errors of the quality measures: input that does not fit together.
//!
//! A measure that is merely undefined (no control answers, no shared items) is not an error; the
//! result is `None`.

use querist_core::{Class, CoreError};
use thiserror::Error;

/// An error of this crate: input that a measure or a method cannot use.
#[derive(Debug, Error, Clone, PartialEq)]
#[non_exhaustive]
pub enum QualityError {
    /// A class is not one of the classes of the label set.
    #[error("class {class} is out of range: there are {n_classes} classes")]
    ClassOutOfRange {
        /// The class's index.
        class: usize,
        /// The number of classes.
        n_classes: usize,
    },
    /// Two columns that belong together have different lengths.
    #[error("{what} has {found} values, expected {expected}")]
    LengthMismatch {
        /// The column, in words.
        what: &'static str,
        /// The number of values that it must have.
        expected: usize,
        /// The number of values that it has.
        found: usize,
    },
    /// An item without any answer was given to a function that counts votes.
    #[error("an item without any answer has no votes to count")]
    NoVotes,
    /// A reliability curve with 0 bins was asked for.
    #[error("a reliability curve needs at least one bin")]
    NoBins,
    /// A threshold or setting is outside its range.
    #[error("{name} must lie between {low} and {high}, got {value}")]
    ThresholdOutOfRange {
        /// The threshold's key, as in `querist.toml`.
        name: &'static str,
        /// The value that was given.
        value: f64,
        /// The smallest useful value.
        low: f64,
        /// The largest useful value.
        high: f64,
    },
    /// The pseudo-counts of a model are not finite or not above 0.
    #[error("the pseudo-counts of a model must be finite and above 0, got {value}")]
    BadSmoothing {
        /// The value that was given.
        value: f64,
    },
    /// A skill prior is not a pair of finite counts of at least 0.
    #[error(
        "the skill prior of annotator {annotator} must be two finite counts of at least 0, got {right} right and {wrong} wrong"
    )]
    BadSkillPrior {
        /// The annotator's index.
        annotator: usize,
        /// The right answers that were given.
        right: f64,
        /// The wrong answers that were given.
        wrong: f64,
    },
    /// A duration is negative or not finite.
    #[error("{value} is not a number of seconds; it must be finite and at least 0")]
    NoDuration {
        /// The value that was given, in seconds.
        value: f64,
    },
    /// The set has more annotators than the limit for comparing all pairs.
    #[error(
        "{found} annotators exceed the limit of {limit} for a matrix of pairs; raise the limit or choose \
         fewer annotators"
    )]
    TooManyAnnotators {
        /// The number of annotators.
        found: usize,
        /// The most annotators that are allowed.
        limit: usize,
    },
    /// The core crate refused a result.
    #[error(transparent)]
    Core(#[from] CoreError),
}

/// Returns the index of a class.
///
/// # Errors
/// The index is not below `n_classes`.
pub(crate) fn checked_index(class: Class, n_classes: usize) -> Result<usize, QualityError> {
    let index = class.index();
    if index < n_classes { Ok(index) } else { Err(QualityError::ClassOutOfRange { class: index, n_classes }) }
}
