//! The report's section on yields: how many documents of each share and quota have a label, and
//! which labels.

use serde::Serialize;

use crate::markdown::{escape, percent, table};

/// The yields of the shares and quotas in all rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Yields {
    /// The yield of each share in each round.
    pub shares: Vec<ShareYield>,
    /// The yield of each class quota in each round.
    pub quotas: Vec<QuotaYield>,
}

/// The yield of one share in one round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShareYield {
    /// Number of the round.
    pub round: u32,
    /// Name of the share.
    pub share: String,
    /// Number of documents of the share in the batch.
    pub sent: usize,
    /// Number of these documents that have a label now. A control item counts if somebody has
    /// answered it with a label.
    pub labeled: usize,
    /// Number of these documents that are tied or were only skipped.
    pub undecided: usize,
    /// Number of labelled documents whose label the model had predicted; `None` without a model.
    pub predicted_right: Option<usize>,
    /// Number of different classes among the labels.
    pub classes: usize,
}

/// The yield of one class quota in one round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuotaYield {
    /// Number of the round.
    pub round: u32,
    /// Name of the class.
    pub label: String,
    /// Number of picks that the quota asks for.
    pub asked: usize,
    /// Number of the quota's picks that have a label now.
    pub labeled: usize,
    /// Number of the quota's picks that have the quota's class as label.
    pub got: usize,
}

impl Yields {
    /// Renders the section as Markdown. It is empty before the first answers.
    pub fn markdown(&self) -> String {
        let answered = self.shares.iter().any(|share| share.labeled + share.undecided > 0);
        if !answered {
            return String::new();
        }
        let rows: Vec<Vec<String>> = self.shares.iter().map(ShareYield::cells).collect();
        let head = ["Round", "Share", "Sent", "Labelled", "Undecided", "Predicted right", "Classes"];
        let mut parts = vec!["## What each share brought".to_owned(), table(&head, &rows)];
        if !self.quotas.is_empty() {
            let rows: Vec<Vec<String>> = self.quotas.iter().map(QuotaYield::cells).collect();
            let head = ["Round", "Quota of class", "Requested", "Labelled", "In the class", "Yield"];
            parts.push(table(&head, &rows));
            parts.push("Yield: the share of a quota's labelled picks that are in its class.".to_owned());
        }
        parts.join("\n\n")
    }
}

impl ShareYield {
    /// Returns the cells of the row for this share, escaped.
    fn cells(&self) -> Vec<String> {
        let right = match self.predicted_right {
            Some(right) if self.labeled > 0 => percent(Some(right as f64 / self.labeled as f64)),
            _ => "–".to_owned(),
        };
        vec![
            self.round.to_string(),
            self.share.clone(),
            self.sent.to_string(),
            self.labeled.to_string(),
            self.undecided.to_string(),
            right,
            self.classes.to_string(),
        ]
    }
}

impl QuotaYield {
    /// Returns the cells of the row for this quota, escaped.
    fn cells(&self) -> Vec<String> {
        let share = (self.labeled > 0).then(|| self.got as f64 / self.labeled as f64);
        let counts = [self.asked, self.labeled, self.got].map(|count| count.to_string());
        let mut cells = vec![self.round.to_string(), escape(&self.label)];
        cells.extend(counts);
        cells.push(percent(share));
        cells
    }
}
