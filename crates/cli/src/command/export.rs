//! `querist export`: step 4 of a round, an earlier round's files again, a batch for a tool, or results.

mod batch;
pub(super) mod failed;
mod labeled;
mod scores;

use std::path::Path;

use querist_store::workspace::Stage;

use super::round::outcome;
use crate::args::Export;
use crate::output::{Outcome, Talk};
use crate::session::Session;
use crate::steps;

/// Writes a round's files, or what else was asked for.
///
/// # Errors
/// There is no such round, or the disk cannot be written.
pub fn run(export: &Export, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    if let Some(name) = &export.format {
        return batch::run(export, name, root, talk);
    }
    if let Some(file) = &export.labeled {
        return labeled::run(file, root);
    }
    if let Some(file) = &export.scores {
        return scores::run(file, export.round, root, talk);
    }
    let mut session = Session::write(root, "export")?;
    if let Some(number) = export.round {
        let report = steps::export_again(&session, number)?;
        return Ok(outcome(&session, &report));
    }
    let bench = session.bench(&[])?;
    let (mut draft, _) = steps::resume(&session, &bench, Stage::Selected)?;
    let picks = session.workspace.picks(draft.number, &bench.snapshot)?;
    let report = steps::export_draft(&mut session, &bench, &mut draft, &picks)?;
    Ok(outcome(&session, &report))
}
