//! Documents for review: what somebody should look at, why, and who.
//!
//! The list never shows a control item's label, because it may go to the people who should answer
//! it.

use serde::Serialize;

use super::remarks::Remark;
use crate::markdown::{escape, excerpt, table};

/// The documents for review.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Review {
    /// Number of documents for review.
    pub total: usize,
    /// Number of documents by reason, the most pressing first; a document may have several reasons.
    pub reasons: Vec<(String, usize)>,
    /// The first documents, sorted by expected help of one more answer, highest first.
    pub top: Vec<ReviewItem>,
}

/// A document for review.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewItem {
    /// The document's id.
    pub id: String,
    /// The beginning of its text.
    pub text: String,
    /// The reasons, the most pressing first: `control-missed`, `label-contradicted`, `tie`,
    /// `only-skipped`, `below-threshold`, `uncertain`.
    pub reasons: Vec<String>,
    /// Each given label with its number of votes, in label order.
    pub votes: Vec<(String, usize)>,
    /// Number of annotators who skipped it.
    pub skips: usize,
    /// Entropy of the belief about the document's class, in nats.
    pub entropy: f64,
    /// Expected help of one more answer: the expected fall of log-loss, in nats.
    pub help: f64,
    /// Name of the annotator who should answer; `None`: an expert.
    pub who: Option<String>,
    /// Annotators' remarks on their answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

/// Number of documents that the Markdown shows.
const SHOWN: usize = 10;

/// A reason in words.
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
    /// The reasons in words, on one line.
    pub fn why(&self) -> String {
        self.reasons.iter().map(|reason| reason_in_words(reason)).collect::<Vec<_>>().join(", ")
    }

    /// The votes, on one line, as "billing 2, fraud 1, skipped 1".
    pub fn votes_line(&self) -> String {
        let mut votes: Vec<String> = self.votes.iter().map(|(label, n)| format!("{label} {n}")).collect();
        if self.skips > 0 {
            votes.push(format!("skipped {}", self.skips));
        }
        votes.join(", ")
    }

    /// Who should answer.
    pub fn who_line(&self) -> &str {
        self.who.as_deref().unwrap_or("an expert")
    }
}

impl Review {
    /// Number of documents by reason in words: "3 tie, 2 uncertain".
    pub fn counts(&self) -> String {
        let counts = self.reasons.iter().map(|(reason, n)| format!("{n} {}", reason_in_words(reason)));
        counts.collect::<Vec<_>>().join(", ")
    }

    /// Table rows of the first documents, not escaped.
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

    /// The section as Markdown; empty if there is nothing to review.
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
            "Expected help: how far one more answer is expected to lower the log-loss of the consensus, \
             in nats. A review writes all of them to a file for labelling; an expert's decisions settle \
             them."
                .to_owned(),
        ]
        .join("\n\n")
    }
}
