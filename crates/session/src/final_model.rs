//! The final model: a round makes it when no document of the pool is open any more.
//!
//! Such a round trains on every label and stores a model, a report and a manifest, but picks
//! nothing. In all else it is like any other round: `predict`, `model export`, `report` and
//! `reproduce` work with it, and a kill leaves either the whole round or none. It is made only if
//! the last model has not seen some of the labels, documents or settings.

use querist_engine::check_open;
use querist_report::Batch;
use serde_json::Value;

use crate::bench::Bench;
use crate::error::{Result, SessionError};
use crate::opened::Opened;

/// Names of the manifest's inputs on which a trained model depends.
const LEARNED_FROM: [&str; 8] =
    ["documents", "labels", "annotations", "featurizer", "vectors", "classifier", "rules", "consensus"];

/// Returns whether the next round makes the final model: no document is open, and the last model
/// was not trained on the current inputs.
///
/// # Errors
/// No document is open, and the last model has learned from everything; or the last round cannot be
/// read.
pub(crate) fn due(opened: &Opened, bench: &Bench) -> Result<bool> {
    let situation = &bench.situation;
    if !situation.open.is_empty() {
        return Ok(false);
    }
    // Without labels there is nothing to train, so fail with the reason why no document is open.
    if situation.labeled.is_empty() {
        check_open(&bench.snapshot, situation)?;
    }
    let Some(round) = up_to_date(opened, bench)? else { return Ok(true) };
    // The last model has learned everything. If documents lack labels, fail with the reason why no
    // document is open.
    if situation.labeled.len() < situation.pool.len() {
        check_open(&bench.snapshot, situation)?;
    }
    Err(SessionError::UpToDate { round })
}

/// If the last round's model was trained on exactly the current inputs, returns the number of this
/// round.
fn up_to_date(opened: &Opened, bench: &Bench) -> Result<Option<u32>> {
    let Some(last) = bench.snapshot.rounds.last().filter(|round| round.model.is_some()) else {
        return Ok(None);
    };
    let manifest = opened.workspace.round(last.number)?.manifest.unwrap_or_default();
    let manifest: Value = serde_json::from_str(&manifest).map_err(|error| {
        SessionError::changed_by_hand(format!(
            "the manifest column of round {} cannot be read: {error}",
            last.number
        ))
    })?;
    let now = serde_json::to_value(&bench.inputs)?;
    let same = LEARNED_FROM.iter().all(|name| manifest["inputs"][name] == now[name]);
    Ok(same.then_some(last.number))
}

/// Returns whether `batch` is the empty batch of a final round.
pub(crate) fn is_final(batch: &Batch) -> bool {
    batch.mode == querist_engine::FINAL
}
