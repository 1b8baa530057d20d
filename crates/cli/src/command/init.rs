//! `querist init`: a new workspace.

use std::path::Path;

use querist_core::visible::{NameFault, visible};
use querist_core::{LabelSet, looks_missing};
use querist_store::Workspace;
use serde_json::json;

use crate::args::Init;
use crate::failure::Mend;
use crate::output::{Outcome, Talk, columns, shown, written};
use crate::paste::quoted;
use crate::settings::template;

/// Makes a workspace.
///
/// # Errors
/// Labels that make no set, or a folder that is a workspace already or cannot be written.
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
    let flag = if init.labels.is_empty() { "--label" } else { "--labels" };
    let labels = LabelSet::new(labels).map_err(|error| Mend(format!("{flag}: {error}")))?;
    // Only here: a workspace that has such a label already still opens, and shows it escaped.
    for label in labels.names() {
        if let Some(fault) = NameFault::of(label) {
            let label = visible(label);
            return Err(Mend(format!("{flag}: the label \"{label}\" {fault}; write it without")).into());
        }
    }
    let warnings: Vec<String> = labels
        .names()
        .iter()
        .filter(|name| looks_missing(name))
        .map(|name| {
            format!("the label \"{name}\" looks like a missing value; it is a class like any other here")
        })
        .collect();
    talk.warn(&warnings);
    Workspace::create(root, &template(&labels))?;
    let place = if root == Path::new(".") { "this folder".to_owned() } else { shown(root) };
    let text = format!(
        "Workspace made in {place}\n{}",
        columns(&[
            ("labels", labels.names().join(", ")),
            ("settings", shown(&root.join("querist.toml"))),
            ("database", shown(&root.join("querist.db"))),
        ])
    );
    let flag = if root == Path::new(".") { String::new() } else { format!(" -w {}", quoted(root)) };
    Ok(Outcome {
        json: json!({"workspace": written(root), "labels": labels.names(), "warnings": warnings}),
        text,
        next: Some(format!("bring documents in: querist{flag} import FILE")),
    })
}
