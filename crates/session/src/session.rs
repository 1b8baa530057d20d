//! A handle on a workspace, with all use cases as methods.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Result;
use crate::opened::Opened;
use crate::progress::Progress;

/// The folder of a workspace, and how to use it. Nothing is opened until a use case is called.
#[derive(Debug, Clone)]
pub struct Session {
    root: PathBuf,
    patience: Duration,
    who: Option<String>,
}

impl Session {
    /// Makes a session for the workspace in the folder `root`. If another process uses the
    /// workspace, writing use cases fail at once; see [`Self::with_patience`].
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), patience: Duration::ZERO, who: None }
    }

    /// Sets how long a writing use case waits for the lock if another process, another thread or a
    /// clone of this session holds it. Without patience it fails at once with
    /// [`crate::Kind::InUse`].
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Sets the name under which the workspace's log records the changes made by this session.
    /// Without it, the log records no name.
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

    /// Opens the workspace for reading, on its own connection.
    pub(crate) fn read(&self, progress: &dyn Progress) -> Result<Opened> {
        Opened::read(&self.root, progress)
    }

    /// Opens the workspace for writing. While it is locked, other processes are told `what` it is
    /// used for.
    pub(crate) fn write(&self, what: &str, progress: &dyn Progress) -> Result<Opened> {
        let opened = Opened::write(&self.root, what, self.patience, progress)?;
        Ok(Opened { workspace: opened.workspace.by(self.who()), ..opened })
    }

    /// Opens the workspace for writing or, for a dry run, for reading.
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
