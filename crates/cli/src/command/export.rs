//! `querist export`: writes the files of a round, hands out a batch in a tool's format, or writes
//! results to a file. For a round made step by step, this is the last step.

use std::path::Path;

use querist_session::Session;
use querist_session::export::{HandOut, HandedOut};
use serde_json::{Map, json};

use super::round::outcome;
use crate::args::Export;
use crate::output::{Outcome, Talk, columns, shown, written};
use crate::words::count;

/// Runs `querist export`. The options say what to write: a round's files, a batch for a tool, the
/// labelled documents, or the scores of the pool.
///
/// # Errors
/// The round or the format does not exist, or a file cannot be written.
pub fn run(export: &Export, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    if let Some(format) = &export.format {
        let options = HandOut {
            format,
            round: export.round,
            annotators: export.annotators.as_deref(),
            answers_per_item: export.answers_per_item,
            reassign: export.reassign,
            out: export.out.as_deref(),
        };
        return Ok(handed_out(&session.hand_out(&options, talk)?));
    }
    if let Some(file) = &export.labeled {
        return labeled(file, session, talk);
    }
    if let Some(file) = &export.scores {
        return scores(file, export.round, session, talk);
    }
    let made = match export.round {
        Some(number) => session.export_again(number, talk)?,
        None => session.export(talk)?,
    };
    Ok(outcome(&made))
}

/// Returns the outcome for a batch that was handed out. It lists the files.
fn handed_out(out: &HandedOut) -> Outcome {
    let (mut files, mut rows) = (Map::new(), Vec::new());
    for file in &out.files {
        let who = file.annotator.clone().unwrap_or_else(|| "batch".to_owned());
        files.insert(who.clone(), json!({"file": written(&file.file), "items": file.items}));
        rows.push((who, format!("{}  ({})", shown(&file.file), count(file.items, "item", "items"))));
    }
    let mut value = json!({"round": out.round, "format": out.format, "files": files});
    if let Some(path) = &out.configuration {
        value["configuration"] = json!(written(path));
        rows.push(("configuration".to_owned(), shown(path)));
    }
    let rows: Vec<(&str, String)> = rows.iter().map(|(who, file)| (who.as_str(), file.clone())).collect();
    Outcome {
        json: value,
        text: format!("Round {} for {}\n{}", out.round, out.format, columns(&rows)),
        next: Some("when the tool has exported the answers, run `querist ingest ANSWERS`".to_owned()),
    }
}

/// Writes all labelled documents to `file`.
fn labeled(file: &Path, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let out = session.export_labeled(file, talk)?;
    let parts: Vec<String> = out.sources.iter().map(|(source, n)| format!("{n} {source}")).collect();
    let from = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
    let labeled = out.labeled;
    Ok(Outcome {
        json: json!({"file": written(file), "labeled": labeled, "sources": out.sources}),
        text: format!(
            "{}{from} {} in {}",
            count(labeled as usize, "labelled document", "labelled documents"),
            if labeled == 1 { "is" } else { "are" },
            shown(file)
        ),
        next: None,
    })
}

/// Writes the scores of all documents in the pool to `file`.
fn scores(file: &Path, round: Option<u32>, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let out = session.export_scores(round, file, talk)?;
    let (scored, round) = (out.scored, out.round);
    Ok(Outcome {
        json: json!({"file": written(file), "round": round, "model": out.model, "scored": scored}),
        text: format!(
            "Scores of {} from the model of round {round} are in {}",
            count(scored, "document", "documents"),
            shown(file)
        ),
        next: None,
    })
}
