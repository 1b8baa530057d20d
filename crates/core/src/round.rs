//! The record of a round: its model, features, rules and batch, as figures and names.
//!
//! The engine stores this record with the round. Classes are names here, because labels may be
//! added after the round. Reports turn the record into sentences and tables.

use serde::{Deserialize, Serialize};

use crate::batch::Share;
use crate::classifier::FitReport;
use crate::condition::Condition;
use crate::featurizer::FeatureBlock;
use crate::interval::Proportion;
use crate::rank_error::RankError;

/// The model of a round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The number of labelled documents of each class.
    pub labeled: Vec<usize>,
    /// The fit; `None` if there was no model.
    pub fit: Option<FitReport>,
    /// Why there was no model; `None` if there was one.
    pub why_none: Option<String>,
    /// The classes without a labelled document, to which the model gives probability 0.
    pub unseen: Vec<String>,
    /// The model's measures on the test set, if there is one.
    pub test: Option<Evaluation>,
    /// How the model's confidence compares with its accuracy; `None` if the right class is known
    /// for no prediction.
    pub reliability: Option<Reliability>,
    /// The source of the probabilities, if the user imported them.
    pub brought: Option<Brought>,
}

/// Measures on documents whose label is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The share of right predictions, with its 95 % Wilson interval.
    pub accuracy: Proportion,
    /// The mean F1 of the classes that occur among labels or predictions, in [0, 1].
    pub macro_f1: f64,
    /// How far the predictions are from the labels, in ranks; `None` if the classes have no order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank_error: Option<RankError>,
    /// The commonest class, if always predicting it is right more often than the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Commonest>,
    /// The measures of each class.
    pub classes: Vec<ClassRow>,
}

/// The commonest class of some documents, which is right more often than a model if it is predicted
/// for all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Commonest {
    /// The name of the class.
    pub label: String,
    /// The number of documents of the class.
    pub right: usize,
    /// The macro-F1 of always predicting the class, in (0, 1].
    pub macro_f1: f64,
    /// The probability, in (0, 1], of a difference this large between two equally good models.
    pub p: f64,
}

impl Commonest {
    /// Returns whether the difference is more than chance explains, at a level of 5 %.
    pub fn is_sure(&self) -> bool {
        self.p < 0.05
    }

    /// Returns the finding as a sentence or two. `model` and `macro_f1` are the model's measures on
    /// the same documents, and `documents` says which they are, such as "the test set".
    pub fn text(&self, model: &Proportion, macro_f1: f64, documents: &str) -> String {
        let percent = |right: usize| 100.0 * right as f64 / model.n as f64;
        let (label, own, other) = (&self.label, percent(model.correct), percent(self.right));
        let right = format!("it is right for {own:.1} % of {documents}, and \"{label}\" for {other:.1} %");
        if !self.is_sure() {
            return format!(
                "By accuracy, the model may be no better than always predicting \"{label}\": {right}. This \
                 difference may be chance."
            );
        }
        let better = if macro_f1 > self.macro_f1 { "the model is better" } else { "it is worse, too" };
        format!(
            "By accuracy, the model is worse than always predicting \"{label}\": {right}. By macro-F1, {better}: \
             {macro_f1:.3} against {:.3}.",
            self.macro_f1
        )
    }
}

/// One class of an evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassRow {
    /// The name of the class.
    pub label: String,
    /// The number of documents whose label is the class.
    pub support: usize,
    /// Among the documents predicted to be of the class, the share whose label is the class, in [0,
    /// 1].
    pub precision: f64,
    /// Among the documents whose label is the class, the share predicted to be of the class, in [0,
    /// 1].
    pub recall: f64,
    /// The harmonic mean of precision and recall, in [0, 1].
    pub f1: f64,
}

/// The reliability curve of predictions for documents whose right class is known, and summary
/// figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// The kind of documents that the predictions are for.
    pub source: Source,
    /// The number of predictions.
    pub n: usize,
    /// The observed expected calibration error, in [0, 1]; too high if there are few documents.
    pub ece: f64,
    /// The calibration error without the part that noise adds.
    pub ece_corrected: f64,
    /// The lower end of the 95 % interval of the calibration error without noise.
    pub ece_low: f64,
    /// The upper end of the 95 % interval of the calibration error without noise.
    pub ece_high: f64,
    /// The mean Brier score over all classes, in [0, 2].
    pub brier: f64,
    /// The mean of -ln p(class), in nats.
    pub log_loss: f64,
    /// The bins of the curve, by ascending confidence.
    pub bins: Vec<ReliabilityBin>,
}

/// The kind of documents, with a known right class, that the predictions are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// Labelled documents, predicted by models that had not seen them.
    #[serde(rename = "out-of-fold")]
    OutOfFold,
    /// The test set.
    #[serde(rename = "test set")]
    TestSet,
}

/// Predictions with similar confidence, which is the probability of the likeliest class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// The lowest confidence in the bin, in [0, 1].
    pub lowest: f64,
    /// The highest confidence in the bin, in [0, 1].
    pub highest: f64,
    /// The mean confidence in the bin, in [0, 1].
    pub confidence: f64,
    /// The share of the bin's predictions that are right.
    pub accuracy: Proportion,
}

/// The source of a round's probabilities, if they came from the user and not from a model of
/// Querist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Brought {
    /// BLAKE3 of the file's uncompressed content, in hex.
    pub file: String,
    /// The number of rows in the file.
    pub rows: usize,
    /// The number of open documents, all of which the file covers.
    pub open: usize,
    /// The number of rows whose probabilities did not quite sum to 1 and were divided by their sum.
    pub normalized: usize,
    /// The number of rows for documents that are not in the workspace.
    pub foreign: usize,
    /// The length of each vector; `None` if not every row has one. Earlier versions called vectors
    /// embeddings.
    #[serde(alias = "embedding")]
    pub vector: Option<usize>,
    /// The number of labelled documents that strategies could not compare with other documents,
    /// because the file has no vector for them.
    pub unplaced: usize,
}

/// The features of a round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Features {
    /// The kind: `ngram`, `lsa`, `static`, or a sum such as `ngram+lsa`.
    pub kind: String,
    /// What chose the kind: `auto` or `querist.toml`.
    pub chosen_by: String,
    /// The parts of the columns, in order.
    pub blocks: Vec<FeatureBlock>,
    /// A sentence about what is new, for example that an embedding was learned again.
    pub note: Option<String>,
}

/// The rules of a round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// The number of documents that the rules were applied to.
    pub documents: usize,
    /// The number of documents that at least one rule matches.
    pub covered: usize,
    /// `covered / documents`; `None` without documents.
    pub coverage: Option<f64>,
    /// The number of documents on which classes tie for the most votes, so that there is no weak
    /// label.
    pub conflicts: usize,
    /// The counts of each rule, in the order of `querist.toml`.
    pub rules: Vec<Rule>,
    /// The weight of a weak label; a real label weighs 1.
    pub weight: f64,
    /// The number of weak labels that trained the model.
    pub used: usize,
    /// A sentence about how the rules fade, if there is something to say.
    pub note: Option<String>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// The pattern.
    pub pattern: String,
    /// The name of the class that the rule votes for.
    pub label: String,
    /// The number of documents that the rule matches.
    pub matches: usize,
    /// Among the matched documents that have a label by now, the share whose label is the rule's
    /// class.
    pub agreement: Proportion,
}

/// The batch of a round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The number of documents requested.
    pub asked: usize,
    /// The number of documents in the batch.
    pub size: usize,
    /// The number of open documents that the batch was chosen from; only documents of `part`, if
    /// there is a part.
    pub open: usize,
    /// The part of the open documents that the batch was chosen from; `None` if it was chosen from
    /// all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// What the choice could use: `model`, `no-labels` or `one-class`.
    pub mode: String,
    /// The account of each share of the mix.
    pub shares: Vec<ShareAccount>,
    /// The account of each class quota; empty without a ratio share.
    pub quotas: Vec<QuotaRow>,
    /// Why the shares have their sizes, if the mix is adaptive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptive: Option<Adaptive>,
}

/// A part of the open documents, given by conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The conditions that all documents of the part meet, sorted, at least one.
    #[serde(rename = "where")]
    pub conditions: Vec<Condition>,
    /// The number of open documents in all.
    pub of: usize,
}

impl Part {
    /// Returns the part as a phrase to follow "documents", such as "with lang=de and
    /// source!=mail".
    pub fn phrase(&self) -> String {
        format!("with {}", Condition::phrase(&self.conditions))
    }
}

/// How one share of the mix was filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareAccount {
    /// The share.
    pub share: Share,
    /// The number of picks that the mix plans for the share.
    pub asked: usize,
    /// The number of picks that the share has in the batch.
    pub given: usize,
    /// The number of near-duplicates that were left out.
    pub near_duplicates: usize,
    /// A note for people: why `asked` and `given` differ, or what is special about the share's
    /// documents.
    pub note: Option<String>,
}

/// One class quota.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuotaRow {
    /// The name of the class.
    pub label: String,
    /// The number of picks that the quota asks for.
    pub quota: usize,
    /// The number of open documents that the model assigns to the class.
    pub predicted: usize,
    /// The number of picks that the model assigns to the class.
    pub by_prediction: usize,
    /// The number of picks that stand in, because too few documents are predicted to be in the
    /// class.
    pub by_fallback: usize,
}

/// The explanation of an adaptive mix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adaptive {
    /// The number of earlier rounds that count: they had a model, and some of their picks have a
    /// label.
    pub rounds: usize,
    /// How strongly the mix reacts to a difference, at least 0.
    pub learning_rate: f64,
    /// The weight of a round relative to the round after it, in (0, 1].
    pub discount: f64,
    /// The part of a batch that is divided evenly among the shares, in [0, 1].
    pub exploration: f64,
    /// The number of documents after which half of an observed difference is believed, at least 0.
    pub prior_documents: f64,
    /// The account of each share that adapts.
    pub arms: Vec<ArmRow>,
}

/// The account of one share that adapts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArmRow {
    /// The name of the share.
    pub share: String,
    /// The number of rounds, among those that count, in which the share had documents with a label.
    pub rounds: usize,
    /// The number of the share's documents with a label in those rounds.
    pub answered: usize,
    /// The share of these documents that the model of their round got wrong, in [0, 1]; `None` if
    /// there are none.
    pub wrong: Option<f64>,
    /// The share's weight divided by the weight of the heaviest share, at most 1.
    pub weight: f64,
    /// The share's fraction of this batch, in [0, 1].
    pub fraction: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_below_the_commonest_class_is_judged_by_both_measures() {
        let commonest = |macro_f1, p| Commonest { label: "no".to_owned(), right: 660, macro_f1, p };
        let text =
            |macro_f1, p| commonest(macro_f1, p).text(&Proportion::of(643, 1_000), 0.52, "the test set");
        let right = "always predicting \"no\": it is right for 64.3 % of the test set, and \"no\" for 66.0 %";
        assert_eq!(
            text(0.398, 0.01),
            format!(
                "By accuracy, the model is worse than {right}. By macro-F1, the model is better: 0.520 against 0.398."
            )
        );
        assert!(text(0.6, 0.01).ends_with("By macro-F1, it is worse, too: 0.520 against 0.600."));
        let unsure =
            format!("By accuracy, the model may be no better than {right}. This difference may be chance.");
        assert_eq!(text(0.398, 0.05), unsure);
    }
}
