//! What keeps a row out: its own fault, or that of the database.

use crate::error::{InputProblem, StoreError};

/// Why a row was not taken: it is bad, or storing it failed.
pub(in crate::workspace) enum RowFault {
    /// The row is bad; the next one may be good.
    Bad(InputProblem),
    /// The database or the disk failed; there is no going on.
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
