//! What people wrote beside their answers, as results, reviews and reports show it.

use std::collections::BTreeMap;

use querist_core::Snapshot;
use querist_report::{Remark, Remarks};
use querist_store::workspace::Said;

use crate::error::Result;
use crate::opened::Opened;

/// Remarks by document, as they are shown.
pub(crate) fn by_document(said: &[Said]) -> BTreeMap<usize, Vec<Remark>> {
    let mut by_document: BTreeMap<usize, Vec<Remark>> = BTreeMap::new();
    for one in said {
        by_document.entry(one.document).or_default().push(Remark {
            by: one.by.clone(),
            label: one.label.clone(),
            reason: one.remarks.reason.clone(),
            comment: one.remarks.comment.clone(),
            flag: one.remarks.flag.clone(),
        });
    }
    by_document
}

/// The section of a report; `None` when nobody wrote anything.
///
/// # Errors
/// The workspace cannot be read.
pub(crate) fn section(opened: &Opened, snapshot: &Snapshot) -> Result<Option<Remarks>> {
    let said = opened.workspace.remarks(snapshot)?;
    if said.is_empty() {
        return Ok(None);
    }
    let documents = by_document(&said).into_iter();
    let documents =
        documents.map(|(document, remarks)| (snapshot.documents[document].id.to_string(), remarks));
    Ok(Some(Remarks::of(documents.collect())))
}
