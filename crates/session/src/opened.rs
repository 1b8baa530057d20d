//! An open workspace with the contents of its querist.toml.

use std::path::Path;
use std::time::Duration;

use querist_core::visible::{NameFault, visible};
use querist_core::{Edition, LabelSet, SettingError, Snapshot, name_key};
use querist_engine::{EngineError, Situation};
use querist_store::Workspace;
use querist_store::workspace::{CONFIGURATION, Fact};

use crate::error::Result;
use crate::progress::{Progress, Remark};
use crate::round::files;
use crate::settings::Configuration;

/// An open workspace.
pub(crate) struct Opened {
    /// The files and the database.
    pub(crate) workspace: Workspace,
    /// The contents of querist.toml.
    pub(crate) configuration: Configuration,
    /// The classes.
    pub(crate) labels: LabelSet,
    /// The version of the rules: new rounds use the current one, a reproduced round its own.
    pub(crate) edition: Edition,
}

/// A new label must not be invisible or look like another one. A label that the workspace used
/// before this rule existed is allowed, because its rounds must be reproducible.
fn check_names(workspace: &Workspace, configuration: &Configuration) -> Result<()> {
    for label in configuration.labels.names() {
        if let Some(fault) = NameFault::of(label)
            && !workspace.has_used_label(label)?
        {
            let what = format!("the label \"{}\" {fault}; write the label without it", visible(label));
            return Err(configuration.error(("", SettingError::new("labels", what))).into());
        }
    }
    Ok(())
}

impl Opened {
    /// Opens a workspace for reading.
    ///
    /// # Errors
    /// The folder is no workspace, or its querist.toml is invalid.
    pub(crate) fn read(root: &Path, progress: &dyn Progress) -> Result<Self> {
        let opened = Self::new(Workspace::open(root)?, progress)?;
        if opened.workspace.incomplete_rounds().is_empty() {
            return Ok(opened);
        }
        drop(opened);
        // Only a writer may make files again. A caller without write access reads anyway.
        drop(Self::write(root, "open", Duration::ZERO, progress).ok());
        Self::new(Workspace::open(root)?, progress)
    }

    /// Opens a workspace for writing. `what` is what other processes are told while it is in use;
    /// `patience` is how long to wait for its lock.
    ///
    /// # Errors
    /// As for [`Self::read`]; or the workspace is in use or cannot be written.
    pub(crate) fn write(
        root: &Path,
        what: &str,
        patience: Duration,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let opened = Self::new(Workspace::open_to_write_within(root, what, patience)?, progress)?;
        for number in opened.workspace.incomplete_rounds() {
            files::export_again(&opened, *number)?;
            if opened.workspace.round_is_whole(*number)? {
                progress.remark(Remark::FilesMadeAgain { round: *number });
            }
        }
        Ok(opened)
    }

    fn new(workspace: Workspace, progress: &dyn Progress) -> Result<Self> {
        if let Some(backup) = workspace.backup() {
            progress.remark(Remark::BackedUp { file: backup.to_owned() });
        }
        let text = workspace.configuration()?;
        let configuration = Configuration::read(&workspace.root().join(CONFIGURATION), &text)
            .map_err(|error| error.with_former_of(&workspace))?;
        let labels = workspace.with_former(configuration.labels.clone())?;
        check_names(&workspace, &configuration)?;
        Ok(Self { workspace, configuration, labels, edition: Edition::CURRENT })
    }

    /// The state of the workspace.
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        Ok(self.workspace.snapshot(&self.labels)?)
    }

    /// The state of the workspace if these facts were also noted.
    pub(crate) fn snapshot_as_if(&self, facts: &[Fact]) -> Result<Snapshot> {
        Ok(self.workspace.snapshot_as_if(&self.labels, facts)?)
    }

    /// Which documents are labelled, out and open.
    pub(crate) fn situation(&self, snapshot: &Snapshot) -> Result<Situation> {
        let aggregator = self.configuration.settings.quality.consensus().aggregator(self.edition)?;
        let mut situation = Situation::of(snapshot, aggregator.as_ref())?;
        situation.scale = self.configuration.settings.classes.scale();
        if self.edition >= Edition::Third {
            situation.reuse_controls(snapshot);
        }
        Ok(situation)
    }

    /// Reads a document's text by the document's index, for reports.
    pub(crate) fn text_of(&self, snapshot: &Snapshot) -> impl FnMut(usize) -> Result<String, EngineError> {
        move |document| match self.workspace.text_of(&snapshot.documents[document]) {
            Ok(found) => Ok(found.text),
            Err(error) => Err(EngineError::Step { step: "read a text", source: error.into() }),
        }
    }
}

impl Opened {
    /// The name under which the workspace knows a person, given any name that the person has had. A
    /// new name is returned without white space at its ends.
    pub(crate) fn person(&self, snapshot: &Snapshot, name: &str) -> Result<String> {
        Ok(person(snapshot, &self.workspace.called(name)?))
    }
}

fn person(snapshot: &Snapshot, name: &str) -> String {
    let key = name_key(name);
    let assigned = snapshot.assignments.iter().map(|assignment| &assignment.annotator);
    let mut known = snapshot.annotators.iter().chain(assigned);
    known.find(|known| name_key(known) == key).map_or_else(|| name.trim().to_owned(), Clone::clone)
}
