//! Labels by round, compared with the target distribution of the quotas.

use serde::Serialize;

use crate::markdown::{escape, table};

/// The number of labels of each class, by round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Distribution {
    /// Number of imported labels, by class.
    pub imported: Vec<usize>,
    /// Number of labels from answers to documents that no batch had asked for, by class.
    pub unasked: Vec<usize>,
    /// The labels of each round.
    pub rounds: Vec<RoundLabels>,
    /// Number of all labels, by class.
    pub total: Vec<usize>,
}

/// The labels of one round's batch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoundLabels {
    /// Number of the round.
    pub round: u32,
    /// Number of picks other than control items.
    pub sent: usize,
    /// Number of these picks with each label so far, by class.
    pub labeled: Vec<usize>,
    /// Target distribution of the round's quotas, by class; the sum is 1. `None` without quotas.
    pub target: Option<Vec<f64>>,
}

impl Distribution {
    /// Renders the section as Markdown.
    pub fn markdown(&self, labels: &[String]) -> String {
        let mut head = vec!["Round".to_owned(), "Sent".to_owned(), "Labelled".to_owned()];
        head.extend(labels.iter().cloned());
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        let mut rows = vec![row("imported", None, &self.imported, None)];
        for round in &self.rounds {
            let name = round.round.to_string();
            rows.push(row(&name, Some(round.sent), &round.labeled, round.target.as_deref()));
        }
        if self.unasked.iter().any(|count| *count > 0) {
            rows.push(row("unasked", None, &self.unasked, None));
        }
        rows.push(row("all", None, &self.total, None));
        let mut parts = vec!["## Labels by round".to_owned(), table(&head, &rows)];
        if self.rounds.iter().any(|round| round.target.is_some()) {
            parts.push(
                "Each cell shows the number of documents, their share of the round, and the target of the \
                 round's quotas."
                    .into(),
            );
        }
        parts.join("\n\n")
    }
}

/// Returns the cells of a row: name, number of documents sent, and the labels of each class.
fn row(name: &str, sent: Option<usize>, counts: &[usize], target: Option<&[f64]>) -> Vec<String> {
    let total: usize = counts.iter().sum();
    let mut cells =
        vec![escape(name), sent.map_or_else(|| "–".to_owned(), |sent| sent.to_string()), total.to_string()];
    for (class, count) in counts.iter().enumerate() {
        let share = if total == 0 {
            String::new()
        } else {
            format!(" ({:.0} %", *count as f64 / total as f64 * 100.0)
        };
        let goal = target.map(|target| format!("target {:.0} %", target[class] * 100.0));
        cells.push(match (share.is_empty(), goal) {
            (true, None) => count.to_string(),
            (true, Some(goal)) => format!("{count} ({goal})"),
            (false, None) => format!("{count}{share})"),
            (false, Some(goal)) => format!("{count}{share}, {goal})"),
        });
    }
    cells
}
