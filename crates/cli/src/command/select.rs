//! `querist select`: step 3 of a round.

use std::path::Path;
use std::sync::Arc;

use querist_core::FittedClassifier;
use querist_engine::{Means, Summary};
use querist_store::workspace::Stage;
use serde_json::json;

use super::round::batch_sentence;
use crate::args::Select;
use crate::output::{Outcome, Talk};
use crate::session::Session;
use crate::steps;

/// Chooses the batch with the model of `querist train`.
///
/// # Errors
/// The steps before are missing, the workspace has moved on, or nothing is open.
pub fn run(select: &Select, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let mut session = Session::write(root, "select")?;
    let bench = session.bench(&select.batch.overrides()?)?;
    let (mut draft, model) = steps::resume(&session, &bench, Stage::Scored)?;
    let prepared = session.prepare(&bench, talk)?;
    let model: Option<Arc<dyn FittedClassifier>> = match model {
        Some(model) => Some(Arc::new(model)),
        None => None,
    };
    let probabilities = steps::score_pool(&bench, &prepared, model.as_deref(), talk)?;
    let means = Means {
        probabilities: probabilities.as_ref(),
        model: model.as_ref(),
        members: &bench.members,
        brought: None,
    };
    let picks = steps::select_batch(&session, &bench, &prepared, means, &mut draft, talk)?;
    session.workspace.save_draft(&draft, &picks, &bench.snapshot)?;
    let batch = Summary::from_json(&draft.summary)?.batch;
    let sentence = batch.as_ref().map(batch_sentence).unwrap_or_default();
    Ok(Outcome {
        json: json!({"round": draft.number, "batch": batch}),
        text: format!("Round {}: selected\n  {sentence}", draft.number),
        next: Some("querist export".to_owned()),
    })
}
