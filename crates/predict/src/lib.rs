//! Turns a model file and texts into class probabilities, without the workspace.
//!
//! A [`Predictor`] holds a model with its features and classes. [`file`](mod@file) reads and writes
//! it as one portable file. Texts are turned into features exactly as in a workspace
//! ([`FittedSpace::rows_of_inputs`]). So a document gets exactly the probabilities that
//! it had in the model's round. [`blocks`] divides a stream of texts, so that memory does not grow
//! with its length.
//!
//! Invariants: this crate knows nothing of workspaces. It reads only the file that it is given, and
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
use querist_text::{FittedSpace, Input};
use serde::{Deserialize, Serialize};

/// A model with its features and its classes.
pub struct Predictor {
    /// The classes, in the order of the columns of the probabilities.
    pub labels: LabelSet,
    /// Turns each text into a row of features.
    pub space: FittedSpace,
    /// Turns each row into one probability per class.
    pub model: LinearModel,
    /// What is known of the vectors that each text needs; `None` if texts need none.
    pub vectors: Option<Encoded>,
}

/// What is known of the vectors with which a model was trained. A text needs a vector by the same
/// encoder; [`FittedSpace::vector_width`] has its width.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encoded {
    /// The encoder, as the user named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder: Option<String>,
    /// The hash of the vectors of the round's documents, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blake3: Option<String>,
}

impl Predictor {
    /// Combines a model with its classes and features, after checking that they fit together.
    ///
    /// # Errors
    /// The model has another number of classes than `labels`, or another number of columns than the
    /// features.
    pub fn new(labels: LabelSet, space: FittedSpace, model: LinearModel) -> Result<Self, PredictError> {
        if model.n_classes() != labels.len() {
            return Err(PredictError::malformed("its model and its labels have different classes"));
        }
        let (found, expected) = (space.n_columns(), model.parts().weights.n_columns());
        if found != expected {
            let what = format!("its model expects {expected} columns, but its features have {found}");
            return Err(PredictError::malformed(what));
        }
        let vectors = space.vector_width().map(|_| Encoded::default());
        Ok(Self { labels, space, model, vectors })
    }

    /// Returns the same predictor with what is known of the vectors that texts need.
    #[must_use]
    pub fn with_encoded(self, encoded: Option<Encoded>) -> Self {
        let vectors = self.space.vector_width().map(|_| encoded.unwrap_or_default());
        Self { vectors, ..self }
    }

    /// Returns the class probabilities of the texts, shape (texts, classes).
    ///
    /// # Errors
    /// A text cannot be turned into features, or needs a vector ([`Self::predict_inputs`]); or the
    /// model cannot predict.
    pub fn predict(&self, texts: &[&str]) -> Result<Probabilities, PredictError> {
        let inputs: Vec<Input<'_>> = texts.iter().map(|text| Input::of(text)).collect();
        self.predict_inputs(&inputs)
    }

    /// Returns the class probabilities of texts with their vectors, shape (texts, classes).
    ///
    /// # Errors
    /// A text cannot be turned into features, a text has no vector of the right width, or the model
    /// cannot predict.
    pub fn predict_inputs(&self, inputs: &[Input<'_>]) -> Result<Probabilities, PredictError> {
        let rows = self.space.rows_of_inputs(inputs)?;
        let all: Vec<usize> = (0..inputs.len()).collect();
        self.model.predict(&*rows, &all).map_err(PredictError::Predict)
    }
}
