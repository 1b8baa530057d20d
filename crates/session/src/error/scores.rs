//! What can be wrong with a whole file of predictions. The store reports what is wrong with a
//! single row.

use thiserror::Error;

/// Why a file of predictions does not fit the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScoresError {
    /// The file lacks rows for some open documents.
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
        /// Ids of some of these documents.
        examples: String,
    },
    /// Some rows have ids that the workspace does not have.
    #[error(
        "{file}: {rows} rows belong to no document in this workspace ({examples}); import those documents"
    )]
    Foreign {
        /// Path of the file.
        file: String,
        /// Number of these rows.
        rows: usize,
        /// Some of these ids.
        examples: String,
    },
    /// The file lacks rows for some control items, although annotators see suggestions.
    #[error(
        "{file}: {missing} control items are missing ({examples}); annotators could recognise them by the \
         missing suggestion: add rows for them"
    )]
    Controls {
        /// Path of the file.
        file: String,
        /// Number of control items without a row.
        missing: usize,
        /// Ids of some of these items.
        examples: String,
    },
}
