//! `querist labels`: lists the classes, or changes them.

use querist_session::Session;
use querist_session::labels::{LabelAct, LabelRow, LabelsChanged};
use serde_json::json;

use crate::args::{Labels, LabelsCommand};
use crate::output::{Outcome, Talk, one_line};
use crate::words::{count, would};

/// Runs `querist labels`: lists the classes, or changes them.
///
/// # Errors
/// The change is not possible, or the workspace cannot be read or written.
pub fn run(labels: &Labels, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let Some(command) = &labels.command else {
        let labels = session.labels(talk)?;
        return Ok(Outcome { text: table(&labels.labels), json: json!(labels), next: None });
    };
    let (act, dry_run) = act(command);
    let changed = session.change_labels(act, dry_run, talk)?;
    Ok(Outcome { text: text(act, &changed), json: json!(changed), next: None })
}

/// Converts the command line to a change of the classes. Also returns whether it is a dry run.
fn act(command: &LabelsCommand) -> (LabelAct<'_>, bool) {
    let (act, dry_run) = match command {
        LabelsCommand::Add { name, dry_run } => (LabelAct::Add { name }, dry_run),
        LabelsCommand::Rename { old, new, dry_run } => (LabelAct::Rename { old, new }, dry_run),
        LabelsCommand::Merge { labels, into, dry_run } => (LabelAct::Merge { labels, into }, dry_run),
        LabelsCommand::Remove { name, to_skip, dry_run } => {
            (LabelAct::Remove { name, to_skip: *to_skip }, dry_run)
        }
        LabelsCommand::Describe { name, text, dry_run } => {
            // An empty text means that the description is removed.
            (
                LabelAct::Describe { name, text: text.as_deref().filter(|text| !text.trim().is_empty()) },
                dry_run,
            )
        }
    };
    (act, *dry_run)
}

/// Returns in words what a change of the classes did.
fn text(act: LabelAct<'_>, changed: &LabelsChanged) -> String {
    let dry = changed.dry_run;
    let mut text = match act {
        LabelAct::Add { name } => format!("{} {} a class", one_line(name), would(dry, "is now", "would be")),
        LabelAct::Rename { old, new } => {
            format!("{} {} {}", one_line(old), would(dry, "is now called", "would be called"), one_line(new))
        }
        LabelAct::Merge { labels, into } => {
            let labels: Vec<String> = labels.iter().map(|label| one_line(label)).collect();
            format!("{} {} {}", labels.join(", "), would(dry, "became", "would become"), one_line(into))
        }
        LabelAct::Remove { name, .. } => {
            format!("{} {} removed", one_line(name), would(dry, "was", "would be"))
        }
        LabelAct::Describe { name, text: Some(text) } => {
            format!("{} {} described: {}", one_line(name), would(dry, "is now", "would be"), one_line(text))
        }
        LabelAct::Describe { name, text: None } => {
            format!("{} {} no description any more", one_line(name), would(dry, "has", "would have"))
        }
    };
    if !matches!(act, LabelAct::Describe { .. }) {
        for row in &changed.changed {
            text += &format!("\n  {}: {}", one_line(&row.label), uses(row));
        }
        let all: Vec<String> = changed.labels.iter().map(|label| one_line(label)).collect();
        let order = if changed.ordered { ", from the lowest rank to the highest" } else { "" };
        text += &format!("\nThe labels {}{order}: {}", would(dry, "are", "would be"), all.join(", "));
    }
    if changed.unlabeled > 0 {
        let documents = count(changed.unlabeled, "document", "documents");
        text += &format!(
            "\n{documents} {} a label; open again: {}",
            would(
                dry,
                if changed.unlabeled == 1 { "no longer has" } else { "no longer have" },
                "would no longer have"
            ),
            changed.reopened
        );
    }
    text
}

/// Returns in words how often a class is used.
fn uses(row: &LabelRow) -> String {
    format!(
        "{} in the pool, {}, {}, {}",
        count(row.documents, "document", "documents"),
        count(row.answers, "answer", "answers"),
        imported(row),
        count(row.decisions, "decision", "decisions")
    )
}

/// Returns a count such as "10 imported labels (6 of them on test documents or control items)".
fn imported(row: &LabelRow) -> String {
    let all = count(row.imported, "imported label", "imported labels");
    if row.held_out == 0 {
        all
    } else {
        format!("{all} ({} of them on test documents or control items)", row.held_out)
    }
}

/// Makes a table with one line per class: its name, documents, answers and description.
fn table(labels: &[LabelRow]) -> String {
    let width = labels.iter().map(|row| one_line(&row.label).chars().count()).max().unwrap_or_default();
    let line = |row: &LabelRow| {
        let description = row.description.as_deref().map(one_line).unwrap_or_default();
        let documents = count(row.documents, "document", "documents");
        let answers = count(row.answers, "answer", "answers");
        let line = format!("{:<width$}  {documents:>16}  {answers:>14}  {description}", one_line(&row.label));
        line.trim_end().to_owned()
    };
    labels.iter().map(line).collect::<Vec<_>>().join("\n")
}
