//! An open workspace with everything that its querist.toml says.

use std::path::Path;

use querist_core::{LabelSet, Role, Snapshot};
use querist_engine::{Corpora, EngineError, Inputs, Prepared, Settings, Situation, featurise};
use querist_model::LogisticRegression;
use querist_quality::MajorityVote;
use querist_store::Workspace;
use querist_store::workspace::CONFIGURATION;
use querist_text::TfIdfFeaturizer;

use crate::args::BatchOptions;
use crate::configuration::ConfigurationFile;
use crate::failure::Mend;
use crate::output::Talk;
use crate::settings;

/// A workspace at work.
pub struct Session {
    /// The workspace.
    pub workspace: Workspace,
    /// Its querist.toml.
    pub file: ConfigurationFile,
    /// Its classes.
    pub labels: LabelSet,
}

impl Session {
    /// Opens a workspace for reading.
    ///
    /// # Errors
    /// It is none, or its querist.toml makes no sense.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        Self::new(Workspace::open(root)?)
    }

    /// Opens a workspace for writing; `command` is what others are told who find it in use.
    ///
    /// # Errors
    /// As [`Self::read`]; and it is in use, or cannot be written.
    pub fn write(root: &Path, command: &str) -> anyhow::Result<Self> {
        Self::new(Workspace::open_to_write(root, command)?)
    }

    fn new(workspace: Workspace) -> anyhow::Result<Self> {
        let text = workspace.configuration()?;
        let file = ConfigurationFile::parse(&workspace.root().join(CONFIGURATION), text)?;
        let labels = file.labels()?;
        Ok(Self { workspace, file, labels })
    }

    /// The state of the workspace.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn snapshot(&self) -> anyhow::Result<Snapshot> {
        Ok(self.workspace.snapshot(&self.labels)?)
    }

    /// Where things stand.
    ///
    /// # Errors
    /// The answers cannot be aggregated.
    pub fn situation(&self, snapshot: &Snapshot) -> anyhow::Result<Situation> {
        Ok(Situation::of(snapshot, &MajorityVote)?)
    }

    /// Everything that a step of a round needs.
    ///
    /// # Errors
    /// Settings that make no sense, or a workspace that cannot be read.
    pub fn bench(&self, flags: &BatchOptions) -> anyhow::Result<Bench> {
        let snapshot = self.snapshot()?;
        let situation = self.situation(&snapshot)?;
        let settings = settings::of_round(&self.file, &self.labels, flags)?;
        let featurizer = settings::featurizer(&self.file, self.workspace.root())?;
        let classifier = settings::classifier(&self.file)?;
        let inputs = Inputs::of(&snapshot, &settings, &featurizer, &classifier);
        let number = self.workspace.last_round()?.unwrap_or_default() + 1;
        Ok(Bench { number, snapshot, situation, settings, featurizer, classifier, inputs })
    }

    /// Features of the whole workspace.
    ///
    /// # Errors
    /// The pool is empty, or texts cannot be read.
    pub fn prepare(&self, bench: &Bench, talk: &Talk) -> anyhow::Result<Prepared> {
        if bench.situation.pool.is_empty() {
            return Err(
                Mend("the pool is empty; bring documents in with `querist import FILE`".to_owned()).into()
            );
        }
        let corpora = Corpora {
            pool: &self.workspace.texts(Role::Pool),
            control: &self.workspace.texts(Role::Control),
            test: &self.workspace.texts(Role::Test),
        };
        Ok(talk.step("reading the texts", || featurise(&bench.featurizer, &corpora))?)
    }

    /// A document's text by its index, for reports.
    pub fn text_of(&self, snapshot: &Snapshot) -> impl FnMut(usize) -> Result<String, EngineError> {
        move |document| match self.workspace.text_of(&snapshot.documents[document].id) {
            Ok(found) => Ok(found.text),
            Err(error) => Err(EngineError::Step { step: "read a text", source: error.into() }),
        }
    }
}

/// Everything that a step of a round needs.
pub struct Bench {
    /// The round that is being made.
    pub number: u32,
    /// The state of the workspace.
    pub snapshot: Snapshot,
    /// Where things stand.
    pub situation: Situation,
    /// What the user wants.
    pub settings: Settings,
    /// How texts become features.
    pub featurizer: TfIdfFeaturizer,
    /// How features become probabilities.
    pub classifier: LogisticRegression,
    /// Hashes of all of it.
    pub inputs: Inputs,
}
