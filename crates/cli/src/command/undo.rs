//! `querist undo-import`: takes back an import or an ingest.

use querist_session::Session;
use querist_session::undo::{Brought, Undo, Undone};
use serde_json::json;

use crate::args::UndoImport;
use crate::command::log::listed;
use crate::output::{Outcome, Talk};
use crate::words::{count, would};

/// Runs `querist undo-import`: takes back an import or an ingest.
///
/// # Errors
/// The import or ingest does not exist, or cannot be taken back. In each case nothing was changed.
pub fn run(undo: &UndoImport, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let what = match (undo.number, undo.answers) {
        (number, true) => Undo::Ingest(number),
        (Some(number), false) => Undo::Import(number),
        (None, false) => Undo::Last,
    };
    let undone = session.undo(what, undo.dry_run, talk)?;
    let next = match &undone.brought {
        Brought::Import { .. } => "import a corrected file with `querist import FILE`",
        Brought::Ingest { .. } => "ingest a corrected file with `querist ingest FILE`",
    };
    let next = (!undone.dry_run).then(|| next.to_owned());
    Ok(Outcome { json: json!(undone), text: text(&undone), next })
}

/// Returns in words what was taken back.
fn text(undone: &Undone) -> String {
    let counted = |n: u64, one: &str, more: &str, what: &str| {
        (n > 0).then(|| format!("{} {what}", count(n as usize, one, more)))
    };
    let say = |is, would_be| would(undone.dry_run, is, would_be);
    let (what, mut parts, mut after) = match &undone.brought {
        Brought::Import { documents, labels, moved, updated } => {
            let parts = vec![
                counted(*documents, "document", "documents", say("removed", "would be removed")),
                counted(*labels, "label", "labels", say("no longer counting", "would no longer count")),
                counted(
                    *moved,
                    "document",
                    "documents",
                    say("back in the pool", "would be back in the pool"),
                ),
                counted(
                    *updated,
                    "document",
                    "documents",
                    say("with the earlier text again", "would have the earlier text again"),
                ),
            ];
            ("import", parts, Vec::new())
        }
        Brought::Ingest { answers, decisions, reopened, later } => {
            let no_longer = say("no longer counting", "would no longer count");
            let parts = vec![
                counted(*answers, "answer", "answers", no_longer),
                counted(*decisions, "decision", "decisions", no_longer),
                counted(*reopened as u64, "document", "documents", say("open again", "would be open again")),
            ];
            let after = (!later.is_empty()).then(|| {
                format!(
                    "If a later file repeated one of these answers, the repeated answer was not stored \
                     again. Ingest these files again if they repeated any: {}",
                    listed(later)
                )
            });
            ("ingest", parts, after.into_iter().collect())
        }
    };
    let parts: Vec<String> = parts.drain(..).flatten().collect();
    let parts = if parts.is_empty() { "it had changed nothing".to_owned() } else { parts.join(", ") };
    let took = say("Undid", "Would undo");
    let mut lines = vec![format!("{took} {what} {} ({}): {parts}", undone.number, listed(&undone.files))];
    lines.append(&mut after);
    lines.join("\n")
}
