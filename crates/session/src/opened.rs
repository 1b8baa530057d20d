//! An open workspace, together with the settings in its querist.toml.

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
    /// The settings in querist.toml.
    pub(crate) configuration: Configuration,
    /// The classes, including the former names of each.
    pub(crate) labels: LabelSet,
    /// The version of Querist's rules that applies: for new rounds the current one, for a
    /// reproduced round the one that made it.
    pub(crate) edition: Edition,
}

/// Checks that no label has invisible characters or looks like another text. Such a label is
/// allowed if the workspace used it before this check existed, so that old rounds can be
/// reproduced.
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
    /// them.
    ///
    /// # Errors
    /// The folder is no workspace, or its querist.toml or database cannot be read.
    pub(crate) fn read(root: &Path, progress: &dyn Progress) -> Result<Self> {
        let opened = Self::new(Workspace::open(root)?, progress)?;
        if opened.workspace.incomplete_rounds().is_empty() {
            return Ok(opened);
        }
        drop(opened);
        // Only a process that may write can do this. If it fails, reading still works.
        drop(Self::write(root, "open", Duration::ZERO, progress).ok());
        Self::new(Workspace::open(root)?, progress)
    }

    /// Opens the workspace in `root` for writing, and writes missing files of rounds. Other
    /// processes that find the workspace locked are told `what` it is used for. If it is locked
    /// already, this function waits for at most `patience`.
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

    /// Reads the current documents, answers and rounds of the workspace.
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        Ok(self.workspace.snapshot(&self.labels)?)
    }

    /// Does the same as [`Self::snapshot`], as if `facts` were stored too.
    pub(crate) fn snapshot_as_if(&self, facts: &[Fact]) -> Result<Snapshot> {
        Ok(self.workspace.snapshot_as_if(&self.labels, facts)?)
    }

    /// Determines which documents are labelled, which wait for answers, and which are open.
    pub(crate) fn situation(&self, snapshot: &Snapshot) -> Result<Situation> {
        let aggregator = self.configuration.settings.quality.consensus().aggregator(self.edition)?;
        let mut situation = Situation::of(snapshot, aggregator.as_ref())?;
        situation.scale = self.configuration.settings.classes.scale();
        if self.edition >= Edition::Third {
            situation.reuse_controls(snapshot);
        }
        Ok(situation)
    }

    /// Returns a function that reads the text of a document, given its index in the snapshot.
    pub(crate) fn text_of(&self, snapshot: &Snapshot) -> impl FnMut(usize) -> Result<String, EngineError> {
        move |document| match self.workspace.text_of(&snapshot.documents[document]) {
            Ok(found) => Ok(found.text),
            Err(error) => Err(EngineError::Step { step: "read a text", source: error.into() }),
        }
    }
}

impl Opened {
    /// Returns the name of a person in the workspace's spelling. `name` may also be a former name.
    /// A name that the workspace does not know is returned without white space at its ends.
    pub(crate) fn person(&self, snapshot: &Snapshot, name: &str) -> Result<String> {
        Ok(person(snapshot, &self.workspace.called(name)?))
    }
}

/// Returns `name` in the snapshot's spelling. If the snapshot does not have it, only white space at
/// its ends is removed.
fn person(snapshot: &Snapshot, name: &str) -> String {
    let key = name_key(name);
    let assigned = snapshot.assignments.iter().map(|assignment| &assignment.annotator);
    let mut known = snapshot.annotators.iter().chain(assigned);
    known.find(|known| name_key(known) == key).map_or_else(|| name.trim().to_owned(), Clone::clone)
}
