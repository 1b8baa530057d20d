//! Decides from the state of the workspace what the user can do next. No other module decides it,
//! so no front end suggests a step that would be refused.

use querist_core::{Learn, Share, Snapshot};
use querist_engine::{Situation, State, Unlabeled, open_documents};
use querist_query::Guard;
use querist_store::workspace::{Draft, Stage};
use querist_text::{FeatureKind, TextFeaturizer};
use serde::Serialize;

use crate::bench::Bench;
use crate::error::{Asked, Result, SessionError};
use crate::final_model;
use crate::opened::Opened;
use crate::progress::Progress;
use crate::session::Session;

/// With more open documents than this, or more than [`MOST_TAKEN`] other pool documents, nothing
/// checks whether all open documents are near-duplicates. In such pools they hardly ever are.
const MOST_OPEN: usize = 1_000;
const MOST_TAKEN: usize = 10_000;

/// What the user can do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "next", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Next {
    /// The pool is empty, so documents must be imported.
    Import,
    /// A round was begun with single steps and can be continued.
    GoOn {
        /// Number of the round.
        round: u32,
        /// The stage that the round has reached: "trained", "scored", "selected" or "exported".
        stage: &'static str,
        /// The step to take next.
        step: NextStep,
    },
    /// Documents of the last round's batch wait for answers.
    Answers {
        /// Number of the round.
        round: u32,
        /// Number of these documents.
        waiting: usize,
        /// The kind of round that can be made without waiting; `None` if no document is open.
        or: Option<NextRound>,
    },
    /// No document is open or waits for an answer, and the final model is not trained yet.
    FinalModel,
    /// No document is open, and there is nothing new to learn.
    NoneOpen {
        /// Number of unlabelled documents in each state.
        unlabeled: Unlabeled,
        /// Whether at least one document has a label.
        labels: bool,
    },
    /// A round can be made.
    Round {
        /// The kind of round.
        round: NextRound,
        /// Number of open documents.
        open: usize,
    },
}

/// The kind of round that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NextRound {
    /// No document is labelled yet, so a diverse batch is chosen without a model.
    First,
    /// The settings decide how the batch is chosen.
    Usual,
    /// All open documents are near-duplicates, so the batch is empty unless the settings allow
    /// near-duplicates.
    NearDuplicates,
}

/// A step of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// Score the open documents.
    Score,
    /// Select the batch.
    Select,
    /// Select the batch and allow near-duplicates, because nothing else is open.
    SelectNearDuplicates,
    /// Write the files of the round.
    Export,
}

/// What the user can do after ingesting answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AfterAnswers {
    /// Whether the workspace has a round, so that a report can be written.
    pub report: bool,
    /// Whether at least one document is open.
    pub open: bool,
    /// Whether a new round would pick something: not all open documents are near-duplicates.
    pub round: bool,
}

impl Session {
    /// Returns what the user can do next.
    ///
    /// # Errors
    /// The workspace cannot be read.
    pub fn next(&self, progress: &dyn Progress) -> Result<Next> {
        of(&self.read(progress)?)
    }
}

/// Returns what the user can do next in an open workspace.
pub(crate) fn of(opened: &Opened) -> Result<Next> {
    let snapshot = opened.snapshot()?;
    let situation = opened.situation(&snapshot)?;
    step(opened, &snapshot, &situation)
}

/// Does the same as [`of`], for a caller that has already read the state of the workspace.
pub(crate) fn step(opened: &Opened, snapshot: &Snapshot, situation: &Situation) -> Result<Next> {
    if situation.pool.is_empty() {
        return Ok(Next::Import);
    }
    if let Some(draft) = current_draft(opened)? {
        let step = after(opened, snapshot, draft.stage)?;
        return Ok(Next::GoOn { round: draft.record.number, stage: draft.stage.name(), step });
    }
    let open = situation.open.len();
    let of_round = || -> Result<NextRound> {
        Ok(if only_near_duplicates(opened, snapshot)? {
            NextRound::NearDuplicates
        } else if situation.labeled.is_empty() {
            NextRound::First
        } else {
            NextRound::Usual
        })
    };
    if let Some((round, waiting)) = waiting(snapshot, situation) {
        let or = if open == 0 { None } else { Some(of_round()?) };
        return Ok(Next::Answers { round, waiting, or });
    }
    if open > 0 {
        return Ok(Next::Round { round: of_round()?, open });
    }
    if final_due(opened, &opened.bench(&[])?) {
        return Ok(Next::FinalModel);
    }
    let unlabeled = Unlabeled::of(snapshot, situation);
    Ok(Next::NoneOpen { unlabeled, labels: !situation.labeled.is_empty() })
}

/// Returns the error that `what` does not exist yet. It says what the user can do next.
pub(crate) fn none_yet(opened: &Opened, what: Asked) -> Result<SessionError> {
    Ok(SessionError::NoneYet { what, next: Box::new(of(opened)?) })
}

/// Returns what the user can do after ingesting answers.
pub(crate) fn after_answers(opened: &Opened, snapshot: &Snapshot) -> Result<AfterAnswers> {
    let open = !open_documents(snapshot).is_empty();
    let round = open && !only_near_duplicates(opened, snapshot)?;
    Ok(AfterAnswers { report: !snapshot.rounds.is_empty(), open, round })
}

/// If no new round can begin, returns what the user can do instead; otherwise `None`.
pub(crate) fn begin(opened: &Opened, bench: &Bench) -> Result<Option<Box<Next>>> {
    if !bench.situation.open.is_empty() || final_due(opened, bench) {
        return Ok(None);
    }
    Ok(Some(Box::new(step(opened, &bench.snapshot, &bench.situation)?)))
}

/// Returns the step that continues a round that has reached `stage`.
pub(crate) fn after(opened: &Opened, snapshot: &Snapshot, stage: Stage) -> Result<NextStep> {
    Ok(match stage {
        Stage::Trained => NextStep::Score,
        Stage::Scored if only_near_duplicates(opened, snapshot)? => NextStep::SelectNearDuplicates,
        Stage::Scored => NextStep::Select,
        Stage::Selected | Stage::Exported => NextStep::Export,
    })
}

/// Returns the round that was begun with single steps. `None` if there is none, or if its inputs
/// have changed since.
fn current_draft(opened: &Opened) -> Result<Option<Draft>> {
    let Some(draft) = opened.workspace.draft()? else { return Ok(None) };
    let now = opened.bench(&[])?.inputs.digest();
    Ok(Some(draft).filter(|draft| draft.inputs == now))
}

/// Returns whether the final model is still to be trained. Training needs labels of two classes.
fn final_due(opened: &Opened, bench: &Bench) -> bool {
    let situation = &bench.situation;
    situation.open.is_empty()
        && situation.unseen().len() + 1 < opened.labels.len()
        && final_model::due(opened, bench).is_ok_and(|due| due)
}

/// Returns the number of the last round, and how many of its picks wait for an answer: documents
/// that are out, and control items that nobody has answered. `None` if no pick waits.
fn waiting(snapshot: &Snapshot, situation: &Situation) -> Option<(u32, usize)> {
    let last = snapshot.rounds.last()?;
    let (states, answered) = (State::of_pool(snapshot, situation), snapshot.answered());
    let waits = |document: usize| match situation.pool.binary_search(&document) {
        Ok(row) => states[row] == State::Out,
        Err(_) => !snapshot.has_answer_for(last, document, &answered),
    };
    // A document that has joined the test set since needs no answer.
    let asked = |document: usize| snapshot.documents[document].role != querist_core::Role::Test;
    let waiting = last.picks.iter().map(|pick| pick.document);
    let waiting =
        waiting.filter(|document| !last.has_returned(*document) && asked(*document) && waits(*document));
    let waiting = waiting.count();
    (waiting > 0).then_some((last.number, waiting))
}

/// Returns whether a round would pick nothing, because each open document is a near-duplicate of a
/// pool document that is labelled or was picked. In a large pool it returns false without reading
/// any text.
fn only_near_duplicates(opened: &Opened, snapshot: &Snapshot) -> Result<bool> {
    let batch = &opened.configuration.settings.batch;
    let Some(threshold) = batch.near_duplicates.resemblance() else { return Ok(false) };
    let open = open_documents(snapshot);
    let pool = snapshot.with_role(querist_core::Role::Pool);
    let taken: Vec<usize> =
        pool.into_iter().filter(|document| open.binary_search(document).is_err()).collect();
    if taken.is_empty() || open.is_empty() || open.len() > MOST_OPEN || taken.len() > MOST_TAKEN {
        return Ok(false);
    }
    let picked = snapshot.picked();
    let controls = snapshot.with_role(querist_core::Role::Control);
    if batch.mix.shares()?.fraction(Share::Control) > 0.0 && controls.into_iter().any(|item| !picked[item]) {
        // The round would pick control items, so its batch would not be empty.
        return Ok(false);
    }
    let text = |document: &usize| Ok(opened.workspace.text_of(&snapshot.documents[*document])?.text);
    let texts: Vec<String> = taken.iter().chain(&open).map(text).collect::<Result<_>>()?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let all: Vec<u32> = (0..texts.len() as u32).collect();
    let features = opened.features(opened.edition)?;
    let featurizer =
        TextFeaturizer::new(features.counter(), FeatureKind::NGRAM).with_shingles(features.shingles());
    let space = featurizer.fit_space(&texts, Learn { pool: &all, basis: &all, progress: &|_, _| () });
    let space = space.map_err(SessionError::step("compare the open texts"))?;
    let Some(shingles) = querist_core::FittedFeaturizer::shingles(&space, &all) else { return Ok(false) };
    let rows: Vec<usize> = (0..taken.len()).collect();
    let mut guard = Guard::new(shingles.as_ref(), threshold, &rows)?;
    // One open document that is no near-duplicate is enough to fill a batch.
    for row in taken.len()..texts.len() {
        if guard.admit(row)? {
            return Ok(false);
        }
    }
    Ok(true)
}
