//! Reports for people: about the quality of a round, and about a benchmark of strategies
//! ([`simulation`]).
//!
//! The JSON is authoritative; the Markdown and the page show the same content. Each section has its
//! own file under [`section`], with its data and its Markdown. All pages share [`page`] and
//! [`chart`]. An undefined value is `null` in JSON and "–" in Markdown, never NaN.
//!
//! Invariants: this crate computes nothing but sums and shares of its input, and never reads a
//! workspace.
#![doc = include_str!("../README.md")]

pub mod chart;
pub mod crowd;
mod html;
pub mod markdown;
pub mod page;
pub mod section;
pub mod simulation;
pub mod trust;

use serde::Serialize;
use thiserror::Error;

pub use crowd::Crowd;
pub use querist_core::Proportion;
pub use querist_core::round::{
    Adaptive, ArmRow, Batch, Brought, ClassRow, Evaluation, Features, QuotaRow, Reliability, ReliabilityBin,
    Rule, Rules, Source,
};
pub use section::Section;
pub use section::agreement::{Agreement, AgreementMeasure, ClassAgreement, Pair, WeightedKappa};
pub use section::annotators::{Annotator, Annotators, Group, LeftOut, Thresholds};
pub use section::behaviour::{Behaviour, CopyRow, OneLabelRow, SpeedRow};
pub use section::checklist::{Checklist, OpenItem};
pub use section::conflicts::{Conflict, Conflicts};
pub use section::confusion::{Confusion, Confusions};
pub use section::distribution::{Distribution, RoundLabels};
pub use section::model::{Model, ModelRound, PopulationAccuracy};
pub use section::over_time::{AnnotatorOverTime, AnnotatorRound, DriftWatch, OverTime};
pub use section::pace::{AnnotatorPace, BatchTime, Effort, Pace, PaceBasis, PaceRate};
pub use section::remarks::{DocumentRemarks, Remark, Remarks};
pub use section::review::{Review, ReviewItem};
pub use section::standing::Standing;
pub use section::stopping::{Forecast, RoundEvidence, Stopping, StoppingRow};
pub use section::yields::{QuotaYield, ShareYield, Yields};
pub use trust::Trust;

/// The report of one round. It describes the round itself, and the quality of all labels so far.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoundReport {
    /// Version of the layout; it increases when a field changes its meaning.
    pub format: u32,
    /// Number of the round.
    pub round: u32,
    /// Names of the classes. Every list by class has this order.
    pub labels: Vec<String>,
    /// What a reader should know first, as sentences.
    pub headlines: Vec<String>,
    /// Why some figures are doubtful, as sentences. The headlines contain them too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The state of the data-ethics checklist; `None` without a checklist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checklist: Option<Checklist>,
    /// How the batch of this round was composed.
    pub batch: Batch,
    /// The features; `None` in rounds made before features could be chosen.
    pub features: Option<Features>,
    /// How the user's rules performed; `None` without rules.
    pub rules: Option<Rules>,
    /// The model that chose the batch, and the models before it.
    pub model: Model,
    /// Whether to stop labelling.
    pub stopping: Stopping,
    /// How long annotation takes, and what it costs.
    pub pace: Pace,
    /// How well each annotator answered the control items.
    pub annotators: Annotators,
    /// Agreement between annotators.
    pub agreement: Agreement,
    /// Documents on which annotators disagree.
    pub conflicts: Conflicts,
    /// For each annotator, how often each answer met each current label.
    pub confusions: Confusions,
    /// Annotators' accuracy and speed by round, and whether they got worse.
    pub over_time: OverTime,
    /// Annotators who answer too fast, give almost only one label, or copy answers.
    pub behaviour: Behaviour,
    /// Documents that a person should look at.
    pub review: Review,
    /// Annotators' remarks on their answers; `None` without remarks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remarks: Option<Remarks>,
    /// The labels of each round, compared with the target of the quotas.
    pub distribution: Distribution,
    /// How many labels the picks of each share and quota have.
    pub yields: Yields,
}

/// Why a report cannot be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The JSON writer failed.
    #[error("the report cannot be written as JSON: {detail}")]
    Json {
        /// The JSON writer's message.
        detail: String,
    },
    /// A chart could not be drawn.
    #[error("the chart \"{chart}\" cannot be drawn: {detail}")]
    Chart {
        /// Title of the chart.
        chart: String,
        /// The drawing library's message.
        detail: String,
    },
}

impl RoundReport {
    /// Version of the layout that this program writes.
    pub const FORMAT: u32 = 3;

    /// Returns the report as indented JSON that ends with a line break.
    ///
    /// # Errors
    /// A number cannot be expressed in JSON, which would be a bug.
    pub fn to_json(&self) -> Result<Vec<u8>, ReportError> {
        let json = serde_json::to_string_pretty(self);
        let json = json.map_err(|error| ReportError::Json { detail: error.to_string() })?;
        Ok((json + "\n").into_bytes())
    }

    /// Returns the report as Markdown.
    pub fn to_markdown(&self) -> Vec<u8> {
        let headlines: Vec<String> = self.headlines.iter().map(|line| markdown::escape(line)).collect();
        let mut parts = vec![format!("# Round {}", self.round), markdown::bullets(&headlines)];
        parts.extend(self.checklist.as_ref().map(Checklist::markdown));
        parts.push(self.batch.markdown());
        parts.extend(self.features.as_ref().map(Section::markdown));
        parts.extend(self.rules.as_ref().map(Section::markdown));
        parts.push(self.model.markdown());
        parts.push(self.stopping.markdown());
        parts.push(self.pace.markdown());
        parts.push(self.annotators.markdown());
        parts.push(self.over_time.markdown());
        parts.push(self.behaviour.markdown());
        parts.push(self.agreement.markdown());
        parts.push(self.conflicts.markdown());
        parts.push(self.review.markdown());
        parts.extend(self.remarks.as_ref().map(Remarks::markdown));
        parts.push(self.confusions.markdown(&self.labels));
        parts.push(self.distribution.markdown(&self.labels));
        parts.push(self.yields.markdown());
        parts.retain(|part| !part.is_empty());
        (parts.join("\n\n") + "\n").into_bytes()
    }
}
