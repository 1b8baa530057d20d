//! `querist report`: the QA report again, with all answers so far.

use querist_session::Session;
use serde_json::json;

use crate::args::Report;
use crate::output::{Outcome, Talk, shown};
use crate::paste::quoted;

/// Writes the report of a round again.
///
/// # Errors
/// There is no such round, or the disk cannot be written.
pub fn run(report: &Report, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let written = session.report(report.round, talk)?;
    let path = &written.files.report;
    let mut text = format!("Report of round {}\n", written.round);
    for line in &written.report.headlines {
        text += &format!("  {line}\n");
    }
    text += &format!("  {}\n", shown(path));
    Ok(Outcome { json: json!(written.report), text, next: Some(format!("read {}", quoted(path))) })
}
