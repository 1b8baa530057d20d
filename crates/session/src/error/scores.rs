//! What can be wrong with a file of predictions as a whole. The store reports faults of single
//! rows.

use thiserror::Error;

/// Predictions that do not fit the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScoresError {
    /// Open documents have no row.
    #[error(
        "{file}: {missing} of {open} open documents are missing ({examples}); add a row for each document \
         that may be picked"
    )]
    Missing {
        /// Path of the file.
        file: String,
        /// Number of open documents without a row.
        missing: usize,
        /// Number of open documents.
        open: usize,
        /// Some of the missing ids.
        examples: String,
    },
    /// Some rows belong to no document of the workspace.
    #[error(
        "{file}: {rows} rows belong to no document in this workspace ({examples}); import those documents"
    )]
    Foreign {
        /// Path of the file.
        file: String,
        /// Number of such rows.
        rows: usize,
        /// Some of their ids.
        examples: String,
    },
    /// Control items have no row, although annotators see suggestions.
    #[error(
        "{file}: {missing} control items are missing ({examples}); annotators could recognise them by the \
         missing suggestion: add rows for them"
    )]
    Controls {
        /// Path of the file.
        file: String,
        /// Number of control items without a row.
        missing: usize,
        /// Some of the missing ids.
        examples: String,
    },
}
