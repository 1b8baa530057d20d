//! The report's section on the model: its training, its accuracy, and how well it is calibrated.

use querist_core::round::{self, ClassRow, Commonest, Reliability};
use querist_core::{Proportion, RankError};
use serde::Serialize;

use super::{Row, Section};
use crate::markdown::{decimal, escape, percent, table};

/// The model of the report's round, and the models of all rounds up to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    /// The facts that the round stored about its model.
    #[serde(flatten)]
    pub kept: round::Model,
    /// One entry for each round up to this one.
    pub rounds: Vec<ModelRound>,
}

/// The accuracy of a round's model on some set of documents (the population), estimated from the
/// round's random slice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PopulationAccuracy {
    /// Describes the population in words.
    pub population: String,
    /// Number of documents in the population.
    pub documents: usize,
    /// The estimate, in [0, 1].
    pub value: f64,
    /// The lower end of the 95 % interval.
    pub low: f64,
    /// The upper end of the 95 % interval.
    pub high: f64,
}

impl PopulationAccuracy {
    /// Returns the estimate in words, such as "91.0 % (85.0–94.7) of the 4,900 documents that …".
    pub fn text(&self) -> String {
        let [value, low, high] = [self.value, self.low, self.high].map(|share| 100.0 * share);
        format!("{value:.1} % ({low:.1}–{high:.1}) of the {} {}", self.documents, self.population)
    }

    /// Returns the estimate in the form of a table cell; "–" if there is none.
    fn cell(of: Option<&Self>) -> String {
        of.map_or_else(
            || "–".to_owned(),
            |of| {
                let [value, low, high] = [of.value, of.low, of.high].map(|share| 100.0 * share);
                format!("{value:.1} % ({low:.1}–{high:.1}, {} documents)", of.documents)
            },
        )
    }
}

/// The model of one round, with its accuracy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelRound {
    /// Number of the round.
    pub round: u32,
    /// Number of labelled documents from which the model learned.
    pub labeled: usize,
    /// Accuracy on the test set, in [0, 1]; `None` without a test set or a model.
    pub test_accuracy: Option<f64>,
    /// Macro-F1 on the test set, in [0, 1]; `None` without a test set or a model.
    pub test_macro_f1: Option<f64>,
    /// Accuracy on the round's random slice. The model predicted these documents before they had
    /// labels.
    pub random_slice: Proportion,
    /// The conditions that the documents of the slice had to meet; `None` if there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slice_of: Option<String>,
    /// Macro-F1 on the slice, in [0, 1]; `None` if none of its documents has a label.
    pub random_slice_macro_f1: Option<f64>,
    /// By how many ranks the predictions on the slice miss the labels. `None` if the classes are
    /// not ranks, or if no document of the slice has a label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub random_slice_rank_error: Option<RankError>,
    /// The commonest class of the slice, if always predicting it is right more often than the
    /// model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub random_slice_below: Option<Commonest>,
    /// Estimated accuracy on the documents that were open when the batch was chosen. `None` if no
    /// document of the slice has a label.
    pub when_drawn: Option<PopulationAccuracy>,
    /// Estimated accuracy on the documents that the batch left open. `None` if there are none, or
    /// if no document of the slice has a label.
    pub still_open: Option<PopulationAccuracy>,
    /// Number of the slice's labels that only annotators below a threshold gave.
    pub slice_below: usize,
    /// Names of these annotators.
    pub slice_below_annotators: Vec<String>,
}

impl Model {
    /// Renders the section as Markdown.
    pub fn markdown(&self) -> String {
        let mut parts = vec!["## Model".to_owned(), self.fit()];
        if !self.kept.unseen.is_empty() {
            let names: Vec<String> = self.kept.unseen.iter().map(|label| escape(label)).collect();
            parts.push(format!("Classes without a labelled document yet: {}.", names.join(", ")));
        }
        if let Some(test) = &self.kept.test {
            parts.push(format!(
                "Test set: accuracy {}, macro-F1 {:.3}.",
                test.accuracy.text(),
                test.macro_f1
            ));
            let rows: Vec<Vec<String>> = test.classes.iter().map(ClassRow::cells).collect();
            parts.push(table(&["Class", "Documents", "Precision", "Recall", "F1"], &rows));
            parts.extend(
                test.rank_error.map(|error| format!("Predictions on the test set are {}.", error.text())),
            );
        }
        parts.extend(self.below(false).map(|below| escape(&below)));
        parts.extend(self.kept.reliability.as_ref().map(Reliability::markdown));
        if self.rounds.iter().any(|round| round.test_accuracy.is_some() || round.random_slice.n > 0) {
            let rows: Vec<Vec<String>> = self.rounds.iter().map(ModelRound::cells).collect();
            let head = [
                "Round",
                "Labelled",
                "Test accuracy",
                "Test macro-F1",
                "Accuracy on the random slice",
                "Macro-F1 on the random slice",
                "Accuracy on documents open when the batch was drawn",
                "Accuracy on documents left open by the batch",
            ];
            parts.push(table(&head, &rows));
            parts.push(
                "The random slice is a uniform sample of the documents that were open when the batch was \
                 drawn. The model predicts this sample before anybody labels it, so the accuracy on the \
                 sample estimates the accuracy on all open documents. The batch then takes hard documents \
                 out of the pool. To get the accuracy on the documents left open, the known results of the \
                 picks are subtracted from the estimate for all open documents. Both accuracies are those of \
                 the model of their round. Documents whose answers tie, or that were only skipped, are left \
                 out. Near-duplicates of labelled documents are never drawn. Intervals are 95 % Wilson \
                 intervals for a finite population."
                    .to_owned(),
            );
            if self.rounds.iter().any(|round| round.slice_of.is_some()) {
                parts.push(
                    "A round that chose from only some of the documents says nothing about the others. Its \
                     slice and both of its accuracies cover only the part that the table names next to \
                     them."
                        .to_owned(),
                );
            }
            parts.extend(self.slice_rank_error());
            let doubts = self.rounds.iter().filter_map(ModelRound::doubt);
            parts.extend(doubts.map(|doubt| escape(&format!("{doubt}."))));
        }
        parts.join("\n\n")
    }

    /// Says that always predicting the commonest class is right more often than this round's model;
    /// `None` if it is not. The test set decides if there is one, otherwise the random slice. If
    /// `sure`, a difference that may be chance is left out.
    pub fn below(&self, sure: bool) -> Option<String> {
        if let Some(test) = &self.kept.test {
            let below = test.below.as_ref().filter(|below| below.is_sure() || !sure)?;
            return Some(below.text(&test.accuracy, test.macro_f1, "the test set"));
        }
        let round = self.rounds.last()?;
        let below = round.random_slice_below.as_ref().filter(|below| below.is_sure() || !sure)?;
        Some(below.text(&round.random_slice, round.random_slice_macro_f1?, "its random slice"))
    }

    /// Returns a sentence on how many ranks the predictions on the last labelled slice miss the
    /// labels by. `None` if the classes are not ranks.
    pub fn slice_rank_error(&self) -> Option<String> {
        let round = self.rounds.iter().rev().find(|round| round.random_slice_rank_error.is_some())?;
        let error = round.random_slice_rank_error?.text();
        Some(format!("On the random slice of round {}, predictions are {error}.", round.round))
    }

    /// Describes the training, or the user's own model, or says why there is no model.
    fn fit(&self) -> String {
        if let Some(brought) = &self.kept.brought {
            return brought.markdown();
        }
        match (&self.kept.fit, &self.kept.why_none) {
            (Some(fit), _) => fit.markdown(),
            (None, Some(why)) => format!("No model: {why}."),
            (None, None) => "No model.".to_owned(),
        }
    }
}

impl Row for ClassRow {
    fn cells(&self) -> Vec<String> {
        let mut cells = vec![escape(&self.label), self.support.to_string()];
        cells.extend([self.precision, self.recall, self.f1].map(|value| decimal(Some(value))));
        cells
    }
}

impl Row for ModelRound {
    fn cells(&self) -> Vec<String> {
        vec![
            self.round.to_string(),
            self.labeled.to_string(),
            percent(self.test_accuracy),
            decimal(self.test_macro_f1),
            self.slice_cell(),
            decimal(self.random_slice_macro_f1),
            PopulationAccuracy::cell(self.when_drawn.as_ref()),
            PopulationAccuracy::cell(self.still_open.as_ref()),
        ]
    }
}

impl ModelRound {
    /// Returns the accuracy on the slice. If its documents had to meet conditions, these follow.
    fn slice_cell(&self) -> String {
        let text = self.random_slice.text();
        self.slice_of.as_ref().map_or_else(|| text.clone(), |part| format!("{text} of {}", escape(part)))
    }

    /// If only annotators below a threshold gave some of the slice's labels, returns a clause that
    /// says so.
    pub fn doubt(&self) -> Option<String> {
        (self.slice_below > 0).then(|| {
            format!(
                "{} of the {} labels in the random slice of round {} come only from annotators below a \
                 threshold ({}), so the accuracy on this slice is in doubt",
                self.slice_below,
                self.random_slice.n,
                self.round,
                self.slice_below_annotators.join(", ")
            )
        })
    }
}
