//! `querist init`: makes a new workspace.

use std::path::Path;

use querist_session::{Session, SessionError};
use serde_json::json;

use crate::args::Init;
use crate::failure::Mend;
use crate::output::{Outcome, Talk, columns, shown, written};
use crate::paste::quoted;

/// Runs `querist init`: makes a workspace with the given labels.
///
/// # Errors
/// The labels are not valid as classes, or the folder is already a workspace or cannot be written.
pub fn run(init: &Init, workspace: Option<&Path>, talk: &Talk) -> anyhow::Result<Outcome> {
    if let (Some(dir), Some(workspace)) = (init.dir.as_deref(), workspace)
        && dir != workspace
    {
        let (dir, workspace) = (shown(dir), shown(workspace));
        return Err(Mend(format!(
            "two folders are named, {dir} and (by -w or QUERIST_WORKSPACE) {workspace}; name one"
        ))
        .into());
    }
    let root = init.dir.as_deref().or(workspace).unwrap_or(Path::new("."));
    let labels = init.labels.iter().chain(&init.label).cloned();
    let made = Session::at(root).init(labels).map_err(|error| match error {
        SessionError::Option { problem, .. } if init.labels.is_empty() => {
            SessionError::Option { option: "label", problem }
        }
        other => other,
    })?;
    let odd = made.odd_labels.iter();
    let warnings: Vec<String> = odd
        .map(|name| {
            format!("the label \"{name}\" looks like a missing value, but counts as a class like any other")
        })
        .collect();
    talk.warn(&warnings);
    let place = if root == Path::new(".") { "this folder".to_owned() } else { shown(root) };
    let text = format!(
        "Workspace created in {place}\n{}",
        columns(&[
            ("labels", made.labels.join(", ")),
            ("settings", shown(&root.join("querist.toml"))),
            ("database", shown(&root.join("querist.db"))),
        ])
    );
    let flag = if root == Path::new(".") { String::new() } else { format!(" -w {}", quoted(root)) };
    Ok(Outcome {
        json: json!({"workspace": written(root), "labels": made.labels, "warnings": warnings}),
        text,
        next: Some(format!("import documents with `querist{flag} import FILE`")),
    })
}
