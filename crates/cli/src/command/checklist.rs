//! `querist checklist`: how far the workspace's data-ethics checklist is, and the file itself where there is none.

use std::path::Path;

use querist_store::write_atomically;
use serde_json::json;

use crate::checklist::{self, TEMPLATE};
use crate::output::{Outcome, shown, written};
use crate::session::Session;

/// Counts the items of the checklist; makes the file first if there is none.
///
/// # Errors
/// This is no workspace, or the file cannot be read or written.
pub fn run(root: &Path) -> anyhow::Result<Outcome> {
    let path = checklist::path(root);
    let made = checklist::read(root)?.is_none();
    let session = if made {
        // Under the lock, so that of two commands only one makes it.
        let session = Session::write(root, "checklist")?;
        if !path.exists() {
            write_atomically(&path, TEMPLATE.as_bytes())?;
        }
        session
    } else {
        Session::read(root)?
    };
    let found = checklist::read(root)?.unwrap_or_else(|| checklist::parse(""));
    let file = shown(&path);
    let mut text = if made { format!("Made {file}: tick in it what is done\n") } else { format!("{file}\n") };
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
    let report = session.workspace.last_round()?.is_some();
    let next =
        report.then(|| "`querist report` writes its state into the head of the last report".to_owned());
    Ok(Outcome { json, text, next })
}
