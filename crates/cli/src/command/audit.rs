//! `querist audit`: lists the labels that are probably wrong, and estimates how many there are.

use querist_session::Session;
use querist_session::audit::{ASSUMED, AuditOptions, Audited, Suspect, Whole};
use serde_json::json;

use super::review::{LISTED, file_list, sent, to};
use crate::args::Audit;
use crate::output::{Outcome, Talk, one_line, written};
use crate::words::count;

/// Runs `querist audit`: finds the labels that are probably wrong. If the options name a file,
/// writes the documents with these labels to it.
///
/// # Errors
/// The workspace cannot be read, it has too few labels for an audit, or a file cannot be written.
pub fn run(args: &Audit, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let options = AuditOptions { all: args.all, top: args.top, to: to(&args.to) };
    let found = session.audit(&options, talk)?;
    let mut text = headline(&found);
    let listed = args.top.unwrap_or(LISTED).min(found.documents.len());
    for (place, suspect) in found.documents[..listed].iter().enumerate() {
        text += &described(place + 1, suspect);
    }
    if listed < found.documents.len() {
        text += &format!("\n… and {} more; use --top N to list the first N", found.documents.len() - listed);
    }
    text += &sent(&args.to, found.written, &found.files);
    let value = json!({
        "labeled": found.labeled, "asked": found.asked, "suspects": found.suspects, "estimated": found.estimated,
        "estimate_assumes": format!("errors fall on {ASSUMED}"), "estimate_needs": found.estimate_needs,
        "documents": found.documents, "file": args.to.out.as_deref().map(written), "written": found.written,
        "files": file_list(&found.files),
    });
    let next = (!found.documents.is_empty())
        .then(|| "have an expert label them, then run `querist ingest --as expert FILE`".to_owned());
    Ok(Outcome { json: value, text, next })
}

/// Returns a sentence with the number of suspected labels and the estimated number of wrong labels.
/// If there is no estimate, the sentence says how many labels it needs.
fn headline(found: &Audited) -> String {
    let asked = found.asked;
    let are = if found.suspects == 1 { "is" } else { "are" };
    let suspects =
        format!("{} of {} {are} suspected of being wrong", found.suspects, count(asked, "label", "labels"));
    // Some labels cannot be checked, for example the only label of a class.
    let of = if found.labeled > asked { " that can be checked" } else { "" };
    let Some(Whole { value, low, high }) = found.estimated else {
        return format!(
            "{suspects}; an estimate of how many are wrong needs at least {} labels{of}",
            found.estimate_needs
        );
    };
    format!(
        "{suspects}; an estimated {value} are wrong (95 % interval: {low} to {high}), if errors fall on {ASSUMED}; \
         --all ranks every label"
    )
}

/// Describes a suspected label in two lines. `place` is its place in the list.
fn described(place: usize, suspect: &Suspect) -> String {
    let Suspect { id, given, suggested, text, .. } = suspect;
    let p = |label: &String| suspect.probabilities[label].as_f64().unwrap_or_default() * 100.0;
    format!(
        "\n{place:>4}  {}  labelled {given} ({:.1} %), model predicts {suggested} ({:.1} %)\n      {}",
        one_line(id),
        p(given),
        p(suggested),
        one_line(text)
    )
}
