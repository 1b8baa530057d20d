//! An open workspace with everything that its querist.toml says.

use std::path::Path;
use std::sync::Arc;

use querist_core::visible::{NameFault, visible};
use querist_core::{Classifier, Edition, LabelSet, Snapshot, name_key};
use querist_engine::{Basis, EngineError, Inputs, Prepared, Settings, Situation, featurise};
use querist_model::LogisticRegression;
use querist_store::Workspace;
use querist_store::workspace::CONFIGURATION;
use querist_text::space::Block;
use querist_text::{FeatureKind, TextFeaturizer};

use crate::args::BatchOptions;
use crate::configuration::ConfigurationFile;
use crate::embeddings::{self, Origin};
use crate::failure::Mend;
use crate::output::{Talk, notice, shown};
use crate::settings::{self, FeatureSettings};
use crate::steps;
use crate::weak::WeakLabels;

/// A workspace at work.
pub struct Session {
    /// The workspace.
    pub workspace: Workspace,
    /// Its querist.toml.
    pub file: ConfigurationFile,
    /// Its classes.
    pub labels: LabelSet,
    /// The version of the rules: that of new rounds, unless an earlier round is made again.
    pub edition: Edition,
}

/// No new label may be one that nobody sees, or that shows as another. One that the workspace has used since before that was a rule
/// stays, because its rounds must reproduce.
fn check_names(workspace: &Workspace, file: &ConfigurationFile, labels: &LabelSet) -> anyhow::Result<()> {
    for label in labels.names() {
        if let Some(fault) = NameFault::of(label)
            && !workspace.has_used_label(label)?
        {
            let what = format!("the label \"{}\" {fault}; write it without", visible(label));
            return Err(file.at("labels", file.values.labels.span()).error(what));
        }
    }
    Ok(())
}

impl Session {
    /// Opens a workspace for reading.
    ///
    /// # Errors
    /// It is none, or its querist.toml makes no sense.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let session = Self::new(Workspace::open(root)?)?;
        if session.workspace.incomplete_rounds().is_empty() {
            return Ok(session);
        }
        drop(session);
        // Only a writer may make files again. Who cannot write reads all the same.
        drop(Self::write(root, "open").ok());
        Self::new(Workspace::open(root)?)
    }

    /// Opens a workspace for writing; `command` is what others are told who find it in use.
    ///
    /// # Errors
    /// As [`Self::read`]; and it is in use, or cannot be written.
    pub fn write(root: &Path, command: &str) -> anyhow::Result<Self> {
        let session = Self::new(Workspace::open_to_write(root, command)?)?;
        for number in session.workspace.incomplete_rounds() {
            steps::export_again(&session, *number)?;
            if session.workspace.round_is_whole(*number)? {
                notice(&format!(
                    "The files of round {number} were not those that the workspace has of it; they were made again."
                ));
            }
        }
        Ok(session)
    }

    fn new(workspace: Workspace) -> anyhow::Result<Self> {
        if let Some(backup) = workspace.backup() {
            notice(&format!(
                "The workspace was brought up to date; its database as it was before is in {}.",
                shown(backup)
            ));
        }
        let text = workspace.configuration()?;
        let file = ConfigurationFile::parse(&workspace.root().join(CONFIGURATION), text)?;
        let labels = file.labels()?;
        check_names(&workspace, &file, &labels)?;
        Ok(Self { workspace, file, labels, edition: Edition::CURRENT })
    }

    /// The state of the workspace.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn snapshot(&self) -> anyhow::Result<Snapshot> {
        Ok(self.workspace.snapshot(&self.labels)?)
    }

    /// The name under which a person is known to the workspace; a new name as it is, without white space at the ends.
    pub fn person(snapshot: &Snapshot, name: &str) -> String {
        let key = name_key(name);
        let answered = snapshot.answers.iter().map(|answer| &answer.annotator);
        let mut known = answered.chain(snapshot.assignments.iter().map(|assignment| &assignment.annotator));
        known.find(|known| name_key(known) == key).map_or_else(|| name.trim().to_owned(), Clone::clone)
    }

    /// Where things stand.
    ///
    /// # Errors
    /// The answers cannot be aggregated.
    pub fn situation(&self, snapshot: &Snapshot) -> anyhow::Result<Situation> {
        let aggregator = settings::consensus(&self.file)?.aggregator(self.edition)?;
        Ok(Situation::of(snapshot, aggregator.as_ref())?)
    }

    /// Everything that a step of a round needs.
    ///
    /// # Errors
    /// Settings that make no sense, or a workspace that cannot be read.
    pub fn bench(&self, flags: &BatchOptions) -> anyhow::Result<Bench> {
        let number = self.workspace.last_round()?.unwrap_or_default() + 1;
        self.bench_of(self.snapshot()?, number, flags)
    }

    /// Everything that a step of that round needs, from that state of the workspace.
    ///
    /// # Errors
    /// As [`Self::bench`].
    pub fn bench_of(&self, snapshot: Snapshot, number: u32, flags: &BatchOptions) -> anyhow::Result<Bench> {
        let situation = self.situation(&snapshot)?;
        let settings = settings::of_round(&self.file, &self.labels, flags)?;
        let features = settings::features(&self.file, self.workspace.root(), self.edition)?;
        let (kind, featurizer) = self.featurizer(&features, situation.pool.len(), situation.labeled.len())?;
        let featurizer = match settings.near_duplicates {
            Some(_) => featurizer.with_shingles(features.shingles()),
            None => featurizer,
        };
        let classifier = settings::classifier(&self.file, &self.labels)?;
        let rules = settings::rules(&self.file, &self.labels)?;
        let rules = rules.map(|rules| rules.fingerprint()).unwrap_or_default();
        let inputs = Inputs::of(&snapshot, &settings, &featurizer, &classifier, &rules, self.edition);
        Ok(Bench {
            number,
            snapshot,
            situation,
            settings,
            kind,
            auto: features.is_auto(),
            featurizer,
            classifier,
            members: Arc::new(settings::members(&self.file, &self.labels)?),
            inputs,
        })
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
        let basis = Basis::of(&bench.snapshot, &bench.situation);
        self.features_of(&bench.featurizer, &bench.snapshot, &bench.situation, basis, talk)
    }

    /// Features by that featurizer; an embedding of the pool is learned from `basis`.
    ///
    /// # Errors
    /// Texts cannot be read, or the disk cannot be written.
    pub fn features_of(
        &self,
        featurizer: &TextFeaturizer,
        snapshot: &Snapshot,
        situation: &Situation,
        basis: Basis,
        talk: &Talk,
    ) -> anyhow::Result<Prepared> {
        if featurizer.kind().has(Block::Static) {
            let origin = embeddings::chosen(
                &self.workspace,
                &settings::features(&self.file, self.workspace.root(), self.edition)?,
            )?;
            if let Some(remark) = embeddings::unsealed(&origin) {
                talk.remark(&remark);
            }
        }
        let corpus = self.workspace.corpus()?;
        let prepared = talk.progress("reading the texts", |progress| {
            featurise(featurizer, &corpus, snapshot, situation, basis, progress)
        });
        Ok(prepared?)
    }

    /// The featurizer that querist.toml asks for, for a pool of that size with that many labels.
    ///
    /// # Errors
    /// It needs an embedding that is not there or cannot be read.
    pub fn featurizer(
        &self,
        features: &FeatureSettings,
        pool: usize,
        labeled: usize,
    ) -> anyhow::Result<(FeatureKind, TextFeaturizer)> {
        let origin = embeddings::chosen(&self.workspace, features)?;
        let (kind, scales) = features.kind(pool, labeled, origin != Origin::Nowhere);
        let embedding = if kind.has(Block::Static) {
            Some(origin.open()?.ok_or_else(|| features.no_embedding())?)
        } else {
            None
        };
        Ok((kind, features.featurizer((kind, scales), embedding)))
    }

    /// The weak labels that the rules of querist.toml give to the pool, if it has rules.
    ///
    /// # Errors
    /// A pattern that makes no sense, or texts that cannot be read.
    pub fn weak_labels(&self, bench: &Bench, talk: &Talk) -> anyhow::Result<Option<WeakLabels>> {
        let Some(rules) = settings::rules(&self.file, &self.labels)? else { return Ok(None) };
        let corpus = self.workspace.corpus()?;
        let labels = talk.step("applying the rules", || WeakLabels::of(rules, &corpus, bench));
        Ok(Some(labels.map_err(steps::boxed)?))
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
    /// What documents are described by.
    pub kind: FeatureKind,
    /// Whether that was left to Querist.
    pub auto: bool,
    /// How texts become features.
    pub featurizer: TextFeaturizer,
    /// How features become probabilities.
    pub classifier: LogisticRegression,
    /// What strategies train that have models of their own.
    pub members: Arc<dyn Classifier + Send + Sync>,
    /// Hashes of all of it.
    pub inputs: Inputs,
}
