//! `querist round`: all steps of a round in one.

use std::path::Path;

use querist_engine::{Means, Prepared, check_open};
use querist_report::{Batch, RoundReport};
use querist_store::workspace::Draft;
use serde_json::{Value, json};

use crate::args::Round;
use crate::brought;
use crate::embeddings;
use crate::label::journal;
use crate::last_model;
use crate::output::{Outcome, Talk, columns, shown, written};
use crate::paste::quoted;
use crate::session::{Bench, Session};
use crate::steps;

/// The files of a round, with what each is for.
const FILES: [(&str, &str, &str); 6] = [
    ("batch", "batch.jsonl", "for annotators"),
    ("picks", "picks.jsonl", "why each document is in it"),
    ("report", "report.md", "how good labels, annotators and model are"),
    ("page", "report.html", "the same as a page, with charts"),
    ("report_json", "report.json", "the same for programs"),
    ("manifest", "manifest.json", "what it was made of"),
];

/// Makes a round.
///
/// # Errors
/// Nothing is open and nothing is new to learn from, settings make no sense, or the disk cannot be written; then nothing was changed.
pub fn run(round: &Round, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let mut session = Session::write(root, "round")?;
    for (path, answers) in journal::waiting(root) {
        let (path, command) = (shown(&path), quoted(&path));
        talk.remark(&format!(
            "warning: {answers} answers of `querist label` wait in {path}, and are no part of this round; `querist ingest {command}` takes them in"
        ));
    }
    let report = make(&mut session, round, talk)?;
    Ok(outcome(&session, &report))
}

/// Makes a round in an open workspace. Gives its report.
///
/// # Errors
/// As [`run`].
pub fn make(session: &mut Session, round: &Round, talk: &Talk) -> anyhow::Result<RoundReport> {
    let bench = session.bench(&round.batch.overrides()?)?;
    let last = round.scores.is_none() && last_model::due(session, &bench)?;
    if !last {
        check_open(&bench.snapshot, &bench.situation)?;
    }
    // Before anything that takes long.
    embeddings::check_not_gone(session)?;
    let scores = match &round.scores {
        Some(file) => Some(talk.step("reading the scores", || {
            brought::read(file, &round.scores_text, round.ignore_foreign, &bench)
        })?),
        None => None,
    };
    let prepared = session.prepare(&bench, talk)?;
    if let Some(scores) = scores {
        for remark in &scores.remarks {
            talk.remark(remark);
        }
        if scores.section.normalized > 0 {
            let (scaled, rows) = (scores.section.normalized, scores.section.rows);
            talk.remark(&format!(
                "{scaled} of {rows} rows of the scores did not sum to 1, and were divided by their sum"
            ));
        }
        let mut draft = steps::brought_draft(session, &bench, &prepared, scores.section)?;
        let means = Means {
            probabilities: Some(&scores.probabilities),
            model: None,
            members: &bench.members,
            brought: Some(&scores.brought),
        };
        return finish(session, &bench, &prepared, means, &mut draft, talk);
    }
    let (mut draft, trained) = steps::train_draft(session, &bench, &prepared, talk)?;
    if last {
        last_model::check(&trained)?;
    }
    let probabilities = steps::score_pool(&bench, &prepared, trained.model.as_deref(), talk)?;
    let means = Means {
        probabilities: probabilities.as_ref(),
        model: trained.model.as_ref(),
        members: &bench.members,
        brought: None,
    };
    finish(session, &bench, &prepared, means, &mut draft, talk)
}

/// Chooses the batch and exports the round. Gives its report.
///
/// # Errors
/// Nothing is open and there is no model, or the disk cannot be written.
pub(super) fn finish(
    session: &mut Session,
    bench: &Bench,
    prepared: &Prepared,
    means: Means<'_>,
    draft: &mut Draft,
    talk: &Talk,
) -> anyhow::Result<RoundReport> {
    let picks = steps::select_batch(session, bench, prepared, means, draft, talk)?;
    let report = steps::export_draft(session, bench, draft, &picks)?;
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
    let last = last_model::is_final(&report.batch);
    // A headline says it already.
    if !last {
        text += &format!("  {}\n", batch_sentence(&report.batch));
    }
    let rows: Vec<(&str, String)> =
        FILES.iter().map(|(name, file, use_)| (*name, format!("{}  ({use_})", shown(&path(file))))).collect();
    text += &columns(&rows);
    let files: Value =
        FILES.iter().map(|(name, file, _)| ((*name).to_owned(), json!(written(&path(file))))).collect();
    let test = report.model.test.as_ref();
    let value = json!({
        "round": report.round,
        "headlines": report.headlines,
        "warnings": report.warnings,
        "labeled": report.model.labeled.iter().sum::<usize>(),
        "converged": report.model.fit.as_ref().map(|fit| fit.converged),
        "test_accuracy": test.and_then(|test| test.accuracy.value),
        "test_macro_f1": test.map(|test| test.macro_f1),
        "batch": report.batch,
        "final": last,
        "files": files,
    });
    let next = if last {
        "querist predict FILE labels texts with this model; querist model export FILE takes it elsewhere"
            .to_owned()
    } else {
        format!("have {} labelled, then: querist ingest ANSWERS", shown(&path("batch.jsonl")))
    };
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
