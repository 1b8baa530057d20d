//! The result of an import: counts of documents and rows, and remarks for the user.

use serde::Serialize;

use crate::error::Told;
use crate::format::records::PassedOver;

/// The result of an import command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportCounts {
    /// New documents without a label, in the pool.
    pub pool: u64,
    /// New documents with a training label.
    pub labeled: u64,
    /// New test documents.
    pub test: u64,
    /// New control items.
    pub control: u64,
    /// Known documents that got their first label.
    pub newly_labeled: u64,
    /// Known documents whose label was replaced.
    pub relabeled: u64,
    /// Known documents whose text or whose own fields were replaced.
    pub updated: u64,
    /// Current answers and decisions that no longer count, because the text of their document was
    /// replaced.
    pub answers_left: u64,
    /// Labels that no longer count, because the text of their document was replaced by a text
    /// without a label.
    pub labels_left: u64,
    /// Documents that moved from the pool to the test set or the control items.
    pub moved: u64,
    /// Rows with a known id and the same text that brought nothing new.
    pub duplicates: u64,
    /// Labels that were not stored, because the user imported the file with `--as pool`.
    pub labels_left_out: u64,
    /// Bad rows that were skipped.
    pub rejected: u64,
    /// Rows whose ids were made from their texts, because their file has no ids.
    pub ids_made: u64,
    /// Known documents that arrived with other values of the user's own fields. These values were
    /// not stored.
    pub other_fields: u64,
    /// Known documents whose text arrived with other white space or accents; the stored text stays.
    pub respelled: u64,
    /// What was guessed about the files, as sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guesses: Vec<Told>,
    /// Further remarks about the files, as sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Told>,
    /// Files in folders and archives that were not read, each with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
    /// Warnings about the documents, as sentences.
    pub warnings: Vec<String>,
}
