//! `querist review`: what somebody should look at, why, and who.

use querist_session::Session;
use querist_session::reports::ReviewItem;
use querist_session::review::Reviewed;
use serde_json::json;

use crate::args::Review;
use crate::output::{Outcome, Talk, one_line, shown};

/// How many are listed.
pub(super) const LISTED: usize = 20;

/// Lists the documents for review.
///
/// # Errors
/// The workspace cannot be read, or the file cannot be written.
pub fn run(args: &Review, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let listed = args.top.unwrap_or(LISTED);
    let Reviewed { section, written } = session.review(listed, args.top, args.out.as_deref(), talk)?;
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
