//! `querist report`: the QA report again, with all answers so far.

use std::path::Path;

use serde_json::json;

use crate::args::Report;
use crate::next;
use crate::output::{Outcome, shown};
use crate::paste::quoted;
use crate::session::Session;
use crate::steps;

/// Writes the report of a round again.
///
/// # Errors
/// There is no such round, or the disk cannot be written.
pub fn run(report: &Report, root: &Path) -> anyhow::Result<Outcome> {
    let session = Session::write(root, "report")?;
    let last = session.workspace.last_round()?;
    let Some(number) = report.round.or(last) else {
        return Err(next::none_yet(&session, "round to report on")?.into());
    };
    let written = steps::write_report(&session, number)?;
    let path = session.workspace.round_path(number, "report.md");
    let mut text = format!("Report of round {number}\n");
    for line in &written.headlines {
        text += &format!("  {line}\n");
    }
    text += &format!("  {}\n", shown(&path));
    Ok(Outcome { json: json!(written), text, next: Some(format!("read {}", quoted(&path))) })
}
