//! Everything that a step of a round needs: the state of the workspace, the settings as objects,
//! and hashes of all inputs.

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
use crate::weak::WeakLabels;

/// Everything that a step of a round needs.
pub(crate) struct Bench {
    /// Number of the round that is being made.
    pub(crate) number: u32,
    /// The state of the workspace.
    pub(crate) snapshot: Snapshot,
    /// Which documents are labelled, out and open.
    pub(crate) situation: Situation,
    /// The user's settings for a round.
    pub(crate) settings: RoundSettings,
    /// Every setting of the user, as the round's manifest records it.
    pub(crate) recorded: Value,
    /// The kind of features.
    pub(crate) kind: FeatureKind,
    /// Whether Querist chose the kind of features.
    pub(crate) auto: bool,
    /// Turns texts into features.
    pub(crate) featurizer: TextFeaturizer,
    /// Turns features into probabilities.
    pub(crate) classifier: LogisticRegression,
    /// The classifier that strategies with models of their own train.
    pub(crate) members: Arc<dyn Classifier>,
    /// Hashes of all inputs.
    pub(crate) inputs: Inputs,
}

impl Bench {
    /// The input from which the engine makes the round.
    pub(crate) fn input<'a>(&'a self, prepared: &'a Prepared) -> RoundInput<'a> {
        let Self { number, ref snapshot, ref situation, ref settings, ref members, .. } = *self;
        RoundInput { number, snapshot, situation, settings, prepared, members }
    }

    /// How to train: the classifier, the weak labels, and the last round's model to start from.
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

/// For a round, a caller may override the seed and the settings under `[batch]`. Any other override
/// would be recorded but not used, so it is an error.
fn check_tables(overrides: &[Override]) -> Result<()> {
    let taken = |setting: &&Override| matches!((setting.table, setting.key), ("batch", _) | ("", "seed"));
    overrides.iter().find(|setting| !taken(setting)).map_or(Ok(()), |setting| {
        let table = if setting.table.is_empty() { String::new() } else { format!("[{}] ", setting.table) };
        let what = format!("{}: a round reads {table}{} only from querist.toml", setting.place, setting.key);
        Err(SessionError::Input { what })
    })
}

impl Opened {
    /// Everything that a step of the next round needs. The caller's settings override querist.toml.
    pub(crate) fn bench(&self, overrides: &[Override]) -> Result<Bench> {
        let number = self.workspace.last_round()?.unwrap_or_default() + 1;
        self.bench_of(self.snapshot()?, number, overrides)
    }

    /// Everything that a step of round `number` needs, from the given state of the workspace.
    pub(crate) fn bench_of(&self, snapshot: Snapshot, number: u32, overrides: &[Override]) -> Result<Bench> {
        let situation = self.situation(&snapshot)?;
        check_tables(overrides)?;
        let configuration =
            self.configuration.with(overrides).map_err(|error| error.with_former(&self.labels))?;
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

    /// What makes features, by the rules of `edition`.
    pub(crate) fn features(&self, edition: Edition) -> Result<Features> {
        let settings = &self.configuration.settings.features;
        let place = self.configuration.error(("features", SettingError::new("tokenizer", ""))).where_set();
        let (root, n_classes) = (self.workspace.root(), self.labels.len());
        let features = Features::of(settings, root, edition, n_classes, &place);
        Ok(features.map_err(|error| self.configuration.error(("features", error)))?)
    }

    /// The classifier for `purpose`.
    pub(crate) fn classifier(&self, purpose: Purpose) -> Result<LogisticRegression> {
        let classifier = self.configuration.settings.model.classifier(&self.labels, purpose);
        Ok(classifier.map_err(|error| self.configuration.error(("model", error)))?)
    }

    /// The rules that give weak labels, if there are any.
    pub(crate) fn rules(&self) -> Result<Option<Rules>> {
        let rules = self.configuration.settings.rules.rules(&self.labels);
        Ok(rules.map_err(|error| self.configuration.error(("rules", error)))?)
    }

    /// The thresholds for labels and annotators.
    pub(crate) fn standards(&self) -> Result<Standards> {
        let standards = self.configuration.settings.quality.standards();
        Ok(standards.map_err(|error| self.configuration.error(("quality", error)))?)
    }

    /// The rules that say when to stop.
    pub(crate) fn stop(&self) -> Result<StopRules> {
        let rules = self.configuration.settings.stop.rules();
        Ok(rules.map_err(|error| self.configuration.error(("stop", error)))?)
    }

    /// Features of the whole workspace.
    pub(crate) fn prepare(&self, bench: &Bench, progress: &dyn Progress) -> Result<Prepared> {
        if bench.situation.pool.is_empty() {
            return Err(Nothing::EmptyPool.into());
        }
        let basis = Basis::of(&bench.snapshot, &bench.situation);
        self.features_of(&bench.featurizer, &bench.snapshot, &bench.situation, basis, progress)
    }

    /// Features by `featurizer`; an embedding of the pool is learned from `basis`.
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

    /// The featurizer that querist.toml asks for, for `pool` documents of which `labeled` are
    /// labelled.
    pub(crate) fn featurizer(
        &self,
        features: &Features,
        pool: usize,
        labeled: usize,
    ) -> Result<(FeatureKind, TextFeaturizer)> {
        let origin = embeddings::chosen(&self.workspace, &self.configuration)?;
        let (kind, scales) = features.kind(pool, labeled, origin != Origin::Nowhere);
        let embedding = if kind.has(Block::Static) {
            Some(origin.open()?.ok_or_else(|| self.no_embedding())?)
        } else {
            None
        };
        Ok((kind, features.featurizer((kind, scales), embedding)))
    }

    /// The error for a kind of features that needs an embedding when there is none.
    fn no_embedding(&self) -> EmbeddingError {
        let what =
            "this kind needs a static embedding, but embedding is \"none\"; set embedding = \"english\"";
        EmbeddingError::Needed(self.configuration.error(("features", SettingError::new("kind", what))))
    }

    /// The weak labels that the rules of querist.toml give to the pool; `None` without rules.
    pub(crate) fn weak_labels(&self, bench: &Bench, progress: &dyn Progress) -> Result<Option<WeakLabels>> {
        let Some(rules) = self.rules()? else { return Ok(None) };
        let corpus = self.workspace.corpus()?;
        let labels = progress.step(Step::Rules, || WeakLabels::of(rules, &corpus, bench));
        Ok(Some(labels.map_err(SessionError::step("apply the rules"))?))
    }
}
