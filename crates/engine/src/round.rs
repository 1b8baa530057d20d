//! A round as one pure function: from the situation of a workspace to a model, probabilities and a
//! batch.
//!
//! The commands `round`, `reproduce`, `select` and `simulate` all call [`round()`], so they select
//! the same batch. The function reads neither disk nor clock. It calls a callback at the start of
//! each step, so that the caller can measure the time.

use std::sync::Arc;

use querist_core::{Classifier, FittedClassifier, Probabilities, Snapshot, Start};

use crate::brought::Brought;
use crate::error::EngineError;
use crate::examples::Weak;
use crate::featurise::Prepared;
use crate::nothing::Nothing;
use crate::score::score;
use crate::select::{Means, Selection, select};
use crate::settings::RoundSettings;
use crate::situation::Situation;
use crate::train::{Trained, train};

/// The inputs of a round.
pub struct RoundInput<'a> {
    /// Number of the round, from 1; random draws depend on it.
    pub number: u32,
    /// The documents, the answers and the earlier rounds.
    pub snapshot: &'a Snapshot,
    /// Which documents are open and which are labelled.
    pub situation: &'a Situation,
    /// How the batch is composed, how answers train the model, and the seed.
    pub settings: &'a RoundSettings,
    /// The features of the documents.
    pub prepared: &'a Prepared,
    /// The classifier for query strategies that train models of their own.
    pub members: &'a Arc<dyn Classifier>,
}

/// How a round trains its model.
#[derive(Clone, Copy)]
pub struct Training<'a> {
    /// The classifier.
    pub classifier: &'a dyn Classifier,
    /// Labels that rules gave to documents; `None` without rules.
    pub weak: Option<Weak<'a>>,
    /// The model from which training starts, and the seed of the cross-validation folds.
    pub start: Start<'a>,
}

impl Training<'_> {
    /// Trains the classifier on all labelled documents.
    ///
    /// # Errors
    /// The solver failed, or the features cannot be read.
    pub fn fit(self, input: &RoundInput<'_>) -> Result<Trained, EngineError> {
        let learning = (input.settings.quality.training, self.weak);
        let labels = &input.snapshot.labels;
        train(self.classifier, input.prepared, input.situation, labels, learning, self.start)
    }
}

/// Where the round's probabilities come from.
pub enum Source<'a> {
    /// Train a model in the round.
    Training(Training<'a>),
    /// Use the model that an earlier step trained; `None` if that step had too few labels.
    Model(Option<Arc<dyn FittedClassifier>>),
    /// Use the predictions of the user's own model.
    Brought {
        /// Probabilities of the open documents, shape (open documents, classes).
        probabilities: &'a Probabilities,
        /// What else the user's file contains.
        brought: &'a Brought,
    },
}

/// A step of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Fit the classifier.
    Training,
    /// Predict the probabilities of open documents.
    Scoring,
    /// Compose the batch.
    Choosing,
}

/// The result of a round.
pub struct Round {
    /// The result of training; `None` if nothing was trained.
    pub trained: Option<Trained>,
    /// The batch; empty for a final round, which only trains a model.
    pub selection: Selection,
}

/// Makes a round: trains a model or uses the given probabilities, then selects the batch. `begin`
/// is called at the start of each step.
///
/// # Errors
/// - No document is open, and there is no model.
/// - A step failed.
/// - The settings and the labels do not fit together.
pub fn round(
    input: &RoundInput<'_>,
    source: Source<'_>,
    begin: &mut dyn FnMut(Step),
) -> Result<Round, EngineError> {
    let RoundInput { snapshot, situation, settings, prepared, .. } = *input;
    if let Source::Brought { probabilities, brought } = source {
        let means = Means {
            probabilities: Some(probabilities),
            model: None,
            members: input.members,
            brought: Some(brought),
        };
        begin(Step::Choosing);
        let selection = select(settings, snapshot, situation, prepared, means, input.number)?;
        return Ok(Round { trained: None, selection });
    }
    let (trained, model) = match source {
        Source::Training(training) => {
            begin(Step::Training);
            let trained = training.fit(input)?;
            check_final(situation, &trained)?;
            let model = trained.model.clone();
            (Some(trained), model)
        }
        Source::Model(model) => (None, model),
        Source::Brought { .. } => (None, None),
    };
    let probabilities = match model.as_deref() {
        Some(model) => {
            begin(Step::Scoring);
            Some(score(model, prepared.pool().as_ref(), &situation.open)?)
        }
        None => None,
    };
    let means = Means {
        probabilities: probabilities.as_ref(),
        model: model.as_ref(),
        members: input.members,
        brought: None,
    };
    begin(Step::Choosing);
    let selection = select(settings, snapshot, situation, prepared, means, input.number)?;
    Ok(Round { trained, selection })
}

/// Checks that a final round, which has no batch, has at least a model.
///
/// # Errors
/// No document is open, and there is no model.
pub fn check_final(situation: &Situation, trained: &Trained) -> Result<(), Nothing> {
    if !situation.open.is_empty() || trained.model.is_some() {
        return Ok(());
    }
    let why = trained.why_none.as_deref().unwrap_or_default();
    // A final round has no batch. The reason mentions the batch after its semicolon, so this part
    // is cut off.
    let why = why.split(';').next().unwrap_or(why).to_owned();
    Err(Nothing::NoModel { why })
}
