//! A round: trained, scored, selected and written in one call, or step by step.
//!
//! The engine computes a round as one pure function ([`querist_engine::round()`]). This module
//! reads the inputs of that function from the store, and stores its result. After a kill at any
//! moment, the workspace holds the whole round or nothing of it.
//! workspace holds the whole round or nothing of it.

pub(crate) mod files;
mod planned;
mod single;
pub(crate) mod steps;

use std::path::PathBuf;

use querist_core::Seed;
use querist_engine::{Prepared, Source, check_open, round};
use querist_report::RoundReport;
use querist_store::workspace::Draft;
use serde::Serialize;

use crate::bench::Bench;
use crate::brought::{self, Scores, ScoresFile};
use crate::conditions;
use crate::embeddings;
use crate::error::Result;
use crate::final_model;
use crate::inputs;
use crate::journal;
use crate::opened::Opened;
use crate::progress::{Progress, Remark, Step};
use crate::session::Session;
use crate::settings::Override;

pub use planned::{PlannedCount, PlannedPick, PlannedRound};
pub use single::{ScoredPool, SelectedBatch, TrainedModel};

/// The seed by which labelled documents are held out together and weak labels are drawn. It is
/// constant, so that the model depends only on the labels and not on the batch's seed.
pub const MODEL_SEED: Seed = Seed(0);

/// How to make a round.
#[derive(Debug, Clone, Default)]
pub struct RoundOptions {
    /// Settings that override querist.toml: the seed (table "") and keys of `[batch]`, with the
    /// keys and values of querist.toml.
    /// `Override { table: "batch", key: "size", value: 50.into(), place: "size".into() }` asks for
    /// 50 documents.
    pub overrides: Vec<Override>,
    /// Predictions by which to choose the batch; `None`: train a model.
    pub scores: Option<ScoresFile>,
}

/// A round that was made, or whose files were written again.
#[derive(Debug, Clone, Serialize)]
pub struct MadeRound {
    /// Number of the round, from 1.
    pub round: u32,
    /// Whether the round only made the final model, because no document was open.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// Paths of the round's files.
    pub files: RoundFiles,
    /// The round's report.
    pub report: RoundReport,
}

/// Paths of a round's files. Each path begins with [`Session::root`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoundFiles {
    /// The documents for annotators, as JSON Lines: `id`, `text`, `labels`, the user's own fields
    /// as `meta`, and `suggestion` if the settings ask for it. Empty for a final round. A line with
    /// `label` and `annotator` added is a valid row for [`Session::ingest`].
    pub batch: PathBuf,
    /// Why each document is in the batch.
    pub picks: PathBuf,
    /// How good labels, annotators and model are, as Markdown.
    pub report: PathBuf,
    /// The report as an HTML page with charts.
    pub page: PathBuf,
    /// The report as JSON.
    pub report_json: PathBuf,
    /// The manifest: all inputs of the round.
    pub manifest: PathBuf,
}

impl Session {
    /// Makes the next round: trains, scores, chooses a batch and writes its files. Picks of earlier
    /// rounds that nobody has answered stay out. If no document is open but there is something new
    /// to learn, the round makes a final model ([`MadeRound::is_final`]). [`RoundReport::stopping`]
    /// says whether to stop.
    ///
    /// # Errors
    /// There is nothing to pick ([`crate::SessionError::Nothing`]) or nothing new to learn
    /// ([`crate::SessionError::UpToDate`]), a setting or the file of predictions is invalid, or the
    /// workspace cannot be written. Nothing was changed then.
    pub fn round(&self, options: &RoundOptions, progress: &dyn Progress) -> Result<MadeRound> {
        let mut opened = self.write("round", progress)?;
        make(&mut opened, options, progress)
    }
}

/// Makes the next round of an open workspace, and stores it.
fn make(opened: &mut Opened, options: &RoundOptions, progress: &dyn Progress) -> Result<MadeRound> {
    let Ready { mut bench, chosen } = ready(opened, options, progress)?;
    let Chosen { mut draft, picks } = chosen;
    opened.keep_model(&draft)?;
    let report = files::export_draft(opened, &mut bench, &mut draft.draft, &picks)?;
    steps::drop_scores(opened, draft.draft.record.number)?;
    Ok(opened.made(report))
}

/// The next round, ready to be stored.
struct Ready {
    /// The inputs of the round.
    bench: Bench,
    /// The draft and its picks.
    chosen: Chosen,
}

/// Chooses the next round of an open workspace and returns it with its inputs. Writes nothing
/// except the cache in `features/`.
fn ready(opened: &Opened, options: &RoundOptions, progress: &dyn Progress) -> Result<Ready> {
    for (file, answers) in journal::waiting(opened.workspace.root()) {
        progress.remark(Remark::AnswersWaiting { file, answers });
    }
    let mut bench = opened.bench(&options.overrides)?;
    let last = options.scores.is_none() && final_model::due(opened, &bench)?;
    if !last {
        check_open(&bench.snapshot, &bench.situation)?;
        conditions::choose_among_part(opened, &mut bench)?;
    }
    // Checked before anything that takes long.
    embeddings::check_not_gone(opened)?;
    let scores = match &options.scores {
        Some(file) => Some(progress.step(Step::Scores, || brought::read(file, &bench))?),
        None => None,
    };
    let prepared = opened.prepare(&bench, progress)?;
    if let Some(Scores { section, remarks, .. }) = &scores {
        inputs::tell(remarks, &[], progress);
        if section.normalized > 0 {
            progress.remark(Remark::ScoresScaled { scaled: section.normalized, rows: section.rows });
        }
    }
    let chosen = choose(opened, &bench, &prepared, scores.as_ref(), progress)?;
    Ok(Ready { bench, chosen })
}

/// A round whose batch is chosen, as it would be stored.
pub(crate) struct Chosen {
    /// The round's draft, with its model.
    pub(crate) draft: Drafted,
    /// The round's picks, by rank.
    pub(crate) picks: Vec<querist_core::Pick>,
}

/// The draft of a round, and the content of its model file.
pub(crate) struct Drafted {
    /// The draft.
    pub(crate) draft: Draft,
    /// The model's bytes; `None` if the round trained no model.
    pub(crate) model: Option<Vec<u8>>,
}

/// Trains a model or takes the brought predictions, scores the open documents, and chooses the
/// batch. Returns the draft and the picks. Writes nothing.
pub(crate) fn choose(
    opened: &Opened,
    bench: &Bench,
    prepared: &Prepared,
    scores: Option<&Scores>,
    progress: &dyn Progress,
) -> Result<Chosen> {
    let watch = &mut steps::Watch::new(progress);
    let (mut draft, selection) = if let Some(Scores { probabilities, brought, section, .. }) = scores {
        let source = Source::Brought { probabilities, brought };
        let made = round(&bench.input(prepared), source, &mut |step| watch.begin(step))?;
        watch.end();
        let draft = steps::brought_draft(opened, bench, prepared, section.clone())?;
        (Drafted { draft, model: None }, made.selection)
    } else {
        let weak = opened.weak_labels(bench, progress)?;
        let last = steps::last_model(opened, bench, progress);
        let source = Source::Training(bench.training(weak.as_ref(), last.as_ref()));
        let made = round(&bench.input(prepared), source, &mut |step| watch.begin(step))?;
        watch.end();
        let trained = made.trained.as_ref();
        let draft = steps::trained_draft(opened, bench, prepared, (trained, weak.as_ref()), progress)?;
        (draft, made.selection)
    };
    let picks = steps::note_selection(opened, bench, selection, &mut draft.draft)?;
    Ok(Chosen { draft, picks })
}

impl Opened {
    /// Stores the model of a draft in the workspace, if the draft has one.
    fn keep_model(&self, drafted: &Drafted) -> Result<()> {
        if let Some(bytes) = &drafted.model {
            self.workspace.write_model(bytes)?;
        }
        Ok(())
    }

    /// Returns the result that a front end gets for the exported round of this report.
    pub(crate) fn made(&self, report: RoundReport) -> MadeRound {
        let file = |name: &str| self.workspace.round_path(report.round, name);
        let files = RoundFiles {
            batch: file("batch.jsonl"),
            picks: file("picks.jsonl"),
            report: file("report.md"),
            page: file("report.html"),
            report_json: file("report.json"),
            manifest: file("manifest.json"),
        };
        MadeRound { round: report.round, is_final: final_model::is_final(&report.batch), files, report }
    }
}
