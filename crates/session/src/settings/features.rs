//! Builds featurizers from the settings under `[features]`. Reads the tokenizer, if one is set,
//! from a file in the workspace.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use querist_core::{DocumentVectors, Edition, SettingError};
use querist_text::space::{Sizes, auto};
use querist_text::{
    Counter, FeatureChoice, FeatureKind, FeatureSettings, Scales, StaticEmbedding, TextFeaturizer,
    UnitChoice, WordTokenizer,
};

/// Builds featurizers as the settings under `[features]` ask for them.
pub struct Features {
    choice: FeatureChoice,
    /// Counts the n-grams of a text.
    counter: Arc<dyn Counter>,
    /// Counts the shingles of a text.
    shingles: Arc<dyn Counter>,
    units: UnitChoice,
    folder: PathBuf,
    n_classes: usize,
    edition: Edition,
}

/// Reads the tokenizer from the file `name` in `root`, the folder of the workspace. `name` is the
/// value of the setting.
///
/// # Errors
/// The file cannot be read, or is not a tokenizer.
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
    /// Prepares the counters for the settings. `root` is the folder of the workspace, and `edition`
    /// the version of the rules by which texts are counted. `place` says where the tokenizer was
    /// set, for messages.
    ///
    /// # Errors
    /// The tokenizer cannot be read, or a setting does not fit it.
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
            units: settings.unit_choice(&counter, edition),
            counter: Arc::new(counter),
            shingles: Arc::new(shingles),
            folder: root.join("features"),
            n_classes,
            edition,
        })
    }

    /// Returns the kind of features; `None` if Querist chooses it.
    pub fn fixed(&self) -> Option<FeatureKind> {
        match self.choice {
            FeatureChoice::Auto => None,
            FeatureChoice::Fixed(kind) => Some(kind),
        }
    }

    /// Returns whether Querist chooses the kind of features.
    pub fn is_auto(&self) -> bool {
        self.choice == FeatureChoice::Auto
    }

    /// Returns the kind of features, and the weights of their blocks. If Querist chooses the kind,
    /// it depends on `pool`, the number of documents in the pool, on `labeled`, the number of
    /// labelled documents, and on the number of classes.
    pub fn kind(
        &self,
        (pool, labeled): (usize, usize),
        has_embedding: bool,
        has_vectors: bool,
    ) -> (FeatureKind, Scales) {
        match self.choice {
            FeatureChoice::Auto => {
                let sizes = Sizes { pool, labeled, classes: self.n_classes };
                auto(sizes.of_edition(self.edition), has_embedding, has_vectors)
            }
            FeatureChoice::Fixed(kind) => (kind, Scales::default()),
        }
    }

    /// Returns what counts the n-grams in a text. They become features.
    pub fn counter(&self) -> Arc<dyn Counter> {
        Arc::clone(&self.counter)
    }

    /// Returns what counts the shingles in a text. They reveal near-duplicates.
    pub fn shingles(&self) -> Arc<dyn Counter> {
        Arc::clone(&self.shingles)
    }

    /// Returns a featurizer of the given kind that caches its files in the workspace.
    pub fn featurizer(
        &self,
        (kind, scales): (FeatureKind, Scales),
        embedding: Option<Arc<StaticEmbedding>>,
        vectors: Option<Arc<dyn DocumentVectors>>,
    ) -> TextFeaturizer {
        let featurizer = TextFeaturizer::new(Arc::clone(&self.counter), kind);
        let featurizer =
            featurizer.with_scales(scales).with_classes(self.n_classes).with_folder(&self.folder);
        let featurizer = featurizer.with_units(self.units.clone());
        let featurizer = match embedding {
            Some(embedding) => featurizer.with_embedding(embedding),
            None => featurizer,
        };
        match vectors {
            Some(vectors) => featurizer.with_vectors(vectors),
            None => featurizer,
        }
    }
}
