//! Failures of use cases: what is wrong, as data. Each front end adds in its own words what to do.

mod conversions;
mod embedding;
mod model;
mod scores;
mod vectors;
mod words;

use std::path::PathBuf;

use querist_core::error::BoxError;
use querist_core::{CoreError, visible::visible};
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
pub use vectors::VectorsError;
use words::{in_words, of_fields, of_nearest};

/// The result of a use case.
pub type Result<T, E = SessionError> = std::result::Result<T, E>;

/// The kind of a failure, from which a front end derives an exit code, HTTP status or exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// The user can correct the cause: an input, a setting, the workspace or the disk.
    Mend,
    /// Another process uses the workspace.
    InUse,
    /// An input has changed, so the same result cannot be computed again.
    Differs,
    /// Querist has a bug.
    Bug,
}

/// Any failure of a use case.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The disk, the database or an input file failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A step of the engine failed.
    #[error(transparent)]
    Engine(EngineError),
    /// A simulation failed.
    #[error(transparent)]
    Simulation(SimulationError),
    /// A setting is invalid.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The round has no documents to pick.
    #[error(transparent)]
    Nothing(#[from] Nothing),
    /// A static embedding is unusable.
    #[error(transparent)]
    Embedding(#[from] EmbeddingError),
    /// The documents' vectors are unusable.
    #[error(transparent)]
    Vectors(#[from] VectorsError),
    /// A model is unusable.
    #[error(transparent)]
    Model(#[from] ModelFault),
    /// The predictions of the user's own model are unusable.
    #[error(transparent)]
    Scores(#[from] ScoresError),
    /// There is nothing to label and nothing new to learn.
    #[error(
        "every document in the pool is labelled, and the model of round {round} was trained on all of them"
    )]
    UpToDate {
        /// The round of the last model.
        round: u32,
    },
    /// The workspace knows nobody by this name.
    #[error(
        "nobody in this workspace is called \"{}\" ({known} people are known){}",
        visible(name),
        nearest.as_ref().map_or_else(String::new, |nearest| format!("; did you mean \"{}\"?", visible(nearest)))
    )]
    NobodyOfThatName {
        /// The given name.
        name: String,
        /// The most similar known name.
        nearest: Option<String>,
        /// Number of people that the workspace knows.
        known: usize,
    },
    /// No document needs review, and no label is probably wrong.
    #[error("there is nothing to decide")]
    NothingToDecide,
    /// A class that is in use cannot be removed.
    #[error("\"{}\" is in use: {}", visible(&row.label), words::uses(row))]
    LabelInUse {
        /// The class, with counts of its uses.
        row: Box<LabelRow>,
    },
    /// The caller assigned documents to a person who must not get any.
    #[error("\"{}\" is {}", visible(name), if *excluded { "excluded, so these answers do not count" } else { "paused and gets no new documents" })]
    GetsNone {
        /// The person's name.
        name: String,
        /// Whether the person is excluded. If not, the person is paused.
        excluded: bool,
    },
    /// An import cannot be taken back, because its documents have been used since.
    #[error("import {import} cannot be undone, and nothing was changed: {}", in_words(hindrance))]
    InTheWay {
        /// The import's number.
        import: i64,
        /// The uses of its documents.
        hindrance: Hindrance,
    },
    /// The workspace has no model, batch or round yet.
    #[error("there is no {what} yet")]
    NoneYet {
        /// Which of these is missing.
        what: Asked,
        /// What the user can do next.
        next: Box<Next>,
    },
    /// No document has a field with this name.
    #[error("no document has a field \"{field}\"{}{}", of_nearest(nearest.as_deref()), of_fields(fields))]
    NoSuchField {
        /// The given name.
        field: String,
        /// The most similar field that exists.
        nearest: Option<String>,
        /// Names of the fields that exist; if there are many, only the first.
        fields: Vec<String>,
    },
    /// A single step needs a round that has begun, and none has.
    #[error("no round has reached this step")]
    NotBegun {
        /// What the user can do next, unless a round can begin now.
        next: Option<Box<Next>>,
    },
    /// Documents, answers or settings have changed since the round began, so it cannot go on.
    #[error("documents, answers or settings have changed since")]
    Moved {
        /// What the user can do next, unless the round can begin again.
        next: Option<Box<Next>>,
    },
    /// A single step needs the result of an earlier step, which is missing.
    #[error("round {round} is only {} so far", stage.name())]
    TooEarly {
        /// The round's number.
        round: u32,
        /// The stage that the round has reached.
        stage: Stage,
        /// The step that the user must take first.
        next: NextStep,
    },
    /// The files of the round have not been written yet.
    #[error("round {round} has not been exported yet")]
    NotExported {
        /// The round's number.
        round: u32,
    },
    /// The user's own predictions chose the round's batch, and the caller did not name their file.
    #[error("the round was chosen by the scores of your own model (the BLAKE3 hash of their file is {hash})")]
    ScoresNeeded {
        /// BLAKE3 hash of this file, in hex.
        hash: String,
    },
    /// The batch of the round was already handed out to other annotators.
    #[error("round {round} has already been handed out, to {}", to.join(", "))]
    HandedOut {
        /// The round's number.
        round: u32,
        /// Names of these annotators.
        to: Vec<String>,
    },
    /// The batch was divided among annotators, and this annotator has no part of it.
    #[error("round {round} was handed out to other annotators, and {annotator} got none of its documents")]
    NotHandedTo {
        /// The round's number.
        round: u32,
        /// The annotator's name.
        annotator: String,
    },
    /// Every document of the round's batch was returned to the pool.
    #[error("no document of round {round} is out any more: all of them went back to the pool")]
    NothingOut {
        /// The round's number.
        round: u32,
    },
    /// The assignments of a round are stored, but some files of its batch are missing.
    #[error("the assignments are stored, but not all files are in place: {source}")]
    HalfPlaced {
        /// Why these files could not be moved into place.
        source: StoreError,
    },
    /// A front end passed a value that makes no sense.
    #[error("{option}: {problem}")]
    Option {
        /// Name of the option.
        option: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A front end passed a value that is out of range.
    #[error("{option} is {value}; expected {expected}")]
    OutOfRange {
        /// Name of the option.
        option: &'static str,
        /// The value that was passed.
        value: String,
        /// The values that are allowed.
        expected: String,
    },
    /// Each item needs more annotators than the caller named.
    #[error(
        "the round was made with answers_per_item = {answers_per_item} under [quality], but \
         the number of annotators named is {annotators}; name more"
    )]
    TooFewAnnotators {
        /// The round's number.
        round: u32,
        /// Annotators per item, according to the round's settings.
        answers_per_item: usize,
        /// Number of annotators that were named.
        annotators: usize,
    },
    /// There are too few labels for an audit.
    #[error("the labels cannot be audited: {why}")]
    TooFewLabels {
        /// Why they are too few.
        why: String,
    },
    /// The database holds something that this version of Querist never writes.
    #[error(
        "querist.db: {what}; the database was changed by hand or by a newer version of Querist; restore it from a backup, or upgrade Querist"
    )]
    ChangedByHand {
        /// What the database holds.
        what: String,
    },
    /// The input is wrong as a whole.
    #[error("{what}")]
    Input {
        /// What is wrong, and where.
        what: String,
    },
    /// The system refused a file operation.
    #[error("failed to {action} {}: {source}", path.display())]
    Io {
        /// The operation, as it follows "failed to".
        action: &'static str,
        /// Path of the file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The front end's output stream cannot be written.
    #[error("failed to write the output: {0}")]
    Output(#[source] std::io::Error),
    /// A value broke an invariant of the core types.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// A bug of Querist.
    #[error("failed to {doing}; this is a bug in Querist, please report it")]
    Bug {
        /// What failed, as it follows "failed to".
        doing: &'static str,
        /// The error behind it, if there is one.
        #[source]
        source: Option<BoxError>,
    },
}

/// What the user asked for, although it does not exist yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Asked {
    /// A trained model.
    Model,
    /// A batch to label.
    Batch,
    /// A round to report on.
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
    /// Returns the kind of this failure.
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

    /// Returns an error which says that the database holds `what`. This version of Querist never
    /// writes that.
    pub(crate) fn changed_by_hand(what: impl std::fmt::Display) -> Self {
        Self::ChangedByHand { what: what.to_string() }
    }

    /// Converts an error of the named step into an [`EngineError::Step`]. An error of the store
    /// stays as it is, so that the user sees its own message.
    pub(crate) fn step(step: &'static str) -> impl FnOnce(BoxError) -> Self {
        move |source| match source.downcast::<StoreError>() {
            Ok(error) => Self::Store(*error),
            Err(source) => Self::Engine(EngineError::Step { step, source }),
        }
    }

    /// Returns the error that a bug in Querist stopped the action `doing`.
    pub(crate) fn bug(doing: &'static str) -> impl FnOnce() -> Self {
        move || Self::Bug { doing, source: None }
    }

    /// Returns the error that the value of an option is out of range.
    pub(crate) fn out_of_range(
        option: &'static str,
        value: impl std::fmt::Display,
        expected: impl std::fmt::Display,
    ) -> Self {
        Self::OutOfRange { option, value: value.to_string(), expected: expected.to_string() }
    }

    /// Returns the error that the value of an option makes no sense.
    pub(crate) fn option(option: &'static str, problem: impl std::fmt::Display) -> Self {
        Self::Option { option, problem: problem.to_string() }
    }
}

/// Returns the kind of an engine error. If the engine wrapped the error of a locked database, the
/// kind is "in use".
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

/// Adds to an I/O error the operation that failed and the path of the file.
pub(crate) trait Doing<T> {
    /// Converts an I/O error to the message "failed to {action} {path}".
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
