//! Assembles the report of a round from the state of the workspace.
//!
//! The round's [`Summary`] holds the facts recorded when the round was made (fit, test accuracy,
//! shares). Everything that depends on answers is computed when the report is written. So the
//! report can be written again when more answers have arrived.

mod behaviour;
mod headlines;
mod labels;
mod over_time;
mod people;

pub use people::annotators as measured_annotators;

use querist_core::round::{self, Batch};
use querist_core::{Condition, Proportion, RoundRecord, Snapshot};
use querist_report::{Model, ModelRound, RoundReport};

use crate::commonest::commonest;
use crate::error::EngineError;
use crate::evaluate::rank_error;
use crate::pace::pace;
use crate::review::{review, review_section};
use crate::settings::{CostSettings, Standards};
use crate::situation::Situation;
use crate::stopping::{self, StopRules};
use crate::summary::{Summarized, Summary};

pub(crate) use labels::random_slice;

/// A report describes at most this many documents for review.
const IN_REPORT: usize = 20;

/// Makes the report of `round`, which must be in the snapshot, from all answers so far. `text`
/// returns a document's text, given its index in the snapshot.
///
/// # Errors
/// A summary or a text cannot be read.
pub fn report(
    snapshot: &Snapshot,
    situation: &Situation,
    standards: &Standards,
    (stop, cost): (&StopRules, &CostSettings),
    round: &RoundRecord,
    text: &mut dyn FnMut(usize) -> Result<String, EngineError>,
) -> Result<RoundReport, EngineError> {
    let mut summaries = Summary::up_to(snapshot, round.number)?;
    let annotators = people::annotators(snapshot, situation, standards.thresholds)?;
    let rounds = model_rounds(snapshot, situation, &annotators, &summaries)?;
    let stopping = stopping::section(snapshot, situation, stop, &summaries)?;
    // `summaries` ends with the summary of this round.
    let own = summaries.pop().map_or_else(|| Summary::of(round, &snapshot.labels), |(_, own)| Ok(own))?;
    let Summary { model, features, rules, batch, .. } = own;
    let model = model_section(model, rounds, snapshot.labels.len());
    let batch = batch.unwrap_or_else(|| Batch {
        asked: 0,
        size: 0,
        open: situation.open.len(),
        part: None,
        mode: String::new(),
        shares: Vec::new(),
        quotas: Vec::new(),
        adaptive: None,
    });
    let mut report = RoundReport {
        format: RoundReport::FORMAT,
        round: round.number,
        labels: snapshot.labels.names().to_vec(),
        headlines: Vec::new(),
        // The engine has not read the documents' texts, so the caller adds the warnings about them.
        warnings: Vec::new(),
        // The engine does not know the team's checklist, so the caller adds the checklist.
        checklist: None,
        remarks: None,
        batch,
        features,
        rules,
        model,
        pace: pace(snapshot, situation, cost, round, &stopping.forecast),
        stopping,
        annotators,
        agreement: people::agreement(snapshot, situation)?,
        conflicts: people::conflicts(snapshot, situation, text)?,
        over_time: over_time::over_time(snapshot, situation, &standards.drift, round.number),
        behaviour: behaviour::behaviour(snapshot, situation)?,
        review: review_section(snapshot, &review(snapshot, situation, standards)?, IN_REPORT, text)?,
        confusions: people::confusions(situation),
        distribution: labels::distribution(snapshot, situation, round.number),
        yields: labels::yields(snapshot, situation, round.number),
    };
    report.headlines = headlines::headlines(&report);
    Ok(report)
}

/// Makes the report's section about the model, from the facts that the round stored. Classes that
/// were added after the round get the count 0, because they had no labelled documents then.
fn model_section(mut kept: round::Model, rounds: Vec<ModelRound>, n_classes: usize) -> Model {
    kept.labeled.resize(n_classes.max(kept.labeled.len()), 0);
    Model { kept, rounds }
}

/// Describes the model of each round up to this one, one entry per round.
fn model_rounds(
    snapshot: &Snapshot,
    situation: &Situation,
    annotators: &querist_report::Annotators,
    summaries: &[Summarized<'_>],
) -> Result<Vec<ModelRound>, EngineError> {
    // The report has the annotators in the snapshot's order, so their indices are the snapshot's.
    let below: Vec<bool> = annotators.annotators.iter().map(querist_report::Annotator::below).collect();
    summaries
        .iter()
        .map(|(round, Summary { model, batch, .. })| {
            let (open, part) = batch.as_ref().map_or((0, None), |batch| (batch.open, batch.part.as_ref()));
            let [when_drawn, still_open] = labels::populations(round, situation, open, part);
            let (slice_below, slice_below_annotators) =
                labels::resting_on(round, snapshot, situation, &below);
            let slice = labels::random_slice(round, situation)?;
            Ok(ModelRound {
                round: round.number,
                labeled: model.labeled.iter().sum(),
                test_accuracy: model.test.as_ref().and_then(|test| test.accuracy.value),
                test_macro_f1: model.test.as_ref().map(|test| test.macro_f1),
                random_slice: Proportion::of(slice.correct, slice.n),
                slice_of: part.map(|part| Condition::phrase(&part.conditions)),
                random_slice_macro_f1: slice.macro_f1,
                random_slice_rank_error: rank_error(&slice, situation.scale),
                random_slice_below: commonest(&slice, &snapshot.labels),
                when_drawn,
                still_open,
                slice_below,
                slice_below_annotators,
            })
        })
        .collect()
}
