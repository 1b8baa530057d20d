//! A round: trained, scored, selected and written in one call or step by step.
//!
//! The engine computes a round as one pure function ([`querist_engine::round()`]). This module
//! reads the inputs of that function from the workspace, and stores its result. If the process is
//! killed, the workspace holds either the whole round or nothing of it.

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

/// The seed of all random choices in training: which documents are held out together, and which
/// weak labels are used. It is constant, so that the model depends only on the labels and not on
/// the seed of the batch.
pub const MODEL_SEED: Seed = Seed(0);

/// Options for making a round.
#[derive(Debug, Clone, Default)]
pub struct RoundOptions {
    /// Settings that replace those of querist.toml for this round: the seed (in table "") and the
    /// keys of `[batch]`. For example, `Override { table: "batch", key: "size", value: 50.into(),
    /// place: "size".into() }` asks for 50 documents.
    pub overrides: Vec<Override>,
    /// The user's own predictions, which choose the batch; without them (`None`), a model is
    /// trained.
    pub scores: Option<ScoresFile>,
}

/// A round that was made, or whose files were written again.
#[derive(Debug, Clone, Serialize)]
pub struct MadeRound {
    /// Number of the round, from 1.
    pub round: u32,
    /// Whether this is a final round, which trains a model but picks nothing.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// Paths of the round's files.
    pub files: RoundFiles,
    /// The round's report.
    pub report: RoundReport,
}

/// Paths of a round's files. All begin with [`Session::root`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoundFiles {
    /// The documents for annotators, as JSON Lines with `id`, `text`, `labels`, the user's own
    /// fields as `meta`, and `suggestion` if the settings ask for it. The file of a final round is
    /// empty. A line becomes a valid row for [`Session::ingest`] if `label` and `annotator` are
    /// added.
    pub batch: PathBuf,
    /// Why each document is in the batch.
    pub picks: PathBuf,
    /// The report as Markdown: how good labels, annotators and model are.
    pub report: PathBuf,
    /// The report as an HTML page with charts.
    pub page: PathBuf,
    /// The report as JSON.
    pub report_json: PathBuf,
    /// The manifest: all inputs of the round.
    pub manifest: PathBuf,
}

impl Session {
    /// Makes the next round: trains a model, scores the open documents, chooses a batch and writes
    /// its files. Picks of earlier rounds still wait for their answers. If no document is open, the
    /// round trains a final model, provided that there is something new to learn
    /// ([`MadeRound::is_final`]). [`RoundReport::stopping`] says whether to stop.
    ///
    /// # Errors
    /// - There is nothing to pick ([`crate::SessionError::Nothing`]), or nothing new to learn
    ///   ([`crate::SessionError::UpToDate`]).
    /// - A setting or the file of predictions is invalid.
    /// - The workspace cannot be written.
    ///
    /// In each case nothing was changed.
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

/// A round that is computed but not yet stored.
struct Ready {
    /// The inputs of the round.
    bench: Bench,
    /// The round as the database will store it, with its picks.
    chosen: Chosen,
}

/// Computes the next round of an open workspace, and returns it with its inputs. Writes nothing
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
    // This check comes first, before anything that takes long.
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

/// A round with its batch, as the database will store it.
pub(crate) struct Chosen {
    /// The draft of the round, with its model.
    pub(crate) draft: Drafted,
    /// The round's picks, by rank.
    pub(crate) picks: Vec<querist_core::Pick>,
}

/// A draft (a round that is not finished), and the content of its model file.
pub(crate) struct Drafted {
    /// The draft.
    pub(crate) draft: Draft,
    /// The bytes of the model; `None` if the round trained none.
    pub(crate) model: Option<Vec<u8>>,
}

/// Trains a model or uses the user's own predictions, scores the open documents, and chooses the
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
    /// If a draft has a model, stores the model in the workspace.
    fn keep_model(&self, drafted: &Drafted) -> Result<()> {
        if let Some(bytes) = &drafted.model {
            self.workspace.write_model(bytes)?;
        }
        Ok(())
    }

    /// Returns what a front end gets for a round: the report, and the paths of the files.
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
