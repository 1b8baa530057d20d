//! Selects the batch, with the reason for each document.

use std::sync::Arc;

use querist_core::round::{Batch, QuotaRow};
use querist_core::{Classifier, FittedClassifier, LabelSet, Pick, Probabilities, Share, Snapshot};
use querist_query::{
    BatchSettings, Composition, Ingredients, MixSetting, Mode, Order, PoolView, QueryError, Source, Stock,
    Strategy, catalog, compose,
};

use crate::adaptive::adapt;
use crate::brought::Brought;
use crate::error::{EngineError, StepContext};
use crate::featurise::Prepared;
use crate::nothing::Nothing;
use crate::settings::RoundSettings;
use crate::situation::Situation;
use crate::unlabeled::Unlabeled;

/// A batch, and how it was composed.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// The picks, by rank.
    pub picks: Vec<Pick>,
    /// How the batch was composed.
    pub batch: Batch,
    /// The target class distribution of the quotas; `None` if no quota chose a document.
    pub target: Option<Vec<f64>>,
}

/// The probabilities and models that the selection of a batch uses.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// The probabilities of the open documents, shape (open documents, classes); `None` without a
    /// model.
    pub probabilities: Option<&'a Probabilities>,
    /// The model that predicted the probabilities.
    pub model: Option<&'a Arc<dyn FittedClassifier>>,
    /// The classifier for query strategies that train models of their own.
    pub members: &'a Arc<dyn Classifier>,
    /// If the probabilities come from the user's file: what else the file contains.
    pub brought: Option<&'a Brought>,
}

/// The mode of a round that only trains the final model, because no document is open.
pub const FINAL: &str = "final";

/// Selects the batch of a round. If no document is open but there is a model, the batch is empty,
/// because the round is made only for its model.
///
/// # Errors
/// No document is open and there is no model, or the settings do not fit the labels.
pub fn select(
    settings: &RoundSettings,
    snapshot: &Snapshot,
    situation: &Situation,
    prepared: &Prepared,
    means: Means<'_>,
    round: u32,
) -> Result<Selection, EngineError> {
    if situation.open.is_empty() && means.model.is_some() {
        return Ok(nothing_but_a_model(settings));
    }
    check_open(snapshot, situation)?;
    let labels = &snapshot.labels;
    let features = prepared.pool();
    let space = means.brought.and_then(|brought| brought.space.as_ref());
    let batch = &settings.batch;
    let shingles = batch.near_duplicates.resemblance().and_then(|_| prepared.shingles());
    let pool = PoolView {
        features: space.map_or(features.as_ref(), |space| &space.features),
        open: &situation.open,
        outside: &situation.outside,
        probabilities: means.probabilities,
        labeled: space.map_or(&situation.labeled, |space| &space.labeled),
        shingles: shingles.as_deref(),
    };
    let stock = Stock {
        pool,
        labels,
        open_controls: situation.open_controls.len(),
        again_controls: situation.again_controls,
        labeled_counts: &situation.labeled_counts,
    };
    let shares = batch.mix.shares()?;
    let (mix, adaptive) = if batch.mix == MixSetting::Adaptive {
        let (mix, explained) = adapt(&snapshot.rounds, situation, shares)?;
        (mix, Some(explained))
    } else {
        (shares, None)
    };
    let strategy = strategy(batch, labels, situation, means)?;
    let order = Order { batch, mix, strategy: strategy.as_deref() };
    let composition = compose(order, stock, settings.seed, round)?;
    let by_quota = composition.picks.iter().any(|pick| pick.share == Share::Ratio);
    let target = if by_quota {
        let ratio = batch.ratio.by_class(labels).map_err(QueryError::from)?;
        Some(ratio.target(labels.len())?)
    } else {
        None
    };
    let batch = Batch { adaptive, ..account(&composition, settings, labels, situation) };
    let picks = picks(composition.picks, settings, situation, prepared, means)?;
    Ok(Selection { picks, batch, target })
}

/// Returns the selection of a final round, which has no picks.
fn nothing_but_a_model(settings: &RoundSettings) -> Selection {
    let batch = Batch {
        asked: settings.batch.size,
        size: 0,
        open: 0,
        part: None,
        mode: FINAL.to_owned(),
        shares: Vec::new(),
        quotas: Vec::new(),
        adaptive: None,
    };
    Selection { picks: Vec::new(), batch, target: None }
}

/// Returns the query strategy that picks the uncertainty share; `None` if the settings name none.
fn strategy(
    batch: &BatchSettings,
    labels: &LabelSet,
    situation: &Situation,
    means: Means<'_>,
) -> Result<Option<Strategy>, EngineError> {
    let Some(name) = batch.strategy.name() else { return Ok(None) };
    let ingredients = Ingredients {
        labeled_counts: situation.labeled_counts.clone(),
        batch: batch.clone(),
        classifier: Some(Arc::clone(means.members)),
        model: means.model.cloned(),
        ..Ingredients::new(labels.clone())
    };
    Ok(Some(catalog::by_name(name, &ingredients)?))
}

/// Checks that some document is open.
///
/// # Errors
/// No document is open; the error says why.
pub fn check_open(snapshot: &Snapshot, situation: &Situation) -> Result<(), Nothing> {
    if situation.open.is_empty() { Err(nothing_open(snapshot, situation)) } else { Ok(()) }
}

/// Returns the reason why no document is open. Call it only then.
fn nothing_open(snapshot: &Snapshot, situation: &Situation) -> Nothing {
    if situation.pool.is_empty() {
        return Nothing::EmptyPool;
    }
    let unlabeled = Unlabeled::of(snapshot, situation);
    Nothing::NoneOpen { unlabeled, labels: !situation.labeled.is_empty() }
}

/// Checks that the batch has at least one pick. An empty batch would wait for answers forever.
///
/// # Errors
/// Nothing was picked; the error says why.
pub fn check_picked(selection: &Selection, situation: &Situation) -> Result<(), Nothing> {
    if !selection.picks.is_empty() {
        return Ok(());
    }
    let open = situation.open.len();
    let refused: usize = selection.batch.shares.iter().map(|share| share.near_duplicates).sum();
    if refused > 0 {
        return Err(Nothing::NearDuplicates { open });
    }
    let notes = selection.batch.shares.iter().filter_map(|share| share.note.clone()).collect();
    Err(Nothing::Unfilled { open, notes })
}

/// Converts picks, which hold rows of the pool or indices of control items, to picks of documents
/// of the snapshot. Adds each document's score and class probabilities.
fn picks(
    composed: Vec<Pick<Source>>,
    settings: &RoundSettings,
    situation: &Situation,
    prepared: &Prepared,
    means: Means<'_>,
) -> Result<Vec<Pick>, EngineError> {
    let controls: Vec<usize> = composed
        .iter()
        .filter_map(|pick| match pick.document {
            Source::Control(open) => Some(situation.open_controls[open]),
            Source::Pool(_) => None,
        })
        .collect();
    let of_controls = of_controls(&controls, prepared, means)?;
    let mut next_control = 0;
    let mut picks = Vec::with_capacity(composed.len());
    for pick in composed {
        let (document, row) = match pick.document {
            Source::Pool(row) => {
                // Only open rows have probabilities here. Any other row must fail: it would show
                // the probabilities of another document.
                let open = situation.open.binary_search(&row).map_err(|_| EngineError::NotOpen { row })?;
                (situation.pool[row], means.probabilities.map(|probabilities| probabilities.row(open)))
            }
            Source::Control(open) => {
                let row = of_controls[next_control].as_deref().map(Into::into);
                next_control += 1;
                (situation.control[situation.open_controls[open]], row)
            }
        };
        picks.push(Pick {
            score: row.map(|row| settings.batch.measure.score(row)),
            probabilities: row.map(|row| row.to_vec()),
            ..pick.of(document)
        });
    }
    Ok(picks)
}

/// Returns the class probabilities of some control items; `controls` holds their indices among all
/// control items. They are needed because annotators see suggestions: a control item without one
/// would be recognised.
fn of_controls(
    controls: &[usize],
    prepared: &Prepared,
    means: Means<'_>,
) -> Result<Vec<Option<Vec<f64>>>, EngineError> {
    if let Some(brought) = means.brought {
        return Ok(controls.iter().map(|place| brought.controls.get(place).cloned()).collect());
    }
    let Some(model) = means.model else { return Ok(vec![None; controls.len()]) };
    let features = prepared.control();
    let predicted = model.predict(features.as_ref(), controls).doing("predict control items")?;
    Ok((0..controls.len()).map(|row| Some(predicted.row(row).to_vec())).collect())
}

/// Returns the name that reports use for a mode of selection.
fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Model => "model",
        Mode::NoLabels => "no-labels",
        Mode::OneClass => "one-class",
    }
}

/// Makes the report's description of how the batch was composed.
fn account(
    composition: &Composition,
    settings: &RoundSettings,
    labels: &LabelSet,
    situation: &Situation,
) -> Batch {
    let quotas = composition.quotas.iter().map(|quota| QuotaRow {
        label: labels.name(quota.class).to_owned(),
        quota: quota.quota,
        predicted: quota.predicted,
        by_prediction: quota.by_prediction,
        by_fallback: quota.by_fallback,
    });
    Batch {
        asked: settings.batch.size,
        size: composition.picks.len(),
        open: situation.open.len(),
        part: situation.part.clone(),
        mode: mode_name(composition.mode).to_owned(),
        shares: composition.shares.clone(),
        quotas: quotas.collect(),
        adaptive: None,
    }
}
