//! `querist ingest`: answers back.

use std::path::Path;

use querist_store::workspace::IngestOptions;
use serde_json::json;

use crate::args::Ingest;
use crate::output::{Outcome, Talk, shown};
use crate::session::Session;

/// Ingests answers.
///
/// # Errors
/// The first bad row (unless they are skipped); then nothing was changed.
pub fn run(ingest: &Ingest, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let mut session = Session::write(root, "ingest")?;
    let options = IngestOptions { skip_bad_rows: ingest.skip_bad_rows };
    let labels = session.labels.clone();
    let result = talk.step("reading answers", || session.workspace.ingest(&ingest.files, &labels, options));
    let (counts, rejected_file) = result?;
    let mut text = format!(
        "Ingested: {} new answers, {} changed, {} already there",
        counts.new, counts.changed, counts.unchanged
    );
    if counts.skips > 0 {
        text += &format!("\nSkips among them: {}", counts.skips);
    }
    if counts.older > 0 {
        text += &format!("\nOlder than the standing answer by their time, kept as history: {}", counts.older);
    }
    if counts.known_files > 0 {
        text +=
            &format!("\n{} of the files had been ingested before; they change nothing", counts.known_files);
    }
    if counts.unasked > 0 {
        text += &format!(
            "\n{} answers are for documents that no batch had asked for; they count all the same",
            counts.unasked
        );
    }
    let mut value = json!(counts);
    if let Some(path) = rejected_file {
        text +=
            &format!("\n{} bad rows passed over; with their reasons in {}", counts.rejected, shown(&path));
        value["rejected_file"] = json!(path);
    }
    let next = "querist report for what the answers say, querist round for the next batch";
    Ok(Outcome { json: value, text, next: Some(next.to_owned()) })
}
