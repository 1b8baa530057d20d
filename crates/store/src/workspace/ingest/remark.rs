//! Adds remarks for the user about a file that was read: why it has no answers, and what was not
//! stored.

use super::{Ingester, Reading};
use crate::error::{InputError, StoreError, shown};

impl Ingester<'_> {
    /// Adds remarks for the user about a file, if they apply:
    ///
    /// - The file has no answers, and why.
    /// - The answers to some questions of the tool are not read.
    /// - Comments without an answer are not stored.
    /// - Times have no time zone.
    pub(super) fn remark(&mut self, file: &str, reading: &Reading) {
        let open = std::mem::take(&mut self.findings.open);
        let words: Vec<String> = open.iter().map(|(why, count)| format!("{count} {why}")).collect();
        if reading.pairs.is_empty() && !reading.any_bad {
            let why =
                if words.is_empty() { "none of its records has one".to_owned() } else { words.join(", ") };
            self.counts.remarks.push(format!("{} has no answers: {why}", shown(file)).into());
        }
        for (why, count) in open {
            *self.counts.open.entry(why.to_owned()).or_default() += count;
        }
        let passed_over: Vec<String> = std::mem::take(&mut self.findings.passed_over).into_iter().collect();
        if !passed_over.is_empty() {
            let what = passed_over.join(", ");
            self.counts.remarks.push(format!("{}: the answers to {what} are not read", shown(file)).into());
        }
        let (left_out, without_zone) =
            (std::mem::take(&mut self.findings.left_out), std::mem::take(&mut self.findings.without_zone));
        if left_out > 0 {
            self.counts.remarks.push(
                format!(
                    "{}: {left_out} reasons, comments or flags came without an answer and are not kept; \
                     ingest them together with their answers",
                    shown(file)
                )
                .into(),
            );
        }
        if without_zone > 0 {
            self.counts.remarks.push(
                format!(
                    "{}: {without_zone} times have no time zone and are read as UTC; if they are not UTC, \
                 write them like 2026-05-01T12:00:00+02:00",
                    shown(file)
                )
                .into(),
            );
        }
    }

    /// Checks that some record answers the question whose name the user gave. If not, the name is a
    /// mistake.
    pub(super) fn named_control_is_there(&self, files: &[String]) -> Result<(), StoreError> {
        let Some(problem) = self.findings.control.unseen() else { return Ok(()) };
        let file = files.join(", ");
        Err(InputError::of_file(&file, problem.into()).into())
    }
}
