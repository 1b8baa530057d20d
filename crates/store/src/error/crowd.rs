//! Defines the errors of a crowd's files: answers of many annotators, or true labels, in a plain
//! file. Each message says what is wrong and what to do.

use thiserror::Error;

use super::choice::FieldOption;

/// What is wrong with a file of answers or of true labels.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CrowdProblem {
    /// The file has no answers.
    #[error("the file has no rows; expected answers, as JSON Lines or as a table with a header")]
    NoAnswers,
    /// The table lacks a column that it must have.
    #[error("the header has no column for {what}; expected one of {known}")]
    MissingColumn {
        /// The words that say what the column is for.
        what: &'static str,
        /// The possible names of the column, joined by commas.
        known: String,
        /// The option with which the user can name another column.
        option: FieldOption,
    },
    /// The header lacks a column that the user named.
    #[error("there is no column \"{name}\" for {}; expected one of: {known}", option.noun())]
    NoSuchColumn {
        /// The option with which the user named the column.
        option: FieldOption,
        /// The name that the user gave.
        name: String,
        /// The names of the header's columns, joined by commas.
        known: String,
    },
    /// No row has a field that the user named.
    #[error("no row has the field \"{name}\" for {}; expected a field of the file", option.noun())]
    NoSuchField {
        /// The option with which the user named the field.
        option: FieldOption,
        /// The name that the user gave.
        name: String,
    },
    /// In the file of a crowdsourcing platform, several columns may be the needed one, or none.
    #[error("several columns may hold {what}: {found}")]
    WhichColumn {
        /// The words that say what the column is for.
        what: &'static str,
        /// The names of the candidates, joined by commas.
        found: String,
        /// The option with which the user can choose the column.
        option: FieldOption,
    },
    /// The file of a crowdsourcing platform has no column with true labels.
    #[error("the header has no column with the true labels of \"{label}\"; expected a file of true labels")]
    NoTruth {
        /// The name of the column with the labels.
        label: String,
    },
    /// The header has two columns for the same purpose.
    #[error("the header has two columns for {what}, \"{first}\" and \"{second}\"; keep one of them")]
    TwoColumns {
        /// The words that say what the columns are for.
        what: &'static str,
        /// The name of one column.
        first: String,
        /// The name of the other column.
        second: String,
        /// The option with which the user can choose the column.
        option: FieldOption,
    },
    /// The row has two fields for the same purpose.
    #[error("the row has both \"{first}\" and \"{second}\"; keep one of them")]
    TwoNames {
        /// The name of one field.
        first: String,
        /// The name of the other field.
        second: String,
    },
    /// A row of a table has more or fewer cells than the header has.
    #[error(
        "the row has {found} cells, but the header has {expected}; a quote or a separator may be missing"
    )]
    CellCount {
        /// How many cells the row has.
        found: usize,
        /// How many cells the header has.
        expected: usize,
    },
    /// The column has more different labels than a set of classes can have, so it is probably the
    /// wrong column.
    #[error(
        "the label \"{label}\" is different label number {found}; at most {limit} are allowed, so check \
         that this is the right column"
    )]
    TooManyLabels {
        /// The label.
        label: String,
        /// How many different labels the file has so far, including this one.
        found: usize,
        /// How many different labels are allowed.
        limit: usize,
    },
    /// An item has two different true labels.
    #[error(
        "the true label of \"{item}\" is \"{label}\" here and \"{stored}\" on line {first}; keep one of them"
    )]
    GoldDiffers {
        /// The item's name.
        item: String,
        /// The label in this row.
        label: String,
        /// The earlier label.
        stored: String,
        /// The line number of the earlier label.
        first: u64,
    },
}
