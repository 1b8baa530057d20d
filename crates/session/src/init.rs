//! Makes a new workspace.

use querist_core::visible::{NameFault, visible};
use querist_core::{LabelSet, looks_missing};
use querist_store::Workspace;
use querist_store::workspace::Fact;
use serde::Serialize;

use crate::error::{Result, SessionError};
use crate::session::Session;
use crate::settings::template;

/// The result of making a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Initialized {
    /// Names of the classes, in order.
    pub labels: Vec<String>,
    /// Names that look like missing values, such as "n/a". They are classes like any other.
    pub odd_labels: Vec<String>,
}

impl Session {
    /// Makes a workspace in the session's folder, which is made too if it does not exist.
    /// querist.toml gets the default settings; [`Session::change_settings`] changes them. `labels`
    /// are the names of 2 to 65,535 different classes. Every list and table has the classes in this
    /// order; it is also the order of [`querist_core::Class`].
    ///
    /// # Errors
    /// - There are too few or too many labels, or one is repeated or malformed
    ///   ([`SessionError::Option`]).
    /// - The folder is already a workspace.
    /// - The folder cannot be written.
    pub fn init(&self, labels: impl IntoIterator<Item = String>) -> Result<Initialized> {
        let labels = LabelSet::new(labels).map_err(|error| SessionError::option("labels", error))?;
        // Only new workspaces must not have such labels. An older workspace that has one still
        // opens, and the label is shown escaped.
        for label in labels.names() {
            if let Some(fault) = NameFault::of(label) {
                let problem = format!("the label \"{}\" {fault}; write the label without it", visible(label));
                return Err(SessionError::option("labels", problem));
            }
        }
        let workspace = Workspace::create(self.root(), &template(&labels))?;
        workspace.by(self.who()).note(&[Fact::Created])?;
        let odd_labels = labels.names().iter().filter(|name| looks_missing(name)).cloned().collect();
        Ok(Initialized { labels: labels.names().to_vec(), odd_labels })
    }
}
