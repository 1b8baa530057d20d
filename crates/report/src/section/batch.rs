//! How the batch of a round was composed.

use serde::{Deserialize, Serialize};

use super::adaptive::Adaptive;
use crate::markdown::{escape, table};

/// The batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// How many documents were asked for.
    pub asked: usize,
    /// How many it has.
    pub size: usize,
    /// How many documents were open before it.
    pub open: usize,
    /// `model`, `no-labels` or `one-class`: what the choice could rest on.
    pub mode: String,
    /// Each share of the mix.
    pub shares: Vec<ShareRow>,
    /// Each class quota; empty without a ratio share.
    pub quotas: Vec<QuotaRow>,
    /// Why the shares are as large as they are, where the mix is adaptive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adaptive: Option<Adaptive>,
}

/// One share of the mix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShareRow {
    /// Its name.
    pub share: String,
    /// How many picks the mix gives it.
    pub asked: usize,
    /// How many it has.
    pub given: usize,
    /// How many near-duplicates were left out on the way; 0 in reports of an earlier version.
    #[serde(default)]
    pub near_duplicates: usize,
    /// Why the two differ, or what else there is to know.
    pub note: Option<String>,
}

/// One class quota.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuotaRow {
    /// The class.
    pub label: String,
    /// How many picks its quota asks for.
    pub quota: usize,
    /// How many open documents the model assigns to it.
    pub predicted: usize,
    /// How many picks are predicted members.
    pub by_prediction: usize,
    /// How many picks only fill the quota, because there were too few predicted members.
    pub by_fallback: usize,
}

impl Batch {
    /// The section as Markdown.
    pub fn markdown(&self) -> String {
        let mut parts = vec!["## Batch".to_owned()];
        parts.push(format!("{} of {} open documents.", self.size, self.open));
        if self.size == 0 && self.shares.is_empty() {
            return parts.join("\n\n");
        }
        let rows: Vec<Vec<String>> = self.shares.iter().map(ShareRow::cells).collect();
        parts.push(table(&["Share", "Asked", "Given", "Note"], &rows));
        parts.extend(self.adaptive.as_ref().map(Adaptive::markdown));
        if !self.quotas.is_empty() {
            let rows: Vec<Vec<String>> = self.quotas.iter().map(QuotaRow::cells).collect();
            let head = [
                "Quota of class",
                "Asked",
                "Open and predicted",
                "Filled by prediction",
                "Filled by fall-back",
            ];
            parts.push(table(&head, &rows));
            if self.quotas.iter().any(|quota| quota.by_fallback > 0) {
                let note = "Fall-back: the class had too few predicted members, so the likeliest other documents were \
                            taken (the most uncertain ones where the class has no labelled example yet).";
                parts.push(note.to_owned());
            }
        }
        parts.join("\n\n")
    }
}

impl ShareRow {
    fn cells(&self) -> Vec<String> {
        let note = self.note.as_deref().map(escape).unwrap_or_default();
        vec![self.share.clone(), self.asked.to_string(), self.given.to_string(), note]
    }
}

impl QuotaRow {
    fn cells(&self) -> Vec<String> {
        let counts = [self.quota, self.predicted, self.by_prediction, self.by_fallback];
        std::iter::once(escape(&self.label)).chain(counts.iter().map(ToString::to_string)).collect()
    }
}
