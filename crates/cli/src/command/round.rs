//! `querist round`: all steps of a round in one.

use std::path::Path;

use querist_engine::{Means, check_open};
use querist_report::{Batch, RoundReport};
use serde_json::{Value, json};

use crate::args::Round;
use crate::output::{Outcome, Talk, columns, shown};
use crate::session::Session;
use crate::steps;

/// The files of a round, with what each is for.
const FILES: [(&str, &str, &str); 5] = [
    ("batch", "batch.jsonl", "for annotators"),
    ("picks", "picks.jsonl", "why each document is in it"),
    ("report", "report.md", "how good labels, annotators and model are"),
    ("report_json", "report.json", "the same for programs"),
    ("manifest", "manifest.json", "what it was made of"),
];

/// Makes a round.
///
/// # Errors
/// Nothing is open, settings make no sense, or the disk cannot be written; then nothing was changed.
pub fn run(round: &Round, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let mut session = Session::write(root, "round")?;
    let report = make(&mut session, round, talk)?;
    Ok(outcome(&session, &report))
}

/// Makes a round in an open workspace. Gives its report.
///
/// # Errors
/// As [`run`].
pub fn make(session: &mut Session, round: &Round, talk: &Talk) -> anyhow::Result<RoundReport> {
    let bench = session.bench(&round.batch)?;
    check_open(&bench.situation)?;
    let prepared = session.prepare(&bench, talk)?;
    let (mut draft, trained) = steps::train_draft(session, &bench, &prepared, talk)?;
    let model = trained.model.as_deref();
    let probabilities = steps::score_pool(&bench, &prepared, model, talk)?;
    let means = Means {
        probabilities: probabilities.as_ref(),
        model: trained.model.as_ref(),
        members: &bench.members,
    };
    let picks = steps::select_batch(session, &bench, &prepared, means, &mut draft, talk)?;
    let report = steps::export_draft(session, &bench, &mut draft, &picks)?;
    steps::drop_scores(session, draft.number)?;
    Ok(report)
}

/// What there is to say of a round that was just exported.
pub fn outcome(session: &Session, report: &RoundReport) -> Outcome {
    let path = |file: &str| session.workspace.round_path(report.round, file);
    let mut text = format!("Round {}\n", report.round);
    for line in &report.headlines {
        text += &format!("  {line}\n");
    }
    text += &format!("  {}\n", batch_sentence(&report.batch));
    let rows: Vec<(&str, String)> =
        FILES.iter().map(|(name, file, use_)| (*name, format!("{}  ({use_})", shown(&path(file))))).collect();
    text += &columns(&rows);
    let files: Value = FILES.iter().map(|(name, file, _)| ((*name).to_owned(), json!(path(file)))).collect();
    let test = report.model.test.as_ref();
    let value = json!({
        "round": report.round,
        "headlines": report.headlines,
        "labeled": report.model.labeled.iter().sum::<usize>(),
        "converged": report.model.fit.as_ref().map(|fit| fit.converged),
        "test_accuracy": test.and_then(|test| test.accuracy.value),
        "test_macro_f1": test.map(|test| test.macro_f1),
        "batch": report.batch,
        "files": files,
    });
    let batch = path("batch.jsonl");
    let next = format!("have {} labelled, then: querist ingest ANSWERS", shown(&batch));
    Outcome { json: value, text, next: Some(next) }
}

/// "100 of 6,000 open documents: 50 uncertainty, 30 ratio (3 by fall-back), 15 random, 5 control".
pub fn batch_sentence(batch: &Batch) -> String {
    let fallback: usize = batch.quotas.iter().map(|quota| quota.by_fallback).sum();
    let shares: Vec<String> = batch
        .shares
        .iter()
        .filter(|share| share.given > 0)
        .map(|share| match fallback {
            n if n > 0 && share.share == "ratio" => format!("{} ratio ({n} by fall-back)", share.given),
            _ => format!("{} {}", share.given, share.share),
        })
        .collect();
    let notes: String = batch
        .shares
        .iter()
        .filter_map(|share| share.note.as_ref().map(|note| format!("\n  {}: {note}", share.share)))
        .collect();
    format!("{} picks out of {} open documents: {}{notes}", batch.size, batch.open, shares.join(", "))
}
