//! What an ingest did, in numbers and words.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Told;
use crate::format::records::PassedOver;

/// What an ingest did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IngestCounts {
    /// First answers of a (document, annotator) pair, skips included; first decisions about a
    /// document.
    pub new: u64,
    /// Answers or decisions that replace an earlier one of the same pair or document; the earlier
    /// one is kept as history.
    pub changed: u64,
    /// Answers with an earlier time than the standing one of their pair: kept as history, and
    /// nothing else.
    pub older: u64,
    /// Answers that were there already.
    pub unchanged: u64,
    /// How many of the new, the changed and the older are skips, or decisions that no class fits.
    pub skips: u64,
    /// Files whose very content was ingested before.
    pub known_files: u64,
    /// Answers of such files that got the reason, the comment or the flag that they lacked.
    pub remarked: u64,
    /// New answers for documents that no batch had asked for.
    pub unasked: u64,
    /// Answers or decisions among the new and the changed that do not count, because the lead
    /// excluded who gave them.
    pub excluded: u64,
    /// Rows passed over because they were bad.
    pub rejected: u64,
    /// How many of the new, the changed and the older only say which class is wrong.
    pub rejections: u64,
    /// How many records or annotations hold no answer, by what their tool calls that.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub open: BTreeMap<String, u64>,
    /// Files in archives that were not read, with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
    /// What was recognised of the files, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guesses: Vec<Told>,
    /// What else there is to say of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Told>,
}
