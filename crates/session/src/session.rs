//! A session: the folder of a workspace, with all use cases as methods.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Result;
use crate::opened::Opened;
use crate::progress::Progress;

/// The folder of a workspace, and how to use it. Only the use cases open the workspace.
#[derive(Debug, Clone)]
pub struct Session {
    /// The folder of the workspace.
    root: PathBuf,
    /// How long a use case that writes waits for the lock.
    patience: Duration,
    /// The name under which changes are recorded; `None` if no name is.
    who: Option<String>,
}

impl Session {
    /// Makes a session for the workspace in the folder `root`. If another process uses the
    /// workspace, use cases that write fail at once; [`Self::with_patience`] lets them wait.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), patience: Duration::ZERO, who: None }
    }

    /// Sets how long a use case that writes waits for the lock of the workspace. Another process,
    /// another thread or a clone of this session may hold it. Without this call it does not wait,
    /// but fails at once with [`crate::Kind::InUse`].
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Sets the name under which the workspace's log records the changes made by this session.
    /// Without this call, the log records no name.
    #[must_use]
    pub fn acting_as(self, who: impl Into<String>) -> Self {
        Self { who: Some(who.into()), ..self }
    }

    /// Returns the workspace's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the name under which the workspace's log records this session's changes.
    pub(crate) fn who(&self) -> Option<String> {
        self.who.clone()
    }

    /// Opens the workspace for reading, on a database connection of its own.
    pub(crate) fn read(&self, progress: &dyn Progress) -> Result<Opened> {
        Opened::read(&self.root, progress)
    }

    /// Opens the workspace for writing, and locks it. Other processes that find it locked are told
    /// `what` it is used for.
    pub(crate) fn write(&self, what: &str, progress: &dyn Progress) -> Result<Opened> {
        let opened = Opened::write(&self.root, what, self.patience, progress)?;
        Ok(Opened { workspace: opened.workspace.by(self.who()), ..opened })
    }

    /// Opens the workspace for writing; for a dry run, only for reading.
    pub(crate) fn read_or_write(&self, what: &str, dry_run: bool, progress: &dyn Progress) -> Result<Opened> {
        if dry_run { self.read(progress) } else { self.write(what, progress) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_can_be_shared_between_threads() {
        fn shared<T: Send + Sync + Clone>() {}
        shared::<Session>();
    }
}
