//! `querist train`: step 1 of a round.

use std::path::Path;

use querist_engine::Summary;
use serde_json::json;

use crate::args::BatchOptions;
use crate::output::{Outcome, Talk, columns, shown, written};
use crate::session::Session;
use crate::steps;

/// Trains the model of the next round.
///
/// # Errors
/// The workspace cannot be read or written, or the solver failed.
pub fn run(root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let mut session = Session::write(root, "train")?;
    let bench = session.bench(&BatchOptions::default())?;
    let prepared = session.prepare(&bench, talk)?;
    let (draft, _) = steps::train_draft(&session, &bench, &prepared, talk)?;
    session.workspace.save_draft(&draft, &[], &bench.snapshot)?;
    steps::drop_scores(&session, draft.number)?;
    let model = Summary::from_json(&draft.summary)?.model;
    let mut rows = vec![("labelled", bench.situation.labeled.len().to_string())];
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
    let path = draft.model.as_ref().map(|hash| session.workspace.model_path(hash));
    if let Some(path) = &path {
        rows.push(("model", shown(path)));
    }
    Ok(Outcome {
        json: json!({"round": draft.number, "model_file": path.as_deref().map(written), "model": model}),
        text: format!("Round {}: trained\n{}", draft.number, columns(&rows)),
        next: Some("querist score".to_owned()),
    })
}
