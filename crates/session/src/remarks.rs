//! Annotators' remarks on their answers, as results, reviews and reports show them.

use std::collections::BTreeMap;

use querist_core::Snapshot;
use querist_core::fold::folded;
use querist_report::{Remark, Remarks};
use querist_store::workspace::Said;

use crate::error::Result;
use crate::opened::Opened;
use crate::review::REASONS;

/// Groups remarks by document; the key is the document's index in the snapshot.
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

/// Returns the part of a remark that counts; `None` if nothing is left. The reason does not count
/// if its author is excluded. A reason from the list of reasons gets the spelling of the list.
fn counted(snapshot: &Snapshot, mut one: Said) -> Option<Said> {
    if snapshot.person(&one.by).is_some_and(|person| person.excluded.is_some()) {
        one.remarks.reason = None;
        return (!one.remarks.is_empty()).then_some(one);
    }
    if let Some(reason) = &mut one.remarks.reason {
        let known = REASONS.iter().find(|(known, _)| folded(known) == folded(reason.trim()));
        if let Some((known, _)) = known {
            (*known).clone_into(reason);
        }
    }
    Some(one)
}

/// Makes the report's section about annotators' remarks; `None` if there are no remarks.
///
/// # Errors
/// The workspace cannot be read.
pub(crate) fn section(opened: &Opened, snapshot: &Snapshot) -> Result<Option<Remarks>> {
    let said: Vec<Said> =
        opened.workspace.remarks(snapshot)?.into_iter().filter_map(|one| counted(snapshot, one)).collect();
    if said.is_empty() {
        return Ok(None);
    }
    let documents = by_document(&said).into_iter();
    let documents =
        documents.map(|(document, remarks)| (snapshot.documents[document].id.to_string(), remarks));
    Ok(Some(Remarks::of(documents.collect())))
}
