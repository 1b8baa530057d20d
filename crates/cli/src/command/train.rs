//! `querist train`: step 1 of a round.

use std::path::Path;

use querist_engine::{Means, Summary};
use serde_json::json;

use super::round;
use crate::embeddings;
use crate::last_model;
use crate::output::{Outcome, Talk, columns, shown, written};
use crate::session::Session;
use crate::steps;

/// Trains the model of the next round; where no document is open, the final one, and makes its round.
///
/// # Errors
/// The workspace cannot be read or written, or the solver failed.
pub fn run(root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let mut session = Session::write(root, "train")?;
    embeddings::check_not_gone(&session)?;
    let bench = session.bench(&[])?;
    let last = last_model::due(&session, &bench)?;
    let prepared = session.prepare(&bench, talk)?;
    let (mut draft, trained) = steps::train_draft(&session, &bench, &prepared, talk)?;
    if last {
        last_model::check(&trained)?;
        // There is nothing to score nor to select, so the round is done.
        let means = Means {
            probabilities: None,
            model: trained.model.as_ref(),
            members: &bench.members,
            brought: None,
        };
        round::finish(&mut session, &bench, &prepared, means, &mut draft, talk)?;
    } else {
        session.workspace.save_draft(&draft, &[], &bench.snapshot)?;
        steps::drop_scores(&session, draft.number)?;
    }
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
    let (state, next) = if last {
        (
            "the final model is trained, as no document is open",
            "querist predict FILE, or querist model export FILE",
        )
    } else {
        ("trained", "querist score")
    };
    Ok(Outcome {
        json: json!({
            "round": draft.number, "final": last, "model_file": path.as_deref().map(written), "model": model,
        }),
        text: format!("Round {}: {state}\n{}", draft.number, columns(&rows)),
        next: Some(next.to_owned()),
    })
}
