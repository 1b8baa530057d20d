//! The data-ethics checklist: `checklist.md` of the workspace, which the team edits.
//!
//! Like checklists such as Deon's, it asks about collection, bias, privacy and unintended use, and
//! a team answers for itself. Querist only counts the items that are ticked. An item is a line of
//! Markdown that begins with `- [ ]` or `- [x]`; `*` or `+` may replace the `-`.

use std::path::{Path, PathBuf};

use querist_report::{Checklist, OpenItem};
use querist_store::write_atomically;
use serde::Serialize;

use crate::error::{Doing, Result};
use crate::progress::Progress;
use crate::session::Session;

/// The checklist of a new workspace.
const TEMPLATE: &str = include_str!("checklist.md");

/// How many items of a checklist are ticked.
#[derive(Debug, Clone, Serialize)]
pub struct ChecklistState {
    /// Path of the checklist.
    pub file: PathBuf,
    /// Whether the file did not exist and this call wrote it.
    pub made: bool,
    /// The numbers of items and of ticked items, and the texts of the items that are not ticked.
    #[serde(flatten)]
    pub checklist: Checklist,
    /// Whether the workspace has a round, whose report shows the checklist.
    pub reported: bool,
}

impl Session {
    /// Counts the items of the checklist, and the ticked items among them. If the workspace has no
    /// checklist, writes the template first.
    ///
    /// # Errors
    /// The folder is no workspace, or the file `checklist.md` cannot be read or written.
    pub fn checklist(&self, progress: &dyn Progress) -> Result<ChecklistState> {
        let file = path(self.root());
        let made = read(self.root())?.is_none();
        let opened = if made {
            // Under the lock, only one of two processes writes the file.
            let opened = self.write("checklist", progress)?;
            if !file.exists() {
                write_atomically(&file, TEMPLATE.as_bytes())?;
            }
            opened
        } else {
            self.read(progress)?
        };
        let checklist = read(self.root())?.unwrap_or_else(|| parse(""));
        Ok(ChecklistState { file, made, checklist, reported: opened.workspace.last_round()?.is_some() })
    }
}

/// Returns the path of the checklist in the workspace at `root`.
fn path(root: &Path) -> PathBuf {
    root.join("checklist.md")
}

/// Reads and counts the checklist of the workspace at `root`; `None` if the file does not exist.
///
/// # Errors
/// The file exists but cannot be read.
pub(crate) fn read(root: &Path) -> Result<Option<Checklist>> {
    let path = path(root);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(parse(&text))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).doing("read", &path),
    }
}

/// Counts the items in `text`, a checklist in Markdown. Collects the items that are not ticked,
/// each with the heading above it.
fn parse(text: &str) -> Checklist {
    let mut checklist = Checklist { ticked: 0, items: 0, open: Vec::new() };
    let mut heading = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(title) = line.strip_prefix('#') {
            title.trim_start_matches('#').trim().clone_into(&mut heading);
        }
        let Some((ticked, item)) = item_of(line) else { continue };
        checklist.items += 1;
        if ticked {
            checklist.ticked += 1;
        } else {
            checklist.open.push(OpenItem { heading: heading.clone(), item: item.to_owned() });
        }
    }
    checklist
}

/// Reads one line of Markdown. If it is an item, returns whether the item is ticked and the item's
/// text.
fn item_of(line: &str) -> Option<(bool, &str)> {
    let rest = line.strip_prefix(['-', '*', '+'])?.trim_start().strip_prefix('[')?;
    let (mark, item) = rest.split_once(']')?;
    match mark.trim() {
        "" => Some((false, item.trim())),
        "x" | "X" => Some((true, item.trim())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_counted_under_their_headings() {
        let text = "# All\n- [x] one\n## Privacy\n* [ ] two\n  - [X] three\n- four\n- [?] five\n+ [] six\n";
        let checklist = parse(text);
        assert_eq!((checklist.ticked, checklist.items), (2, 4));
        let open: Vec<(&str, &str)> =
            checklist.open.iter().map(|open| (open.heading.as_str(), open.item.as_str())).collect();
        assert_eq!(open, [("Privacy", "two"), ("Privacy", "six")]);
    }

    #[test]
    fn the_template_asks_about_all_four() {
        let checklist = parse(TEMPLATE);
        assert_eq!((checklist.ticked, checklist.items), (0, 16));
        for heading in ["Collection", "Bias", "Privacy", "Unintended use"] {
            assert_eq!(checklist.open.iter().filter(|open| open.heading == heading).count(), 4, "{heading}");
        }
    }
}
