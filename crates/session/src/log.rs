//! The history of a workspace: who changed what, and when.

use querist_store::workspace::LogEntry;
use serde::Serialize;

use crate::error::Result;
use crate::progress::Progress;
use crate::session::Session;

/// Every change of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Log {
    /// The entries, oldest first.
    pub entries: Vec<LogEntry>,
}

impl Session {
    /// Returns every change of the workspace with its author and time, oldest first.
    ///
    /// # Errors
    /// The workspace cannot be read.
    pub fn log(&self, progress: &dyn Progress) -> Result<Log> {
        Ok(Log { entries: self.read(progress)?.workspace.log()? })
    }
}
