//! Divides working times among answers. Some platforms measure only the time for a whole page with
//! several documents; then each answer on the page gets an equal part.

use std::collections::BTreeMap;

use super::Entry;

/// For each annotator and page, the answers on the page, each as (document's number, line in the
/// file).
#[derive(Default)]
pub(super) struct Pages(BTreeMap<(String, String), Vec<(i64, i64)>>);

impl Pages {
    /// Adds an answer to a page: its document's number, its annotator and its line.
    pub(super) fn note(&mut self, page: String, (document, annotator): &(i64, String), line: i64) {
        self.0.entry((annotator.clone(), page)).or_default().push((*document, line));
    }

    /// Divides the seconds of each answer by the number of answers on its page. `pairs` has the
    /// answers by document and annotator.
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
