//! Turns a model file and texts into class probabilities, without the workspace.
//!
//! A [`Predictor`] holds a model with its features and classes; [`file`](mod@file) reads and writes
//! it as one portable file. Texts are counted and multiplied as in a pool
//! ([`querist_core::FittedFeaturizer::rows_of`]), so a document gets exactly the probabilities that
//! it had in the round that the model comes from. [`blocks`] divides a stream of texts into blocks,
//! so that memory does not grow with the length of the stream.
//!
//! Invariants: this crate does not know workspaces. It reads only the file that it is given, and
//! trusts nothing in it.
#![doc = include_str!("../README.md")]

pub mod blocks;
pub mod error;
pub mod file;

pub use blocks::Blocks;
pub use error::PredictError;
pub use file::{Embedding, Parts, is_sealed_whole, read, write};

use querist_core::{FittedClassifier, FittedFeaturizer, LabelSet, Probabilities};
use querist_model::LinearModel;
use querist_text::FittedSpace;

/// A model with its features and its classes.
pub struct Predictor {
    /// The K classes, in the order of the columns of the probabilities.
    pub labels: LabelSet,
    /// The features, which turn each text into a row of numbers.
    pub space: FittedSpace,
    /// The model, which turns each row into K class probabilities.
    pub model: LinearModel,
}

impl Predictor {
    /// Joins a model with its classes and features, after checking that they belong together.
    ///
    /// # Errors
    /// The model's number of classes differs from the number of `labels`, or its number of columns
    /// differs from the number of columns of the features.
    pub fn new(labels: LabelSet, space: FittedSpace, model: LinearModel) -> Result<Self, PredictError> {
        if model.n_classes() != labels.len() {
            return Err(PredictError::malformed("its model and its labels have different classes"));
        }
        let (found, expected) = (space.n_columns(), model.parts().weights.n_columns());
        if found != expected {
            let what = format!("its model expects {expected} columns, but its features have {found}");
            return Err(PredictError::malformed(what));
        }
        Ok(Self { labels, space, model })
    }

    /// Returns the class probabilities of n texts, (n, K), where K is the number of classes.
    ///
    /// # Errors
    /// The features cannot turn a text into a row, or the model cannot predict.
    pub fn predict(&self, texts: &[&str]) -> Result<Probabilities, PredictError> {
        let rows = self.space.rows_of(texts).map_err(PredictError::Predict)?;
        let all: Vec<usize> = (0..texts.len()).collect();
        self.model.predict(&*rows, &all).map_err(PredictError::Predict)
    }
}
