//! Documents for review: what somebody should look at, why, and who.
//!
//! It never says what a control item's label is: the list may go to the people who are to answer
//! it.

use serde::Serialize;

use super::remarks::Remark;
use crate::markdown::{escape, excerpt, table};

/// What is up for review.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Review {
    /// How many documents there are.
    pub total: usize,
    /// How many for each reason, the most pressing first; a document may have several.
    pub reasons: Vec<(String, usize)>,
    /// The first of them, those that an answer is expected to help most first.
    pub top: Vec<ReviewItem>,
}

/// One document for review.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewItem {
    /// The document.
    pub id: String,
    /// The beginning of its text.
    pub text: String,
    /// Why: `control-missed`, `label-contradicted`, `tie`, `only-skipped`, `below-threshold`,
    /// `uncertain`; the most pressing first.
    pub reasons: Vec<String>,
    /// Each label given, with its number of votes, in label order.
    pub votes: Vec<(String, usize)>,
    /// How many skipped it.
    pub skips: usize,
    /// The entropy of what is believed of it, in nats.
    pub entropy: f64,
    /// How much one more answer is expected to help: the expected fall of log-loss, in nats.
    pub help: f64,
    /// The annotator who should answer; `None`: an expert.
    pub who: Option<String>,
    /// What people wrote beside their answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

/// How many the Markdown shows.
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
    /// How many for which reasons, as "3 tie, 2 uncertain".
    pub fn counts(&self) -> String {
        let counts = self.reasons.iter().map(|(reason, n)| format!("{n} {}", reason_in_words(reason)));
        counts.collect::<Vec<_>>().join(", ")
    }

    /// The rows of a table of the first ones, not escaped.
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

    /// The section as Markdown; empty when nothing is up for review.
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
