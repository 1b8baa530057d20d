//! The result of an ingest: counts of answers and files, and remarks for the user.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Told;
use crate::format::records::PassedOver;

/// The result of an ingest command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IngestCounts {
    /// First answers of an annotator to a document, including skips; or first decisions of an
    /// expert about a document.
    pub new: u64,
    /// Answers or decisions that replaced an earlier one of the same person. The earlier one is
    /// kept as history.
    pub changed: u64,
    /// Answers or decisions with a time before the current one. They are kept only as history.
    pub older: u64,
    /// Answers or decisions that were stored already.
    pub unchanged: u64,
    /// Skips among the new, changed and older answers; or decisions that no class fits.
    pub skips: u64,
    /// Files with exactly the same content as a file that was ingested before.
    pub known_files: u64,
    /// Stored answers that got a reason, a comment or a flag from a file that was ingested before.
    pub remarked: u64,
    /// New answers to documents that were in no batch.
    pub unasked: u64,
    /// New, changed and older answers or decisions that do not count because the person who gave
    /// them is excluded.
    pub excluded: u64,
    /// Bad rows that were skipped.
    pub rejected: u64,
    /// Answers that reject a class ("not spam"), among the new, changed and older answers.
    pub rejections: u64,
    /// The number of records without an answer, by reason, such as "not labelled yet".
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub open: BTreeMap<String, u64>,
    /// Files in archives that were not read, each with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
    /// What was recognized about the files, as sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guesses: Vec<Told>,
    /// Further remarks about the files, as sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Told>,
}
