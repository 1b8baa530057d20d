//! Any failure while a file is written, where the writer needs one that those of disk and store turn into.

use querist_store::StoreError;

/// A failure.
pub(in crate::command) struct Failure(pub(in crate::command) anyhow::Error);

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error.into())
    }
}
