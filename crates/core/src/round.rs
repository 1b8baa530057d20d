//! What a round keeps of how it went: its model, features, rules and batch, as figures and names.
//!
//! The engine stores this with the round; reports show it. Classes are names here, because labels
//! may be added after the round. Sentences and tables are the report's.

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
    /// How many labelled documents there were, by class.
    pub labeled: Vec<usize>,
    /// The fit; `None` when there was no model.
    pub fit: Option<FitReport>,
    /// Why there was no model.
    pub why_none: Option<String>,
    /// Classes without a labelled document: the model gives them probability 0.
    pub unseen: Vec<String>,
    /// On the test set, if there is one.
    pub test: Option<Evaluation>,
    /// Its confidence against its accuracy; `None` when no prediction has a known truth.
    pub reliability: Option<Reliability>,
    /// Where the probabilities came from, if the user brought them.
    pub brought: Option<Brought>,
}

/// Measures on documents whose label is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Share of right predictions, with its 95 % Wilson interval.
    pub accuracy: Proportion,
    /// Mean of the classes' F1, over the classes that occur among labels or predictions.
    pub macro_f1: f64,
    /// How far the predictions are from the labels, in ranks; `None` where classes have no order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank_error: Option<RankError>,
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

/// The reliability curve of predictions whose truth is known, and what sums it up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// Which predictions.
    pub source: Source,
    /// How many.
    pub n: usize,
    /// Expected calibration error as it is seen, in [0, 1]; too high for few documents.
    pub ece: f64,
    /// The error less what noise adds to it.
    pub ece_corrected: f64,
    /// The lower end of the 95 % interval of the error without noise.
    pub ece_low: f64,
    /// Its upper end.
    pub ece_high: f64,
    /// Mean Brier score over all classes, in [0, 2].
    pub brier: f64,
    /// Mean of -ln p(class), in nats.
    pub log_loss: f64,
    /// The curve, by ascending confidence.
    pub bins: Vec<ReliabilityBin>,
}

/// Where predictions whose truth is known come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// Labelled documents, by models that had not seen them.
    #[serde(rename = "out-of-fold")]
    OutOfFold,
    /// The test set.
    #[serde(rename = "test set")]
    TestSet,
}

/// Predictions of like confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Their lowest confidence: the probability of the likeliest class.
    pub lowest: f64,
    /// Their highest confidence.
    pub highest: f64,
    /// Their mean confidence.
    pub confidence: f64,
    /// How many of them are right.
    pub accuracy: Proportion,
}

/// Where the probabilities of a round came from, if not from a model of Querist's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Brought {
    /// BLAKE3 of the file's uncompressed content, in hex.
    pub file: String,
    /// How many rows it has.
    pub rows: usize,
    /// How many open documents they cover: all of them.
    pub open: usize,
    /// How many rows were divided by their sum, because it was not quite 1.
    pub normalized: usize,
    /// How many rows were of no document of the workspace.
    pub foreign: usize,
    /// How many numbers an embedding has; `None` where not every row had one.
    pub embedding: Option<usize>,
    /// How many labelled documents strategies could not compare with, because the file has no
    /// embedding for them.
    pub unplaced: usize,
}

/// The features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Features {
    /// Their kind: `ngram`, `lsa`, `static`, or a sum such as `ngram+lsa`.
    pub kind: String,
    /// Who chose it: `auto` or `querist.toml`.
    pub chosen_by: String,
    /// What their columns are made of, in order.
    pub blocks: Vec<FeatureBlock>,
    /// What is new about them, as a sentence, for example that an embedding was learned again.
    pub note: Option<String>,
}

/// The rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// Documents that they were held against.
    pub documents: usize,
    /// Documents that at least one rule matches.
    pub covered: usize,
    /// `covered / documents`; `None` without documents.
    pub coverage: Option<f64>,
    /// Documents for which several classes have the most votes: no weak label.
    pub conflicts: usize,
    /// Each rule, in the order of `querist.toml`.
    pub rules: Vec<Rule>,
    /// What a weak label counts beside a label, which counts 1.
    pub weight: f64,
    /// How many weak labels trained the model.
    pub used: usize,
    /// What else to know of how they fade, as a sentence.
    pub note: Option<String>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its pattern.
    pub pattern: String,
    /// The class that it votes for.
    pub label: String,
    /// Documents that it matches.
    pub matches: usize,
    /// Of those of them that have a label by now, the ones where the label is the rule's class.
    pub agreement: Proportion,
}

/// The batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// How many documents were asked for.
    pub asked: usize,
    /// How many it has.
    pub size: usize,
    /// How many documents it was chosen among: those that were open, or the part of them.
    pub open: usize,
    /// The part of the open documents that it was chosen among; `None`: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// `model`, `no-labels` or `one-class`: what the choice could rest on.
    pub mode: String,
    /// Each share of the mix.
    pub shares: Vec<ShareAccount>,
    /// Each class quota; empty without a ratio share.
    pub quotas: Vec<QuotaRow>,
    /// Why the shares are as large as they are, where the mix is adaptive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptive: Option<Adaptive>,
}

/// A part of the open documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What all of its documents meet, sorted, at least one.
    #[serde(rename = "where")]
    pub conditions: Vec<Condition>,
    /// How many documents were open in all.
    pub of: usize,
}

impl Part {
    /// The part as what follows "documents": "with lang=de and source!=mail".
    pub fn phrase(&self) -> String {
        format!("with {}", Condition::phrase(&self.conditions))
    }
}

/// What became of one share of the mix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareAccount {
    /// The share.
    pub share: Share,
    /// How many places the mix gives it.
    pub asked: usize,
    /// How many it got.
    pub given: usize,
    /// How many near-duplicates were left out on the way.
    pub near_duplicates: usize,
    /// Why the two differ, or what is special about its documents; for people.
    pub note: Option<String>,
}

/// One class quota.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuotaRow {
    /// The class.
    pub label: String,
    /// How many picks its quota asks for.
    pub quota: usize,
    /// How many open documents the model assigns to it.
    pub predicted: usize,
    /// How many picks are predicted members.
    pub by_prediction: usize,
    /// How many picks only fill the quota, because there were too few predicted members.
    pub by_fallback: usize,
}

/// An adaptive mix, explained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adaptive {
    /// How many earlier rounds say something: they had a model, and some of their picks have a
    /// label.
    pub rounds: usize,
    /// How much a difference counts, at least 0.
    pub learning_rate: f64,
    /// What a round counts for against the one after it, in (0, 1].
    pub discount: f64,
    /// The part that is shared out evenly, in [0, 1].
    pub exploration: f64,
    /// How many documents it takes to believe half of a difference.
    pub prior_documents: f64,
    /// The shares that adapt.
    pub arms: Vec<ArmRow>,
}

/// One share that adapts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArmRow {
    /// The share.
    pub share: String,
    /// In how many of those rounds it had documents with a label.
    pub rounds: usize,
    /// How many they were.
    pub answered: usize,
    /// The part of them that the model of their round was wrong about; `None` without any.
    pub wrong: Option<f64>,
    /// Its weight, at most 1: relative to the heaviest.
    pub weight: f64,
    /// Its part of this batch, in [0, 1].
    pub fraction: f64,
}
