//! The report's section on the labels of each round, compared with the target of the quotas.

use serde::Serialize;

use crate::markdown::{escape, table};

/// The number of labels of each class, by origin and round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Distribution {
    /// Number of imported labels of each class.
    pub imported: Vec<usize>,
    /// Number of labels of each class that come from answers to documents outside any batch.
    pub unasked: Vec<usize>,
    /// The labels of each round.
    pub rounds: Vec<RoundLabels>,
    /// Number of all labels of each class.
    pub total: Vec<usize>,
}

/// The labels of one round's batch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoundLabels {
    /// Number of the round.
    pub round: u32,
    /// Number of documents in the batch, without control items.
    pub sent: usize,
    /// Number of these documents that have each class as label so far.
    pub labeled: Vec<usize>,
    /// The share of each class that the quotas aim at; the sum is 1. `None` without quotas.
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

/// Returns the cells of a row: its name, the number of documents in the batch, and the labels of
/// each class. Next to a class's labels stands its target share, if there is one.
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
