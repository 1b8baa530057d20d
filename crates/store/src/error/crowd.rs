//! What can be wrong with a file of a crowd's answers, beyond what is wrong with any row: what, and
//! what to do.

use thiserror::Error;

use super::choice::FieldOption;

/// What is wrong with a file of answers or of true labels.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CrowdProblem {
    /// No answers in it.
    #[error("the file has no rows; expected answers, as JSON Lines or as a table with a header")]
    NoAnswers,
    /// A table without a column that it must have.
    #[error("the header has no column for {what}; expected one of {known}")]
    MissingColumn {
        /// What the column would be for.
        what: &'static str,
        /// The names that are understood.
        known: String,
        /// The option that names another.
        option: FieldOption,
    },
    /// A column that the user named and the header does not have.
    #[error("there is no column \"{name}\" for {}; expected one of: {known}", option.noun())]
    NoSuchColumn {
        /// The option that names it.
        option: FieldOption,
        /// The name.
        name: String,
        /// The names of the header.
        known: String,
    },
    /// A field that the user named and no row has.
    #[error("no row has the field \"{name}\" for {}; expected a field of the file", option.noun())]
    NoSuchField {
        /// The option that names it.
        option: FieldOption,
        /// The name.
        name: String,
    },
    /// A platform's header that leaves a choice.
    #[error("several columns may hold {what}: {found}")]
    WhichColumn {
        /// What the column would be for.
        what: &'static str,
        /// The candidates.
        found: String,
        /// The option that chooses.
        option: FieldOption,
    },
    /// A platform's file without true labels.
    #[error("the header has no column with the true labels of \"{label}\"; expected a file of true labels")]
    NoTruth {
        /// The column of the label.
        label: String,
    },
    /// A table with two columns for the same.
    #[error("the header has two columns for {what}, \"{first}\" and \"{second}\"; keep one of them")]
    TwoColumns {
        /// What they are for.
        what: &'static str,
        /// One name.
        first: String,
        /// The other.
        second: String,
        /// The option that chooses.
        option: FieldOption,
    },
    /// A row with two fields for the same.
    #[error("the row has both \"{first}\" and \"{second}\"; keep one of them")]
    TwoNames {
        /// One name.
        first: String,
        /// The other.
        second: String,
    },
    /// A row of a table with more or fewer cells than the header.
    #[error(
        "the row has {found} cells, but the header has {expected}; a quote or a separator may be missing"
    )]
    CellCount {
        /// How many it has.
        found: usize,
        /// How many the header has.
        expected: usize,
    },
    /// More different labels than a set of answers can sensibly have.
    #[error(
        "the label \"{label}\" is different label number {found}; at most {limit} are allowed, so check \
         that this is the right column"
    )]
    TooManyLabels {
        /// The label.
        label: String,
        /// How many there are with it.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A true label that differs from an earlier one.
    #[error(
        "the true label of \"{item}\" is \"{label}\" here and \"{stored}\" on line {first}; keep one of them"
    )]
    GoldDiffers {
        /// The item.
        item: String,
        /// The label here.
        label: String,
        /// The label before.
        stored: String,
        /// The line of that.
        first: u64,
    },
}
