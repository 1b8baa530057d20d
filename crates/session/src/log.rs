//! Who did what when.

use querist_store::workspace::LogEntry;
use serde::Serialize;

use crate::error::Result;
use crate::progress::Progress;
use crate::session::Session;

/// Everything that changed the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Log {
    /// The first first.
    pub entries: Vec<LogEntry>,
}

impl Session {
    /// Who did what when.
    ///
    /// # Errors
    /// The workspace cannot be read.
    pub fn log(&self, progress: &dyn Progress) -> Result<Log> {
        Ok(Log { entries: self.read(progress)?.workspace.log()? })
    }
}
