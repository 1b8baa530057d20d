//! `querist report`: writes the report of a round again, from all answers so far.

use querist_session::Session;
use serde_json::json;

use crate::args::Report;
use crate::output::{Outcome, Talk, shown};
use crate::paste::quoted;

/// Names the commands that deal with documents for review.
const REVIEW: &str = "`querist review --out FILE` writes the documents for review to a file, and `querist \
                      ingest --as expert FILE` settles them";

/// Names the commands that give a label to documents that are tied or were only skipped.
const SETTLE: &str = "`querist ingest ANSWERS` settles documents that are tied or only skipped with one \
                      more answer, or `querist import FILE` with their label";

/// Runs `querist report`: writes the report of a round again, from all answers so far.
///
/// # Errors
/// The round does not exist, or a file cannot be written.
pub fn run(report: &Report, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let written = session.report(report.round, talk)?;
    let path = &written.files.report;
    let mut text = format!("Report of round {}\n", written.round);
    for line in &written.report.headlines {
        text += &format!("  {line}\n");
    }
    text += &format!("  {}\n", shown(path));
    let mut next = format!("read {}", quoted(path));
    if written.report.review.total > 0 {
        next += &format!("; {REVIEW}");
    }
    if written.report.conflicts.to_settle() > 0 {
        next += &format!("; {SETTLE}");
    }
    Ok(Outcome { json: json!(written.report), text, next: Some(next) })
}
