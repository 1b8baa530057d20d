//! Why a simulation failed.

use thiserror::Error;

use super::protocol::ProtocolError;
use crate::error::EngineError;

/// Any failure of a simulation.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SimulationError {
    /// A step of a round failed.
    #[error(transparent)]
    Round(#[from] EngineError),
    /// The protocol cannot be followed, or a continued run differs from its stored rounds.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// Another run failed, so this one was stopped.
    #[error("stopped because another run failed")]
    Stopped,
}
