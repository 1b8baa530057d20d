//! Exports the scores of the whole pool by a round's model, as a Parquet file.
//!
//! Columns: `id`, `status` (`open`, `labeled`, `out`, `tied`, `skipped`, `left_out`), `label` (the
//! current label), `predicted`, `entropy` (nats), `normalized_entropy`, `least_confidence`,
//! `margin`, and for each class `p_` followed by its name. In every score, a higher value means
//! that the document should be labelled sooner. The features come from the round, but the pool
//! and the states of its documents are current.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use querist_core::FittedFeaturizer;
use querist_engine::State;
use querist_store::format::parquet_table::{Cell, ColumnKind, ParquetTable};
use querist_store::workspace::write_atomically_with;
use serde::Serialize;

use super::Failure;
use super::labeled::wrong_ending;
use crate::error::Result;
use crate::model::LoadedModel;
use crate::progress::{Progress, Step};
use crate::scored::each_scored;
use crate::session::Session;

/// The result of an export of scores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolScores {
    /// Path of the file.
    pub file: PathBuf,
    /// Number of the round that trained the model.
    pub round: u32,
    /// BLAKE3 hash of the model, in hex.
    pub model: String,
    /// Number of documents in the file.
    pub scored: usize,
}

impl Session {
    /// Scores every document of the pool with the model of `round`, and writes the scores to
    /// `file`. Without `round` (`None`), it uses the last round that has a model.
    ///
    /// # Errors
    /// The round does not exist or has no model, its features cannot be computed again, or the file
    /// cannot be written. An existing file of that name then stays as it was.
    pub fn export_scores(
        &self,
        round: Option<u32>,
        file: &Path,
        progress: &dyn Progress,
    ) -> Result<PoolScores> {
        if file.extension().is_none_or(|ending| ending != "parquet") {
            return Err(wrong_ending(file, "parquet"));
        }
        let LoadedModel { name, predictor, .. } = self.load_model(round, progress)?;
        let opened = self.read(progress)?;
        let snapshot = opened.snapshot()?;
        let situation = opened.situation(&snapshot)?;
        let states = State::of_pool(&snapshot, &situation);
        let places: Vec<u32> =
            situation.pool.iter().map(|document| snapshot.documents[*document].place).collect();
        let features = predictor.space.rows(&places);
        let rows: Vec<usize> = (0..places.len()).collect();
        let write = |out: &mut BufWriter<File>| -> Result<(), Failure> {
            let mut table = ParquetTable::new(out, &columns(predictor.labels.names()))?;
            each_scored(&predictor.model, features.as_ref(), &rows, |scored| -> Result<(), Failure> {
                let document = situation.pool[scored.row];
                let label = situation.label_of[document].map(|class| snapshot.labels.name(class));
                let mut cells = vec![
                    Cell::Text(Some(&snapshot.documents[document].id)),
                    Cell::Text(Some(states[scored.row].name())),
                    Cell::Text(label),
                    Cell::Text(Some(&predictor.labels.names()[scored.predicted])),
                    Cell::Number(Some(scored.entropy)),
                    Cell::Number(Some(scored.normalized_entropy)),
                    Cell::Number(Some(scored.least_confidence)),
                    Cell::Number(Some(scored.margin)),
                ];
                cells.extend(scored.probabilities.iter().map(|p| Cell::Number(Some(*p))));
                Ok(table.push(&cells)?)
            })?;
            Ok(table.finish()?)
        };
        let written = progress.step(Step::Scoring, || write_atomically_with(file, write));
        written.map_err(|failure| failure.0)?;
        Ok(PoolScores { file: file.to_owned(), round: name.round, model: name.model, scored: rows.len() })
    }
}

/// Returns the name and the type of each column. `labels` are the names of the classes.
fn columns(labels: &[String]) -> Vec<(String, ColumnKind)> {
    let texts = ["id", "status", "label", "predicted"].map(|name| (name.to_owned(), ColumnKind::Text));
    let numbers = ["entropy", "normalized_entropy", "least_confidence", "margin"];
    let numbers = numbers.map(|name| (name.to_owned(), ColumnKind::Number));
    let classes = labels.iter().map(|label| (format!("p_{label}"), ColumnKind::Number));
    texts.into_iter().chain(numbers).chain(classes).collect()
}
