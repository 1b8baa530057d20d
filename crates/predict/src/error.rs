//! What can be wrong with a model file, or with labelling texts.

use std::io;

use querist_core::CoreError;
use querist_core::error::BoxError;
use querist_model::ModelError;
use querist_text::TextError;
use thiserror::Error;

/// An error of this crate. Messages are fragments that fit behind "no portable model that this
/// version reads: ".
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PredictError {
    /// The file cannot be read.
    #[error("read it: {0}")]
    Read(#[source] io::Error),
    /// The file is no model, or is damaged, or does not fit together.
    #[error("{problem}")]
    Malformed {
        /// What is wrong with it, of "it".
        problem: String,
    },
    /// A layout of a later version.
    #[error("its layout has version {found}, but this version reads 1 to {known}")]
    Later {
        /// Its version.
        found: u32,
        /// The last version that is read.
        known: u32,
    },
    /// A model that is too large for a file.
    #[error("it would have {bytes} bytes, but at most {most} are allowed")]
    TooLarge {
        /// The size that it would have.
        bytes: usize,
        /// The most that is read.
        most: u64,
    },
    /// Its features cannot be made.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Its model is none.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Its labels are none.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// A text that the features cannot read, or a model that cannot predict.
    #[error(transparent)]
    Predict(BoxError),
}

impl PredictError {
    /// The error of a file that is no model.
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

/// Refuses a file that is not as it must be.
pub(crate) fn ensure(holds: bool, problem: impl FnOnce() -> String) -> Result<(), PredictError> {
    if holds { Ok(()) } else { Err(PredictError::malformed(problem())) }
}
