//! How annotators behave: who answers too fast, gives one label far too often, or makes the same
//! errors as another annotator.

use serde::Serialize;

use crate::markdown::{bullets, escape, percent};

/// How annotators behave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Behaviour {
    /// Seconds below which an answer is too fast; `None` if too few answers have a duration.
    pub too_fast_below: Option<f64>,
    /// Annotators with timed answers, sorted by name.
    pub speed: Vec<SpeedRow>,
    /// Annotators with enough answers, sorted by name. Each row has the label that the annotator
    /// gives more often than the others by the widest margin.
    pub one_label: Vec<OneLabelRow>,
    /// Pairs of annotators who give the same unusual answers beyond chance, the least likely pair
    /// first.
    pub copies: Vec<CopyRow>,
    /// Approximate number of documents that two annotators must share before copied answers can be
    /// detected; `None` if some two share enough, or if the number is unknown.
    pub copies_need: Option<usize>,
}

/// How fast an annotator answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpeedRow {
    /// Name of the annotator.
    pub annotator: String,
    /// Number of answers with a duration, skips included.
    pub timed: usize,
    /// Median duration of an answer, in seconds.
    pub median_seconds: Option<f64>,
    /// Number of answers that were too fast.
    pub too_fast: usize,
    /// Whether the annotator is too fast too often.
    pub flagged: bool,
}

/// How often an annotator gives one label, compared with the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OneLabelRow {
    /// Name of the annotator.
    pub annotator: String,
    /// The label.
    pub label: String,
    /// Number of the annotator's answers that were compared.
    pub answers: usize,
    /// The label's share of these answers, in [0, 1].
    pub share: f64,
    /// The label's share of the other annotators' answers, in [0, 1].
    pub others: f64,
    /// p-value, corrected for the number of annotators.
    pub p: f64,
    /// Whether the annotator gives the label far too often.
    pub flagged: bool,
}

/// Two annotators who make the same errors more often than chance explains.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CopyRow {
    /// Name of the first annotator.
    pub a: String,
    /// Name of the second annotator.
    pub b: String,
    /// Number of documents that both answered and for which the known label or others' answers
    /// allow a comparison.
    pub shared: usize,
    /// Number of these documents on which at least one of the two contradicts the known label or
    /// the other annotators' answers.
    pub unusual: usize,
    /// Number of documents on which both contradict it with the same answer.
    pub same_wrong: usize,
    /// Number of such documents expected by chance.
    pub expected: f64,
    /// p-value, corrected for the number of pairs.
    pub p: f64,
}

impl Behaviour {
    /// Returns one clause per finding, without a full stop and not escaped.
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
                "{} gave \"{}\" in {} of {} answers, the other annotators in {}",
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
                 with everybody else; by chance, {:.1} would be expected",
                row.a, row.b, row.same_wrong, row.unusual, row.expected
            ));
        }
        lines
    }

    /// Renders the section as Markdown; empty if nothing is flagged and copied answers can be
    /// detected.
    pub fn markdown(&self) -> String {
        let lines: Vec<String> = self.flagged().iter().map(|line| escape(line)).collect();
        let mut parts = Vec::new();
        if !lines.is_empty() {
            parts.push(bullets(&lines));
            parts.push(
                "Each finding is significant at the 1 % level, corrected for the number of annotators or \
                 pairs. A finding is a reason to look closer, not proof."
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

/// Says that copied answers cannot be detected yet, and why. `what` names the answered items, in
/// the plural.
pub(crate) fn copies_need(needs: usize, what: &str) -> String {
    format!(
        "Too early to tell who copies: two annotators must have answered about {needs} {what} in common, and \
         each of these needs a known label or answers by two others."
    )
}
