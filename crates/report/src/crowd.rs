//! The report of a crowd: the consensus of a plain file of answers, and which annotators to trust.
//! It needs no workspace, model or round.
//!
//! The label of each item and the results of each annotator are in separate files, because there
//! may be very many. The report has counts, and the annotators and items that a reader should look
//! at first. As in every report, the JSON contains everything that the Markdown and the page show.

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
    /// Whether the intervals of the annotators' skills can be trusted.
    pub skill_intervals: Option<Trust>,
    /// Whether the posteriors of the labels can be trusted.
    pub posteriors: Option<Trust>,
    /// What a reader should know first, as sentences.
    pub headlines: Vec<String>,
    /// What was read from the input files.
    pub input: CrowdInput,
    /// How the method's fit ended; `None` for a method that does not iterate.
    pub fit: Option<CrowdFit>,
    /// The consensus labels of the items, as counts.
    pub consensus: CrowdConsensus,
    /// Agreement between annotators.
    pub agreement: Agreement,
    /// Annotators are flagged if their accuracy is below this value, in [0, 1].
    pub min_accuracy: f64,
    /// Number of flagged annotators.
    pub flagged: usize,
    /// The annotators to look at first: flagged annotators, then the annotators with the most
    /// answers. The file annotators.csv has all annotators.
    pub annotators: Vec<CrowdAnnotator>,
    /// About how many items two annotators must share before copied answers can be detected. `None`
    /// if some two annotators share enough, or if the number is unknown.
    pub copies_need: Option<usize>,
    /// For each of these annotators, how often each answer met each true label. An item without a
    /// true label counts with its consensus label.
    pub confusions: Confusions,
    /// The items to look at first: ties, then the least certain labels. The file consensus.jsonl
    /// has all items.
    pub review: Vec<CrowdItem>,
}

/// What was read from the input files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CrowdInput {
    /// BLAKE3 hash of the answers, before any compression, in hex.
    pub hash: String,
    /// Number of rows.
    pub rows: u64,
    /// Number of answers that count, without replaced answers.
    pub answers: usize,
    /// Number of answers that were replaced: the same annotator answered the same item again later.
    pub replaced: usize,
    /// Number of rows without a label.
    pub skips: u64,
    /// Number of items with an answer.
    pub items: usize,
    /// Number of annotators with an answer.
    pub annotators: usize,
    /// The true labels; `None` if there are none.
    pub gold: Option<CrowdGold>,
}

/// The true labels that the user supplied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CrowdGold {
    /// BLAKE3 hash of the file of true labels, before any compression, in hex.
    pub hash: String,
    /// Number of items with a true label.
    pub items: usize,
    /// Number of these items that nobody answered.
    pub unanswered: usize,
    /// Whether the method used these labels. If so, they cannot measure its accuracy.
    pub given: bool,
}

/// How the fit of an iterative method ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdFit {
    /// Number of iterations.
    pub iterations: usize,
    /// Whether the fit met its tolerance.
    pub converged: bool,
    /// The value of the maximised objective after the last iteration, in nats.
    pub objective: Option<f64>,
}

/// The consensus labels of the items, as counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdConsensus {
    /// Number of items with each label, in label order.
    pub labeled: Vec<usize>,
    /// Number of items that have no label, because several labels are equally probable.
    pub ties: usize,
    /// Number of items whose label is not sure: its posterior is below [`SURE`].
    pub unsure: usize,
    /// How many of the items with a true label have this label as consensus; a tie counts as wrong.
    pub accuracy: Option<Proportion>,
    /// The same proportion for a plain majority vote, for comparison.
    pub majority_accuracy: Option<Proportion>,
}

/// A label is sure if its posterior is at least this value.
pub const SURE: f64 = 0.8;

/// An annotator, with skill and flags.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdAnnotator {
    /// Name of the annotator.
    pub annotator: String,
    /// Number of the annotator's answers.
    pub answers: usize,
    /// The estimated share of right answers among the annotator's answers, in [0, 1]; `None` if
    /// unknown.
    pub skill: Option<f64>,
    /// 95 % interval of the skill.
    pub interval: Option<Interval>,
    /// The proportion of right answers among the annotator's answers to items with a true label.
    /// `None` if no item has a true label.
    pub gold: Option<Proportion>,
    /// Whether the annotator reaches the required accuracy; `None` if the method cannot tell.
    pub standing: Option<Standing>,
    /// What is suspicious about the annotator, as phrases; empty if nothing is.
    pub flags: Vec<String>,
}

/// An item that a reader should check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdItem {
    /// Name of the item.
    pub item: String,
    /// The consensus label of the item; `None` for a tie.
    pub label: Option<String>,
    /// The tied labels; empty if there is no tie.
    pub tied: Vec<String>,
    /// Posterior probability of the most probable label, in [0, 1].
    pub posterior: f64,
    /// The number of answers with each label, in label order.
    pub votes: Vec<(String, usize)>,
}

impl Crowd {
    /// Version of the layout that this program writes.
    pub const FORMAT: u32 = 2;

    /// Returns the report as indented JSON that ends with a line break.
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
