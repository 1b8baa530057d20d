//! `querist status`: where things stand and what to do next.

use std::path::Path;

use querist_core::{Share, Snapshot};
use querist_engine::{Situation, Unlabeled, doubts};
use querist_report::markdown::percent;
use querist_report::{RoundReport, Stopping};
use serde_json::{Map, Value, json};

use crate::label::journal;
use crate::next;
use crate::output::{Outcome, columns, shown, written};
use crate::paste::quoted;
use crate::session::Session;
use crate::steps;
use crate::warnings::now;

/// Describes the workspace.
///
/// # Errors
/// It cannot be read.
pub fn run(root: &Path) -> anyhow::Result<Outcome> {
    let session = Session::read(root)?;
    session.workspace.check_integrity()?;
    let snapshot = session.snapshot()?;
    let situation = session.situation(&snapshot)?;
    let last = snapshot.rounds.last().map(|round| round.number);
    let report = last.map(|number| steps::report_of(&session, &snapshot, number)).transpose()?;

    let unlabeled = Unlabeled::of(&snapshot, &situation);
    let Unlabeled { out, tied, skipped, left_out } = unlabeled;
    let documents = json!({
        "pool": situation.pool.len(), "open": situation.open.len(), "out": out, "tied": tied, "skipped": skipped,
        "left_out": left_out, "labeled": situation.labeled.len(),
        "control": situation.control.len(), "test": situation.test.len(),
    });
    let labels: Map<String, Value> = session
        .labels
        .names()
        .iter()
        .zip(&situation.labeled_counts)
        .map(|(name, count)| (name.clone(), json!(count)))
        .collect();
    let rounds: Vec<Value> =
        snapshot.rounds.iter().map(|round| round_row(&snapshot, &situation, round.number)).collect();
    let next = next::step(&session, &snapshot, &situation)?;

    // "." says nothing to somebody who reads this later.
    let place = if root == Path::new(".") { root.canonicalize() } else { Ok(root.to_owned()) };
    let mut text = format!("Workspace {}\n", shown(place.as_deref().unwrap_or(root)));
    text += &columns(&[
        (
            "pool",
            format!(
                "{} documents: {} open, {out} out, {}{} labelled",
                situation.pool.len(),
                situation.open.len(),
                undecided(unlabeled),
                situation.labeled.len()
            ),
        ),
        (
            "control",
            format!("{} items, {} not used yet", situation.control.len(), situation.open_controls.len()),
        ),
        ("test", format!("{} documents", situation.test.len())),
        ("labels", distribution(&session, &situation)),
    ]);
    for round in &rounds {
        text += &format!("  {}\n", round_line(round));
    }
    let waiting = journal::waiting(session.workspace.root());
    for (path, answers) in &waiting {
        let path = quoted(path);
        text +=
            &format!("  {answers} answers of `querist label` wait: `querist ingest {path}` takes them in\n");
    }
    let waiting: Vec<Value> =
        waiting.iter().map(|(path, answers)| json!({"file": written(path), "answers": answers})).collect();
    let warnings = warnings(&session, &snapshot, report.as_ref())?;
    // The others are among the headlines.
    let of_report = report.as_ref().map_or(0, |report| report.warnings.len());
    for warning in &warnings[of_report..] {
        text += &format!("  warning: {warning}\n");
    }
    let stopping = report.as_ref().map(|report| &report.stopping);
    let agreement = report.as_ref().map_or(Value::Null, agreement);
    text += &report.as_ref().map(found).unwrap_or_default();
    let slices = report.iter().flat_map(|report| &report.model.rounds);
    let slice = slices.rev().find(|round| round.random_slice.n > 0);
    text += &stopping.map(shown_stopping).unwrap_or_default();
    let value = json!({
        "workspace": written(session.workspace.root()), "documents": documents, "labels": labels, "rounds": rounds,
        "warnings": warnings, "agreement": agreement, "stopping": stopping, "slice": slice, "waiting": waiting,
        "next": next,
    });
    Ok(Outcome { json: value, text, next: Some(next) })
}

/// What makes figures doubtful: first what the report says, then what is odd about the answers.
fn warnings(
    session: &Session,
    snapshot: &Snapshot,
    report: Option<&RoundReport>,
) -> anyhow::Result<Vec<String>> {
    let mut warnings = match report {
        Some(report) => report.warnings.clone(),
        None => session.workspace.shared_texts()?.warnings(),
    };
    warnings.extend(doubts(snapshot, now()));
    Ok(warnings)
}

/// What the report says at its head, and how far annotators agree.
fn found(report: &RoundReport) -> String {
    let mut text = String::new();
    for line in &report.headlines {
        text += &format!("  {line}\n");
    }
    if report.agreement.overlap > 0 {
        let have = match report.agreement.overlap {
            1 => "1 document or control item has".to_owned(),
            overlap => format!("{overlap} documents, control items included, have"),
        };
        let kappa = report.agreement.mean_kappa_text();
        text += &format!("  {have} two answers or more; mean pairwise kappa {kappa}\n");
    }
    text
}

/// "2 tied, 1 skipped, ", of those that there are.
fn undecided(unlabeled: Unlabeled) -> String {
    let counts = [(unlabeled.tied, "tied"), (unlabeled.skipped, "skipped"), (unlabeled.left_out, "left out")];
    let there = counts.iter().filter(|(n, _)| *n > 0);
    there.fold(String::new(), |text, (n, what)| text + &format!("{n} {what}, "))
}

fn agreement(report: &RoundReport) -> Value {
    json!({
        "overlap": report.agreement.overlap,
        "mean_kappa": report.agreement.mean_kappa,
        "mean_kappa_interval": report.agreement.mean_kappa_interval,
        "mean_kappa_undefined": report.agreement.mean_kappa_undefined,
        "ties": report.conflicts.ties,
        "conflicts": report.conflicts.contested(),
        "control_conflicts": report.conflicts.contested_controls(),
        "only_skipped": report.conflicts.only_skips.len(),
        "annotators": report.annotators.annotators,
        "skill_intervals": report.annotators.skill_intervals,
        "posteriors": report.annotators.posteriors,
    })
}

/// The verdict, then a line for each rule and for the forecast. A headline says a stop already.
fn shown_stopping(stopping: &Stopping) -> String {
    let mut text =
        if stopping.headline().is_none() { format!("  {}\n", stopping.sentence()) } else { String::new() };
    let mut line =
        |name: &str, advice: &str, reason: &str| text += &format!("    {name:<11}  {advice:<15}  {reason}\n");
    for row in &stopping.rules {
        line(&row.rule, row.judgment.advice.name(), &row.judgment.reason);
    }
    let unanswered = stopping.unanswered();
    let forecast = &stopping.forecast;
    line("forecast", &forecast.outlook, &format!("{} (by the {})", forecast.reason, forecast.measured_on));
    text += &unanswered.map(|sentence| format!("  {sentence}\n")).unwrap_or_default();
    text
}

fn distribution(session: &Session, situation: &Situation) -> String {
    let total = situation.labeled.len();
    let parts = session.labels.names().iter().zip(&situation.labeled_counts).map(|(name, count)| {
        if total == 0 {
            format!("{name} 0")
        } else {
            format!("{name} {count} ({})", percent(Some(*count as f64 / total as f64)))
        }
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// What came of a round's batch. Picks are documents of the pool and control items; what is labelled, are documents.
fn round_row(snapshot: &Snapshot, situation: &Situation, number: u32) -> Value {
    let picks = snapshot.rounds.iter().filter(|round| round.number == number).flat_map(|round| &round.picks);
    let answered = snapshot.answered();
    let (mut all, mut done, mut labeled) = (0, 0, 0);
    let (mut controls, mut controls_done) = (0, 0);
    for pick in picks {
        all += 1;
        done += usize::from(answered[pick.document]);
        if pick.share == Share::Control {
            controls += 1;
            controls_done += usize::from(answered[pick.document]);
        } else {
            labeled += usize::from(situation.label_of[pick.document].is_some());
        }
    }
    json!({
        "round": number, "picks": all, "answered": done, "controls": controls, "controls_answered": controls_done,
        "labeled": labeled, "unanswered": all > 0 && done == 0,
    })
}

/// "round 2: 12 picks, 10 answered (2 of 3 control items)".
fn round_line(row: &Value) -> String {
    if row["picks"] == 0 {
        return format!("round {}: no picks, made for its model", row["round"]);
    }
    let controls = if row["controls"] == 0 {
        String::new()
    } else {
        format!(" ({} of {} control items)", row["controls_answered"], row["controls"])
    };
    let picks = if row["picks"] == 1 { "pick" } else { "picks" };
    format!("round {}: {} {picks}, {} answered{controls}", row["round"], row["picks"], row["answered"])
}
