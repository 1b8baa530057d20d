//! Reads what a round needs from the workspace, and fills the draft of the round.
//!
//! A round in one call and the single steps both call these functions, so they select the same
//! batch.

use querist_core::round;
use querist_core::{Class, Edition, Pick, RoundRecord};
use querist_engine::{
    Learned, Predicted, Prepared, Selection, Step as EngineStep, Summary, Trained, check_picked, stop_set,
};
use querist_model::LinearModel;
use querist_store::workspace::{Draft, Stage};
use querist_text::space::Block;

use super::Drafted;
use crate::bench::Bench;
use crate::error::{Result, SessionError};
use crate::final_model;
use crate::next;
use crate::opened::Opened;
use crate::progress::{Progress, Remark, Running, Step};
use crate::weak::WeakLabels;

/// Name of the score file in a round's folder.
pub(crate) const SCORES: &str = "scores.jsonl";

/// Reports the steps of the engine as progress. When a step begins, the one before ends.
pub(crate) struct Watch<'a> {
    progress: &'a dyn Progress,
    /// The step that is running; `None` before the first.
    running: Option<Box<dyn Running + 'a>>,
}

impl<'a> Watch<'a> {
    /// Returns a watch before the first step.
    pub(crate) fn new(progress: &'a dyn Progress) -> Self {
        Self { progress, running: None }
    }

    /// Ends the running step, if any, and begins `step`.
    pub(crate) fn begin(&mut self, step: EngineStep) {
        self.end();
        self.running = Some(self.progress.begin(match step {
            EngineStep::Training => Step::Training,
            EngineStep::Scoring => Step::Scoring,
            EngineStep::Choosing => Step::Choosing,
        }));
    }

    /// Ends the running step, if any.
    pub(crate) fn end(&mut self) {
        self.running = None;
    }
}

/// Evaluates the model that a round has trained, and makes the draft of the round. Returns the
/// draft, with the content of the model's file.
///
/// # Errors
/// The model cannot predict the test set or the stop set.
pub(crate) fn trained_draft(
    opened: &Opened,
    bench: &Bench,
    prepared: &Prepared,
    (trained, weak): (Option<&Trained>, Option<&WeakLabels>),
    progress: &dyn Progress,
) -> Result<Drafted> {
    let trained = trained.ok_or_else(SessionError::bug("train"))?;
    let (situation, labels) = (&bench.situation, &opened.labels);
    let stop = match trained.model.as_deref() {
        Some(model) => {
            let rows = stop_set(&bench.snapshot, &situation.pool);
            let pool = prepared.pool();
            Predicted::of(model, pool.as_ref(), &rows, &bench.snapshot, situation)?
        }
        None => None,
    };
    let section = progress.step(Step::Evaluating, || trained.section(prepared, situation, labels))?;
    if section.fit.as_ref().is_some_and(|fit| !fit.converged) {
        progress.remark(Remark::NotConverged);
    }
    let model = match &trained.model {
        Some(model) => Some(model.to_bytes().map_err(SessionError::step("write the model"))?),
        None => None,
    };
    let summary = Summary {
        model: section,
        features: Some(features_section(bench, prepared)),
        rules: weak.map(|weak| weak.section(bench, trained.weak)),
        stop,
        learned: Some(learned(opened, bench)?),
        batch: None,
    };
    let hash = model.as_ref().map(|bytes| blake3::hash(bytes).to_hex().to_string());
    Ok(Drafted { draft: draft_of(bench, prepared, hash, &summary)?, model })
}

/// Returns a draft at the stage "trained". `model` is the hash of the model, if there is one.
fn draft_of(bench: &Bench, prepared: &Prepared, model: Option<String>, summary: &Summary) -> Result<Draft> {
    let record = RoundRecord {
        number: bench.number,
        seed: bench.settings.seed,
        picks: Vec::new(),
        returned: Vec::new(),
        lacking: Vec::new(),
        asked_again: Vec::new(),
        classes: Vec::new(),
        target: None,
        summary: summary.to_json()?,
        model,
        basis: prepared.basis.limit,
    };
    Ok(Draft {
        record,
        stage: Stage::Trained,
        settings: bench.recorded.to_string(),
        inputs: bench.inputs.digest(),
        manifest: None,
    })
}

/// Returns the draft of a round whose batch the user's own predictions choose. It has no model,
/// because none is trained.
///
/// # Errors
/// The summary cannot be expressed as JSON.
pub(crate) fn brought_draft(
    opened: &Opened,
    bench: &Bench,
    prepared: &Prepared,
    brought: round::Brought,
) -> Result<Draft> {
    let model = round::Model {
        labeled: bench.situation.labeled_counts.clone(),
        fit: None,
        why_none: None,
        unseen: Vec::new(),
        test: None,
        reliability: None,
        brought: Some(brought),
    };
    let summary = Summary {
        model,
        features: Some(features_section(bench, prepared)),
        rules: None,
        // The stop set may contain labelled documents, and the file need not have predictions for
        // them.
        stop: None,
        learned: Some(learned(opened, bench)?),
        batch: None,
    };
    draft_of(bench, prepared, None, &summary)
}

/// Computes marks of the texts from which this round learns, with their labels. Later rounds
/// compare them with their own.
fn learned(opened: &Opened, bench: &Bench) -> Result<Learned> {
    let Bench { snapshot, situation, .. } = bench;
    let place = |(row, _): &(usize, Class)| snapshot.documents[situation.pool[*row]].place;
    let places: Vec<u32> = situation.labeled.iter().map(place).collect();
    let texts = opened.workspace.text_keys(&places)?;
    let labels = situation.labeled.iter().map(|(_, class)| opened.labels.name(*class));
    Ok(Learned::of(texts.into_iter().zip(labels)))
}

/// Reads the model of the last round, from which training starts. If there is none, or if it does
/// not fit, training starts from scratch (`None`). It then reaches the same optimum, except for the
/// last digits.
pub(crate) fn last_model(opened: &Opened, bench: &Bench, progress: &dyn Progress) -> Option<LinearModel> {
    // Training cannot start from a model with other classes.
    let last = bench.snapshot.rounds.last().filter(|last| last.classes.is_empty())?;
    let hash = last.model.as_ref()?;
    let model = opened.workspace.read_model(hash).map_err(SessionError::from);
    match model.and_then(|bytes| Ok(LinearModel::from_bytes(&bytes)?)) {
        Ok(model) => Some(model),
        Err(error) => {
            progress.remark(Remark::ColdStart { why: error.to_string() });
            None
        }
    }
}

/// Makes the report's section about the features.
fn features_section(bench: &Bench, prepared: &Prepared) -> round::Features {
    let learned_again = |before| {
        format!(
            "the embedding was learned again because the pool has grown from {before} to {} documents",
            prepared.basis.documents
        )
    };
    let note = prepared.basis.outgrown.filter(|_| bench.kind.has(Block::Lsa)).map(learned_again);
    round::Features {
        kind: bench.kind.name().to_owned(),
        chosen_by: if bench.auto { "auto" } else { "querist.toml" }.to_owned(),
        blocks: prepared.blocks(),
        note,
    }
}

/// Returns the draft that a single step continues, and the draft's model.
///
/// # Errors
/// There is no draft, it has not reached the stage `needed`, or the workspace has changed since.
pub(crate) fn resume(opened: &Opened, bench: &Bench, needed: Stage) -> Result<(Draft, Option<LinearModel>)> {
    let Some(draft) = opened.workspace.draft()? else {
        return Err(SessionError::NotBegun { next: next::begin(opened, bench)? });
    };
    if draft.inputs != bench.inputs.digest() {
        return Err(SessionError::Moved { next: next::begin(opened, bench)? });
    }
    if draft.stage < needed {
        let next = next::after(opened, &bench.snapshot, draft.stage)?;
        return Err(SessionError::TooEarly { round: draft.record.number, stage: draft.stage, next });
    }
    let model = match &draft.record.model {
        Some(hash) => Some(LinearModel::from_bytes(&opened.workspace.read_model(hash)?)?),
        None => None,
    };
    Ok((draft, model))
}

/// Removes the scores that an earlier draft of the round left in its folder, because they come from
/// another model.
///
/// # Errors
/// The file cannot be removed.
pub(crate) fn drop_scores(opened: &Opened, number: u32) -> Result<()> {
    Ok(opened.workspace.remove_round_file(number, SCORES)?)
}

/// Stores the selection in the draft, with the settings and the seed that led to it. Returns the
/// picks.
///
/// # Errors
/// Nothing was picked, and this is not a final round.
pub(crate) fn note_selection(
    opened: &Opened,
    bench: &Bench,
    selection: Selection,
    draft: &mut Draft,
) -> Result<Vec<Pick>> {
    // In the first edition of the rules a round could be empty. To reproduce one must not fail.
    if opened.edition > Edition::First && !final_model::is_final(&selection.batch) {
        check_picked(&selection, &bench.situation)?;
    }
    let Selection { picks, batch, target } = selection;
    let summary = Summary::from_json(&draft.record.summary)?;
    draft.record.summary = Summary { batch: Some(batch), ..summary }.to_json()?;
    draft.settings = bench.recorded.to_string();
    draft.record.seed = bench.settings.seed;
    draft.record.target = target;
    draft.stage = Stage::Selected;
    Ok(picks)
}
