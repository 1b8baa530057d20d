//! How annotators behave: who answers too fast, gives one label only, or errs as another does.

use serde::{Deserialize, Serialize};

use crate::markdown::{bullets, escape, percent};

/// How annotators behave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Behaviour {
    /// Seconds below which an answer is too fast; `None` while too few answers have a time.
    pub too_fast_below: Option<f64>,
    /// Each annotator with timed answers, by name.
    pub speed: Vec<SpeedRow>,
    /// Each annotator with enough answers, by name: the label that they give most beyond the others.
    pub one_label: Vec<OneLabelRow>,
    /// Pairs who give the same wrong answers beyond chance, the least likely first.
    pub copies: Vec<CopyRow>,
}

/// How fast somebody answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpeedRow {
    /// Who.
    pub annotator: String,
    /// Answers with a time, skips included.
    pub timed: usize,
    /// The median of their seconds.
    pub median_seconds: Option<f64>,
    /// How many were too fast.
    pub too_fast: usize,
    /// Whether that is too often.
    pub flagged: bool,
}

/// How often somebody gives one label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OneLabelRow {
    /// Who.
    pub annotator: String,
    /// The label.
    pub label: String,
    /// How many of their answers were compared.
    pub answers: usize,
    /// The label's share of those.
    pub share: f64,
    /// Its share of the others' answers.
    pub others: f64,
    /// The corrected p-value.
    pub p: f64,
    /// Whether that is far too often.
    pub flagged: bool,
}

/// Two who err alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CopyRow {
    /// One of the two.
    pub a: String,
    /// The other.
    pub b: String,
    /// Documents that both answered and whose label is known or agreed on.
    pub shared: usize,
    /// Those to which both gave the same wrong answer.
    pub same_wrong: usize,
    /// How many of those chance explains.
    pub expected: f64,
    /// The corrected p-value.
    pub p: f64,
}

impl Behaviour {
    /// What is flagged, as clauses without a full stop; not escaped.
    pub fn flagged(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let bar = self.too_fast_below.unwrap_or_default();
        for row in self.speed.iter().filter(|row| row.flagged) {
            let (who, fast, timed) = (&row.annotator, row.too_fast, row.timed);
            lines.push(format!("{who} answers too fast: {fast} of {timed} answers below {bar:.1} seconds"));
        }
        for row in self.one_label.iter().filter(|row| row.flagged) {
            lines.push(format!(
                "{} says \"{}\" in {} of {} answers, the others in {}",
                row.annotator,
                row.label,
                percent(Some(row.share)),
                row.answers,
                percent(Some(row.others))
            ));
        }
        for row in &self.copies {
            lines.push(format!(
                "{} and {} give the same wrong answer to {} of {} shared documents, where chance explains {:.1}",
                row.a, row.b, row.same_wrong, row.shared, row.expected
            ));
        }
        lines
    }

    /// The section as Markdown; empty when nothing is flagged.
    pub fn markdown(&self) -> String {
        let lines: Vec<String> = self.flagged().iter().map(|line| escape(line)).collect();
        if lines.is_empty() {
            return String::new();
        }
        [
            "## Behaviour".to_owned(),
            bullets(&lines),
            "Each is beyond chance at 1 %, corrected for the number of annotators or pairs; it is a reason to look, and no proof."
                .to_owned(),
        ]
        .join("\n\n")
    }
}
