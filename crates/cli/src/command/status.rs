//! `querist status`: shows the state of the workspace, and what to do next.

use std::collections::BTreeMap;
use std::path::Path;

use querist_session::Session;
use querist_session::engine::Unlabeled;
use querist_session::reports::markdown::percent;
use querist_session::reports::{RoundReport, Stopping};
use querist_session::status::{Documents, LabelCount, Out, RoundCounts, Status};
use querist_session::store::workspace::Deed;
use querist_session::vectors::Coverage;
use serde_json::{Map, Value, json};

use crate::args::Status as Asked;
use crate::output::{Outcome, Talk, columns, one_line, shown, written};
use crate::paste::quoted;
use crate::words;

/// Runs `querist status`: shows documents, labels, rounds and warnings, and what to do next.
///
/// # Errors
/// The workspace cannot be read or, with `--check`, its database is damaged.
pub fn run(asked: &Asked, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let status = session.status(asked.check, talk)?;
    let next = words::next::sentence(&status.next);
    let any_empty = status.rounds.iter().any(|round| round.picks == 0);
    let made = if any_empty { picks_made(session, talk)? } else { BTreeMap::new() };
    Ok(Outcome { json: value(&status, &next), text: text(&status, &made, asked.check), next: Some(next) })
}

/// Returns for each round the number of picks that it was made with. Forgotten documents count too.
fn picks_made(session: &Session, talk: &Talk) -> anyhow::Result<BTreeMap<u32, u64>> {
    let rounds = session.log(talk)?.entries.into_iter().filter_map(|entry| match entry.deed {
        Deed::Round { number, picks } => Some((number, picks)),
        _ => None,
    });
    Ok(rounds.collect())
}

/// Returns the status in words. `made` has each round's original number of picks, if a round has
/// lost all its picks.
fn text(status: &Status, made: &BTreeMap<u32, u64>, checked: bool) -> String {
    let root = status.workspace.as_path();
    // A reader who sees this text later would not know which folder "." was.
    let place = if root == Path::new(".") { root.canonicalize() } else { Ok(root.to_owned()) };
    let mut text = format!("Workspace {}\n", shown(place.as_deref().unwrap_or(root)));
    let Documents { pool, open, unlabeled, labeled, control, open_controls, test } = status.documents;
    let (out, undecided) = (unlabeled.out, undecided(unlabeled));
    let documents = |n| words::count(n, "document", "documents");
    let items = |n| words::count(n, "item", "items");
    text += &columns(&[
        ("pool", format!("{}: {open} open, {out} out, {undecided}{labeled} labelled", documents(pool))),
        ("control", format!("{}, {open_controls} for the next batches", items(control))),
        ("test", documents(test)),
        ("labels", distribution(&status.labels, labeled)),
    ]);
    text += &status.vectors.as_ref().map(vectors_line).unwrap_or_default();
    for round in &status.rounds {
        text += &format!("  {}\n", round_line(round, made.get(&round.round).copied().unwrap_or_default()));
    }
    for out in &status.out {
        text += &format!("  {}\n", out_line(out));
    }
    if status.lacking > 0 {
        let answers = words::count(status.lacking, "answer is", "answers are");
        text += &format!(
            "  {answers} missing from people who left or are excluded; the next `querist export \
             --annotators` asks others\n"
        );
    }
    for waiting in &status.waiting {
        let (answers, path) = (waiting.answers, quoted(&waiting.file));
        let kind = if waiting.decisions { "--as expert " } else { "" };
        let (wait, them) = if answers == 1 { ("waits", "it") } else { ("wait", "them") };
        let answers = words::count(answers, "answer", "answers");
        text += &format!(
            "  {answers} from `querist label` {wait} on disk: `querist ingest {kind}{path}` stores {them}\n"
        );
    }
    // The first warnings are headlines already.
    for warning in &status.warnings[status.reported_warnings..] {
        text += &format!("  warning: {warning}\n");
    }
    text += &status.report.as_ref().map(found).unwrap_or_default();
    let stopping = status.report.as_ref().map(|report| &report.stopping);
    text += &stopping.map(shown_stopping).unwrap_or_default();
    for sentence in status.report.iter().flat_map(|report| report.pace.sentences()) {
        text += &format!("  {sentence}\n");
    }
    if checked {
        text += "  The database is sound: it passes its own check, and every reference holds.\n";
    }
    text
}

/// Says how many documents have a vector, and what to do if some have none.
fn vectors_line(coverage: &Coverage) -> String {
    let Coverage { documents, missing, .. } = coverage;
    if *missing == 0 {
        return columns(&[("vectors", "every document has one".to_owned())]);
    }
    let line = format!(
        "{missing} of {documents} documents have none, so rounds leave vectors out; `querist vectors missing` \
         prints the texts to encode"
    );
    columns(&[("vectors", line)])
}

/// Returns the status as JSON.
fn value(status: &Status, next: &str) -> Value {
    let labels: Map<String, Value> =
        status.labels.iter().map(|count| (count.label.clone(), json!(count.n))).collect();
    let waiting: Vec<Value> = status
        .waiting
        .iter()
        .map(|waiting| json!({"file": written(&waiting.file), "answers": waiting.answers}))
        .collect();
    let report = status.report.as_ref();
    let slices = report.iter().flat_map(|report| &report.model.rounds);
    let slice = slices.rev().find(|round| round.random_slice.n > 0);
    json!({
        "workspace": written(&status.workspace), "documents": status.documents, "labels": labels,
        "rounds": status.rounds, "out": status.out, "lacking": status.lacking, "warnings": status.warnings, "agreement": report.map_or(Value::Null, agreement),
        "stopping": report.map(|report| &report.stopping), "pace": report.map(|report| &report.pace), "slice": slice, "waiting": waiting,
        "vectors": status.vectors,
        "next": next,
    })
}

/// Returns the report's headlines, and a sentence on how well the annotators agree.
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
        let name = if report.agreement.weighted.is_some() { "weighted kappa" } else { "kappa" };
        text += &format!("  {have} two or more answers; mean pairwise {name} {kappa}\n");
    }
    text
}

/// Returns counts of undecided documents, such as "2 tied, 1 skipped, ". Counts of 0 are left out.
fn undecided(unlabeled: Unlabeled) -> String {
    let counts = [(unlabeled.tied, "tied"), (unlabeled.skipped, "skipped"), (unlabeled.left_out, "left out")];
    let there = counts.iter().filter(|(n, _)| *n > 0);
    there.fold(String::new(), |text, (n, what)| text + &format!("{n} {what}, "))
}

/// Returns the agreement between annotators as JSON.
fn agreement(report: &RoundReport) -> Value {
    let mut value = json!({
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
    });
    // Only classes that are ranks have these values. For other classes the keys are left out.
    if let Some(weighted) = &report.agreement.weighted {
        value["weighted"] = json!(weighted);
        value["measures"] = json!(report.agreement.measures);
    }
    value
}

/// Returns the verdict, a line for each rule, and a line for the forecast. The verdict to stop is
/// left out, because it is a headline already.
fn shown_stopping(stopping: &Stopping) -> String {
    let mut text =
        if stopping.headline().is_none() { format!("  {}\n", stopping.sentence()) } else { String::new() };
    let mut line =
        |name: &str, advice: &str, reason: &str| text += &format!("    {name:<11}  {advice:<17}  {reason}\n");
    for row in &stopping.rules {
        line(&row.rule, row.judgment.advice.words(), &row.judgment.reason);
    }
    let unanswered = stopping.unanswered();
    let forecast = &stopping.forecast;
    line(
        "forecast",
        forecast.outlook_words(),
        &format!("{} (measured on the {})", forecast.reason, forecast.measured_on),
    );
    text += &stopping.left_out().map(|sentence| format!("  {sentence}\n")).unwrap_or_default();
    text += &unanswered.map(|sentence| format!("  {sentence}\n")).unwrap_or_default();
    text
}

/// Returns, for each class, the number of labelled documents and their share.
fn distribution(labels: &[LabelCount], total: usize) -> String {
    let parts = labels.iter().map(|LabelCount { label, n }| {
        if total == 0 {
            format!("{label} 0")
        } else {
            format!("{label} {n} ({})", percent(Some(*n as f64 / total as f64)))
        }
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// Returns a line such as "round 2: 12 picks, 10 answered (2 of 3 control items)".
fn round_line(round_counts: &RoundCounts, made: u64) -> String {
    let RoundCounts { round, picks, answered, controls, controls_answered, .. } = *round_counts;
    if picks == 0 && made > 0 {
        let picks = words::count(made as usize, "pick", "picks");
        return format!("round {round}: {picks}, but the documents are gone (undone or forgotten)");
    }
    if picks == 0 {
        return format!("round {round}: no picks (trained the final model)");
    }
    let of_controls = if controls == 0 {
        String::new()
    } else {
        format!(" ({controls_answered} of {})", words::count(controls, "control item", "control items"))
    };
    let word = if picks == 1 { "pick" } else { "picks" };
    let back = if round_counts.returned == 0 {
        String::new()
    } else {
        format!(", {} withdrawn", round_counts.returned)
    };
    format!("round {round}: {picks} {word}, {answered} answered{of_controls}{back}")
}

/// Returns a line such as "out of round 2 since 2026-11-30: 12 documents; waiting for ana 5, ben
/// 7".
fn out_line(out: &Out) -> String {
    let Out { round, documents, since, with } = out;
    let since = since.get(..10).unwrap_or(since);
    let with = with.iter().map(|(name, n)| format!("{} {n}", one_line(name))).collect::<Vec<_>>().join(", ");
    let with = if with.is_empty() { String::new() } else { format!("; waiting for {with}") };
    format!("out of round {round} since {since}: {}{with}", words::count(*documents, "document", "documents"))
}
