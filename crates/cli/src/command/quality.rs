//! `querist quality`: a consensus and a report out of a plain file of answers, with no workspace.
//!
//! Everything is read and computed before anything is written, and all files are written before the first is replaced.

mod files;
mod input;

use std::path::{Path, PathBuf};

use anyhow::Context;
use querist_core::{Class, Edition, Known, looks_missing};
use querist_engine::crowd::{CrowdAnswers, default_min_accuracy};
use querist_engine::{Consensus, Training, copies_of_people};
use querist_report::Crowd;
use querist_report::crowd::{CrowdGold, CrowdInput};
use querist_report::markdown::decimal;
use querist_store::format::crowd::CrowdReading;
use querist_store::write_together;
use serde_json::json;

use crate::args::Quality;
use crate::failure::Mend;
use crate::output::{Outcome, Talk, columns, shown, written};
use crate::paste::quoted;
use input::{Answers, Gold};

/// Aggregates and reports.
///
/// # Errors
/// The first row that cannot be used, with file and line, a method that does not exist, or a disk that cannot be written.
pub fn run(quality: &Quality, talk: &Talk) -> anyhow::Result<Outcome> {
    let consensus = Consensus { aggregator: quality.method.clone(), training: Training::Hard };
    let chosen =
        consensus.aggregator(Edition::CURRENT).map_err(|error| Mend(format!("--method: {error}")))?;
    if let Some(least) = quality.min_accuracy.filter(|least| !(0.0..=1.0).contains(least)) {
        return Err(Mend(format!("--min-accuracy is {least}; expected a share, 0 to 1")).into());
    }
    let out = &quality.out;
    if out.exists() && !out.is_dir() {
        return Err(
            Mend(format!("--out: {} is a file; expected a folder, name another one", out.display())).into()
        );
    }
    let reading = CrowdReading {
        columns: crate::files::columns(&quality.columns),
        encoding: crate::files::encoding(&quality.encoding)?,
        sheet: quality.sheet.clone(),
        control: quality.control.clone(),
    };
    let (answers, gold) = talk.step("reading the answers", || -> anyhow::Result<_> {
        let gold = quality.gold.as_deref().map(|file| Gold::read(file, &reading)).transpose()?;
        Ok((Answers::read(&quality.answers, &reading, gold.as_ref())?, gold))
    })?;
    for remark in gold.iter().flat_map(|gold| &gold.remarks).chain(&answers.remarks) {
        talk.remark(remark);
    }
    let Answers { annotations, labels, .. } = &answers;
    let warnings = warnings(&answers);
    talk.warn(&warnings);
    let by_item = gold.as_ref().map(|gold| gold.by_item(annotations, labels));
    let by_item = by_item.unwrap_or_else(|| vec![None; annotations.items().len()]);
    let known =
        Known { labels: if quality.use_gold { by_item.clone() } else { Vec::new() }, skills: Vec::new() };
    // With one label there is nothing to estimate, and the models divide by the number of the other labels.
    let aggregator = match labels.len() {
        1 => Consensus::default().aggregator(Edition::CURRENT)?,
        _ => chosen,
    };
    let aggregation = talk.step("aggregating", || aggregator.aggregate(annotations, &known));
    let aggregation = aggregation.map_err(crate::steps::boxed).context("aggregate the answers")?;
    let crowd = CrowdAnswers { annotations, labels, aggregation: &aggregation, gold: &by_item };
    let min_accuracy = quality.min_accuracy.unwrap_or_else(|| default_min_accuracy(labels.len()));
    let (report, annotators) = talk.step("measuring", || -> anyhow::Result<_> {
        let trusted = crowd.trusted(aggregator.as_ref(), gold.is_some() && quality.use_gold)?;
        let annotators = crowd.annotators(min_accuracy, &trusted)?;
        let input = counts(&answers, gold.as_ref(), &by_item, quality.use_gold);
        Ok((crowd.report(aggregator.as_ref(), input, min_accuracy, (&annotators, trusted))?, annotators))
    })?;
    let written = [
        ("consensus.jsonl", files::consensus(&crowd)),
        ("annotators.csv", files::annotators(&annotators, &report)?),
        ("report.html", report.to_html()?),
        ("report.md", report.to_markdown()),
        ("report.json", report.to_json()?),
    ];
    std::fs::create_dir_all(out).with_context(|| format!("make the folder {}", out.display()))?;
    talk.step("writing", || {
        write_together(written.iter().map(|(name, bytes)| (out.join(name), bytes.as_slice())))
    })?;
    let mut outcome = outcome(&report, &answers, out);
    outcome.json["warnings"] = json!(warnings);
    Ok(outcome)
}

/// Labels and annotators that are probably not what they seem.
fn warnings(answers: &Answers) -> Vec<String> {
    let missing: Vec<String> = answers
        .labels
        .iter()
        .filter(|label| looks_missing(label))
        .map(|label| format!("\"{label}\""))
        .collect();
    let names: Vec<&str> = answers.annotations.annotators().iter().map(String::as_str).collect();
    let mut warnings = Vec::new();
    if !missing.is_empty() {
        warnings.push(format!(
            "labels that look like missing values count as classes: {}; leave the cell empty where there is no answer",
            missing.join(", ")
        ));
    }
    warnings.extend(copies_of_people(&names));
    warnings
}

/// What the report says of the files.
fn counts(answers: &Answers, gold: Option<&Gold>, by_item: &[Option<Class>], given: bool) -> CrowdInput {
    let annotations = &answers.annotations;
    let answered = by_item.iter().flatten().count();
    CrowdInput {
        hash: answers.hash.clone(),
        rows: answers.rows,
        answers: annotations.entries().len(),
        replaced: annotations.replaced(),
        skips: answers.skips,
        items: annotations.items().len(),
        annotators: annotations.annotators().len(),
        gold: gold.map(|gold| CrowdGold {
            hash: gold.hash.clone(),
            items: gold.labels.len(),
            unanswered: gold.labels.len() - answered,
            given,
        }),
    }
}

fn outcome(report: &Crowd, answers: &Answers, out: &Path) -> Outcome {
    let (input, consensus) = (&report.input, &report.consensus);
    let labeled: usize = consensus.labeled.iter().sum();
    let mut rows = vec![
        ("answers", format!("{} of {} annotators to {} items", input.answers, input.annotators, input.items)),
        ("replaced", format!("{} by a later answer of the same annotator", input.replaced)),
        ("skips", format!("{} rows without a label", input.skips)),
        ("left out", format!("{} rows of rejected assignments", answers.refused)),
        ("method", report.method.clone()),
        ("labels", format!("{labeled}, {} ties, {} not sure", consensus.ties, consensus.unsure)),
    ];
    rows.retain(|(name, _)| {
        (*name != "replaced" || input.replaced > 0)
            && (*name != "skips" || input.skips > 0)
            && (*name != "left out" || answers.refused > 0)
    });
    if let Some(accuracy) = &consensus.accuracy {
        rows.push(("accuracy", format!("{} on the true labels", accuracy.text())));
    }
    let measures = report.agreement.measures.iter().filter(|measure| measure.value.is_some());
    rows.extend(
        measures.take(1).map(|measure| ("agreement", format!("{} {}", measure.name, decimal(measure.value)))),
    );
    rows.push(("flagged", format!("{} of {} annotators", report.flagged, input.annotators)));
    let files = ["consensus.jsonl", "annotators.csv", "report.html", "report.md", "report.json"];
    let paths: Vec<PathBuf> = files.iter().map(|name| out.join(name)).collect();
    let listed = paths.iter().map(|path| format!("  {}\n", shown(path)));
    let text = columns(&rows) + "\n" + &listed.collect::<String>();
    let mut value = json!(report);
    value["files"] = json!(paths.iter().map(|path| written(path)).collect::<Vec<_>>());
    // Of platforms' files alone: what does not count, and what is a test question.
    value["refused"] = json!(answers.refused);
    value["golden"] = json!(answers.golden);
    value["remarks"] = json!(answers.remarks);
    let next = format!("read {}", quoted(&out.join("report.html")));
    Outcome { json: value, text, next: Some(next) }
}
