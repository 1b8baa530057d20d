//! `querist round`: takes all steps of a round in one command.

use std::path::PathBuf;

use querist_session::brought::ScoresFile;
use querist_session::core::Share;
use querist_session::inputs;
use querist_session::reports::Batch;
use querist_session::round::{MadeRound, PlannedCount, PlannedRound, RoundFiles};
use querist_session::{RoundOptions, Session};
use serde_json::{Map, Value, json};

use crate::args::{Round, ScoresText};
use crate::output::{Outcome, Talk, columns, one_line, shown, table, written};
use crate::words::count;

/// Runs `querist round`: makes a round or, with `--dry-run`, only plans it.
///
/// # Errors
/// There is nothing to pick and nothing new to learn, a setting is invalid, or the workspace cannot
/// be written. In each case nothing was changed.
pub fn run(round: &Round, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let scores = round.scores.as_deref();
    let scores =
        scores.map(|file| scores_file(file, &round.scores_text, round.ignore_foreign)).transpose()?;
    let options = RoundOptions { overrides: round.batch.overrides()?, scores };
    if round.dry_run {
        return Ok(planned(&session.plan_round(&options, talk)?));
    }
    Ok(outcome(&session.round(&options, talk)?))
}

/// Returns the outcome for a round that was only planned.
fn planned(planned: &PlannedRound) -> Outcome {
    let PlannedRound { round, is_final, labels, batch, counts, .. } = planned;
    let mut text = format!("Round {round} would be as follows; nothing is stored\n");
    if *is_final {
        text += "  no document is open: the round would train the final model and pick nothing\n";
    } else {
        text += &format!("  {}\n", batch_sentence(batch));
        text += &table_of(labels, counts);
    }
    let next = Some("run the same command without --dry-run to make it".to_owned());
    Outcome { json: json!(planned), text, next }
}

/// Makes a table with the number of picks. It has a row for each predicted class, and a column for
/// each share.
fn table_of(labels: &[String], counts: &[PlannedCount]) -> String {
    let shares: Vec<Share> =
        Share::ALL.into_iter().filter(|share| counts.iter().any(|count| count.share == *share)).collect();
    let mut classes: Vec<Option<&str>> =
        labels.iter().map(|label| Some(label.as_str())).chain([None]).collect();
    classes.retain(|class| counts.iter().any(|count| count.class.as_deref() == *class));
    let of = |share: Option<Share>, class: Option<Option<&str>>| -> usize {
        let chosen = counts.iter().filter(|count| share.is_none_or(|share| count.share == share));
        let chosen = chosen.filter(|count| class.is_none_or(|class| count.class.as_deref() == class));
        chosen.map(|count| count.picks).sum()
    };
    let mut head = vec!["predicted".to_owned()];
    head.extend(shares.iter().map(|share| share.name().to_owned()));
    head.push("all".to_owned());
    let row = |name: &str, class: Option<Option<&str>>| {
        let mut row = vec![one_line(name)];
        row.extend(shares.iter().map(|share| of(Some(*share), class).to_string()));
        row.push(of(None, class).to_string());
        row
    };
    let mut rows = vec![head];
    rows.extend(classes.iter().map(|class| row(class.unwrap_or("no model"), Some(*class))));
    rows.push(row("all", None));
    table(&rows)
}

/// Returns the file that `--scores` names, and how to read it.
///
/// # Errors
/// The encoding does not exist.
pub(super) fn scores_file(file: &str, text: &ScoresText, ignore_foreign: bool) -> anyhow::Result<ScoresFile> {
    let encoding = inputs::encoding(&text.encoding)?;
    Ok(ScoresFile { file: file.to_owned(), encoding, sheet: text.sheet.clone(), ignore_foreign })
}

/// Lists the files of a round: the key in JSON, the path, and what the file is for.
fn files(files: &RoundFiles) -> [(&'static str, &PathBuf, &'static str); 6] {
    [
        ("batch", &files.batch, "for annotators"),
        ("picks", &files.picks, "why each document is in it"),
        ("report", &files.report, "how good the labels, annotators and model are"),
        ("page", &files.page, "the report as a web page, with charts"),
        ("report_json", &files.report_json, "the report for programs"),
        ("manifest", &files.manifest, "what the round was made from"),
    ]
}

/// Returns the outcome for a round that was just exported.
pub(super) fn outcome(made: &MadeRound) -> Outcome {
    let (report, files) = (&made.report, files(&made.files));
    let mut text = format!("Round {}\n", made.round);
    for line in &report.headlines {
        text += &format!("  {line}\n");
    }
    // A final round picks nothing; one of its headlines says so already.
    if !made.is_final {
        text += &format!("  {}\n", batch_sentence(&report.batch));
    }
    let rows: Vec<(&str, String)> =
        files.iter().map(|(name, path, use_)| (*name, format!("{}  ({use_})", shown(path)))).collect();
    text += &columns(&rows);
    let files: Map<String, Value> =
        files.iter().map(|(name, path, _)| ((*name).to_owned(), json!(written(path)))).collect();
    let test = report.model.kept.test.as_ref();
    let value = json!({
        "round": made.round,
        "headlines": report.headlines,
        "warnings": report.warnings,
        "labeled": report.model.kept.labeled.iter().sum::<usize>(),
        "converged": report.model.kept.fit.as_ref().map(|fit| fit.converged),
        "test_accuracy": test.and_then(|test| test.accuracy.value),
        "test_macro_f1": test.map(|test| test.macro_f1),
        "batch": report.batch,
        "final": made.is_final,
        "files": files,
    });
    let next = if made.is_final {
        "label texts with this model: `querist predict FILE`, or write it to a file for other machines: \
         `querist model export FILE`"
            .to_owned()
    } else {
        format!("label {}, then run `querist ingest ANSWERS`", shown(&made.files.batch))
    };
    Outcome { json: value, text, next: Some(next) }
}

/// Returns a sentence such as "100 picks from 6,000 open documents: 50 uncertainty, 30 ratio (3
/// stand-ins), 15 random, 5 control". The notes of the shares follow it.
pub fn batch_sentence(batch: &Batch) -> String {
    let fallback: usize = batch.quotas.iter().map(|quota| quota.by_fallback).sum();
    let shares: Vec<String> = batch
        .shares
        .iter()
        .filter(|share| share.given > 0)
        .map(|share| match fallback {
            n if n > 0 && share.share == Share::Ratio => format!("{} ratio ({n} stand-ins)", share.given),
            _ => format!("{} {}", share.given, share.share.name()),
        })
        .collect();
    let notes: String = batch
        .shares
        .iter()
        .filter_map(|share| share.note.as_ref().map(|note| format!("\n  {}: {note}", share.share.name())))
        .collect();
    let picks = count(batch.size, "pick", "picks");
    let among = match &batch.part {
        None => {
            format!("{picks} from {}", count(batch.open, "open document", "open documents"))
        }
        Some(part) => format!(
            "{picks} from the {} of {} {}",
            batch.open,
            count(part.of, "open document", "open documents"),
            part.phrase()
        ),
    };
    format!("{among}: {}{notes}", shares.join(", "))
}
