//! Errors of this crate: values that would break an invariant of its types.
//!
//! Messages are lowercase fragments that fit after "failed to …: ". Errors that cross a trait of
//! this crate travel as [`BoxError`], so that a new implementation can bring its own error type
//! without this crate knowing it.

use thiserror::Error;

use crate::visible::visible_name;

/// The type of the errors that implementations of this crate's traits return.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// A value that would break an invariant of one of this crate's types.
#[derive(Debug, Error, Clone, PartialEq)]
#[non_exhaustive]
pub enum CoreError {
    /// A label set has fewer than two labels.
    #[error("a label set needs at least two labels, got {found}")]
    TooFewLabels {
        /// The number of labels given.
        found: usize,
    },
    /// A label set has more labels than a class index of 16 bits can number.
    #[error("a label set holds at most {limit} labels, got {found}")]
    TooManyLabels {
        /// The number of labels given.
        found: usize,
        /// The maximum number of labels that a [`crate::Class`] can number.
        limit: usize,
    },
    /// Two labels of a set are the same.
    #[error("{}; keep one of them", twice(first, label))]
    DuplicateLabel {
        /// The first spelling of the label.
        first: String,
        /// The repeated label.
        label: String,
    },
    /// A label is empty or has a control character inside.
    #[error("the label \"{}\" {problem}", visible_name(label))]
    MalformedLabel {
        /// The label as given.
        label: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A row of probabilities that is not a distribution.
    #[error("row {row} of the probabilities is not a distribution: {problem}")]
    NotADistribution {
        /// The row, from 0.
        row: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A compressed matrix whose parts do not fit together.
    #[error("malformed sparse matrix: {problem}")]
    MalformedMatrix {
        /// What is wrong with it.
        problem: String,
    },
}

/// Returns the message that a label was given twice, perhaps with differently encoded accents.
fn twice(first: &str, label: &str) -> String {
    if first == label {
        return format!("the label \"{label}\" is given twice");
    }
    format!(
        "the labels \"{first}\" and \"{label}\" are the same: they differ only in how their accents are \
         encoded ({} and {} characters)",
        first.chars().count(),
        label.chars().count()
    )
}
