//! A model file and texts to class probabilities: all that it takes to label texts away from the
//! workspace.
//!
//! [`Predictor`] has a model with its features and its classes; [`file`](mod@file) reads and writes
//! it as one portable file. Texts are counted and multiplied as a pool is
//! ([`querist_core::FittedFeaturizer::rows_of`]), so a document gets the very probabilities that
//! its round gave it. [`blocks`] divides a stream of texts, so that memory does not grow with it.
//!
//! Invariants: nothing of workspaces, and nothing is read but the file that is named; nothing in it
//! is believed.

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
    /// The classes, in the order of the probabilities (K).
    pub labels: LabelSet,
    /// Text to features.
    pub space: FittedSpace,
    /// Features to probabilities.
    pub model: LinearModel,
}

impl Predictor {
    /// A model for those classes on those features.
    ///
    /// # Errors
    /// The model has other classes, or is for another number of columns.
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

    /// The probabilities (n, K) of texts (n).
    ///
    /// # Errors
    /// A text that the features cannot read.
    pub fn predict(&self, texts: &[&str]) -> Result<Probabilities, PredictError> {
        let rows = self.space.rows_of(texts).map_err(PredictError::Predict)?;
        let all: Vec<usize> = (0..texts.len()).collect();
        self.model.predict(&*rows, &all).map_err(PredictError::Predict)
    }
}
