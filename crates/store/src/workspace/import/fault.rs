//! What keeps a row out: a fault of the row, or a fault of the database.

use crate::error::{InputProblem, StoreError};

/// Why a row was not stored.
pub(in crate::workspace) enum RowFault {
    /// The row is bad; the next one may be good.
    Bad(InputProblem),
    /// The database or the disk failed, so the import cannot go on.
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
