//! Collects everything that a step of a round needs: the state of the workspace, the parsed
//! settings, and the hashes of all inputs.

use std::sync::Arc;

use querist_core::{Classifier, Edition, FittedClassifier, SettingError, Snapshot, Start};
use querist_engine::round::Training;
use querist_engine::{
    Basis, Inputs, Nothing, Prepared, RoundInput, RoundSettings, Situation, Standards, StopRules, featurise,
};
use querist_model::{LinearModel, LogisticRegression, Purpose};
use querist_text::space::Block;
use querist_text::{FeatureKind, Rules, TextFeaturizer};
use serde_json::Value;

use crate::embeddings::{self, Origin};
use crate::error::{EmbeddingError, Result, SessionError};
use crate::opened::Opened;
use crate::progress::{Progress, Remark, Step};
use crate::round::MODEL_SEED;
use crate::settings::{Features, Override};
use crate::vectors::RoundVectors;
use crate::weak::WeakLabels;

/// Everything that a step of a round reads.
pub(crate) struct Bench {
    /// Number of the round that is being made.
    pub(crate) number: u32,
    /// The state of the workspace.
    pub(crate) snapshot: Snapshot,
    /// Which documents are labelled, which are out with annotators, and which are open.
    pub(crate) situation: Situation,
    /// The user's settings for a round.
    pub(crate) settings: RoundSettings,
    /// All settings of the user that the round's manifest records.
    pub(crate) recorded: Value,
    /// The kind of features that the round uses.
    pub(crate) kind: FeatureKind,
    /// Whether Querist chose this kind itself.
    pub(crate) auto: bool,
    /// Turns texts into features.
    pub(crate) featurizer: TextFeaturizer,
    /// The documents' vectors, as far as the round may use them.
    pub(crate) vectors: RoundVectors,
    /// Turns features into probabilities.
    pub(crate) classifier: LogisticRegression,
    /// The classifier for query strategies that train models of their own.
    pub(crate) members: Arc<dyn Classifier>,
    /// Hashes of the round's inputs.
    pub(crate) inputs: Inputs,
}

impl Bench {
    /// Returns the input for the engine's function that makes the round. `prepared` holds the
    /// features.
    pub(crate) fn input<'a>(&'a self, prepared: &'a Prepared) -> RoundInput<'a> {
        let Self { number, ref snapshot, ref situation, ref settings, ref members, .. } = *self;
        RoundInput { number, snapshot, situation, settings, prepared, members }
    }

    /// Returns what training needs: the classifier, the weak labels, and the model `last` of the
    /// last round, from which training starts.
    pub(crate) fn training<'a>(
        &'a self,
        weak: Option<&'a WeakLabels>,
        last: Option<&'a LinearModel>,
    ) -> Training<'a> {
        let start = Start { warm: last.and_then(FittedClassifier::linear), seed: MODEL_SEED };
        let weak = weak.map(WeakLabels::as_weak);
        Training { classifier: &self.classifier, weak, start }
    }
}

/// Checks that the overrides change only the seed and settings under `[batch]`. A round would
/// record any other override without using it, so any other is an error.
fn check_tables(overrides: &[Override]) -> Result<()> {
    let taken = |setting: &&Override| matches!((setting.table, setting.key), ("batch", _) | ("", "seed"));
    overrides.iter().find(|setting| !taken(setting)).map_or(Ok(()), |setting| {
        let table = if setting.table.is_empty() { String::new() } else { format!("[{}] ", setting.table) };
        let what = format!("{}: a round reads {table}{} only from querist.toml", setting.place, setting.key);
        Err(SessionError::Input { what })
    })
}

impl Opened {
    /// Collects everything that a step of the next round needs. `overrides` replace settings of
    /// querist.toml.
    pub(crate) fn bench(&self, overrides: &[Override]) -> Result<Bench> {
        let number = self.workspace.last_round()?.unwrap_or_default() + 1;
        self.bench_of(self.snapshot()?, number, overrides)
    }

    /// Collects everything that a step of round `number` needs. `snapshot` is the workspace as the
    /// round sees it.
    pub(crate) fn bench_of(&self, snapshot: Snapshot, number: u32, overrides: &[Override]) -> Result<Bench> {
        let situation = self.situation(&snapshot)?;
        check_tables(overrides)?;
        let configuration =
            self.configuration.with(overrides).map_err(|error| error.with_former(&self.labels))?;
        let settings = configuration.settings.round();
        let features = self.features(self.edition)?;
        let vectors = RoundVectors::of(self, &snapshot, number)?;
        let sizes = (situation.pool.len(), situation.labeled.len());
        let (kind, featurizer) = self.featurizer(&features, sizes, &vectors)?;
        let featurizer = match settings.batch.near_duplicates.resemblance() {
            Some(_) => featurizer.with_shingles(features.shingles()),
            None => featurizer,
        };
        let classifier = self.classifier(Purpose::Round)?;
        let rules = self.rules()?.map(|rules| rules.fingerprint()).unwrap_or_default();
        let inputs = Inputs::of(&snapshot, &settings, &featurizer, &classifier, &rules, self.edition);
        let hash = if kind.has(Block::Vectors) { vectors.hash(&snapshot) } else { None };
        let inputs = Inputs { vectors: hash, ..inputs };
        Ok(Bench {
            number,
            snapshot,
            situation,
            recorded: configuration.settings.recorded()?,
            settings,
            kind,
            auto: features.is_auto(),
            featurizer,
            vectors,
            classifier,
            members: Arc::new(self.classifier(Purpose::Members)?),
            inputs,
        })
    }

    /// Returns the settings under `[features]`, checked by the rules of `edition`.
    pub(crate) fn features(&self, edition: Edition) -> Result<Features> {
        let settings = &self.configuration.settings.features;
        let place = self.configuration.error(("features", SettingError::new("tokenizer", ""))).where_set();
        let (root, n_classes) = (self.workspace.root(), self.labels.len());
        let features = Features::of(settings, root, edition, n_classes, &place);
        Ok(features.map_err(|error| self.configuration.error(("features", error)))?)
    }

    /// Returns the classifier with the settings of querist.toml, for a `purpose` such as an audit.
    pub(crate) fn classifier(&self, purpose: Purpose) -> Result<LogisticRegression> {
        let classifier = self.configuration.settings.model.classifier(&self.labels, purpose, self.edition);
        Ok(classifier.map_err(|error| self.configuration.error(("model", error)))?)
    }

    /// Returns the rules of querist.toml that give weak labels; `None` if it has none.
    pub(crate) fn rules(&self) -> Result<Option<Rules>> {
        let rules = self.configuration.settings.rules.rules(&self.labels);
        Ok(rules.map_err(|error| self.configuration.error(("rules", error)))?)
    }

    /// Returns the thresholds of querist.toml for annotators and labels.
    pub(crate) fn standards(&self) -> Result<Standards> {
        let standards = self.configuration.settings.quality.standards();
        Ok(standards.map_err(|error| self.configuration.error(("quality", error)))?)
    }

    /// Returns the stopping rules of querist.toml.
    pub(crate) fn stop(&self) -> Result<StopRules> {
        let rules = self.configuration.settings.stop.rules();
        Ok(rules.map_err(|error| self.configuration.error(("stop", error)))?)
    }

    /// Computes the features of every document in the workspace.
    pub(crate) fn prepare(&self, bench: &Bench, progress: &dyn Progress) -> Result<Prepared> {
        if bench.situation.pool.is_empty() {
            return Err(Nothing::EmptyPool.into());
        }
        if let (true, Some((missing, documents))) = (bench.auto, bench.vectors.left_out()) {
            progress.remark(Remark::VectorsLeftOut { missing, documents });
        }
        let basis = Basis::of(&bench.snapshot, &bench.situation);
        self.features_of(&bench.featurizer, &bench.snapshot, &bench.situation, basis, progress)
    }

    /// Computes the features of the snapshot's documents with `featurizer`. An embedding that is
    /// learned from the pool is learned from its part `basis`.
    pub(crate) fn features_of(
        &self,
        featurizer: &TextFeaturizer,
        snapshot: &Snapshot,
        situation: &Situation,
        basis: Basis,
        progress: &dyn Progress,
    ) -> Result<Prepared> {
        if featurizer.kind().has(Block::Static) {
            let origin = embeddings::chosen(&self.workspace, &self.configuration)?;
            if let Some(folder) = embeddings::unsealed(&origin) {
                progress.remark(Remark::UnsealedEmbedding { folder });
            }
        }
        let corpus = self.workspace.corpus()?;
        let prepared = progress
            .counted(Step::Texts, |count| featurise(featurizer, &corpus, snapshot, situation, basis, count));
        Ok(prepared?)
    }

    /// Returns the kind of features and the featurizer. If querist.toml leaves the choice to
    /// Querist, they depend on `sizes`, the number of documents in the pool and the number of
    /// labelled documents, and on whether every document has a vector.
    pub(crate) fn featurizer(
        &self,
        features: &Features,
        sizes: (usize, usize),
        vectors: &RoundVectors,
    ) -> Result<(FeatureKind, TextFeaturizer)> {
        let origin = embeddings::chosen(&self.workspace, &self.configuration)?;
        let (kind, scales) = features.kind(sizes, origin != Origin::Nowhere, vectors.are_complete());
        let embedding = if kind.has(Block::Static) {
            Some(origin.open()?.ok_or_else(|| self.no_embedding())?)
        } else {
            None
        };
        let vectors = if kind.has(Block::Vectors) { Some(vectors.for_kind(kind)?) } else { None };
        Ok((kind, features.featurizer((kind, scales), embedding, vectors)))
    }

    /// Returns an error for contradictory settings: a kind of features that needs an embedding, and
    /// `embedding = "none"`.
    fn no_embedding(&self) -> EmbeddingError {
        let what =
            "this kind needs a static embedding, but embedding is \"none\"; set embedding = \"english\"";
        EmbeddingError::Needed(self.configuration.error(("features", SettingError::new("kind", what))))
    }

    /// Applies the rules of querist.toml to the pool, and returns the weak labels that they give;
    /// `None` without rules.
    pub(crate) fn weak_labels(&self, bench: &Bench, progress: &dyn Progress) -> Result<Option<WeakLabels>> {
        let Some(rules) = self.rules()? else { return Ok(None) };
        let corpus = self.workspace.corpus()?;
        let labels = progress.step(Step::Rules, || WeakLabels::of(rules, &corpus, bench));
        Ok(Some(labels.map_err(SessionError::step("apply the rules"))?))
    }
}
