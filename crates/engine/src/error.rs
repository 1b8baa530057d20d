//! The errors of the engine.

use querist_core::CoreError;
use querist_core::error::BoxError;
use querist_quality::QualityError;
use querist_query::QueryError;
use querist_report::ReportError;
use thiserror::Error;

use crate::nothing::Nothing;

/// Any failure of the engine.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// A step that another crate implements failed, for example reading a text.
    #[error("failed to {step}: {source}")]
    Step {
        /// The step, as it follows "failed to".
        step: &'static str,
        /// The error of the step.
        source: BoxError,
    },
    /// Selecting the batch failed.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Measuring quality failed.
    #[error(transparent)]
    Quality(#[from] QualityError),
    /// The report could not be written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A value broke an invariant of the core types.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The round has no documents to pick.
    #[error(transparent)]
    Nothing(#[from] Nothing),
    /// A strategy chose a document that is not open.
    #[error(
        "row {row} of the pool was chosen, but it is not open; this is a bug in Querist, please report it"
    )]
    NotOpen {
        /// The document's row in the pool.
        row: usize,
    },
    /// The description of a simulated annotator is invalid.
    #[error("the simulated annotator \"{annotator}\" {problem}")]
    MalformedAnnotator {
        /// Name of the annotator.
        annotator: String,
        /// What is wrong with the description.
        problem: String,
    },
    /// No aggregator has this name.
    #[error("unknown aggregator \"{name}\"; expected one of: {}", aggregators())]
    UnknownAggregator {
        /// The name that was asked for.
        name: String,
    },
}

/// Adds to an error the name of the step that failed.
pub(crate) trait StepContext<T> {
    /// Adds the name of the step, as it follows "failed to".
    fn doing(self, step: &'static str) -> Result<T, EngineError>;
}

impl<T> StepContext<T> for Result<T, BoxError> {
    fn doing(self, step: &'static str) -> Result<T, EngineError> {
        self.map_err(|source| EngineError::Step { step, source })
    }
}

/// Returns the names of all aggregators, separated by commas.
fn aggregators() -> String {
    querist_quality::AGGREGATORS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}
