//! `querist audit`: the labels that the model does not believe.
//!
//! Trains as the next round would, from nothing and always with probabilities of documents held out; keeps nothing of it.

use std::path::Path;

use querist_core::Start;
use querist_engine::{Audit as Found, AuditCase, audit, train};
use serde_json::{Map, Value, json};

use super::review::{LISTED, write};
use crate::args::{Audit, BatchOptions};
use crate::failure::Mend;
use crate::output::{Outcome, Talk, one_line, shown};
use crate::session::{Bench, Session};
use crate::settings;
use crate::steps::MODEL_SEED;
use crate::weak::WeakLabels;

/// How many characters of a text are shown.
const EXCERPT: usize = 160;

/// Lists suspected label errors.
///
/// # Errors
/// The workspace cannot be read, there are too few labels, or the file cannot be written.
pub fn run(args: &Audit, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let session = Session::read(root)?;
    let bench = session.bench(&BatchOptions::default())?;
    let prepared = session.prepare(&bench, talk)?;
    let classifier = settings::held_out_classifier(&session.file, &session.labels)?;
    let weak = session.weak_labels(&bench, talk)?;
    let (situation, labels) = (&bench.situation, &session.labels);
    let start = Start { warm: None, seed: MODEL_SEED };
    let learning = (bench.settings.consensus.training, weak.as_ref().map(WeakLabels::as_weak));
    let trained =
        talk.step("training", || train(&classifier, &prepared, situation, labels, learning, start))?;
    let Some(found) = audit(&bench.snapshot, situation, &trained)? else {
        let why = trained.why_none.unwrap_or_else(|| {
            format!("{} labelled documents are too few to hold any out", situation.labeled.len())
        });
        return Err(Mend(format!("the labels cannot be audited: {why}")).into());
    };
    let listed = args.top.unwrap_or(LISTED).min(found.cases.len());
    let mut text = format!(
        "Labels that the model does not believe: {} of {}; by its estimate {:.0} are wrong",
        found.cases.len(),
        found.labeled,
        found.estimated
    );
    let mut documents = Vec::new();
    for (place, case) in found.cases.iter().take(listed).enumerate() {
        let (shown, value) = described(&session, &bench, place + 1, case)?;
        text += &shown;
        documents.push(value);
    }
    if listed < found.cases.len() {
        text += &format!("\n{} more; --top N lists them", found.cases.len() - listed);
    }
    let written = match &args.out {
        Some(path) => {
            let chosen = found.cases.iter().take(args.top.unwrap_or(usize::MAX)).map(|case| case.document);
            let written = write(&session, &bench.snapshot, chosen, path)?;
            text += &format!("\n{written} documents to label in {}", shown(path));
            Some(written)
        }
        None => None,
    };
    let Found { labeled, estimated, cases } = &found;
    let value = json!({
        "labeled": labeled, "suspects": cases.len(), "estimated": estimated, "documents": documents,
        "file": args.out.as_deref().map(crate::output::written), "written": written,
    });
    let next = (!cases.is_empty())
        .then(|| "have an expert label them, then `querist ingest --as expert FILE`".to_owned());
    Ok(Outcome { json: value, text, next })
}

fn described(
    session: &Session,
    bench: &Bench,
    place: usize,
    case: &AuditCase,
) -> anyhow::Result<(String, Value)> {
    let id = bench.snapshot.documents[case.document].id.as_str();
    let (given, suggested) = (session.labels.name(case.given), session.labels.name(case.suggested));
    let text = querist_report::markdown::excerpt(&session.workspace.text_of(id)?.text, EXCERPT);
    let p = |class: querist_core::Class| case.probabilities[class.index()];
    let shown = format!(
        "\n{place:>4}  {}  labelled {given} ({:.1} %), the model says {suggested} ({:.1} %)\n      {}",
        one_line(id),
        p(case.given) * 100.0,
        p(case.suggested) * 100.0,
        one_line(&text)
    );
    let names = session.labels.names().iter();
    let probabilities: Map<String, Value> =
        names.zip(&case.probabilities).map(|(name, p)| (name.clone(), json!(p))).collect();
    let value = json!({
        "id": id, "text": text, "given": given, "suggested": suggested, "margin": case.margin,
        "probabilities": probabilities,
    });
    Ok((shown, value))
}
