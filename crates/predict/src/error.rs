//! The errors of reading a model file and of labelling texts.

use std::io;

use querist_core::CoreError;
use querist_core::error::BoxError;
use querist_model::ModelError;
use querist_text::TextError;
use thiserror::Error;

/// An error of this crate. Messages continue the sentence "no portable model that this version
/// reads: …".
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PredictError {
    /// The file cannot be read.
    #[error("read it: {0}")]
    Read(#[source] io::Error),
    /// The file is not a portable model, is damaged, or has parts that contradict each other.
    #[error("{problem}")]
    Malformed {
        /// What is wrong. The words call the file "it".
        problem: String,
    },
    /// The file has a later layout version than this program knows.
    #[error("its layout has version {found}, but this version reads 1 to {known}")]
    Later {
        /// The layout version of the file.
        found: u32,
        /// The latest layout version that this program reads.
        known: u32,
    },
    /// The model is too large for a file.
    #[error("it would have {bytes} bytes, but at most {most} are allowed")]
    TooLarge {
        /// The size that the file would have, in bytes.
        bytes: usize,
        /// The largest size that a file may have, in bytes.
        most: u64,
    },
    /// The features in the file cannot be built.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The classifier in the file is invalid.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The labels in the file are invalid.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// A text cannot be turned into features, or the model cannot predict.
    #[error(transparent)]
    Predict(BoxError),
}

impl PredictError {
    /// Returns the error that the file is malformed; `problem` says what is wrong.
    pub(crate) fn malformed(problem: impl Into<String>) -> Self {
        Self::Malformed { problem: problem.into() }
    }
}

impl From<safetensors::SafeTensorError> for PredictError {
    fn from(error: safetensors::SafeTensorError) -> Self {
        Self::malformed(error.to_string())
    }
}

impl From<serde_json::Error> for PredictError {
    fn from(error: serde_json::Error) -> Self {
        Self::malformed(error.to_string())
    }
}

/// Fails if `holds` is false. `problem` returns what is wrong then, for
/// [`PredictError::Malformed`].
pub(crate) fn ensure(holds: bool, problem: impl FnOnce() -> String) -> Result<(), PredictError> {
    if holds { Ok(()) } else { Err(PredictError::malformed(problem())) }
}
