//! The report's section on documents that need review: why a person should look at them, and who.
//!
//! The section never shows the label of a control item. People who still have to answer the item
//! may read the report.

use serde::Serialize;

use super::remarks::Remark;
use crate::markdown::{escape, excerpt, table};

/// The documents that need review.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Review {
    /// Number of documents that need review.
    pub total: usize,
    /// Number of documents for each reason, the most urgent reason first. A document may have
    /// several.
    pub reasons: Vec<(String, usize)>,
    /// The first documents. The document for which one more answer helps most comes first.
    pub top: Vec<ReviewItem>,
}

/// A document that needs review.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewItem {
    /// The document's id.
    pub id: String,
    /// The beginning of the document's text.
    pub text: String,
    /// The reasons, the most urgent first: `control-missed`, `label-contradicted`, `tie`,
    /// `only-skipped`, `below-threshold`, `uncertain`.
    pub reasons: Vec<String>,
    /// The number of answers with each label that was given, in label order.
    pub votes: Vec<(String, usize)>,
    /// Number of annotators who skipped the document.
    pub skips: usize,
    /// Entropy of the probabilities of the document's classes, in nats.
    pub entropy: f64,
    /// By how much one more answer is expected to lower the log loss, in nats.
    pub help: f64,
    /// Name of the annotator who should answer; `None` if an expert should.
    pub who: Option<String>,
    /// Annotators' remarks on their answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

/// The Markdown shows at most this many documents.
const SHOWN: usize = 10;

/// Returns a reason in words.
pub fn reason_in_words(reason: &str) -> &str {
    match reason {
        "control-missed" => "control item missed",
        "label-contradicted" => "imported label contradicted",
        "tie" => "tie",
        "only-skipped" => "only skipped",
        "below-threshold" => "rests on annotators below a threshold",
        "uncertain" => "uncertain",
        other => other,
    }
}

impl ReviewItem {
    /// Returns the reasons in words, on one line.
    pub fn why(&self) -> String {
        self.reasons.iter().map(|reason| reason_in_words(reason)).collect::<Vec<_>>().join(", ")
    }

    /// Returns the answers on one line, such as "billing 2, fraud 1, skipped 1".
    pub fn votes_line(&self) -> String {
        let mut votes: Vec<String> = self.votes.iter().map(|(label, n)| format!("{label} {n}")).collect();
        if self.skips > 0 {
            votes.push(format!("skipped {}", self.skips));
        }
        votes.join(", ")
    }

    /// Returns who should answer: an annotator's name, or "an expert".
    pub fn who_line(&self) -> &str {
        self.who.as_deref().unwrap_or("an expert")
    }
}

impl Review {
    /// Returns the number of documents for each reason in words, such as "3 tie, 2 uncertain".
    pub fn counts(&self) -> String {
        let counts = self.reasons.iter().map(|(reason, n)| format!("{n} {}", reason_in_words(reason)));
        counts.collect::<Vec<_>>().join(", ")
    }

    /// Returns the rows of the table of the first documents, not escaped.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let row = |item: &ReviewItem| {
            vec![
                item.id.clone(),
                excerpt(&item.text, super::conflicts::EXCERPT),
                item.why(),
                item.votes_line(),
                format!("{:.3}", item.help),
                item.who_line().to_owned(),
            ]
        };
        self.top.iter().take(SHOWN).map(row).collect()
    }

    /// Renders the section as Markdown. It is empty if no document needs review.
    pub fn markdown(&self) -> String {
        if self.total == 0 {
            return String::new();
        }
        let rows: Vec<Vec<String>> =
            self.rows().iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect();
        let head = ["Document", "Text", "Why", "Votes", "Expected help", "Who should answer"];
        [
            "## Review".to_owned(),
            format!("Documents for review: {} ({}).", self.total, escape(&self.counts())),
            table(&head, &rows),
            "Expected help: how far one more answer is expected to lower the log-loss of the consensus, in \
             nats. A review can write all of these documents to a file for labelling. An expert's decisions \
             settle them."
                .to_owned(),
        ]
        .join("\n\n")
    }
}
