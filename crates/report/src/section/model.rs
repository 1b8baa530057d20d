//! The model of a round: how its fit went, how good it is, and whether its probabilities may be believed.

use serde::{Deserialize, Serialize};

use super::brought::Brought;
use super::fit::Fit;
use super::reliability::Reliability;
use crate::markdown::{decimal, escape, percent, table};

/// The model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// How many labelled documents there were, by class.
    pub labeled: Vec<usize>,
    /// The fit; `None` when there was no model.
    pub fit: Option<Fit>,
    /// Why there was no model.
    pub why_none: Option<String>,
    /// Classes without a labelled document: the model gives them probability 0.
    pub unseen: Vec<String>,
    /// On the test set, if there is one.
    pub test: Option<Evaluation>,
    /// Its confidence against its accuracy; `None` when no prediction has a known truth, and in reports of an earlier version.
    #[serde(default)]
    pub reliability: Option<Reliability>,
    /// All rounds up to this one.
    pub rounds: Vec<ModelRound>,
    /// Where the probabilities came from, if the user brought them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brought: Option<Brought>,
}

/// Measures on documents whose label is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Share of right predictions, with its 95 % Wilson interval.
    pub accuracy: Proportion,
    /// Mean of the classes' F1, over the classes that occur among labels or predictions.
    pub macro_f1: f64,
    /// Each class.
    pub classes: Vec<ClassRow>,
}

/// One class of an evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassRow {
    /// The class.
    pub label: String,
    /// How many documents have it.
    pub support: usize,
    /// Of the documents predicted to have it, the share that do.
    pub precision: f64,
    /// Of the documents that have it, the share predicted so.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
}

/// A share of successes with its 95 % Wilson interval; the shares are `None` when n is 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Proportion {
    /// Trials.
    pub n: usize,
    /// Successes.
    pub correct: usize,
    /// Their share.
    pub value: Option<f64>,
    /// The interval's lower end.
    pub low: Option<f64>,
    /// The interval's upper end.
    pub high: Option<f64>,
}

impl Proportion {
    /// As "61.5 % (55.0–67.6, n = 200)".
    pub fn text(&self) -> String {
        match (self.low, self.high) {
            (Some(low), Some(high)) => {
                format!("{} ({:.1}–{:.1}, n = {})", percent(self.value), low * 100.0, high * 100.0, self.n)
            }
            _ => "–".to_owned(),
        }
    }
}

/// One round's model in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelRound {
    /// The round.
    pub round: u32,
    /// Labelled documents that it learned from.
    pub labeled: usize,
    /// Accuracy on the test set.
    pub test_accuracy: Option<f64>,
    /// Macro-F1 on the test set.
    pub test_macro_f1: Option<f64>,
    /// Accuracy on the round's random slice, predicted before it was labelled.
    pub random_slice: Proportion,
    /// Macro-F1 on the same slice; `None` when none of it is labelled.
    pub random_slice_macro_f1: Option<f64>,
}

impl Model {
    /// The section as Markdown.
    pub fn markdown(&self) -> String {
        let mut parts = vec!["## Model".to_owned(), self.fit()];
        if !self.unseen.is_empty() {
            let names: Vec<String> = self.unseen.iter().map(|label| escape(label)).collect();
            parts.push(format!("No labelled document yet: {}.", names.join(", ")));
        }
        if let Some(test) = &self.test {
            parts.push(format!(
                "Test set: accuracy {}, macro-F1 {:.3}.",
                test.accuracy.text(),
                test.macro_f1
            ));
            let rows: Vec<Vec<String>> = test.classes.iter().map(ClassRow::cells).collect();
            parts.push(table(&["Class", "Documents", "Precision", "Recall", "F1"], &rows));
        }
        parts.extend(self.reliability.as_ref().map(Reliability::markdown));
        if self.rounds.iter().any(|round| round.test_accuracy.is_some() || round.random_slice.n > 0) {
            let rows: Vec<Vec<String>> = self.rounds.iter().map(ModelRound::cells).collect();
            let head = [
                "Round",
                "Labelled",
                "Test accuracy",
                "Test macro-F1",
                "Accuracy on the random slice",
                "Macro-F1 there",
            ];
            parts.push(table(&head, &rows));
            parts.push(
                "The random slice is a uniform sample of the open pool, predicted before it was labelled: an unbiased \
                 estimate for the documents that are still open, but for those that annotators tie on or skip, which are left \
                 out. Intervals are 95 % (Wilson)."
                    .to_owned(),
            );
        }
        parts.join("\n\n")
    }

    fn fit(&self) -> String {
        if let Some(brought) = &self.brought {
            return brought.text();
        }
        match (&self.fit, &self.why_none) {
            (Some(fit), _) => fit.markdown(),
            (None, Some(why)) => format!("No model: {why}."),
            (None, None) => "No model.".to_owned(),
        }
    }
}

impl ClassRow {
    fn cells(&self) -> Vec<String> {
        let mut cells = vec![escape(&self.label), self.support.to_string()];
        cells.extend([self.precision, self.recall, self.f1].map(|value| decimal(Some(value))));
        cells
    }
}

impl ModelRound {
    fn cells(&self) -> Vec<String> {
        vec![
            self.round.to_string(),
            self.labeled.to_string(),
            percent(self.test_accuracy),
            decimal(self.test_macro_f1),
            self.random_slice.text(),
            decimal(self.random_slice_macro_f1),
        ]
    }
}
