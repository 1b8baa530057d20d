//! `querist export --scores`: what a round's model says of the whole pool, as Parquet.
//!
//! Columns: `id`, `status` (`open`, `labeled`, `out`, `tied`, `skipped`, `left_out`), `label` (the standing one), `predicted`, `entropy` (nats), `normalized_entropy`,
//! `least_confidence`, `margin`, and for each class `p_` with its name. In every score, higher means "ask sooner".

use std::path::Path;

use querist_engine::{State, score};
use querist_model::LinearModel;
use querist_query::{Measure, entropy, normalized_entropy};
use querist_store::format::parquet_table::{Cell, ColumnKind, ParquetTable};
use querist_store::workspace::write_atomically_with;
use serde_json::json;

use super::failed::Failure;
use crate::command::model::{features_of_then, linear_map};
use crate::failure::Mend;
use crate::next;
use crate::output::{Outcome, Talk, shown, written};
use crate::session::Session;

/// How many documents are scored at once.
const CHUNK: usize = 1 << 14;

/// Writes the scores of the pool, by id.
///
/// # Errors
/// There is no such round, it has no model or one of other features, or the file cannot be written; then the old file stays.
pub(super) fn run(file: &Path, number: Option<u32>, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    if file.extension().is_none_or(|ending| ending != "parquet") {
        return Err(Mend(format!("{}: expected a name that ends in .parquet", shown(file))).into());
    }
    let session = Session::read(root)?;
    let Some(number) = number.or(session.workspace.last_round()?) else {
        return Err(next::none_yet(&session, "model")?.into());
    };
    let round = session.workspace.round(number)?;
    let Some(hash) = &round.model else {
        return Err(Mend(format!("round {number} had too few labels for a model")).into());
    };
    let model = LinearModel::from_bytes(&session.workspace.read_model(hash)?)?;
    let bench = session.bench(&[])?;
    let prepared = features_of_then(&session, &bench, &round, talk)?;
    linear_map(&model, &prepared, number)?;
    let (snapshot, situation) = (&bench.snapshot, &bench.situation);
    let states = State::of_pool(snapshot, situation);
    let rows: Vec<usize> = (0..situation.pool.len()).collect();
    write_atomically_with(file, |out| -> Result<(), Failure> {
        let mut table = ParquetTable::new(out, &columns(snapshot.labels.names()))?;
        for chunk in rows.chunks(CHUNK) {
            let probabilities =
                score(&model, prepared.pool().as_ref(), chunk).map_err(|error| Failure(error.into()))?;
            for (at, row) in chunk.iter().enumerate() {
                let document = situation.pool[*row];
                let view = probabilities.row(at);
                let label = situation.label_of[document].map(|class| snapshot.labels.name(class));
                let mut cells = vec![
                    Cell::Text(Some(&snapshot.documents[document].id)),
                    Cell::Text(Some(states[*row].name())),
                    Cell::Text(label),
                    Cell::Text(Some(snapshot.labels.name(probabilities.likeliest(at)))),
                    Cell::Number(Some(entropy(view))),
                    Cell::Number(Some(normalized_entropy(view))),
                    Cell::Number(Some(Measure::LeastConfidence.score(view))),
                    Cell::Number(Some(Measure::Margin.score(view))),
                ];
                cells.extend(view.iter().map(|p| Cell::Number(Some(*p))));
                table.push(&cells)?;
            }
        }
        Ok(table.finish()?)
    })
    .map_err(|failure| failure.0)?;
    Ok(Outcome {
        json: json!({"file": written(file), "round": number, "model": hash, "scored": rows.len()}),
        text: format!(
            "Scores of {} documents by the model of round {number} are in {}",
            rows.len(),
            shown(file)
        ),
        next: None,
    })
}

fn columns(labels: &[String]) -> Vec<(String, ColumnKind)> {
    let texts = ["id", "status", "label", "predicted"].map(|name| (name.to_owned(), ColumnKind::Text));
    let numbers = ["entropy", "normalized_entropy", "least_confidence", "margin"];
    let numbers = numbers.map(|name| (name.to_owned(), ColumnKind::Number));
    let classes = labels.iter().map(|label| (format!("p_{label}"), ColumnKind::Number));
    texts.into_iter().chain(numbers).chain(classes).collect()
}
