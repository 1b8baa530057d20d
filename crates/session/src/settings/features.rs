//! Features ready to be made: the counters that `[features]` asks for, with a tokenizer's file read
//! from the workspace.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use querist_core::{Edition, SettingError};
use querist_text::space::auto;
use querist_text::{
    Counter, FeatureChoice, FeatureKind, FeatureSettings, Scales, StaticEmbedding, TextFeaturizer,
    WordTokenizer,
};

/// What makes features.
pub struct Features {
    choice: FeatureChoice,
    counter: Arc<dyn Counter>,
    shingles: Arc<dyn Counter>,
    folder: PathBuf,
    n_classes: usize,
}

/// The tokenizer in a file of the folder, by the name that the settings give it.
///
/// # Errors
/// It cannot be read, or is none.
fn tokenizer_of(root: &Path, name: &str) -> Result<WordTokenizer, String> {
    let path = root.join(name);
    let bytes = querist_text::tokenizer_file::bytes_of(&path).map_err(|error| {
        let (unicode, presets) = (FeatureSettings::UNICODE, WordTokenizer::preset_names().join(", "));
        format!(
            "\"{name}\" is neither \"{unicode}\" nor a preset ({presets}), and {} cannot be read: {error}; expected a tokenizer.json",
            path.display()
        )
    })?;
    WordTokenizer::from_json(&bytes, &path.display().to_string()).map_err(|error| error.to_string())
}

impl Features {
    /// What the settings ask for; `root` is the workspace's folder, `edition` the version of the
    /// rules by which texts are counted, `place` what messages call the place where the tokenizer
    /// is named.
    ///
    /// # Errors
    /// A tokenizer that cannot be read.
    pub fn of(
        settings: &FeatureSettings,
        root: &Path,
        edition: Edition,
        n_classes: usize,
        place: &str,
    ) -> Result<Self, SettingError> {
        let words = settings.words(&|name| {
            let tokenizer = tokenizer_of(root, name)?;
            Ok(tokenizer.named_at(format!("{place}: the tokenizer \"{name}\"")))
        })?;
        let (counter, shingles) = settings.counters(words, edition)?;
        Ok(Self {
            choice: settings.kind,
            counter: Arc::new(counter),
            shingles: Arc::new(shingles),
            folder: root.join("features"),
            n_classes,
        })
    }

    /// Whether the kind is left to Querist.
    pub fn is_auto(&self) -> bool {
        self.choice == FeatureChoice::Auto
    }

    /// The kind, and the weights of its blocks, for a pool of that size with that many labels.
    pub fn kind(&self, pool: usize, labeled: usize, has_embedding: bool) -> (FeatureKind, Scales) {
        match self.choice {
            FeatureChoice::Auto => auto(pool, labeled, has_embedding),
            FeatureChoice::Fixed(kind) => (kind, Scales::default()),
        }
    }

    /// What counts the n-grams that features are made of.
    pub fn counter(&self) -> Arc<dyn Counter> {
        Arc::clone(&self.counter)
    }

    /// What counts the n-grams that near-duplicates are known by.
    pub fn shingles(&self) -> Arc<dyn Counter> {
        Arc::clone(&self.shingles)
    }

    /// The featurizer of that kind, with its files in the workspace.
    pub fn featurizer(
        &self,
        (kind, scales): (FeatureKind, Scales),
        embedding: Option<Arc<StaticEmbedding>>,
    ) -> TextFeaturizer {
        let featurizer = TextFeaturizer::new(Arc::clone(&self.counter), kind);
        let featurizer =
            featurizer.with_scales(scales).with_classes(self.n_classes).with_folder(&self.folder);
        match embedding {
            Some(embedding) => featurizer.with_embedding(embedding),
            None => featurizer,
        }
    }
}
