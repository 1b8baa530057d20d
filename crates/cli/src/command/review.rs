//! `querist review`: lists the documents that a person should look at, and says why and who should
//! do it.

use querist_session::Session;
use querist_session::export::OutFile;
use querist_session::reports::ReviewItem;
use querist_session::review::{Reviewed, To};
use serde_json::json;

use crate::args::{Review, ToExperts};
use crate::output::{Outcome, Talk, one_line, shown, written};
use crate::words::count;

/// This many documents are listed unless the user asks for another number.
pub(super) const LISTED: usize = 20;

/// Runs `querist review`: lists the documents that need review. If the options ask for it, writes
/// them to a file.
///
/// # Errors
/// The workspace cannot be read, or a file cannot be written.
pub fn run(args: &Review, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let listed = args.top.unwrap_or(LISTED);
    let Reviewed { section, written, files } = session.review(listed, args.top, to(&args.to), talk)?;
    let mut text = match section.total {
        0 => "There is nothing to review.".to_owned(),
        total => format!("For review: {} ({})", count(total, "document", "documents"), section.counts()),
    };
    for (place, item) in section.top.iter().enumerate() {
        text += &described(place + 1, item);
    }
    if section.top.len() < section.total {
        text +=
            &format!("\n… and {} more; use --top N to list the first N", section.total - section.top.len());
    }
    text += &sent(&args.to, written, &files);
    let next = (section.total > 0).then(|| match &args.to.out {
        Some(_) => "have an expert label them, then run `querist ingest --as expert FILE`".to_owned(),
        None => "decide here with `querist label --review`, or write them to a file for labelling with \
             `querist review --out FILE`"
            .to_owned(),
    });
    let value = json!({
        "total": section.total,
        "reasons": section.reasons.iter().map(|(reason, n)| (reason.clone(), json!(n))).collect::<serde_json::Map<_, _>>(),
        "documents": section.top,
        "file": args.to.out.as_deref().map(crate::output::written),
        "written": written,
        "files": file_list(&files),
    });
    Ok(Outcome { json: value, text, next })
}

/// Returns where to write the documents, according to the options.
pub(super) fn to(args: &ToExperts) -> To<'_> {
    match (&args.out, &args.format) {
        (None, _) => To::Nowhere,
        (Some(path), None) => To::File(path),
        (Some(folder), Some(format)) => {
            let experts = &args.annotators;
            To::Experts(querist_session::review::ToExperts { format, experts, folder })
        }
    }
}

/// Returns sentences on how many documents were written to which files. The text is empty if no
/// documents were written.
pub(super) fn sent(args: &ToExperts, written: Option<usize>, files: &[OutFile]) -> String {
    let (Some(path), Some(written)) = (&args.out, written) else { return String::new() };
    if files.is_empty() {
        return format!("\n{} to label in {}", count(written, "document", "documents"), shown(path));
    }
    files.iter().fold(String::new(), |text, file| {
        text + &format!("\n{} to label in {}", count(file.items, "document", "documents"), shown(&file.file))
    })
}

/// Returns the written files as JSON.
pub(super) fn file_list(files: &[OutFile]) -> Vec<serde_json::Value> {
    let file = |file: &OutFile| json!({"annotator": file.annotator, "file": written(&file.file), "items": file.items});
    files.iter().map(file).collect()
}

/// Describes a document in three lines. `place` is its place in the list.
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
