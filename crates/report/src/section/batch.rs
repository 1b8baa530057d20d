//! How the batch of a round was composed.

use querist_core::ShareAccount;
use querist_core::round::{Adaptive, Batch, QuotaRow};

use super::{Row, Section};
use crate::markdown::{escape, table};

impl Section for Batch {
    fn markdown(&self) -> String {
        let mut parts = vec!["## Batch".to_owned()];
        parts.push(match &self.part {
            None => format!("{} of {} open documents.", self.size, self.open),
            Some(part) => {
                let (open, of, phrase) = (self.open, part.of, escape(&part.phrase()));
                format!("{} documents, chosen from the {open} of {of} open documents {phrase}.", self.size)
            }
        });
        if self.size == 0 && self.shares.is_empty() {
            return parts.join("\n\n");
        }
        let rows: Vec<Vec<String>> = self.shares.iter().map(ShareAccount::cells).collect();
        parts.push(table(&["Share", "Requested", "Picked", "Note"], &rows));
        parts.extend(self.adaptive.as_ref().map(Adaptive::markdown));
        if !self.quotas.is_empty() {
            let rows: Vec<Vec<String>> = self.quotas.iter().map(QuotaRow::cells).collect();
            let head = [
                "Quota of class",
                "Requested",
                "Open and predicted",
                "Predicted members picked",
                "Stand-ins picked",
            ];
            parts.push(table(&head, &rows));
            if self.quotas.iter().any(|quota| quota.by_fallback > 0) {
                let note = "Stand-ins: too few documents are predicted to be in the class, so the other \
                            documents that are likeliest to be in it were picked (or, if the class has no \
                            labelled example yet, the most uncertain documents).";
                parts.push(note.to_owned());
            }
        }
        parts.join("\n\n")
    }
}

impl Row for ShareAccount {
    fn cells(&self) -> Vec<String> {
        let note = self.note.as_deref().map(escape).unwrap_or_default();
        vec![self.share.name().to_owned(), self.asked.to_string(), self.given.to_string(), note]
    }
}

impl Row for QuotaRow {
    fn cells(&self) -> Vec<String> {
        let counts = [self.quota, self.predicted, self.by_prediction, self.by_fallback];
        std::iter::once(escape(&self.label)).chain(counts.iter().map(ToString::to_string)).collect()
    }
}
