//! Makes a new workspace.

use querist_core::visible::{NameFault, visible};
use querist_core::{LabelSet, looks_missing};
use querist_store::Workspace;
use querist_store::workspace::Fact;
use serde::Serialize;

use crate::error::{Result, SessionError};
use crate::session::Session;
use crate::settings::template;

/// A workspace that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Initialized {
    /// Names of its classes, in order.
    pub labels: Vec<String>,
    /// Labels that look like missing values. They are classes like any other.
    pub odd_labels: Vec<String>,
}

impl Session {
    /// Makes a workspace in the session's folder, and missing folders above it. querist.toml gets
    /// the default settings; [`Session::change_settings`] changes them. `labels` are 2 to 65,535
    /// different names of classes. Their order is the order of every list, every table and
    /// [`querist_core::Class`].
    ///
    /// # Errors
    /// The labels are too few, too many, repeated or malformed ([`SessionError::Option`]); the
    /// folder is already a workspace; or it cannot be written.
    pub fn init(&self, labels: impl IntoIterator<Item = String>) -> Result<Initialized> {
        let labels = LabelSet::new(labels).map_err(|error| SessionError::option("labels", error))?;
        // Only a new workspace refuses such labels: an older workspace that has one still opens,
        // and shows it escaped.
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
