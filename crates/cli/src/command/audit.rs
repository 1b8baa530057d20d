//! `querist audit`: the labels that are probably wrong, and how many are.
//!
//! Trains as the next round would, from nothing and always with probabilities of documents held out; keeps nothing of it.

use std::path::Path;

use querist_core::Start;
use querist_engine::{Audit as Found, AuditCase, audit, train};
use querist_model::Purpose;
use querist_quality::Estimate;
use serde_json::{Map, Value, json};

use super::review::{LISTED, write};
use crate::args::Audit;
use crate::failure::Mend;
use crate::output::{Outcome, Talk, one_line, shown};
use crate::session::{Bench, Session};
use crate::steps::MODEL_SEED;
use crate::weak::WeakLabels;

/// How many characters of a text are shown.
const EXCERPT: usize = 160;
/// What the estimate takes for granted.
const ANYWHERE: &str = "any document alike; errors that follow the text are not counted";

/// Lists suspected label errors.
///
/// # Errors
/// The workspace cannot be read, there are too few labels, or the file cannot be written.
pub fn run(args: &Audit, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let session = Session::read(root)?;
    let bench = session.bench(&[])?;
    let prepared = session.prepare(&bench, talk)?;
    let classifier = session.classifier(Purpose::Audit)?;
    let weak = session.weak_labels(&bench, talk)?;
    let (situation, labels) = (&bench.situation, &session.labels);
    let start = Start { warm: None, seed: MODEL_SEED };
    let learning = (bench.settings.quality.training, weak.as_ref().map(WeakLabels::as_weak));
    let trained =
        talk.step("training", || train(&classifier, &prepared, situation, labels, learning, start))?;
    let Some(found) = audit(&bench.snapshot, situation, &trained)? else {
        let why = trained.why_none.unwrap_or_else(|| {
            format!("{} labelled documents are too few to hold any out", situation.labeled.len())
        });
        return Err(Mend(format!("the labels cannot be audited: {why}")).into());
    };
    let chosen: Vec<&AuditCase> = found
        .cases
        .iter()
        .filter(|case| args.all || case.rated.suspected)
        .take(args.top.unwrap_or(usize::MAX))
        .collect();
    let mut text = headline(&found);
    let mut documents = Vec::with_capacity(chosen.len());
    let listed = args.top.unwrap_or(LISTED).min(chosen.len());
    for (place, case) in chosen.iter().enumerate() {
        let (shown, value) = described(&session, &bench, place + 1, case)?;
        if place < listed {
            text += &shown;
        }
        documents.push(value);
    }
    if listed < chosen.len() {
        text += &format!("\n{} more; --top N lists them", chosen.len() - listed);
    }
    let written = match &args.out {
        Some(path) => {
            let chosen = chosen.iter().map(|case| case.document);
            let written = write(&session, &bench.snapshot, chosen, path)?;
            text += &format!("\n{written} documents to label in {}", shown(path));
            Some(written)
        }
        None => None,
    };
    let value = json!({
        "labeled": found.labeled, "asked": found.cases.len(), "suspects": found.suspects,
        "estimated": found.estimated.map(|number| {
            let [value, low, high] = whole(number);
            json!({"value": value, "low": low, "high": high})
        }),
        "estimate_assumes": format!("errors fall on {ANYWHERE}"), "estimate_needs": found.needed, "documents": documents,
        "file": args.out.as_deref().map(crate::output::written), "written": written,
    });
    let next = (!chosen.is_empty())
        .then(|| "have an expert label them, then `querist ingest --as expert FILE`".to_owned());
    Ok(Outcome { json: value, text, next })
}

/// In whole labels: the estimate rounded, the interval outwards.
fn whole(number: Estimate) -> [u64; 3] {
    [number.value.round(), number.low.floor(), number.high.ceil()].map(|labels| labels as u64)
}

/// How many are suspected, and how many are wrong.
fn headline(found: &Found) -> String {
    let asked = found.cases.len();
    let suspects = format!("{} of {asked} labels are suspected to be wrong", found.suspects);
    // Some labels cannot be asked about, such as the only one of its class.
    let of = if found.labeled > asked { " that can be asked about" } else { "" };
    let Some([value, low, high]) = found.estimated.map(whole) else {
        return format!("{suspects}; to estimate how many are takes {} labels{of}", found.needed);
    };
    format!(
        "{suspects}; an estimated {value} are wrong (95 % interval: {low} to {high}), if errors fall on {ANYWHERE}; \
         --all ranks every label"
    )
}

fn described(
    session: &Session,
    bench: &Bench,
    place: usize,
    case: &AuditCase,
) -> anyhow::Result<(String, Value)> {
    let id = bench.snapshot.documents[case.document].id.as_str();
    let rated = &case.rated;
    let (given, suggested) = (session.labels.name(rated.given), session.labels.name(rated.suggested));
    let text = querist_report::markdown::excerpt(&session.workspace.text_of(id)?.text, EXCERPT);
    let p = |class: querist_core::Class| case.probabilities[class.index()];
    let shown = format!(
        "\n{place:>4}  {}  labelled {given} ({:.1} %), the model says {suggested} ({:.1} %)\n      {}",
        one_line(id),
        p(rated.given) * 100.0,
        p(rated.suggested) * 100.0,
        one_line(&text)
    );
    let names = session.labels.names().iter();
    let probabilities: Map<String, Value> =
        names.zip(&case.probabilities).map(|(name, p)| (name.clone(), json!(p))).collect();
    let value = json!({
        "id": id, "text": text, "given": given, "suggested": suggested, "suspected": rated.suspected,
        "self_confidence": rated.self_confidence, "margin": rated.margin, "wrong": rated.wrong,
        "probabilities": probabilities,
    });
    Ok((shown, value))
}
