//! What can be wrong with a model.

use std::path::PathBuf;

use querist_predict::PredictError;
use thiserror::Error;

use super::Kind;

/// Why a model is unusable.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelFault {
    /// The round trained no model.
    #[error(
        "round {round} trained no model: it had too few labels, or it chose by the scores of your own \
             model"
    )]
    None {
        /// The round's number.
        round: u32,
    },
    /// The round has a model, but the files of the round have not been written yet.
    #[error("the model of round {round} is trained, but that round has not been exported yet")]
    NotExported {
        /// The round's number.
        round: u32,
    },
    /// The features with which the round's model was trained cannot be computed again.
    #[error("the features of round {round} cannot be computed again: {input}: {why}")]
    OtherFeatures {
        /// The round's number.
        round: u32,
        /// Name of the input that has changed since.
        input: String,
        /// A possible reason.
        why: &'static str,
    },
    /// Model and features do not fit together.
    #[error("the model of round {round} does not fit: {source}")]
    DoesNotFit {
        /// The round's number.
        round: u32,
        /// What does not fit.
        source: PredictError,
    },
    /// The file is not a portable model.
    #[error("{}: not a model file that this version can read: {source}", file.display())]
    NotPortable {
        /// Path of the file.
        file: PathBuf,
        /// What is wrong with it.
        source: PredictError,
    },
    /// The model cannot be written as a portable file.
    #[error("this model cannot be written to a file: {source}")]
    NotWritable {
        /// Why it cannot be written.
        source: PredictError,
    },
    /// The model stored in the workspace is damaged.
    #[error("{problem}")]
    Malformed {
        /// What is wrong with it.
        problem: String,
    },
    /// The model cannot predict.
    #[error(transparent)]
    Predict(PredictError),
}

impl ModelFault {
    /// Returns the kind of this failure.
    pub fn kind(&self) -> Kind {
        match self {
            Self::OtherFeatures { .. } => Kind::Differs,
            Self::Predict(_) => Kind::Bug,
            _ => Kind::Mend,
        }
    }
}
