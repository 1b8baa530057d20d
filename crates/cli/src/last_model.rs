//! The final model: what a round makes when no document is open any more.
//!
//! Such a round trains on every label, keeps the model and has a report and a manifest, but picks nothing. It is a round like any other,
//! so `predict`, `model export`, `report` and `reproduce` know it, and a kill leaves either the whole round or none. It is made only
//! where there is something to learn: labels, documents or settings that the last model has not seen.

use anyhow::Context;
use querist_engine::{Trained, check_open};
use querist_report::Batch;
use serde_json::Value;

use crate::failure::Mend;
use crate::session::{Bench, Session};

/// What a model depends on, among the inputs of a manifest.
const LEARNED_FROM: [&str; 7] =
    ["documents", "labels", "annotations", "featurizer", "classifier", "rules", "consensus"];

/// Whether the next round makes the final model: nothing is open, and there are labels that the last model has not learned from.
///
/// # Errors
/// Nothing is open and nothing is new, with what to do; or the last round cannot be read.
pub fn due(session: &Session, bench: &Bench) -> anyhow::Result<bool> {
    let situation = &bench.situation;
    if !situation.open.is_empty() {
        return Ok(false);
    }
    if situation.labeled.is_empty() {
        check_open(&bench.snapshot, situation)?;
    }
    let Some(round) = up_to_date(session, bench)? else { return Ok(true) };
    if situation.labeled.len() < situation.pool.len() {
        check_open(&bench.snapshot, situation)?;
    }
    let what = format!(
        "every document of the pool is labelled, and the model of round {round} has learned from all of them; import more, or stop here"
    );
    Err(Mend(what).into())
}

/// Refuses a final round without a model.
///
/// # Errors
/// There is no model, with why.
pub fn check(trained: &Trained) -> anyhow::Result<()> {
    let Some(why) = trained.why_none.as_deref().filter(|_| trained.model.is_none()) else { return Ok(()) };
    // What follows speaks of a batch.
    let why = why.split(';').next().unwrap_or(why);
    Err(Mend(format!("no document is open, and there is no model to train: {why}; import more")).into())
}

/// The last round, if its model was trained on what there is now.
fn up_to_date(session: &Session, bench: &Bench) -> anyhow::Result<Option<u32>> {
    let Some(last) = bench.snapshot.rounds.last().filter(|round| round.model.is_some()) else {
        return Ok(None);
    };
    let manifest = session.workspace.round(last.number)?.manifest.unwrap_or_default();
    let manifest: Value = serde_json::from_str(&manifest).context("read the last round's manifest")?;
    let now = serde_json::to_value(&bench.inputs)?;
    let same = LEARNED_FROM.iter().all(|name| manifest["inputs"][name] == now[name]);
    Ok(same.then_some(last.number))
}

/// Whether a round made the final model.
pub fn is_final(batch: &Batch) -> bool {
    batch.mode == querist_engine::FINAL
}
