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

/// An open workspace with its settings and classes.
pub(crate) struct Opened {
    /// The files and the database.
    pub(crate) workspace: Workspace,
    /// The contents of querist.toml.
    pub(crate) configuration: Configuration,
    /// The classes, with the former names of each.
    pub(crate) labels: LabelSet,
    /// The version of the rules. New rounds use the current version, a reproduced round the version
    /// that made it.
    pub(crate) edition: Edition,
}

/// Checks that no label has invisible characters or looks like another text. A label that the
/// workspace used before this check existed is allowed, because its rounds must be reproducible.
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
    /// Opens the workspace in `root` for reading. If files of a round are missing, tries to write
    /// them again.
    ///
    /// # Errors
    /// The folder is no workspace, or its querist.toml or database cannot be read.
    pub(crate) fn read(root: &Path, progress: &dyn Progress) -> Result<Self> {
        let opened = Self::new(Workspace::open(root)?, progress)?;
        if opened.workspace.incomplete_rounds().is_empty() {
            return Ok(opened);
        }
        drop(opened);
        // Only a writer may write the files again. If that fails, for example without write access,
        // reading still works.
        drop(Self::write(root, "open", Duration::ZERO, progress).ok());
        Self::new(Workspace::open(root)?, progress)
    }

    /// Opens the workspace in `root` for writing, and writes missing files of rounds again. While
    /// the workspace is locked, other processes are told `what` it is used for; `patience` is the
    /// time to wait for the lock.
    ///
    /// # Errors
    /// As for [`Self::read`]; also if another process uses the workspace, or it cannot be written.
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

    /// Reads and checks the configuration of a workspace.
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

    /// Reads the current state of the workspace.
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        Ok(self.workspace.snapshot(&self.labels)?)
    }

    /// Computes the state that the workspace would have if `facts` were also stored.
    pub(crate) fn snapshot_as_if(&self, facts: &[Fact]) -> Result<Snapshot> {
        Ok(self.workspace.snapshot_as_if(&self.labels, facts)?)
    }

    /// Computes which documents are labelled, which are out with annotators, and which are open.
    pub(crate) fn situation(&self, snapshot: &Snapshot) -> Result<Situation> {
        let aggregator = self.configuration.settings.quality.consensus().aggregator(self.edition)?;
        let mut situation = Situation::of(snapshot, aggregator.as_ref())?;
        situation.scale = self.configuration.settings.classes.scale();
        if self.edition >= Edition::Third {
            situation.reuse_controls(snapshot);
        }
        Ok(situation)
    }

    /// Returns a function that reads the text of the document with a given index in the snapshot.
    pub(crate) fn text_of(&self, snapshot: &Snapshot) -> impl FnMut(usize) -> Result<String, EngineError> {
        move |document| match self.workspace.text_of(&snapshot.documents[document]) {
            Ok(found) => Ok(found.text),
            Err(error) => Err(EngineError::Step { step: "read a text", source: error.into() }),
        }
    }
}

impl Opened {
    /// Returns the name under which the workspace knows a person, given the current name or a
    /// former one. An unknown name is returned without white space at its ends.
    pub(crate) fn person(&self, snapshot: &Snapshot, name: &str) -> Result<String> {
        Ok(person(snapshot, &self.workspace.called(name)?))
    }
}

/// Returns the spelling of a name that the snapshot uses; without one, the name without white space
/// at its ends.
fn person(snapshot: &Snapshot, name: &str) -> String {
    let key = name_key(name);
    let assigned = snapshot.assignments.iter().map(|assignment| &assignment.annotator);
    let mut known = snapshot.annotators.iter().chain(assigned);
    known.find(|known| name_key(known) == key).map_or_else(|| name.trim().to_owned(), Clone::clone)
}
