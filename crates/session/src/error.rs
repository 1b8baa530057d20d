//! Failures of use cases: what is wrong, as data. A door adds what to do about it in its own words.

mod conversions;
mod embedding;
mod model;
mod scores;
mod words;

use std::path::PathBuf;

use querist_core::CoreError;
use querist_core::error::BoxError;
use querist_core::visible::visible;
use querist_engine::simulate::SimulationError;
use querist_engine::{EngineError, Nothing};
use querist_store::StoreError;
use querist_store::workspace::Stage;
use serde::Serialize;
use thiserror::Error;

use crate::labels::LabelRow;
use crate::next::{Next, NextStep};
use crate::settings::SettingsError;
use crate::undo::Hindrance;

pub use embedding::EmbeddingError;
pub use model::ModelFault;
pub use scores::ScoresError;
use words::{in_words, of_fields, of_nearest};

/// What a use case returns.
pub type Result<T, E = SessionError> = std::result::Result<T, E>;

/// What kind of failure it is: a door's exit code, status code or exception follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Something for the user to mend: input, settings, workspace, disk.
    Mend,
    /// The workspace is in use by somebody else.
    InUse,
    /// What is there is not what it was, so the same cannot be made again.
    Differs,
    /// A fault of Querist.
    Bug,
}

/// Any failure of a use case.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The disk, the database or an input.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A step of the engine.
    #[error(transparent)]
    Engine(EngineError),
    /// A simulation.
    #[error(transparent)]
    Simulation(SimulationError),
    /// A setting.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There is nothing to pick.
    #[error(transparent)]
    Nothing(#[from] Nothing),
    /// A static embedding.
    #[error(transparent)]
    Embedding(#[from] EmbeddingError),
    /// A model.
    #[error(transparent)]
    Model(#[from] ModelFault),
    /// The predictions of a model that the user brought.
    #[error(transparent)]
    Scores(#[from] ScoresError),
    /// Every document is labelled, and the last model has learned from all of them.
    #[error(
        "every document in the pool is labelled, and the model of round {round} was trained on all of them"
    )]
    UpToDate {
        /// The round of that model.
        round: u32,
    },
    /// The workspace knows nobody of that name.
    #[error(
        "nobody in this workspace is called \"{}\" ({known} people are known){}",
        visible(name),
        nearest.as_ref().map_or_else(String::new, |nearest| format!("; did you mean \"{}\"?", visible(nearest)))
    )]
    NobodyOfThatName {
        /// The name.
        name: String,
        /// The known name that is most like it.
        nearest: Option<String>,
        /// How many people it knows.
        known: usize,
    },
    /// Nothing is up for review, or nothing is suspected.
    #[error("there is nothing to decide")]
    NothingToDecide,
    /// A class that is in use was to be taken out.
    #[error("\"{}\" is in use: {}", visible(&row.label), words::uses(row))]
    LabelInUse {
        /// The class.
        row: Box<LabelRow>,
    },
    /// Somebody who gets no documents was to get some.
    #[error("\"{}\" is {}", visible(name), if *excluded { "excluded, so these answers do not count" } else { "paused and gets no new documents" })]
    GetsNone {
        /// The person.
        name: String,
        /// Whether the person is excluded; else paused.
        excluded: bool,
    },
    /// Something was done with the documents of an import that is to be taken back.
    #[error("import {import} cannot be undone, and nothing was changed: {}", in_words(hindrance))]
    InTheWay {
        /// The import.
        import: i64,
        /// What stands in the way.
        hindrance: Hindrance,
    },
    /// There is no such thing in the workspace yet.
    #[error("there is no {what} yet")]
    NoneYet {
        /// What is asked for.
        what: Asked,
        /// What comes next.
        next: Box<Next>,
    },
    /// A field that no document has.
    #[error("no document has a field \"{field}\"{}{}", of_nearest(nearest.as_deref()), of_fields(fields))]
    NoSuchField {
        /// The field.
        field: String,
        /// The field that was meant, perhaps.
        nearest: Option<String>,
        /// The fields that there are, or the first of them.
        fields: Vec<String>,
    },
    /// No round was begun.
    #[error("no round has reached this step")]
    NotBegun {
        /// What comes next, if a round cannot be begun.
        next: Option<Box<Next>>,
    },
    /// The workspace has changed since the round was begun.
    #[error("documents, answers or settings have changed since")]
    Moved {
        /// What comes next, if the round cannot be begun again.
        next: Option<Box<Next>>,
    },
    /// The round has not come as far as this step needs.
    #[error("round {round} is only {} so far", stage.name())]
    TooEarly {
        /// The round.
        round: u32,
        /// How far it is.
        stage: Stage,
        /// The step to take first.
        next: NextStep,
    },
    /// The round has no files yet.
    #[error("round {round} is not exported yet")]
    NotExported {
        /// The round.
        round: u32,
    },
    /// The round was chosen by predictions that were brought, and they are not given.
    #[error("the round was chosen by the scores of your own model (the BLAKE3 hash of their file is {hash})")]
    ScoresNeeded {
        /// The hash of the file of then, in hex.
        hash: String,
    },
    /// A round was handed to other annotators.
    #[error("round {round} has already been handed out, to {}", to.join(", "))]
    HandedOut {
        /// The round.
        round: u32,
        /// To whom.
        to: Vec<String>,
    },
    /// The round was shared out among annotators, and nothing of it is for this one.
    #[error("round {round} was handed out to other annotators, and {annotator} got none of it")]
    NotHandedTo {
        /// The round.
        round: u32,
        /// The annotator.
        annotator: String,
    },
    /// Every document of the round went back to the pool.
    #[error("nothing of round {round} is out, because its documents went back to the pool")]
    NothingOut {
        /// The round.
        round: u32,
    },
    /// The assignments of a round are stored, and not all of its files could be moved to their
    /// places.
    #[error("the assignments are stored, but not all files are in place: {source}")]
    HalfPlaced {
        /// Why not.
        source: StoreError,
    },
    /// A value that a door passed on makes no sense.
    #[error("{option}: {problem}")]
    Option {
        /// Which option.
        option: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A value that a door passed on is out of its range.
    #[error("{option} is {value}; expected {expected}")]
    OutOfRange {
        /// Which option.
        option: &'static str,
        /// Its value.
        value: String,
        /// What would do.
        expected: String,
    },
    /// Items of a round are to go to more people than there are.
    #[error(
        "the round was made with answers_per_item = {answers_per_item} under [quality], but \
         the number of annotators named is {annotators}; name more"
    )]
    TooFewAnnotators {
        /// The round.
        round: u32,
        /// How many people the settings of the round ask for.
        answers_per_item: usize,
        /// How many were named.
        annotators: usize,
    },
    /// The labels are too few for an audit.
    #[error("the labels cannot be audited: {why}")]
    TooFewLabels {
        /// Why.
        why: String,
    },
    /// The database holds what this version never writes: nothing may be guessed in its place.
    #[error(
        "querist.db: {what}; the database was changed by hand or by a newer version: restore it from a backup, or use a newer Querist"
    )]
    ChangedByHand {
        /// What it holds.
        what: String,
    },
    /// The input of a use case makes no sense as a whole.
    #[error("{what}")]
    Input {
        /// What is wrong, and where.
        what: String,
    },
    /// The system refused a file operation.
    #[error("failed to {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// A stream that a door gave cannot be written.
    #[error("failed to write the output: {0}")]
    Output(#[source] std::io::Error),
    /// A value broke an invariant of the vocabulary.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// A fault of Querist.
    #[error("failed to {doing}; this is a bug in Querist, please report it")]
    Bug {
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        #[source]
        source: Option<BoxError>,
    },
}

/// What was asked for and is not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Asked {
    /// A model.
    Model,
    /// A batch.
    Batch,
    /// A round.
    Round,
}

impl std::fmt::Display for Asked {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Model => "model",
            Self::Batch => "batch to label",
            Self::Round => "round to report on",
        })
    }
}

impl SessionError {
    /// What kind of failure it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Store(StoreError::Locked { .. }) => Kind::InUse,
            Self::Engine(error) => of_engine(error),
            Self::Moved { .. } | Self::HandedOut { .. } => Kind::Differs,
            Self::Embedding(error) => error.kind(),
            Self::Model(error) => error.kind(),
            Self::Bug { .. } | Self::Simulation(SimulationError::Stopped) => Kind::Bug,
            _ => Kind::Mend,
        }
    }

    /// What the database holds and this version never writes.
    pub(crate) fn changed_by_hand(what: impl std::fmt::Display) -> Self {
        Self::ChangedByHand { what: what.to_string() }
    }

    /// A step behind one of core's traits that failed; the store's own errors stay what they are.
    pub(crate) fn step(step: &'static str) -> impl FnOnce(BoxError) -> Self {
        move |source| match source.downcast::<StoreError>() {
            Ok(error) => Self::Store(*error),
            Err(source) => Self::Engine(EngineError::Step { step, source }),
        }
    }

    /// A fault of Querist.
    pub(crate) fn bug(doing: &'static str) -> impl FnOnce() -> Self {
        move || Self::Bug { doing, source: None }
    }

    /// A value that is out of its range.
    pub(crate) fn out_of_range(
        option: &'static str,
        value: impl std::fmt::Display,
        expected: impl std::fmt::Display,
    ) -> Self {
        Self::OutOfRange { option, value: value.to_string(), expected: expected.to_string() }
    }

    /// An option that makes no sense.
    pub(crate) fn option(option: &'static str, problem: impl std::fmt::Display) -> Self {
        Self::Option { option, problem: problem.to_string() }
    }
}

/// A step behind one of core's traits may have failed in the store.
fn of_engine(error: &EngineError) -> Kind {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(StoreError::Locked { .. }) = error.downcast_ref::<StoreError>() {
            return Kind::InUse;
        }
        cause = error.source();
    }
    match error {
        EngineError::NotOpen { .. } | EngineError::Report(_) => Kind::Bug,
        _ => Kind::Mend,
    }
}

/// Says what a file operation was about.
pub(crate) trait Doing<T> {
    /// As in "failed to {action} {path}".
    fn doing(self, action: &'static str, path: &std::path::Path) -> Result<T>;
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, action: &'static str, path: &std::path::Path) -> Result<T> {
        self.map_err(|source| SessionError::Io { action, path: path.to_owned(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_in_use_is_known_behind_every_step() {
        let locked = || StoreError::Locked { path: "w".into(), holder: "x".into() };
        assert_eq!(SessionError::from(locked()).kind(), Kind::InUse);
        let step = EngineError::Step { step: "read a text", source: locked().into() };
        assert_eq!(SessionError::from(step).kind(), Kind::InUse);
        let step = EngineError::Step { step: "train", source: "singular".into() };
        assert_eq!(SessionError::from(step).kind(), Kind::Mend);
        assert_eq!(SessionError::from(EngineError::NotOpen { row: 1 }).kind(), Kind::Bug);
    }
}
