//! Explains errors about settings that use a former name of a class.

use querist_core::LabelSet;
use querist_store::Workspace;

use super::SettingsError;

impl SettingsError {
    /// If the error is about an unknown class, adds whether this class was renamed or removed.
    pub(crate) fn with_former(mut self, labels: &LabelSet) -> Self {
        if let Some(unknown) = self.unknown_label.as_deref_mut()
            && unknown.look_up(labels)
        {
            self.problem = unknown.to_string();
        }
        self
    }

    /// Does the same as [`Self::with_former`] if the error prevented querist.toml from being read.
    pub(crate) fn with_former_of(self, workspace: &Workspace) -> Self {
        let known = self.unknown_label.as_ref().map(|unknown| unknown.known.clone());
        let labels = known.and_then(|names| LabelSet::new(names).ok());
        match labels.and_then(|labels| workspace.with_former(labels).ok()) {
            Some(labels) => self.with_former(&labels),
            None => self,
        }
    }
}
