//! Answers that a platform timed together. A page with several tasks has one time, which is divided
//! equally among its answers.

use std::collections::BTreeMap;

use super::Entry;

/// The answers on each page, as (document, line), by (annotator, page).
#[derive(Default)]
pub(super) struct Pages(BTreeMap<(String, String), Vec<(i64, i64)>>);

impl Pages {
    /// Adds an answer to a page: its document, annotator and line.
    pub(super) fn note(&mut self, page: String, (document, annotator): &(i64, String), line: i64) {
        self.0.entry((annotator.clone(), page)).or_default().push((*document, line));
    }

    /// Divides the seconds of each page by the number of its answers.
    pub(super) fn share_out(&self, pairs: &mut BTreeMap<(i64, String), Vec<Entry>>) {
        for ((annotator, _), answers) in &self.0 {
            for (document, line) in answers {
                let entries = pairs.get_mut(&(*document, annotator.clone())).into_iter().flatten();
                for entry in entries.filter(|entry| entry.line == *line) {
                    entry.seconds = entry.seconds.map(|seconds| seconds / answers.len() as f64);
                }
            }
        }
    }
}
