//! An open workspace with everything that its querist.toml says.

use std::path::Path;
use std::sync::Arc;

use querist_core::visible::{NameFault, visible};
use querist_core::{Classifier, Edition, LabelSet, SettingError, Snapshot, name_key};
use querist_engine::{
    Basis, EngineError, Inputs, Prepared, RoundSettings, Situation, Standards, StopRules, featurise,
};
use querist_model::{LogisticRegression, Purpose};
use querist_store::Workspace;
use querist_store::workspace::CONFIGURATION;
use querist_text::space::Block;
use querist_text::{FeatureKind, Rules, TextFeaturizer};
use serde_json::Value;

use crate::embeddings::{self, Origin};
use crate::failure::Mend;
use crate::output::{Talk, notice, shown};
use crate::settings::{Configuration, Features, Override, SettingsError};
use crate::steps;
use crate::weak::WeakLabels;

/// A workspace at work.
pub struct Session {
    /// The workspace.
    pub workspace: Workspace,
    /// What its querist.toml says.
    pub configuration: Configuration,
    /// Its classes.
    pub labels: LabelSet,
    /// The version of the rules: that of new rounds, unless an earlier round is made again.
    pub edition: Edition,
}

/// No new label may be one that nobody sees, or that shows as another. One that the workspace has used since before that was a rule
/// stays, because its rounds must reproduce.
fn check_names(workspace: &Workspace, configuration: &Configuration) -> anyhow::Result<()> {
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
        let configuration = Configuration::read(&workspace.root().join(CONFIGURATION), &text)?;
        let labels = configuration.labels.clone();
        check_names(&workspace, &configuration)?;
        Ok(Self { workspace, configuration, labels, edition: Edition::CURRENT })
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
        let mut known = snapshot
            .annotators
            .iter()
            .chain(snapshot.assignments.iter().map(|assignment| &assignment.annotator));
        known.find(|known| name_key(known) == key).map_or_else(|| name.trim().to_owned(), Clone::clone)
    }

    /// Where things stand.
    ///
    /// # Errors
    /// The answers cannot be aggregated.
    pub fn situation(&self, snapshot: &Snapshot) -> anyhow::Result<Situation> {
        let aggregator = self.configuration.settings.quality.consensus().aggregator(self.edition)?;
        Ok(Situation::of(snapshot, aggregator.as_ref())?)
    }

    /// Everything that a step of a round needs, with the caller's settings over those of querist.toml.
    ///
    /// # Errors
    /// Settings that make no sense, or a workspace that cannot be read.
    pub fn bench(&self, overrides: &[Override]) -> anyhow::Result<Bench> {
        let number = self.workspace.last_round()?.unwrap_or_default() + 1;
        self.bench_of(self.snapshot()?, number, overrides)
    }

    /// Everything that a step of that round needs, from that state of the workspace.
    ///
    /// # Errors
    /// As [`Self::bench`].
    pub fn bench_of(&self, snapshot: Snapshot, number: u32, overrides: &[Override]) -> anyhow::Result<Bench> {
        let situation = self.situation(&snapshot)?;
        let configuration = self.configuration.with(overrides)?;
        let settings = configuration.settings.round();
        let features = self.features(self.edition)?;
        let (kind, featurizer) = self.featurizer(&features, situation.pool.len(), situation.labeled.len())?;
        let featurizer = match settings.batch.near_duplicates.resemblance() {
            Some(_) => featurizer.with_shingles(features.shingles()),
            None => featurizer,
        };
        let classifier = self.classifier(Purpose::Round)?;
        let rules = self.rules()?.map(|rules| rules.fingerprint()).unwrap_or_default();
        let inputs = Inputs::of(&snapshot, &settings, &featurizer, &classifier, &rules, self.edition);
        Ok(Bench {
            number,
            snapshot,
            situation,
            recorded: configuration.settings.recorded()?,
            settings,
            kind,
            auto: features.is_auto(),
            featurizer,
            classifier,
            members: Arc::new(self.classifier(Purpose::Members)?),
            inputs,
        })
    }

    /// What makes features, by the rules of that edition.
    ///
    /// # Errors
    /// A tokenizer that cannot be read.
    pub fn features(&self, edition: Edition) -> anyhow::Result<Features> {
        let settings = &self.configuration.settings.features;
        let place = self.configuration.error(("features", SettingError::new("tokenizer", ""))).where_set();
        let (root, n_classes) = (self.workspace.root(), self.labels.len());
        let features = Features::of(settings, root, edition, n_classes, &place);
        Ok(features.map_err(|error| self.configuration.error(("features", error)))?)
    }

    /// The classifier for that purpose.
    ///
    /// # Errors
    /// Parameters that make no sense.
    pub fn classifier(&self, purpose: Purpose) -> anyhow::Result<LogisticRegression> {
        let classifier = self.configuration.settings.model.classifier(&self.labels, purpose);
        Ok(classifier.map_err(|error| self.configuration.error(("model", error)))?)
    }

    /// The rules that give weak labels, if there are any.
    ///
    /// # Errors
    /// A pattern that makes no sense.
    pub fn rules(&self) -> anyhow::Result<Option<Rules>> {
        let rules = self.configuration.settings.rules.rules(&self.labels);
        Ok(rules.map_err(|error| self.configuration.error(("rules", error)))?)
    }

    /// What labels and annotators are held to.
    ///
    /// # Errors
    /// A number out of its range.
    pub fn standards(&self) -> anyhow::Result<Standards> {
        let standards = self.configuration.settings.quality.standards();
        Ok(standards.map_err(|error| self.configuration.error(("quality", error)))?)
    }

    /// When to stop.
    ///
    /// # Errors
    /// A rule that is none, or a number out of its range.
    pub fn stop(&self) -> anyhow::Result<StopRules> {
        let rules = self.configuration.settings.stop.rules();
        Ok(rules.map_err(|error| self.configuration.error(("stop", error)))?)
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
            let origin = embeddings::chosen(&self.workspace, &self.configuration)?;
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
        features: &Features,
        pool: usize,
        labeled: usize,
    ) -> anyhow::Result<(FeatureKind, TextFeaturizer)> {
        let origin = embeddings::chosen(&self.workspace, &self.configuration)?;
        let (kind, scales) = features.kind(pool, labeled, origin != Origin::Nowhere);
        let embedding = if kind.has(Block::Static) {
            Some(origin.open()?.ok_or_else(|| self.no_embedding())?)
        } else {
            None
        };
        Ok((kind, features.featurizer((kind, scales), embedding)))
    }

    /// The error of a kind that needs an embedding where there is none.
    fn no_embedding(&self) -> SettingsError {
        let what = "the kind needs a static embedding, and embedding is \"none\"; say embedding = \"english\", or bring one with `querist embedding add DIR`";
        self.configuration.error(("features", SettingError::new("kind", what)))
    }

    /// The weak labels that the rules of querist.toml give to the pool, if it has rules.
    ///
    /// # Errors
    /// A pattern that makes no sense, or texts that cannot be read.
    pub fn weak_labels(&self, bench: &Bench, talk: &Talk) -> anyhow::Result<Option<WeakLabels>> {
        let Some(rules) = self.rules()? else { return Ok(None) };
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
    pub settings: RoundSettings,
    /// Everything that the user set, as the round's manifest keeps it.
    pub recorded: Value,
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
