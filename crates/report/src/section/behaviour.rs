//! How annotators behave: who answers too fast, gives one label only, or errs as another does.

use serde::Serialize;

use crate::markdown::{bullets, escape, percent};

/// How annotators behave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Behaviour {
    /// Seconds below which an answer is too fast; `None` while too few answers have a time.
    pub too_fast_below: Option<f64>,
    /// Each annotator with timed answers, by name.
    pub speed: Vec<SpeedRow>,
    /// Each annotator with enough answers, by name: the label that they give most beyond the
    /// others.
    pub one_label: Vec<OneLabelRow>,
    /// Pairs who give the same unusual answers beyond chance, the least likely first.
    pub copies: Vec<CopyRow>,
    /// About how many documents two annotators must share for a copy to be found; `None` where they
    /// share as many, or it cannot be said.
    pub copies_need: Option<usize>,
}

/// How fast somebody answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CopyRow {
    /// One of the two.
    pub a: String,
    /// The other.
    pub b: String,
    /// Documents that both answered, and of which enough is known beside.
    pub shared: usize,
    /// Those on which one of the two goes against the known label, or against what the others say.
    pub unusual: usize,
    /// Those on which both do, and say the same.
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
            lines.push(format!(
                "{who} answers too fast: {fast} of {timed} answers took less than {bar:.1} \
                                seconds"
            ));
        }
        for row in self.one_label.iter().filter(|row| row.flagged) {
            lines.push(format!(
                "{} gave \"{}\" in {} of {} answers, the others in {}",
                row.annotator,
                row.label,
                percent(Some(row.share)),
                row.answers,
                percent(Some(row.others))
            ));
        }
        for row in &self.copies {
            lines.push(format!(
                "{} and {} gave the same answer on {} of the {} documents where either of them disagrees \
                 with everybody else; chance explains {:.1}",
                row.a, row.b, row.same_wrong, row.unusual, row.expected
            ));
        }
        lines
    }

    /// The section as Markdown; empty when nothing is flagged and nothing is too early to tell.
    pub fn markdown(&self) -> String {
        let lines: Vec<String> = self.flagged().iter().map(|line| escape(line)).collect();
        let mut parts = Vec::new();
        if !lines.is_empty() {
            parts.push(bullets(&lines));
            parts.push(
                "For each finding chance can be ruled out at 1 %, corrected for the number of annotators \
                 or pairs. A finding is a reason to look closer, not proof."
                    .to_owned(),
            );
        }
        parts.extend(self.copies_need.map(|needs| copies_need(needs, "documents")));
        if parts.is_empty() {
            return String::new();
        }
        parts.insert(0, "## Behaviour".to_owned());
        parts.join("\n\n")
    }
}

/// Why nothing is said of copies yet; `what` names what is answered, in the plural.
pub(crate) fn copies_need(needs: usize, what: &str) -> String {
    format!(
        "Too early to tell who copies: two annotators must have about {needs} {what} in common, each with \
         a known label or two more answers."
    )
}
