//! The single steps of a round: train, score, select, export. Between the steps, the database
//! stores the round as a draft. A step continues the draft only if documents, answers and settings
//! have not changed.

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

/// The result of step 1, [`Session::train`].
#[derive(Debug, Clone, Serialize)]
pub struct TrainedModel {
    /// Number of the round.
    pub round: u32,
    /// Whether this is a final round, which is finished with this step.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// Number of labelled documents from which the model could learn.
    pub labeled: usize,
    /// Path of the model's file; `None` if no model was trained.
    pub model_file: Option<PathBuf>,
    /// The report's section about the model, or about why there is none.
    pub model: Model,
}

/// The result of step 2, [`Session::score`].
#[derive(Debug, Clone, Serialize)]
pub struct ScoredPool {
    /// Number of the round.
    pub round: u32,
    /// Number of open documents that were scored; `None` without a model.
    pub scored: Option<usize>,
    /// Mean entropy of the scored documents, divided by its largest possible value (the natural
    /// logarithm of the number of classes), from 0 to 1; `None` without a model.
    pub mean_normalized_entropy: Option<f64>,
    /// Path of the file with the scores; `None` without a model.
    pub scores_file: Option<PathBuf>,
    /// The next step.
    pub next: NextStep,
}

/// The result of step 3, [`Session::select`].
#[derive(Debug, Clone, Serialize)]
pub struct SelectedBatch {
    /// Number of the round.
    pub round: u32,
    /// How the batch is composed.
    pub batch: Option<Batch>,
}

impl Session {
    /// Step 1: trains the model of the next round, and stores it with a new draft. If no document
    /// is open, this is the final model, and its round is finished at once.
    ///
    /// # Errors
    /// There is nothing new to learn, training failed, or the workspace cannot be read or written.
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
            // A final round has nothing to score or to select, so it is finished here.
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

    /// Step 2: scores the open documents with the model of step 1. Writes the scores to the round's
    /// folder.
    ///
    /// # Errors
    /// Step 1 was not taken, or the workspace has changed since.
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

    /// Step 3: selects the batch, using the model of step 1. Stores the picks in the draft.
    ///
    /// # Errors
    /// An earlier step was not taken, the workspace has changed since, or there is nothing to pick.
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

    /// Step 4: exports the round. Writes its report, and the files of the batch that step 3
    /// selected.
    ///
    /// # Errors
    /// An earlier step was not taken, the workspace has changed since, or the workspace cannot be
    /// written. In each case nothing was changed.
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
    /// The round does not exist or is not exported, or a file cannot be written.
    pub fn export_again(&self, round: u32, progress: &dyn Progress) -> Result<MadeRound> {
        let opened = self.write("export", progress)?;
        let report = files::export_again(&opened, round)?;
        Ok(opened.made(report))
    }
}
