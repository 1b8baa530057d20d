//! The single steps of a round: train, score, select, export. Between them the round is a draft,
//! which the next step goes on with as long as documents, answers and settings are the same.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use querist_core::FittedClassifier;
use querist_core::round::{Batch, Model};
use querist_engine::{Source, Summary, check_final, round};
use querist_store::format::scores::{self, ScoreRow};
use querist_store::workspace::Stage;
use serde::Serialize;

use super::{MadeRound, files, steps};
use crate::conditions;
use crate::embeddings;
use crate::error::{Result, SessionError};
use crate::final_model;
use crate::next::{self, NextStep};
use crate::progress::{Progress, Step};
use crate::scored::each_scored;
use crate::session::Session;
use crate::settings::Override;

/// What the first step came to.
#[derive(Debug, Clone, Serialize)]
pub struct TrainedModel {
    /// The round.
    pub round: u32,
    /// Whether this was the final model; then the round is done.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// How many documents are labelled.
    pub labeled: usize,
    /// Where the model is; `None` without one.
    pub model_file: Option<PathBuf>,
    /// What there is to say of the model.
    pub model: Model,
}

/// What the second step came to.
#[derive(Debug, Clone, Serialize)]
pub struct ScoredPool {
    /// The round.
    pub round: u32,
    /// How many open documents were scored; `None` without a model.
    pub scored: Option<usize>,
    /// The mean of their entropy, divided by ln K; `None` without any.
    pub mean_normalized_entropy: Option<f64>,
    /// Where the scores are.
    pub scores_file: Option<PathBuf>,
    /// The step that goes on from here.
    pub next: NextStep,
}

/// What the third step came to.
#[derive(Debug, Clone, Serialize)]
pub struct SelectedBatch {
    /// The round.
    pub round: u32,
    /// The batch.
    pub batch: Option<Batch>,
}

impl Session {
    /// Step 1: trains the model of the next round; where no document is open, the final one, and
    /// makes its round.
    ///
    /// # Errors
    /// The workspace cannot be read or written, or the solver failed.
    pub fn train(&self, progress: &dyn Progress) -> Result<TrainedModel> {
        let mut opened = self.write("train", progress)?;
        embeddings::check_not_gone(&opened)?;
        let mut bench = opened.bench(&[])?;
        let last = final_model::due(&opened, &bench)?;
        let prepared = opened.prepare(&bench, progress)?;
        let weak = opened.weak_labels(&bench, progress)?;
        let start = steps::last_model(&opened, &bench, progress);
        let training = bench.training(weak.as_ref(), start.as_ref());
        let trained = progress.step(Step::Training, || training.fit(&bench.input(&prepared)))?;
        let mut drafted =
            steps::trained_draft(&opened, &bench, &prepared, (Some(&trained), weak.as_ref()), progress)?;
        if last {
            check_final(&bench.situation, &trained)?;
        }
        opened.keep_model(&drafted)?;
        if last {
            // There is nothing to score nor to select, so the round is done.
            let source = Source::Model(trained.model);
            let made = round(&bench.input(&prepared), source, &mut |_| ())?;
            let picks = steps::note_selection(&opened, &bench, made.selection, &mut drafted.draft)?;
            files::export_draft(&mut opened, &mut bench, &mut drafted.draft, &picks)?;
        } else {
            opened.workspace.save_draft(&drafted.draft, &[], &bench.snapshot)?;
        }
        let draft = drafted.draft;
        steps::drop_scores(&opened, draft.record.number)?;
        Ok(TrainedModel {
            round: draft.record.number,
            is_final: last,
            labeled: bench.situation.labeled.len(),
            model_file: draft.record.model.as_ref().map(|hash| opened.workspace.model_path(hash)),
            model: Summary::from_json(&draft.record.summary)?.model,
        })
    }

    /// Step 2: scores the open pool with the model of step 1.
    ///
    /// # Errors
    /// There is no such model, or the workspace has moved on since.
    pub fn score(&self, progress: &dyn Progress) -> Result<ScoredPool> {
        let mut opened = self.write("score", progress)?;
        let bench = opened.bench(&[])?;
        let (mut draft, model) = steps::resume(&opened, &bench, Stage::Trained)?;
        draft.stage = Stage::Scored;
        let Some(model) = model else {
            opened.workspace.save_draft(&draft, &[], &bench.snapshot)?;
            let next = next::after(&opened, &bench.snapshot, Stage::Scored)?;
            let round = draft.record.number;
            return Ok(ScoredPool {
                round,
                scored: None,
                mean_normalized_entropy: None,
                scores_file: None,
                next,
            });
        };
        let prepared = opened.prepare(&bench, progress)?;
        let open = &bench.situation.open;
        let (pool, mut sum) = (prepared.pool(), 0.0);
        let write = |out: &mut BufWriter<File>| -> Result<()> {
            each_scored(&model, pool.as_ref(), open, |scored| {
                sum += scored.normalized_entropy;
                let row = ScoreRow {
                    id: &bench.snapshot.documents[bench.situation.pool[scored.row]].id,
                    entropy: scored.entropy,
                    normalized_entropy: scored.normalized_entropy,
                    least_confidence: scored.least_confidence,
                    margin: scored.margin,
                    probabilities: scored.probabilities.to_slice().unwrap_or_default(),
                };
                out.write_all(&scores::line(&row, &opened.labels)).map_err(SessionError::Output)
            })
        };
        let path = progress.step(Step::Scoring, || {
            opened.workspace.write_round_file_with(draft.record.number, steps::SCORES, write)
        })?;
        opened.workspace.save_draft(&draft, &[], &bench.snapshot)?;
        Ok(ScoredPool {
            round: draft.record.number,
            scored: Some(open.len()),
            mean_normalized_entropy: (!open.is_empty()).then(|| sum / open.len() as f64),
            scores_file: Some(path),
            next: next::after(&opened, &bench.snapshot, Stage::Scored)?,
        })
    }

    /// Step 3: chooses the batch with the model of step 1.
    ///
    /// # Errors
    /// The steps before are missing, the workspace has moved on, or nothing is open.
    pub fn select(&self, overrides: &[Override], progress: &dyn Progress) -> Result<SelectedBatch> {
        let mut opened = self.write("select", progress)?;
        let mut bench = opened.bench(overrides)?;
        let (mut draft, model) = steps::resume(&opened, &bench, Stage::Scored)?;
        conditions::choose_among_part(&opened, &mut bench)?;
        let prepared = opened.prepare(&bench, progress)?;
        let model: Option<Arc<dyn FittedClassifier>> = match model {
            Some(model) => Some(Arc::new(model)),
            None => None,
        };
        let watch = &mut steps::Watch::new(progress);
        let made = round(&bench.input(&prepared), Source::Model(model), &mut |step| watch.begin(step))?;
        watch.end();
        let picks = steps::note_selection(&opened, &bench, made.selection, &mut draft)?;
        opened.workspace.save_draft(&draft, &picks, &bench.snapshot)?;
        Ok(SelectedBatch {
            round: draft.record.number,
            batch: Summary::from_json(&draft.record.summary)?.batch,
        })
    }

    /// Step 4: writes the files of the batch of step 3.
    ///
    /// # Errors
    /// The steps before are missing, the workspace has moved on, or the disk cannot be written;
    /// then nothing was changed.
    pub fn export(&self, progress: &dyn Progress) -> Result<MadeRound> {
        let mut opened = self.write("export", progress)?;
        let mut bench = opened.bench(&[])?;
        let (mut draft, _) = steps::resume(&opened, &bench, Stage::Selected)?;
        let picks = opened.workspace.picks(draft.record.number, &bench.snapshot)?;
        let report = files::export_draft(&mut opened, &mut bench, &mut draft, &picks)?;
        Ok(opened.made(report))
    }

    /// Writes the files of an exported round again.
    ///
    /// # Errors
    /// There is no such round, or the disk cannot be written.
    pub fn export_again(&self, round: u32, progress: &dyn Progress) -> Result<MadeRound> {
        let opened = self.write("export", progress)?;
        let report = files::export_again(&opened, round)?;
        Ok(opened.made(report))
    }
}
