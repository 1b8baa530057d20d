//! `querist export --labeled`: the labelled documents with consensus, posterior and annotators.

use std::collections::BTreeMap;
use std::path::Path;

use querist_core::Role;
use querist_store::format::results::{self, LabeledRow};
use querist_store::workspace::write_atomically_with;
use serde_json::json;

use super::failed::Failure;
use crate::failure::Mend;
use crate::output::{Outcome, shown, written};
use crate::remarks;
use crate::session::Session;

/// Writes every document of the pool that has a label, by id.
///
/// # Errors
/// The file's ending is of no format, or the workspace cannot be read or the file written; then the old file stays.
pub(super) fn run(file: &Path, root: &Path) -> anyhow::Result<Outcome> {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    if !results::ENDINGS.contains(&ending.as_str()) {
        let known = results::ENDINGS.join(", .");
        return Err(Mend(format!("{}: expected a name that ends in .{known}", shown(file))).into());
    }
    let session = Session::read(root)?;
    let snapshot = session.snapshot()?;
    let situation = session.situation(&snapshot)?;
    let mut by_document: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for answer in snapshot.answers.iter().filter(|answer| answer.label.is_some()) {
        let annotator = &snapshot.annotators[answer.annotator as usize];
        by_document.entry(answer.document).or_default().push(annotator);
    }
    let remarks = remarks::by_document(&session.workspace.remarks(&snapshot)?);
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    write_atomically_with(file, |out| -> Result<(), Failure> {
        let Some(mut writer) = results::labeled(&ending, out)? else { return Ok(()) };
        for (document, record) in snapshot.documents.iter().enumerate() {
            let Some(class) = situation.label_of[document].filter(|_| record.role == Role::Pool) else {
                continue;
            };
            let source = if snapshot.settled(document).is_some() {
                "expert"
            } else if record.label.is_some() {
                "imported"
            } else {
                "annotators"
            };
            let item = situation.item_of(document).filter(|_| source == "annotators");
            let found = session.workspace.text_of(&record.id)?;
            *counts.entry(source).or_default() += 1;
            let remarks = remarks.get(&document).map(|remarks| json!(remarks).to_string());
            writer.row(&LabeledRow {
                id: &record.id,
                text: &found.text,
                label: snapshot.labels.name(class),
                source,
                posterior: item.map(|item| situation.posteriors.of(item, class)),
                annotators: by_document.get(&document).map_or(&[][..], Vec::as_slice),
                remarks: remarks.as_deref(),
                meta: found.meta.as_deref(),
            })?;
        }
        Ok(writer.finish()?)
    })
    .map_err(|failure| failure.0)?;
    let total: u64 = counts.values().sum();
    let parts: Vec<String> = counts.iter().map(|(source, count)| format!("{count} {source}")).collect();
    let from = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
    Ok(Outcome {
        json: json!({"file": written(file), "labeled": total, "sources": counts}),
        text: format!("{total} labelled documents{from} are in {}", shown(file)),
        next: None,
    })
}
