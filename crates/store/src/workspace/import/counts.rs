//! What an import did, in numbers and words.

use serde::Serialize;

use crate::error::Told;
use crate::format::records::PassedOver;

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportCounts {
    /// New documents in the pool, without a label.
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
    /// Known documents whose text or own fields were replaced.
    pub updated: u64,
    /// Answers and decisions about a replaced text, which no longer count.
    pub answers_left: u64,
    /// Labels of a replaced text, which no longer count, if the new text has no label.
    pub labels_left: u64,
    /// Documents that moved from the pool to the test set or the control items.
    pub moved: u64,
    /// Rows that are known already, with the same text and nothing new.
    pub duplicates: u64,
    /// Labels that `--as pool` left out.
    pub labels_left_out: u64,
    /// Bad rows that were skipped.
    pub rejected: u64,
    /// Rows whose id was derived from their text, because the file has no ids.
    pub ids_made: u64,
    /// Known documents that came with other fields of their own, which are not stored.
    pub other_fields: u64,
    /// Known documents whose text came with other white space or accents. The stored text stays.
    pub respelled: u64,
    /// What was guessed about the files, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guesses: Vec<Told>,
    /// Further remarks about the files, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Told>,
    /// Files in folders and archives that were not read, each with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
    /// What is odd about the documents, in words.
    pub warnings: Vec<String>,
}
