//! `querist train`: trains the model, step 1 of a round.

use querist_session::Session;
use serde_json::json;

use crate::output::{Outcome, Talk, columns, shown, written};

/// Runs `querist train`: trains the model of the next round. If no document is open, this is the
/// final model, and its round is finished at once.
///
/// # Errors
/// There is nothing new to learn, training failed, or the workspace cannot be read or written.
pub fn run(session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let trained = session.train(talk)?;
    let model = &trained.model;
    let mut rows = vec![("labelled", trained.labeled.to_string())];
    match (&model.fit, &model.why_none) {
        (Some(fit), _) => {
            let state = if fit.converged { "converged" } else { "did NOT converge" };
            rows.push(("fit", format!("{}, {state}, gradient norm {:.1e}", fit.solver, fit.gradient_norm)));
        }
        (None, why) => rows.push(("no model", why.clone().unwrap_or_default())),
    }
    if let Some(test) = &model.test {
        rows.push(("test set", format!("accuracy {}, macro-F1 {:.3}", test.accuracy.text(), test.macro_f1)));
    }
    if let Some(path) = &trained.model_file {
        rows.push(("model", shown(path)));
    }
    let (state, next) = if trained.is_final {
        (
            "no document is open, so this is the final model",
            "run `querist predict FILE`, or `querist model export FILE`",
        )
    } else {
        ("trained", "run `querist score`")
    };
    Ok(Outcome {
        json: json!({
            "round": trained.round, "final": trained.is_final, "model_file": trained.model_file.as_deref().map(written),
            "model": model,
        }),
        text: format!("Round {}: {state}\n{}", trained.round, columns(&rows)),
        next: Some(next.to_owned()),
    })
}
