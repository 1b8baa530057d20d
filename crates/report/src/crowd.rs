//! The report of a crowd: the consensus of a plain file of answers, and which annotators to trust.
//! There is no workspace, no model and no round.
//!
//! Data that grows with the file (the label of each item, each annotator) is in separate files. The
//! report has counts, and the annotators and items that a reader should look at first. As in every
//! report, the JSON contains everything that the Markdown and the page show.

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
    /// Version of the layout; it increases when a field changes its meaning.
    pub format: u32,
    /// The labels, sorted by name or, if they are ranks, from low to high. Every list by label has
    /// this order.
    pub labels: Vec<String>,
    /// Name of the aggregator that was asked for.
    pub method: String,
    /// Name of the aggregator that was used. It differs from `method` if there were too few answers
    /// to fit the requested model.
    pub method_used: Option<String>,
    /// Whether the intervals of skills can be trusted.
    pub skill_intervals: Option<Trust>,
    /// Whether the posteriors can be trusted.
    pub posteriors: Option<Trust>,
    /// Sentences about what a reader should know first.
    pub headlines: Vec<String>,
    /// What was read from the files.
    pub input: CrowdInput,
    /// The result of the fit; `None` for a method that does not iterate.
    pub fit: Option<CrowdFit>,
    /// The consensus of the answers.
    pub consensus: CrowdConsensus,
    /// Agreement between annotators.
    pub agreement: Agreement,
    /// Accuracy below which annotators are flagged, in [0, 1].
    pub min_accuracy: f64,
    /// Number of flagged annotators.
    pub flagged: usize,
    /// The annotators to look at first: flagged annotators, then the annotators with the most
    /// answers. annotators.csv has all of them.
    pub annotators: Vec<CrowdAnnotator>,
    /// Approximate number of items that two annotators must share before copied answers can be
    /// detected; `None` if some two share enough, or if the number is unknown.
    pub copies_need: Option<usize>,
    /// The answers of these annotators compared with the true label of each item or, without one,
    /// with the consensus.
    pub confusions: Confusions,
    /// The items to look at first: ties, then the least certain labels. consensus.jsonl has all of
    /// them.
    pub review: Vec<CrowdItem>,
}

/// What was read from the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CrowdInput {
    /// BLAKE3 of the answers' uncompressed content, in hex.
    pub hash: String,
    /// Number of rows.
    pub rows: u64,
    /// Number of answers, without replaced ones.
    pub answers: usize,
    /// Number of answers that a later answer by the same annotator to the same item replaced.
    pub replaced: usize,
    /// Number of rows without a label.
    pub skips: u64,
    /// Number of items with an answer.
    pub items: usize,
    /// Number of annotators with an answer.
    pub annotators: usize,
    /// The true labels; `None` without any.
    pub gold: Option<CrowdGold>,
}

/// The true labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CrowdGold {
    /// BLAKE3 of the file's uncompressed content, in hex.
    pub hash: String,
    /// Number of items with a true label.
    pub items: usize,
    /// Number of these items that nobody answered.
    pub unanswered: usize,
    /// Whether the method was given these labels; if so, they cannot measure its accuracy.
    pub given: bool,
}

/// The result of a fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdFit {
    /// Number of iterations.
    pub iterations: usize,
    /// Whether the fit met its tolerance.
    pub converged: bool,
    /// The maximised objective after the last iteration, in nats.
    pub objective: Option<f64>,
}

/// The consensus of the answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdConsensus {
    /// Number of items with each label, in label order.
    pub labeled: Vec<usize>,
    /// Number of items without a label, because several labels are equally likely.
    pub ties: usize,
    /// Number of items whose label has a posterior below [`SURE`].
    pub unsure: usize,
    /// Proportion of items with a true label whose consensus label is right; a tie counts as wrong.
    pub accuracy: Option<Proportion>,
    /// The same proportion for majority vote, for comparison.
    pub majority_accuracy: Option<Proportion>,
}

/// A label with a smaller posterior than this is not sure.
pub const SURE: f64 = 0.8;

/// An annotator of the crowd.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdAnnotator {
    /// Name of the annotator.
    pub annotator: String,
    /// Number of the annotator's answers.
    pub answers: usize,
    /// Estimated share of the annotator's answers that are right, in [0, 1]; `None` if unknown.
    pub skill: Option<f64>,
    /// 95 % interval of the skill.
    pub interval: Option<Interval>,
    /// Proportion of right answers among the answers to items with a true label; `None` if no item
    /// has a true label.
    pub gold: Option<Proportion>,
    /// The annotator's standing against the least accuracy; `None` if the method cannot tell.
    pub standing: Option<Standing>,
    /// What is suspicious about the annotator; empty if nothing is.
    pub flags: Vec<String>,
}

/// An item that a reader should check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdItem {
    /// Name of the item.
    pub item: String,
    /// Label of the item; `None` for a tie.
    pub label: Option<String>,
    /// The tied labels; empty otherwise.
    pub tied: Vec<String>,
    /// Posterior of the most probable label, in [0, 1].
    pub posterior: f64,
    /// Each label with its number of answers, in label order.
    pub votes: Vec<(String, usize)>,
}

impl Crowd {
    /// Version of the layout that this program writes.
    pub const FORMAT: u32 = 2;

    /// Returns the report as indented JSON with a line break at the end.
    ///
    /// # Errors
    /// A number cannot be expressed in JSON, which would be a bug.
    pub fn to_json(&self) -> Result<Vec<u8>, ReportError> {
        let json = serde_json::to_string_pretty(self);
        let json = json.map_err(|error| ReportError::Json { detail: error.to_string() })?;
        Ok((json + "\n").into_bytes())
    }

    /// Returns the report as Markdown.
    pub fn to_markdown(&self) -> Vec<u8> {
        let headlines: Vec<String> = self.headlines.iter().map(|line| escape(line)).collect();
        let mut parts = vec!["# Quality of crowd answers".to_owned(), bullets(&headlines)];
        parts.push(section("Input", &self.input_table()));
        parts.push(section("Labels", &self.labels_table()));
        parts.push(section("Annotators", &self.annotators_table()));
        parts.push(self.annotators_words());
        parts.push(self.agreement.markdown());
        parts.push(self.confusions.markdown(&self.labels));
        if !self.review.is_empty() {
            parts.push(section("Items to check", &self.review_table()));
        }
        parts.retain(|part| !part.is_empty());
        (parts.join("\n\n") + "\n").into_bytes()
    }
}

/// Renders a table under a heading.
fn section(title: &str, shown: &Table) -> String {
    let head: Vec<&str> = shown.head.iter().map(String::as_str).collect();
    let rows: Vec<Vec<String>> =
        shown.rows.iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect();
    format!("## {title}\n\n{}", table(&head, &rows))
}
