//! What an ingest did, in numbers and words.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Told;
use crate::format::records::PassedOver;

/// What an ingest did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IngestCounts {
    /// First answers of a (document, annotator) pair, including skips; or first decisions about a
    /// document.
    pub new: u64,
    /// Answers or decisions that replace an earlier one of the same pair or document. The earlier
    /// one is kept as history.
    pub changed: u64,
    /// Answers with an earlier time than the current answer of their pair. They are only kept as
    /// history.
    pub older: u64,
    /// Answers that were stored already.
    pub unchanged: u64,
    /// How many of the new, changed and older answers are skips, or decisions that no class fits.
    pub skips: u64,
    /// Files with exactly the content of a file that was ingested before.
    pub known_files: u64,
    /// Stored answers that got a reason, comment or flag from such a file.
    pub remarked: u64,
    /// New answers about documents that were in no batch.
    pub unasked: u64,
    /// New and changed answers or decisions that do not count, because the lead excluded the person
    /// who gave them.
    pub excluded: u64,
    /// Bad rows that were skipped.
    pub rejected: u64,
    /// How many of the new, changed and older answers only say which class is wrong.
    pub rejections: u64,
    /// How many records or annotations hold no answer, by their tool's name for that state.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub open: BTreeMap<String, u64>,
    /// Files in archives that were not read, with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
    /// What was recognized about the files, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guesses: Vec<Told>,
    /// Further remarks about the files, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Told>,
}
