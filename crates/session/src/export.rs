//! Exports other than a round's own files: the batch for a tool, the labels, and the pool's scores.

mod batch;
mod labeled;
mod scores;
mod shares;

pub use batch::{HandOut, HandedOut, OutFile};
pub(crate) use batch::{check_names, file_name};
pub use labeled::LabeledFile;
pub use scores::PoolScores;

use crate::error::SessionError;

/// A failure while a file is written. Errors of the disk and of the store both convert to it,
/// because the writing function needs a single error type.
struct Failure(SessionError);

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(SessionError::Output(error))
    }
}

impl From<querist_store::StoreError> for Failure {
    fn from(error: querist_store::StoreError) -> Self {
        Self(error.into())
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        Self(error)
    }
}
