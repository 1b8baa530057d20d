//! What people read: the QA report of a round, and of a benchmark of strategies ([`simulation`]).
//!
//! The JSON is the truth; Markdown and a page say the same for people. One section a file under
//! [`section`], each with its data and its Markdown; [`page`] and [`chart`] are what all pages
//! share. Values that are not defined are `null` in JSON and "–" in Markdown, never NaN.
//!
//! What this crate leaves out: it computes nothing but sums and shares of what it is given, and
//! never reads a workspace.

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

/// The report of one round: the round itself, and the quality of all labels so far.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoundReport {
    /// Which layout this is; grows when a field changes its meaning.
    pub format: u32,
    /// The round.
    pub round: u32,
    /// The classes, in the order of every list by class.
    pub labels: Vec<String>,
    /// What to know before anything else, as sentences.
    pub headlines: Vec<String>,
    /// What makes figures of this report doubtful, as sentences; also among the headlines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// How far the data-ethics checklist is; `None` without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checklist: Option<Checklist>,
    /// The batch of this round.
    pub batch: Batch,
    /// What the features are made of; `None` of a round from before there was a choice.
    pub features: Option<Features>,
    /// What the rules say; `None` without rules.
    pub rules: Option<Rules>,
    /// The model that chose it, and those before.
    pub model: Model,
    /// Whether to stop.
    pub stopping: Stopping,
    /// How long annotation takes, and what it costs.
    pub pace: Pace,
    /// How good the annotators are on control items.
    pub annotators: Annotators,
    /// How far annotators agree with one another.
    pub agreement: Agreement,
    /// Documents whose annotators disagree.
    pub conflicts: Conflicts,
    /// What each annotator answers against the labels that stand.
    pub confusions: Confusions,
    /// Annotators over time.
    pub over_time: OverTime,
    /// How annotators behave.
    pub behaviour: Behaviour,
    /// What somebody should look at.
    pub review: Review,
    /// What people wrote beside their answers; `None` when they wrote nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remarks: Option<Remarks>,
    /// Labels by round, against the target.
    pub distribution: Distribution,
    /// What each share and quota brought.
    pub yields: Yields,
}

/// A report that cannot be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The JSON writer refused.
    #[error("the report cannot be written as JSON: {detail}")]
    Json {
        /// Its words.
        detail: String,
    },
    /// A chart could not be drawn.
    #[error("the chart \"{chart}\" cannot be drawn: {detail}")]
    Chart {
        /// Its title.
        chart: String,
        /// The library's words.
        detail: String,
    },
}

impl RoundReport {
    /// The layout that this version writes.
    pub const FORMAT: u32 = 3;

    /// The report as JSON, indented, with a line break at the end.
    ///
    /// # Errors
    /// A number that JSON cannot hold, which would be a bug.
    pub fn to_json(&self) -> Result<Vec<u8>, ReportError> {
        let json = serde_json::to_string_pretty(self);
        let json = json.map_err(|error| ReportError::Json { detail: error.to_string() })?;
        Ok((json + "\n").into_bytes())
    }

    /// The report as Markdown.
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
