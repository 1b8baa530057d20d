//! `querist review`: what somebody should look at, why, and who.

use std::path::Path;

use querist_core::Snapshot;
use querist_engine::{review, review_section};
use querist_report::ReviewItem;
use querist_store::format::batch::{self, BatchItem};
use querist_store::write_atomically;
use serde_json::json;

use crate::args::Review;
use crate::output::{Outcome, Talk, one_line, shown};
use crate::remarks;
use crate::session::Session;

/// How many are listed.
pub(super) const LISTED: usize = 20;

/// Lists the documents for review.
///
/// # Errors
/// The workspace cannot be read, or the file cannot be written.
pub fn run(args: &Review, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let session = Session::read(root)?;
    let snapshot = session.snapshot()?;
    let situation = session.situation(&snapshot)?;
    let standards = session.standards()?;
    let cases = talk.step("weighing answers", || review(&snapshot, &situation, &standards))?;
    let listed = args.top.unwrap_or(LISTED);
    let mut section = review_section(&snapshot, &cases, listed, &mut session.text_of(&snapshot))?;
    let remarks = remarks::by_document(&session.workspace.remarks(&snapshot)?);
    for (case, item) in cases.iter().zip(&mut section.top) {
        item.remarks = remarks.get(&case.document).cloned().unwrap_or_default();
    }
    let written = match &args.out {
        Some(path) => {
            let chosen = cases.iter().take(args.top.unwrap_or(usize::MAX)).map(|case| case.document);
            Some(write(&session, &snapshot, chosen, path)?)
        }
        None => None,
    };
    let mut text = match section.total {
        0 => "Nothing is up for review.".to_owned(),
        total => format!("Up for review: {total} documents ({})", section.counts()),
    };
    for (place, item) in section.top.iter().enumerate() {
        text += &described(place + 1, item);
    }
    if section.top.len() < section.total {
        text += &format!("\n{} more; --top N lists them", section.total - section.top.len());
    }
    if let (Some(path), Some(written)) = (&args.out, written) {
        text += &format!("\n{written} documents to label in {}", shown(path));
    }
    let next = (section.total > 0).then(|| match &args.out {
        Some(_) => "have an expert label them, then `querist ingest --as expert FILE`".to_owned(),
        None => "`querist review --out FILE`, to have them labelled".to_owned(),
    });
    let value = json!({
        "total": section.total,
        "reasons": section.reasons.iter().map(|(reason, n)| (reason.clone(), json!(n))).collect::<serde_json::Map<_, _>>(),
        "documents": section.top,
        "file": args.out.as_deref().map(crate::output::written),
        "written": written,
    });
    Ok(Outcome { json: value, text, next })
}

fn described(place: usize, item: &ReviewItem) -> String {
    let votes = item.votes_line();
    let who = item.who_line();
    let lines = item.remarks.iter().map(|remark| one_line(&remark.line()));
    let remarks = lines.fold(String::new(), |text, line| text + "\n      " + &line);
    format!(
        "\n{place:>4}  {}  {}\n      {}\n      votes: {votes}; expected help {:.3}; ask {who}{remarks}",
        one_line(&item.id),
        item.why(),
        one_line(&item.text),
        item.help
    )
}

/// Writes documents as a batch has them. Gives their number.
///
/// # Errors
/// A text cannot be read, or the file cannot be written.
pub(super) fn write(
    session: &Session,
    snapshot: &Snapshot,
    documents: impl Iterator<Item = usize>,
    path: &Path,
) -> anyhow::Result<usize> {
    let mut items = Vec::new();
    for document in documents {
        let id = snapshot.documents[document].id.to_string();
        let found = session.workspace.text_of(&id)?;
        items.push(BatchItem { id, text: found.text, meta: found.meta, suggestion: None, annotator: None });
    }
    write_atomically(path, &batch::write(&items, &snapshot.labels))?;
    Ok(items.len())
}
