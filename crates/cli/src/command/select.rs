//! `querist select`: selects the batch, step 3 of a round.

use querist_session::Session;
use serde_json::json;

use super::round::batch_sentence;
use crate::args::Select;
use crate::output::{Outcome, Talk};

/// Runs `querist select`: selects the batch, using the model that `querist train` trained.
///
/// # Errors
/// An earlier step was not taken, the workspace has changed since, or there is nothing to pick.
pub fn run(select: &Select, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let selected = session.select(&select.batch.overrides()?, talk)?;
    let sentence = selected.batch.as_ref().map(batch_sentence).unwrap_or_default();
    Ok(Outcome {
        json: json!(selected),
        text: format!("Round {}: selected\n  {sentence}", selected.round),
        next: Some("run `querist export`".to_owned()),
    })
}
