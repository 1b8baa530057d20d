//! The steps of a round, between the engine, which computes, and the store, which keeps.
//!
//! `querist round` and the four single steps go through the same functions, so they cannot come to different batches.

mod export;

use querist_core::error::BoxError;
use querist_core::{Class, Edition, FittedClassifier, Pick, Probabilities, Seed, Start};
use querist_engine::{
    Learned, Means, Predicted, Prepared, Selection, Summary, Trained, check_picked, score, select, stop_set,
    train,
};
use querist_model::LinearModel;
use querist_report as report;
use querist_store::workspace::{Draft, Stage};
use querist_text::space::Block;

use crate::failure::Mend;
use crate::last_model;
use crate::next;
use crate::output::Talk;
use crate::paste;
use crate::session::{Bench, Session};
use crate::weak::WeakLabels;

pub use export::{
    batch_and_picks, batch_item, export_again, export_draft, exported, labels_and_suggest, overlap,
    report_of, write_report,
};

/// Decides which labelled documents are held out together and which weak labels are drawn. Always the same: the model is a
/// function of the labels, whatever the seed of the batch.
pub const MODEL_SEED: Seed = Seed(0);

/// The file of scores in a round's folder.
pub const SCORES: &str = "scores.jsonl";

/// Trains and keeps the model. Gives the draft of the round and the model.
///
/// # Errors
/// The solver failed, or the model cannot be written.
pub fn train_draft(
    session: &Session,
    bench: &Bench,
    prepared: &Prepared,
    talk: &Talk,
) -> anyhow::Result<(Draft, Trained)> {
    let (draft, trained) = draft_of(session, bench, prepared, talk)?;
    if let Some(model) = &trained.model {
        session.workspace.write_model(&model.to_bytes().map_err(boxed)?)?;
    }
    Ok((draft, trained))
}

/// Trains and keeps nothing. Gives the draft of the round and the model.
///
/// # Errors
/// The solver failed.
pub fn draft_of(
    session: &Session,
    bench: &Bench,
    prepared: &Prepared,
    talk: &Talk,
) -> anyhow::Result<(Draft, Trained)> {
    let weak = session.weak_labels(bench, talk)?;
    let last = last_model(session, bench, talk);
    let start = Start { warm: last.as_ref().and_then(FittedClassifier::linear), seed: MODEL_SEED };
    let (situation, labels) = (&bench.situation, &session.labels);
    let trained = talk.step("training", || {
        let weak = weak.as_ref().map(WeakLabels::as_weak);
        let learned = (bench.settings.quality.training, weak);
        train(&bench.classifier, prepared, situation, labels, learned, start)
    })?;
    let stop = match trained.model.as_deref() {
        Some(model) => {
            let rows = stop_set(&bench.snapshot, &situation.pool);
            let pool = prepared.pool();
            Predicted::of(model, pool.as_ref(), &rows, &bench.snapshot, situation)?
        }
        None => None,
    };
    let model = talk.step("evaluating", || trained.section(prepared, situation, labels))?;
    if model.fit.as_ref().is_some_and(|fit| !fit.converged) {
        talk.remark("warning: the fit did not converge; raise max_iterations under [model] in querist.toml");
    }
    let hash = match &trained.model {
        Some(model) => Some(blake3::hash(&model.to_bytes().map_err(boxed)?).to_hex().to_string()),
        None => None,
    };
    let draft = Draft {
        number: bench.number,
        stage: Stage::Trained,
        seed: bench.settings.seed,
        settings: bench.recorded.to_string(),
        inputs: bench.inputs.digest(),
        model: hash,
        target: None,
        basis: prepared.basis.limit,
        summary: Summary {
            model,
            features: Some(features_section(bench, prepared)),
            rules: weak.map(|weak| weak.section(bench, trained.weak)),
            stop,
            learned: Some(learned(session, bench)?),
            batch: None,
        }
        .to_json()?,
        manifest: None,
    };
    Ok((draft, trained))
}

/// The draft of a round whose model the user brought: nothing is trained, and no model is kept.
///
/// # Errors
/// Its summary has no form as JSON.
pub fn brought_draft(
    session: &Session,
    bench: &Bench,
    prepared: &Prepared,
    brought: report::Brought,
) -> anyhow::Result<Draft> {
    let model = report::Model {
        labeled: bench.situation.labeled_counts.clone(),
        fit: None,
        why_none: None,
        unseen: Vec::new(),
        test: None,
        reliability: None,
        rounds: Vec::new(),
        brought: Some(brought),
    };
    Ok(Draft {
        number: bench.number,
        stage: Stage::Trained,
        seed: bench.settings.seed,
        settings: bench.recorded.to_string(),
        inputs: bench.inputs.digest(),
        model: None,
        target: None,
        basis: prepared.basis.limit,
        summary: Summary {
            model,
            features: Some(features_section(bench, prepared)),
            rules: None,
            // A model from elsewhere says nothing of the documents that are labelled, which the stop set may hold.
            stop: None,
            learned: Some(learned(session, bench)?),
            batch: None,
        }
        .to_json()?,
        manifest: None,
    })
}

/// What the labels of a round are known by in the rounds after it.
fn learned(session: &Session, bench: &Bench) -> anyhow::Result<Learned> {
    let Bench { snapshot, situation, .. } = bench;
    let place = |(row, _): &(usize, Class)| snapshot.documents[situation.pool[*row]].place;
    let places: Vec<u32> = situation.labeled.iter().map(place).collect();
    let texts = session.workspace.text_keys(&places)?;
    let labels = situation.labeled.iter().map(|(_, class)| session.labels.name(*class));
    Ok(Learned::of(texts.into_iter().zip(labels)))
}

/// The model of the last round, to start from. Without its file the solver starts from nothing, and comes to the same
/// optimum but for the last digits.
fn last_model(session: &Session, bench: &Bench, talk: &Talk) -> Option<LinearModel> {
    let hash = bench.snapshot.rounds.last()?.model.as_ref()?;
    let model = session.workspace.read_model(hash).map_err(anyhow::Error::from);
    match model.and_then(|bytes| Ok(LinearModel::from_bytes(&bytes)?)) {
        Ok(model) => Some(model),
        Err(error) => {
            talk.remark(&format!(
                "warning: training starts from nothing, as the last model is not there: {error:#}"
            ));
            None
        }
    }
}

/// What the report says of the features.
fn features_section(bench: &Bench, prepared: &Prepared) -> report::Features {
    let blocks = prepared.blocks().into_iter().map(|block| report::FeatureBlock {
        name: block.name,
        columns: block.n_columns,
        weight: block.weight,
        learned_from: block.learned_from,
    });
    let learned_again = |before| {
        format!(
            "the embedding was learned again: the pool has grown from {before} to {} documents",
            prepared.basis.documents
        )
    };
    let note = prepared.basis.outgrown.filter(|_| bench.kind.has(Block::Lsa)).map(learned_again);
    report::Features {
        kind: bench.kind.name().to_owned(),
        chosen_by: if bench.auto { "auto" } else { "querist.toml" }.to_owned(),
        blocks: blocks.collect(),
        note,
    }
}

/// The draft that a single step goes on with, and its model.
///
/// # Errors
/// There is no draft, it has not come as far as `needed`, or the workspace has moved on since.
pub fn resume(
    session: &Session,
    bench: &Bench,
    needed: Stage,
) -> anyhow::Result<(Draft, Option<LinearModel>)> {
    let Some(draft) = session.workspace.draft()? else {
        let what = match next::begin(session, bench)? {
            None => "there is no round at this step; run `querist train` first".to_owned(),
            Some(step) => format!("there is no round at this step; next: {step}"),
        };
        return Err(Mend(what).into());
    };
    if draft.inputs != bench.inputs.digest() {
        let what = "documents, answers or settings have changed since";
        let what = match next::begin(session, bench)? {
            None => format!("{what} `querist train`; run it again"),
            Some(step) => format!("{what} the round was begun; next: {step}"),
        };
        return Err(Mend(what).into());
    }
    if draft.stage < needed {
        let (number, stage) = (draft.number, draft.stage.name());
        let before = next::command_after(session, &bench.snapshot, draft.stage)?;
        return Err(Mend(format!("round {number} is {stage} so far; run `{before}` first")).into());
    }
    let model = match &draft.model {
        Some(hash) => Some(LinearModel::from_bytes(&session.workspace.read_model(hash)?)?),
        None => None,
    };
    Ok((draft, model))
}

/// Scores the open pool; `None` without a model.
///
/// # Errors
/// The model cannot predict.
pub fn score_pool(
    bench: &Bench,
    prepared: &Prepared,
    model: Option<&dyn FittedClassifier>,
    talk: &Talk,
) -> anyhow::Result<Option<Probabilities>> {
    let Some(model) = model else { return Ok(None) };
    let open = &bench.situation.open;
    let scored = talk.step("scoring", || score(model, prepared.pool().as_ref(), open))?;
    Ok(Some(scored))
}

/// Removes the scores that an earlier draft of the round left: they are not of its model.
///
/// # Errors
/// They cannot be removed.
pub fn drop_scores(session: &Session, number: u32) -> anyhow::Result<()> {
    Ok(session.workspace.remove_round_file(number, SCORES)?)
}

/// Chooses the batch and notes it in the draft.
///
/// # Errors
/// Nothing is open, or the settings do not fit.
pub fn select_batch(
    session: &Session,
    bench: &Bench,
    prepared: &Prepared,
    means: Means<'_>,
    draft: &mut Draft,
    talk: &Talk,
) -> anyhow::Result<Vec<Pick>> {
    let selection = talk.step("choosing", || {
        select(&bench.settings, &bench.snapshot, &bench.situation, prepared, means, bench.number)
    })?;
    // Rounds of the first edition could be empty, and come out so again.
    if session.edition > Edition::First && !last_model::is_final(&selection.batch) {
        check_picked(&selection, &bench.situation, paste::again)?;
    }
    let Selection { picks, batch, target } = selection;
    let summary = Summary::from_json(&draft.summary)?;
    draft.summary = Summary { batch: Some(batch), ..summary }.to_json()?;
    draft.settings = bench.recorded.to_string();
    draft.seed = bench.settings.seed;
    draft.target = target;
    draft.stage = Stage::Selected;
    Ok(picks)
}

/// An error from behind one of core's traits.
pub fn boxed(error: BoxError) -> anyhow::Error {
    anyhow::Error::from_boxed(error)
}
