//! The report of a crowd: what the answers of a plain file come to, and whose to believe. No
//! workspace, no model, no rounds.
//!
//! What grows with the file (each item's label, each annotator) is in files of its own; here are
//! counts, and of annotators and items those that a reader should look at first. As everywhere the
//! JSON has all that Markdown and page show.

mod page;
mod tables;

use querist_core::{Interval, Proportion};
use serde::Serialize;

use crate::markdown::{bullets, escape, table};
use crate::page::Table;
use crate::{Agreement, Confusions, ReportError, Standing, Trust};

/// The report of a crowd.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Crowd {
    /// Which layout this is; grows when a field changes its meaning.
    pub format: u32,
    /// The labels, sorted, or from low to high where they are ranks: the order of every list by
    /// label.
    pub labels: Vec<String>,
    /// The aggregator's name.
    pub method: String,
    /// The name of the one that was fitted, another where the answers are too few for the model of
    /// the one asked for.
    pub method_used: Option<String>,
    /// Whether the intervals of skills can be believed.
    pub skill_intervals: Option<Trust>,
    /// Whether the posteriors can be believed.
    pub posteriors: Option<Trust>,
    /// What to know before anything else, as sentences.
    pub headlines: Vec<String>,
    /// What was read.
    pub input: CrowdInput,
    /// How the fit went; `None` for a method that does not iterate.
    pub fit: Option<CrowdFit>,
    /// What the answers come to.
    pub consensus: CrowdConsensus,
    /// How far annotators agree.
    pub agreement: Agreement,
    /// What flags annotators.
    pub min_accuracy: f64,
    /// How many annotators are flagged.
    pub flagged: usize,
    /// The annotators to look at first: flagged ones, then those with the most answers; all are in
    /// annotators.csv.
    pub annotators: Vec<CrowdAnnotator>,
    /// About how many items two annotators must share for a copy to be found; `None` where they
    /// share as many, or it cannot be said.
    pub copies_need: Option<usize>,
    /// What those answer against the true label, else the consensus.
    pub confusions: Confusions,
    /// The items to look at first: ties, then the least sure; all are in consensus.jsonl.
    pub review: Vec<CrowdItem>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CrowdInput {
    /// BLAKE3 of the answers' uncompressed content, in hex.
    pub hash: String,
    /// Rows.
    pub rows: u64,
    /// Answers that count.
    pub answers: usize,
    /// Answers that a later one of the same annotator to the same item replaced.
    pub replaced: usize,
    /// Rows without a label.
    pub skips: u64,
    /// Items with an answer.
    pub items: usize,
    /// Annotators with an answer.
    pub annotators: usize,
    /// The true labels, if there were any.
    pub gold: Option<CrowdGold>,
}

/// The true labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CrowdGold {
    /// BLAKE3 of their file's uncompressed content, in hex.
    pub hash: String,
    /// Items with a true label.
    pub items: usize,
    /// Those that nobody answered.
    pub unanswered: usize,
    /// Whether the method was told them; then its labels of these items are no measure of it.
    pub given: bool,
}

/// How a fit went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdFit {
    /// Iterations.
    pub iterations: usize,
    /// Whether it met its tolerance.
    pub converged: bool,
    /// What was maximised, after the last iteration, in nats.
    pub objective: Option<f64>,
}

/// What the answers come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdConsensus {
    /// Items of each label.
    pub labeled: Vec<usize>,
    /// Items without one, because several are equally likely.
    pub ties: usize,
    /// Items with a label whose posterior is below [`SURE`].
    pub unsure: usize,
    /// Of the items whose true label is known, the share that got it; a tie did not.
    pub accuracy: Option<Proportion>,
    /// The same of majority vote, for comparison.
    pub majority_accuracy: Option<Proportion>,
}

/// A label whose posterior is below this is not sure.
pub const SURE: f64 = 0.8;

/// One annotator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdAnnotator {
    /// Who.
    pub annotator: String,
    /// Their answers.
    pub answers: usize,
    /// The share of their answers that the method holds to be right; `None` when it cannot tell.
    pub skill: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// The share of their answers to items with a true label that are right; `None` without such
    /// labels.
    pub gold: Option<Proportion>,
    /// How they stand to the least accuracy; `None` when the method cannot tell.
    pub standing: Option<Standing>,
    /// What is wrong; empty when nothing is.
    pub flags: Vec<String>,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdItem {
    /// Its name.
    pub item: String,
    /// Its label; `None` is a tie.
    pub label: Option<String>,
    /// The labels of a tie.
    pub tied: Vec<String>,
    /// The posterior of the likeliest label.
    pub posterior: f64,
    /// Answers by label, in label order.
    pub votes: Vec<(String, usize)>,
}

impl Crowd {
    /// The layout that this version writes.
    pub const FORMAT: u32 = 2;

    /// The report as JSON, indented, with a line break at the end.
    ///
    /// # Errors
    /// A number that JSON cannot hold, which would be a bug.
    pub fn to_json(&self) -> Result<Vec<u8>, ReportError> {
        let json = serde_json::to_string_pretty(self);
        let json = json.map_err(|error| ReportError::Json { detail: error.to_string() })?;
        Ok((json + "\n").into_bytes())
    }

    /// The report as Markdown.
    pub fn to_markdown(&self) -> Vec<u8> {
        let headlines: Vec<String> = self.headlines.iter().map(|line| escape(line)).collect();
        let mut parts = vec!["# Answers of a crowd".to_owned(), bullets(&headlines)];
        parts.push(section("What was read", &self.input_table()));
        parts.push(section("Labels", &self.labels_table()));
        parts.push(section("Annotators", &self.annotators_table()));
        parts.push(self.annotators_words());
        parts.push(self.agreement.markdown());
        parts.push(self.confusions.markdown(&self.labels));
        if !self.review.is_empty() {
            parts.push(section("Items to look at", &self.review_table()));
        }
        parts.retain(|part| !part.is_empty());
        (parts.join("\n\n") + "\n").into_bytes()
    }
}

fn section(title: &str, shown: &Table) -> String {
    let head: Vec<&str> = shown.head.iter().map(String::as_str).collect();
    let rows: Vec<Vec<String>> =
        shown.rows.iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect();
    format!("## {title}\n\n{}", table(&head, &rows))
}
