//! `querist score`: scores the open documents, step 2 of a round.

use querist_session::Session;
use serde_json::json;

use crate::output::{Outcome, Talk, columns, shown, written};
use crate::words;

/// Runs `querist score`: scores the open documents with the model that `querist train` trained.
///
/// # Errors
/// `querist train` was not run, or the workspace has changed since.
pub fn run(session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let pool = session.score(talk)?;
    let text = match (pool.scored, &pool.scores_file) {
        (Some(scored), Some(file)) => {
            let mean = pool.mean_normalized_entropy;
            let rows = columns(&[
                ("open documents", scored.to_string()),
                ("mean normalised entropy", mean.map_or_else(|| "–".to_owned(), |mean| format!("{mean:.3}"))),
                ("scores", shown(file)),
            ]);
            format!("Round {}: scored\n{rows}", pool.round)
        }
        _ => format!("Round {}: no model, so there is nothing to score", pool.round),
    };
    let mut value = json!({"round": pool.round, "scored": pool.scored.unwrap_or_default()});
    if pool.scored.is_some() {
        value["mean_normalized_entropy"] = json!(pool.mean_normalized_entropy);
    }
    value["scores_file"] = json!(pool.scores_file.as_deref().map(written));
    Ok(Outcome { json: value, text, next: Some(format!("run `{}`", words::next::step(pool.next))) })
}
