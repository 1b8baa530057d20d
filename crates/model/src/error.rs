//! What can go wrong between features and probabilities.
//!
//! Messages are lowercase fragments that fit after "failed to …: " and say what to do where there
//! is something to do.

use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Error, Clone, PartialEq)]
#[non_exhaustive]
pub enum ModelError {
    /// A parameter outside its range.
    #[error("the parameter {name} is {value}, which is not {needed}")]
    InvalidParameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it has to be.
        needed: &'static str,
    },
    /// Another number of rows than of targets.
    #[error("{rows} rows of features came with {targets} targets")]
    LengthMismatch {
        /// Rows of features.
        rows: usize,
        /// Targets.
        targets: usize,
    },
    /// Another number of rows than of weights of examples.
    #[error("{rows} rows of features came with {weights} weights")]
    WeightCount {
        /// Rows of features.
        rows: usize,
        /// Weights.
        weights: usize,
    },
    /// Another number of class weights than of classes.
    #[error("{found} class weights came with {n_classes} classes")]
    ClassWeightCount {
        /// How many class weights there are.
        found: usize,
        /// How many classes there are.
        n_classes: usize,
    },
    /// Nothing to tell apart.
    #[error("a classifier needs examples of at least two classes, got {seen}; label some of another class")]
    TooFewClasses {
        /// How many classes the targets have.
        seen: usize,
    },
    /// A target that is no class.
    #[error("target {row} is class {class}, but there are only {n_classes} classes")]
    ClassOutOfRange {
        /// The row, from 0.
        row: usize,
        /// The class it claims.
        class: usize,
        /// How many classes there are.
        n_classes: usize,
    },
    /// A feature that is NaN or infinite.
    #[error("row {row} of the features has a value that is not finite")]
    NotFinite {
        /// The row, from 0.
        row: usize,
    },
    /// A sample weight that is not a positive finite number.
    #[error("row {row} has the weight {value}, which is not a positive finite number")]
    InvalidWeight {
        /// The row, from 0.
        row: usize,
        /// Its weight.
        value: f64,
    },
    /// Weighted examples for a solver that knows no weights.
    #[error("linfa-logistic does not support weights of examples or classes; let Querist choose the solver")]
    WeightsUnsupported,
    /// A problem that a dense matrix has no memory for.
    #[error(
        "{examples} labelled documents with {columns} columns are too many for linfa-logistic, which \
         holds at most {limit} numbers; let Querist choose the solver"
    )]
    TooLarge {
        /// Labelled rows.
        examples: usize,
        /// Columns that occur in them.
        columns: usize,
        /// The most cells of the solver's matrix.
        limit: usize,
    },
    /// The solver gave up without any result.
    #[error("the solver returned no usable result: {problem}")]
    Solver {
        /// What the solver says.
        problem: String,
    },
    /// Features of another width than those of the fit.
    #[error("the features have {found} columns, but the model was fitted to {expected}")]
    WidthMismatch {
        /// Columns of the features.
        found: usize,
        /// Columns of the model.
        expected: usize,
    },
    /// Parts of a linear model that do not fit together, or bytes that are none.
    #[error("malformed linear model: {problem}")]
    MalformedModel {
        /// What is wrong with it.
        problem: String,
    },
    /// Bytes that are not those that were written.
    #[error("the model is damaged: its bytes hash to {found}, but were written as {expected}; fit it again")]
    Damaged {
        /// BLAKE3 as it was written, in hexadecimal.
        expected: String,
        /// BLAKE3 of what is there.
        found: String,
    },
    /// A model of a later version of the layout.
    #[error(
        "the model has layout version {found}, but this version of Querist reads up to {known}; update Querist"
    )]
    UnknownVersion {
        /// Its version.
        found: u64,
        /// The latest version that can be read.
        known: u64,
    },
}
