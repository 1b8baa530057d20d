//! A handle on a workspace, with all use cases as methods.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Result;
use crate::opened::Opened;
use crate::progress::Progress;

/// A workspace's folder. Nothing is opened until a use case is called.
#[derive(Debug, Clone)]
pub struct Session {
    root: PathBuf,
    patience: Duration,
    who: Option<String>,
}

impl Session {
    /// The workspace in the folder `root`. A use case that finds the workspace in use fails at
    /// once.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), patience: Duration::ZERO, who: None }
    }

    /// How long a writing use case waits for the lock if another process, another thread or a clone
    /// of this session holds it. Without patience it fails at once with [`crate::Kind::InUse`].
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The name that the workspace's log records for everything done by this session; without it,
    /// none.
    #[must_use]
    pub fn acting_as(self, who: impl Into<String>) -> Self {
        Self { who: Some(who.into()), ..self }
    }

    /// The workspace's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The name that the workspace's log records.
    pub(crate) fn who(&self) -> Option<String> {
        self.who.clone()
    }

    /// The workspace, opened for reading on its own connection.
    pub(crate) fn read(&self, progress: &dyn Progress) -> Result<Opened> {
        Opened::read(&self.root, progress)
    }

    /// The workspace, opened for writing. `what` is what other processes are told while it is in
    /// use.
    pub(crate) fn write(&self, what: &str, progress: &dyn Progress) -> Result<Opened> {
        let opened = Opened::write(&self.root, what, self.patience, progress)?;
        Ok(Opened { workspace: opened.workspace.by(self.who()), ..opened })
    }

    /// The workspace, opened for writing; or for reading if a dry run only reports what would
    /// change.
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
