//! An open workspace with everything that its querist.toml says.

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

/// A workspace at work.
pub(crate) struct Opened {
    /// The workspace.
    pub(crate) workspace: Workspace,
    /// What its querist.toml says.
    pub(crate) configuration: Configuration,
    /// Its classes.
    pub(crate) labels: LabelSet,
    /// The version of the rules: that of new rounds, unless an earlier round is made again.
    pub(crate) edition: Edition,
}

/// No new label may be one that nobody sees, or that shows as another. One that the workspace has
/// used since before that was a rule stays, because its rounds must reproduce.
fn check_names(workspace: &Workspace, configuration: &Configuration) -> Result<()> {
    for label in configuration.labels.names() {
        if let Some(fault) = NameFault::of(label)
            && !workspace.has_used_label(label)?
        {
            let what = format!("the label \"{}\" {fault}; write it without", visible(label));
            return Err(configuration.error(("", SettingError::new("labels", what))).into());
        }
    }
    Ok(())
}

impl Opened {
    /// Opens a workspace for reading.
    ///
    /// # Errors
    /// It is none, or its querist.toml makes no sense.
    pub(crate) fn read(root: &Path, progress: &dyn Progress) -> Result<Self> {
        let opened = Self::new(Workspace::open(root)?, progress)?;
        if opened.workspace.incomplete_rounds().is_empty() {
            return Ok(opened);
        }
        drop(opened);
        // Only a writer may make files again. Who cannot write reads all the same.
        drop(Self::write(root, "open", Duration::ZERO, progress).ok());
        Self::new(Workspace::open(root)?, progress)
    }

    /// Opens a workspace for writing; `what` is what others are told who find it in use, `patience`
    /// how long to wait for its lock.
    ///
    /// # Errors
    /// As [`Self::read`]; and it is in use, or cannot be written.
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

    /// The state of the workspace, had these facts been noted too.
    pub(crate) fn snapshot_as_if(&self, facts: &[Fact]) -> Result<Snapshot> {
        Ok(self.workspace.snapshot_as_if(&self.labels, facts)?)
    }

    /// Where things stand.
    pub(crate) fn situation(&self, snapshot: &Snapshot) -> Result<Situation> {
        let aggregator = self.configuration.settings.quality.consensus().aggregator(self.edition)?;
        let mut situation = Situation::of(snapshot, aggregator.as_ref())?;
        situation.scale = self.configuration.settings.classes.scale();
        if self.edition >= Edition::Third {
            situation.reuse_controls(snapshot);
        }
        Ok(situation)
    }

    /// A document's text by its index, for reports.
    pub(crate) fn text_of(&self, snapshot: &Snapshot) -> impl FnMut(usize) -> Result<String, EngineError> {
        move |document| match self.workspace.text_of(&snapshot.documents[document]) {
            Ok(found) => Ok(found.text),
            Err(error) => Err(EngineError::Step { step: "read a text", source: error.into() }),
        }
    }
}

impl Opened {
    /// The name under which the workspace knows a person, by any name that this person has had; a
    /// new name as it is, without white space at the ends.
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
