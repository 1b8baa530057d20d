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
    /// Documents that were there and now have a label.
    pub newly_labeled: u64,
    /// Documents that were there and have another label now.
    pub relabeled: u64,
    /// Documents that were there and have another text, or other fields of their own.
    pub updated: u64,
    /// Answers and decisions about another text that stopped counting.
    pub answers_left: u64,
    /// Labels of another text that stopped counting, without one for the new text.
    pub labels_left: u64,
    /// Documents that moved from the pool to the test set or the control items.
    pub moved: u64,
    /// Rows that were there already, with the same text and nothing new.
    pub duplicates: u64,
    /// Labels that `--as pool` left out.
    pub labels_left_out: u64,
    /// Rows passed over because they were bad.
    pub rejected: u64,
    /// Rows whose id was made from their text, because the file has none.
    pub ids_made: u64,
    /// Known documents that came with other fields of their own; these are not taken over.
    pub other_fields: u64,
    /// Known documents whose text came with other white space or accents; it stays as it was.
    pub respelled: u64,
    /// What was guessed of the files, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guesses: Vec<Told>,
    /// What else there is to say of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Told>,
    /// Files in folders and archives that were not read, with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
    /// What is odd about the documents, in words.
    pub warnings: Vec<String>,
}
