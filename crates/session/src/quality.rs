//! `querist quality`: computes a consensus and a report from plain files of answers, without a
//! workspace.
//!
//! Everything is read and computed before any file is written. All new files are complete before
//! the first of them replaces an old one.

mod files;
mod input;
mod ranks;

use std::path::PathBuf;

use querist_core::{Class, Edition, Known, looks_missing};
use querist_engine::crowd::{CrowdAnswers, default_min_accuracy};
use querist_engine::{Consensus, Training, duplicate_annotators};
use querist_quality::Scale;
use querist_report::Crowd;
use querist_report::crowd::{CrowdGold, CrowdInput};
use querist_store::format::crowd::CrowdReading;
use querist_store::workspace::NamedBytes;
use querist_store::{Told, write_together};
use serde::Serialize;

use crate::error::{Doing, Result, SessionError};
use crate::progress::{Progress, Remark, Step};
use input::{Answers, Gold};

/// Which answers to measure, and how.
#[derive(Debug, Clone)]
pub struct QualityOptions {
    /// Paths of the files with answers.
    pub answers: Vec<String>,
    /// Path of a file with true labels.
    pub gold: Option<String>,
    /// Whether the aggregation method may use the true labels.
    pub use_gold: bool,
    /// Layout, encoding and fields of the files.
    pub reading: CrowdReading,
    /// Name of the aggregation method.
    pub method: String,
    /// The order of the classes, if they are ranks; `None` if they are not.
    pub ranks: Option<Ranks>,
    /// Annotators are flagged if their accuracy is very probably below this value, from 0 to 1.
    /// `None` means half-way between guessing and always right.
    pub min_accuracy: Option<f64>,
    /// The folder for the output files. It is made if it does not exist.
    pub out: PathBuf,
}

/// The order of the classes, from low to high.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ranks {
    /// All labels are numbers, and a larger number is a higher rank.
    ByNumber,
    /// The classes from the lowest to the highest. No answer may have another label.
    Listed(Vec<String>),
}

/// The result of measuring answers.
#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    /// The report.
    #[serde(flatten)]
    pub report: Crowd,
    /// Paths of the files: consensus.jsonl, annotators.csv, report.html, report.md, report.json.
    pub files: Vec<PathBuf>,
    /// Number of answers that do not count, because the annotation platform marks their assignment
    /// as rejected or tainted.
    pub refused: u64,
    /// Number of answers to the annotation platform's test questions. They count.
    pub golden: u64,
    /// Remarks about how the files were read.
    pub remarks: Vec<Told>,
    /// Warnings about labels that look like missing values, and about names that may be the same
    /// person.
    pub warnings: Vec<String>,
}

/// Aggregates the answers in the files. Writes the consensus, the annotators' skills and a report
/// into a folder, and returns the report.
///
/// # Errors
/// A row is unusable (the error names file and line), an option is invalid (such as an unknown
/// method), or a file cannot be read or written.
pub fn quality(options: &QualityOptions, progress: &dyn Progress) -> Result<Measured> {
    let consensus = Consensus { aggregator: options.method.clone(), training: Training::Hard };
    let chosen =
        consensus.aggregator(Edition::CURRENT).map_err(|error| SessionError::option("method", error))?;
    if let Some(least) = options.min_accuracy.filter(|least| !(0.0..=1.0).contains(least)) {
        return Err(SessionError::out_of_range("min-accuracy", least, "a share, 0 to 1"));
    }
    let out = &options.out;
    if out.exists() && !out.is_dir() {
        let problem = format!("{} is a file; expected a folder: name another one", out.display());
        return Err(SessionError::option("out", problem));
    }
    let (answers, gold) = progress.step(Step::Answers, || -> Result<_> {
        let gold = options.gold.as_deref().map(|file| Gold::read(file, &options.reading)).transpose()?;
        let answers =
            Answers::read(&options.answers, &options.reading, gold.as_ref(), options.ranks.as_ref())?;
        Ok((answers, gold))
    })?;
    for told in gold.iter().flat_map(|gold| &gold.remarks).chain(&answers.remarks) {
        progress.remark(Remark::Input { text: told.clone() });
    }
    let warnings = warnings(&answers);
    progress.warn(&warnings);
    let (report, written) = measured(options, (&answers, gold.as_ref()), chosen.as_ref(), progress)?;
    std::fs::create_dir_all(out).doing("make the folder", out)?;
    progress.step(Step::Writing, || {
        write_together(written.iter().map(|(name, bytes)| (out.join(name), bytes.as_slice())))
    })?;
    let files = written.iter().map(|(name, _)| out.join(name)).collect();
    let Answers { refused, golden, remarks, .. } = answers;
    Ok(Measured { report, files, refused, golden, remarks, warnings })
}

/// Aggregates the answers and computes the report. Returns the report, and the name and the content
/// of each output file.
fn measured(
    options: &QualityOptions,
    (answers, gold): (&Answers, Option<&Gold>),
    chosen: &dyn querist_core::Aggregator,
    progress: &dyn Progress,
) -> Result<(Crowd, [NamedBytes; 5])> {
    let Answers { annotations, labels, .. } = answers;
    let by_item = gold.map(|gold| gold.by_item(annotations, labels));
    let by_item = by_item.unwrap_or_else(|| vec![None; annotations.items().len()]);
    let known = if options.use_gold { by_item.clone() } else { Vec::new() };
    let known = Known { labels: known, skills: Vec::new() };
    // With a single label there is nothing to estimate, and other methods would divide by the
    // number of other labels, which is 0. So majority vote is used.
    let majority = Consensus::default().aggregator(Edition::CURRENT)?;
    let aggregator = if labels.len() == 1 { majority.as_ref() } else { chosen };
    let aggregation = progress.step(Step::Aggregating, || aggregator.aggregate(annotations, &known));
    let aggregation = aggregation.map_err(SessionError::step("aggregate the answers"))?;
    let scale = if options.ranks.is_some() { Scale::Ordinal } else { Scale::Nominal };
    let crowd = CrowdAnswers { annotations, labels, aggregation: &aggregation, gold: &by_item, scale };
    let min_accuracy = options.min_accuracy.unwrap_or_else(|| default_min_accuracy(labels.len()));
    let (report, annotators) = progress.step(Step::Measuring, || -> Result<_> {
        let trusted = crowd.trusted(aggregator, gold.is_some() && options.use_gold)?;
        let annotators = crowd.annotators(min_accuracy, &trusted)?;
        let input = counts(answers, gold, &by_item, options.use_gold);
        Ok((crowd.report(aggregator, input, min_accuracy, (&annotators, trusted))?, annotators))
    })?;
    let files = [
        ("consensus.jsonl", files::consensus(&crowd)),
        ("annotators.csv", files::annotators(&annotators, &report)?),
        ("report.html", report.to_html()?),
        ("report.md", report.to_markdown()),
        ("report.json", report.to_json()?),
    ];
    Ok((report, files))
}

/// Returns warnings about labels that look like missing values, and about names that may be the
/// same person.
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
            "labels that look like missing values count as classes: {}; leave the cell empty if there is \
             no answer",
            missing.join(", ")
        ));
    }
    warnings.extend(duplicate_annotators(&names));
    warnings
}

/// Makes the report's section about the input files. `given` says whether the method used the true
/// labels.
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
