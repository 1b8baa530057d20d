//! Plans a round: chooses the batch of the next round, but stores nothing except the cache in
//! `features/`.

use querist_core::{LabelSet, Pick, Share, Snapshot};
use querist_engine::Summary;
use querist_report::Batch;
use serde::Serialize;

use super::{Ready, RoundOptions, ready};
use crate::error::{Result, SessionError};
use crate::final_model;
use crate::progress::Progress;
use crate::session::Session;

/// The round that would be made now.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedRound {
    /// Number of the round, from 1.
    pub round: u32,
    /// Whether it would be a final round, which trains a model but picks nothing.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// Names of the classes.
    pub labels: Vec<String>,
    /// How the batch would be composed.
    pub batch: Batch,
    /// Number of picks of each share and predicted class, in the order of shares and classes;
    /// numbers that are 0 are left out.
    pub counts: Vec<PlannedCount>,
    /// The picks, by rank.
    pub picks: Vec<PlannedPick>,
}

/// The number of picks of one share whose predicted class is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedCount {
    /// The share.
    pub share: Share,
    /// Name of the predicted class; `None` without a model.
    pub class: Option<String>,
    /// Number of picks, at least 1.
    pub picks: usize,
}

/// A pick of a planned round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedPick {
    /// The document's id.
    pub id: String,
    /// Rank in the batch, from 1.
    pub rank: u32,
    /// The share of the batch to which the pick belongs.
    pub share: Share,
    /// Name of the predicted class; `None` without a model.
    pub class: Option<String>,
    /// Name of the class whose quota the pick fills; `None` if it fills none.
    pub quota: Option<String>,
    /// Why the document is in the batch.
    pub reason: String,
    /// How uncertain the model is about the document, by the measure in the settings; `None`
    /// without a model.
    pub score: Option<f64>,
}

impl Session {
    /// Chooses the batch of the next round as [`Session::round`] does, and returns it. Stores
    /// nothing.
    ///
    /// # Errors
    /// As for [`Session::round`], but the workspace need not be writable.
    pub fn plan_round(&self, options: &RoundOptions, progress: &dyn Progress) -> Result<PlannedRound> {
        let opened = self.read(progress)?;
        let Ready { bench, chosen } = ready(&opened, options, progress)?;
        let batch = Summary::from_json(&chosen.draft.draft.record.summary)?.batch;
        let batch = batch.ok_or_else(SessionError::bug("plan the batch"))?;
        let picks = chosen.picks.iter().map(|pick| planned(pick, &bench.snapshot, &opened.labels));
        Ok(PlannedRound {
            round: bench.number,
            is_final: final_model::is_final(&batch),
            labels: opened.labels.names().to_vec(),
            batch,
            counts: counts(&chosen.picks, &opened.labels),
            picks: picks.collect(),
        })
    }
}

/// Returns a pick in the form for front ends, with names instead of indices.
fn planned(pick: &Pick, snapshot: &Snapshot, labels: &LabelSet) -> PlannedPick {
    let name = |class| labels.name(class).to_owned();
    PlannedPick {
        id: snapshot.documents[pick.document].id.to_string(),
        rank: pick.rank,
        share: pick.share,
        class: pick.predicted().map(name),
        quota: pick.quota.map(name),
        reason: pick.reason.clone(),
        score: pick.score,
    }
}

/// Counts the picks by share and predicted class.
fn counts(picks: &[Pick], labels: &LabelSet) -> Vec<PlannedCount> {
    let mut counts = Vec::new();
    for share in Share::ALL {
        for class in labels.classes().map(Some).chain([None]) {
            let of = picks.iter().filter(|pick| pick.share == share && pick.predicted() == class);
            let picks = of.count();
            if picks > 0 {
                let class = class.map(|class| labels.name(class).to_owned());
                counts.push(PlannedCount { share, class, picks });
            }
        }
    }
    counts
}
