//! `querist export`: step 4 of a round, or an earlier round's files again.

use std::path::Path;

use querist_store::workspace::Stage;

use super::round::outcome;
use crate::args::{BatchOptions, Export};
use crate::output::{Outcome, Talk};
use crate::session::Session;
use crate::steps;

/// Writes a round's files.
///
/// # Errors
/// There is no such round, or the disk cannot be written.
pub fn run(export: &Export, root: &Path, _talk: &Talk) -> anyhow::Result<Outcome> {
    let mut session = Session::write(root, "export")?;
    if let Some(number) = export.round {
        let report = steps::export_again(&session, number)?;
        return Ok(outcome(&session, &report));
    }
    let bench = session.bench(&BatchOptions::default())?;
    let (mut draft, _) = steps::resume(&session, &bench, Stage::Selected)?;
    let picks = session.workspace.picks(draft.number, &bench.snapshot)?;
    let report = steps::export_draft(&mut session, &bench, &mut draft, &picks)?;
    Ok(outcome(&session, &report))
}
