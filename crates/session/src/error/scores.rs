//! What can be wrong with a file of predictions as a whole. What is wrong with a row, the store
//! says.

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
        /// The file.
        file: String,
        /// How many are missing.
        missing: usize,
        /// How many are open.
        open: usize,
        /// Some of their ids.
        examples: String,
    },
    /// Rows are of no document of the workspace.
    #[error(
        "{file}: {rows} rows belong to no document in this workspace ({examples}); import those documents"
    )]
    Foreign {
        /// The file.
        file: String,
        /// How many rows.
        rows: usize,
        /// Some of their ids.
        examples: String,
    },
    /// Control items have no row, while annotators are shown suggestions.
    #[error(
        "{file}: {missing} control items are missing ({examples}); annotators could recognise them by the \
         missing suggestion: add rows for them"
    )]
    Controls {
        /// The file.
        file: String,
        /// How many are missing.
        missing: usize,
        /// Some of their ids.
        examples: String,
    },
}
