//! The errors of this crate, from reading features to predicting probabilities.
//!
//! Messages are lowercase fragments that continue "failed to …: ". They say what the user can do,
//! if anything.

use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Error, Clone, PartialEq)]
#[non_exhaustive]
pub enum ModelError {
    /// A parameter is outside its range.
    #[error("the parameter {name} is {value}, which is not {needed}")]
    InvalidParameter {
        /// The parameter's name.
        name: &'static str,
        /// The parameter's value.
        value: f64,
        /// The values that are allowed, in words.
        needed: &'static str,
    },
    /// The numbers of rows and targets differ.
    #[error("{rows} rows of features came with {targets} targets")]
    LengthMismatch {
        /// The number of rows of features.
        rows: usize,
        /// The number of targets.
        targets: usize,
    },
    /// The numbers of rows and weights of examples differ.
    #[error("{rows} rows of features came with {weights} weights")]
    WeightCount {
        /// The number of rows of features.
        rows: usize,
        /// The number of weights.
        weights: usize,
    },
    /// The numbers of class weights and classes differ.
    #[error("{found} class weights came with {n_classes} classes")]
    ClassWeightCount {
        /// The number of class weights.
        found: usize,
        /// The number of classes.
        n_classes: usize,
    },
    /// The targets have fewer than two classes, so there is nothing to tell apart.
    #[error("a classifier needs examples of at least two classes, got {seen}; label some of another class")]
    TooFewClasses {
        /// The number of classes among the targets.
        seen: usize,
    },
    /// A target is not one of the classes.
    #[error("target {row} is class {class}, but there are only {n_classes} classes")]
    ClassOutOfRange {
        /// The row of the target, from 0.
        row: usize,
        /// The class of the target.
        class: usize,
        /// The number of classes.
        n_classes: usize,
    },
    /// A feature is NaN or infinite.
    #[error("row {row} of the features has a value that is not finite")]
    NotFinite {
        /// The row, from 0.
        row: usize,
    },
    /// A sample weight is not a positive finite number.
    #[error("row {row} has the weight {value}, which is not a positive finite number")]
    InvalidWeight {
        /// The row, from 0.
        row: usize,
        /// The row's weight.
        value: f64,
    },
    /// The examples or the classes have weights, but the solver `linfa-logistic` supports none.
    #[error("linfa-logistic does not support weights of examples or classes; let Querist choose the solver")]
    WeightsUnsupported,
    /// The dense matrix of the problem would take too much memory.
    #[error(
        "{examples} labelled documents with {columns} feature columns each are too much data for \
         linfa-logistic, which supports at most {limit} values in total; let Querist choose the solver"
    )]
    TooLarge {
        /// The number of labelled rows.
        examples: usize,
        /// The number of columns that occur in them.
        columns: usize,
        /// The most cells that the matrix may have.
        limit: usize,
    },
    /// The solver stopped without a result.
    #[error("the solver returned no usable result: {problem}")]
    Solver {
        /// The solver's message.
        problem: String,
    },
    /// The features have another number of columns than the features of the fit.
    #[error("the features have {found} columns, but the model was fitted to {expected}")]
    WidthMismatch {
        /// The number of columns of the features.
        found: usize,
        /// The number of columns of the model.
        expected: usize,
    },
    /// The parts of a linear model do not fit together, or bytes are not a linear model.
    #[error("malformed linear model: {problem}")]
    MalformedModel {
        /// What is wrong, as a fragment.
        problem: String,
    },
    /// The bytes of a model have changed since they were written.
    #[error("the model is damaged: its bytes hash to {found}, but were written as {expected}; fit it again")]
    Damaged {
        /// The BLAKE3 hash stored in the bytes, in hexadecimal.
        expected: String,
        /// The BLAKE3 hash of the bytes as they are, in hexadecimal.
        found: String,
    },
    /// A model has a later layout version than this program knows.
    #[error(
        "the model has layout version {found}, but this version of Querist reads up to {known}; update Querist"
    )]
    UnknownVersion {
        /// The version of the model.
        found: u64,
        /// The latest version that this program reads.
        known: u64,
    },
}
