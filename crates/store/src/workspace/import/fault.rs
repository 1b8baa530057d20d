//! Says why an import or ingest did not store a row: the row is bad, or the database failed.

use crate::error::{InputProblem, StoreError};

/// The reason why a row was not stored.
pub(in crate::workspace) enum RowFault {
    /// The row is bad; the next row may be good.
    Bad(InputProblem),
    /// The database or the disk failed, so the command cannot continue.
    Store(StoreError),
}

impl From<InputProblem> for RowFault {
    fn from(problem: InputProblem) -> Self {
        Self::Bad(problem)
    }
}

impl From<StoreError> for RowFault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
