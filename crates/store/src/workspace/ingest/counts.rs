//! Counts what an ingest did and collects its remarks.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Told;
use crate::format::records::PassedOver;

/// The numbers and remarks that describe an ingest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IngestCounts {
    /// Answers that are the annotator's first to their document, including skips; or decisions that
    /// are the expert's first about their document.
    pub new: u64,
    /// Answers or decisions that replaced an earlier one, which is kept as history.
    pub changed: u64,
    /// Answers or decisions that are older than the current one. They are kept only as history.
    pub older: u64,
    /// Answers or decisions that were stored already.
    pub unchanged: u64,
    /// How many of the new, changed and older answers are skips, or decisions that no class fits.
    pub skips: u64,
    /// Files whose content is exactly that of a file that was ingested before.
    pub known_files: u64,
    /// Stored answers that got a reason, a comment or a flag from a file that was ingested before.
    pub remarked: u64,
    /// New answers to documents that were in no batch.
    pub unasked: u64,
    /// New, changed and older answers or decisions that do not count, because their person is
    /// excluded.
    pub excluded: u64,
    /// Bad rows that were skipped.
    pub rejected: u64,
    /// How many of the new, changed and older answers reject a class.
    pub rejections: u64,
    /// How many records or annotations contain no answer, by the name that their tool has for that
    /// state.
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
