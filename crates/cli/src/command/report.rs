//! `querist report`: the QA report again, with all answers so far.

use std::path::Path;

use querist_engine::{check_open, is_any_open};
use serde_json::json;

use crate::args::Report;
use crate::failure::Mend;
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
    let Some(number) = report.round.or(last) else { return Err(no_round(&session)?.into()) };
    let written = steps::write_report(&session, number)?;
    let path = session.workspace.round_path(number, "report.md");
    let mut text = format!("Report of round {number}\n");
    for line in &written.headlines {
        text += &format!("  {line}\n");
    }
    text += &format!("  {}\n", shown(&path));
    Ok(Outcome { json: json!(written), text, next: Some(format!("read {}", quoted(&path))) })
}

/// Why there is no report, with what to do: a round can only be made while a document is open.
fn no_round(session: &Session) -> anyhow::Result<Mend> {
    let snapshot = session.snapshot()?;
    if is_any_open(&snapshot) {
        return Ok(Mend("there is no round to report on yet; run `querist round`".to_owned()));
    }
    let situation = session.situation(&snapshot)?;
    let why = check_open(&snapshot, &situation).err().map(|error| error.to_string()).unwrap_or_default();
    Ok(Mend(format!("there is no round to report on: {why}")))
}
