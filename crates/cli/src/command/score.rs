//! `querist score`: step 2 of a round.

use std::path::Path;

use querist_core::FittedClassifier;
use querist_query::{Measure, entropy, normalized_entropy};
use querist_store::format::scores::{self, ScoreRow};
use querist_store::workspace::Stage;
use serde_json::json;

use crate::next;
use crate::output::{Outcome, Talk, columns, shown, written};
use crate::session::{Bench, Session};
use crate::steps;

/// Scores the open pool with the model of `querist train`.
///
/// # Errors
/// There is no such model, or the workspace has moved on since.
pub fn run(root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let mut session = Session::write(root, "score")?;
    let bench = session.bench(&[])?;
    let (mut draft, model) = steps::resume(&session, &bench, Stage::Trained)?;
    draft.stage = Stage::Scored;
    let Some(model) = model else {
        session.workspace.save_draft(&draft, &[], &bench.snapshot)?;
        return Ok(Outcome {
            json: json!({"round": draft.number, "scored": 0, "scores_file": null}),
            text: format!("Round {}: there is no model, so nothing to score", draft.number),
            next: Some(then(&session, &bench)?),
        });
    };
    let prepared = session.prepare(&bench, talk)?;
    let model: &dyn FittedClassifier = &model;
    let probabilities = steps::score_pool(&bench, &prepared, Some(model), talk)?;
    let open = &bench.situation.open;
    let values: Vec<Vec<f64>> = probabilities
        .iter()
        .flat_map(|probabilities| (0..open.len()).map(|row| probabilities.row(row).to_vec()))
        .collect();
    let rows = values.iter().zip(open).map(|(values, row)| {
        let view = values.as_slice().into();
        ScoreRow {
            id: &bench.snapshot.documents[bench.situation.pool[*row]].id,
            entropy: entropy(view),
            normalized_entropy: normalized_entropy(view),
            least_confidence: Measure::LeastConfidence.score(view),
            margin: Measure::Margin.score(view),
            probabilities: values,
        }
    });
    let bytes = scores::write(rows, &session.labels);
    let mean = values.iter().map(|values| normalized_entropy(values.as_slice().into())).sum::<f64>();
    let mean = (!values.is_empty()).then(|| mean / values.len() as f64);
    let path = session.workspace.write_round_file(draft.number, &(steps::SCORES, bytes))?;
    session.workspace.save_draft(&draft, &[], &bench.snapshot)?;
    let text = columns(&[
        ("open documents", values.len().to_string()),
        ("mean normalised entropy", mean.map_or_else(|| "–".to_owned(), |mean| format!("{mean:.3}"))),
        ("scores", shown(&path)),
    ]);
    Ok(Outcome {
        json: json!({
            "round": draft.number, "scored": values.len(), "mean_normalized_entropy": mean, "scores_file": written(&path)
        }),
        text: format!("Round {}: scored\n{text}", draft.number),
        next: Some(then(&session, &bench)?),
    })
}

/// The command that goes on from here.
fn then(session: &Session, bench: &Bench) -> anyhow::Result<String> {
    Ok(next::command_after(session, &bench.snapshot, Stage::Scored)?.to_owned())
}
