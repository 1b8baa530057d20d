//! `querist checklist`: shows how much of the workspace's data-ethics checklist is ticked. Makes
//! the checklist if it does not exist.

use querist_session::Session;
use querist_session::checklist::ChecklistState;
use serde_json::json;

use crate::output::{Outcome, Talk, shown, written};

/// Runs `querist checklist`: counts the items of the checklist. If the file does not exist, writes
/// its template first.
///
/// # Errors
/// The folder is no workspace, or the file cannot be read or written.
pub fn run(session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let ChecklistState { file: path, made, checklist: found, reported } = session.checklist(talk)?;
    let file = shown(&path);
    let mut text = if made { format!("Made {file}: tick what is done in it\n") } else { format!("{file}\n") };
    text += &format!("  {}\n", found.sentence());
    let mut heading = "";
    for open in &found.open {
        if open.heading != heading {
            heading = &open.heading;
            text += &format!("  {heading}\n");
        }
        text += &format!("    [ ] {}\n", open.item);
    }
    let json = json!({
        "file": written(&path), "made": made, "ticked": found.ticked, "items": found.items, "open": found.open,
    });
    let next =
        reported.then(|| "run `querist report` to show its state at the top of the last report".to_owned());
    Ok(Outcome { json, text, next })
}
