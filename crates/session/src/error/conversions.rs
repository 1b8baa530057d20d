//! Conversions from the errors of the lower crates into failures of a use case.

use querist_core::SettingError;
use querist_engine::EngineError;
use querist_engine::simulate::SimulationError;
use querist_model::ModelError;
use querist_predict::PredictError;
use querist_quality::QualityError;
use querist_query::QueryError;
use querist_report::ReportError;
use querist_store::InputError;
use querist_text::TextError;

use super::{EmbeddingError, ModelFault, SessionError};

impl From<EngineError> for SessionError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Nothing(nothing) => Self::Nothing(nothing),
            error => Self::Engine(error),
        }
    }
}

impl From<SimulationError> for SessionError {
    fn from(error: SimulationError) -> Self {
        match error {
            SimulationError::Round(error) => error.into(),
            error => Self::Simulation(error),
        }
    }
}

impl From<InputError> for SessionError {
    fn from(error: InputError) -> Self {
        Self::Store(error.into())
    }
}

impl From<QueryError> for SessionError {
    fn from(error: QueryError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<QualityError> for SessionError {
    fn from(error: QualityError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<SettingError> for SessionError {
    fn from(error: SettingError) -> Self {
        Self::Input { what: error.to_string() }
    }
}

impl From<ReportError> for SessionError {
    fn from(error: ReportError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<ModelError> for SessionError {
    fn from(error: ModelError) -> Self {
        Self::Model(ModelFault::Malformed { problem: error.to_string() })
    }
}

impl From<PredictError> for SessionError {
    fn from(error: PredictError) -> Self {
        Self::Model(ModelFault::Predict(error))
    }
}

impl From<TextError> for SessionError {
    fn from(error: TextError) -> Self {
        Self::Embedding(EmbeddingError::Unreadable { problem: error.to_string() })
    }
}

impl From<serde_json::Error> for SessionError {
    fn from(error: serde_json::Error) -> Self {
        Self::Bug { doing: "write a value as JSON", source: Some(error.into()) }
    }
}
