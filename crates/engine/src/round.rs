//! A round: one pure function from where things stand to a model, probabilities and a batch.
//!
//! `round`, `reproduce`, `select` and `simulate` all call [`round`], so they cannot come to
//! different batches. It reads no disk and no clock; who measures its steps is told when each
//! begins.

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

/// What a round is made of.
pub struct RoundInput<'a> {
    /// Its number, from 1; it decides what is drawn.
    pub number: u32,
    /// The documents, the answers and the rounds before.
    pub snapshot: &'a Snapshot,
    /// What of them is open and what is labelled.
    pub situation: &'a Situation,
    /// How the batch is composed, how answers train the model, and the seed.
    pub settings: &'a RoundSettings,
    /// The features of the documents.
    pub prepared: &'a Prepared,
    /// What strategies train that have models of their own.
    pub members: &'a Arc<dyn Classifier + Send + Sync>,
}

/// How a round trains its model.
#[derive(Clone, Copy)]
pub struct Training<'a> {
    /// The classifier.
    pub classifier: &'a dyn Classifier,
    /// Labels that rules gave.
    pub weak: Option<Weak<'a>>,
    /// The model to start from, and the seed of the folds.
    pub start: Start<'a>,
}

impl Training<'_> {
    /// Trains on everything that is labelled.
    ///
    /// # Errors
    /// The solver failed, or features cannot be read.
    pub fn fit(self, input: &RoundInput<'_>) -> Result<Trained, EngineError> {
        let learning = (input.settings.quality.training, self.weak);
        let labels = &input.snapshot.labels;
        train(self.classifier, input.prepared, input.situation, labels, learning, self.start)
    }
}

/// Where the round's probabilities come from.
pub enum Source<'a> {
    /// A model that the round trains.
    Training(Training<'a>),
    /// The model that a step before has trained; `None` where there were too few labels for one.
    Model(Option<Arc<dyn FittedClassifier>>),
    /// The predictions of a model that the user brought.
    Brought {
        /// Of the open documents, (open, K).
        probabilities: &'a Probabilities,
        /// What came with them.
        brought: &'a Brought,
    },
}

/// A step of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The classifier is fitted.
    Training,
    /// The open documents get their probabilities.
    Scoring,
    /// The batch is composed.
    Choosing,
}

/// The result of a round.
pub struct Round {
    /// How training went; `None` where nothing was trained.
    pub trained: Option<Trained>,
    /// The batch; empty where the round is there for its model alone.
    pub selection: Selection,
}

/// Makes a round; `begin` is told when each step begins.
///
/// # Errors
/// Nothing is open and there is no model, a step failed, or the settings do not fit the labels.
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

/// Refuses a final round without a model: it would have neither a batch nor anything else.
///
/// # Errors
/// Nothing is open, and there is no model.
pub fn check_final(situation: &Situation, trained: &Trained) -> Result<(), Nothing> {
    if !situation.open.is_empty() || trained.model.is_some() {
        return Ok(());
    }
    let why = trained.why_none.as_deref().unwrap_or_default();
    // What follows speaks of a batch.
    let why = why.split(';').next().unwrap_or(why).to_owned();
    Err(Nothing::NoModel { why })
}
