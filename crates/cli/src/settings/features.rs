//! `[features]`: what documents are described by.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use querist_core::Edition;
use querist_text::space::auto;
use querist_text::{
    Buckets, CharacterRange, Counter, FeatureChoice, FeatureKind, NgramCounter, NgramRange, Normalization,
    Numbers, Scales, StaticEmbedding, TextFeaturizer, WordSource, WordSplitter, WordTokenizer,
};

use super::layered;
use crate::configuration::{ConfigurationFile, Source};

const KIND: &str = "auto";
/// The fast splitter; any other name is a preset or a path.
pub const WORDS: &str = "unicode";
const NGRAMS: (usize, usize) = (1, 2);
const BUCKETS: usize = 1 << 20;

/// What querist.toml says of features, checked.
pub struct FeatureSettings {
    choice: FeatureChoice,
    at: Source,
    counter: Arc<dyn Counter>,
    shingles: Arc<dyn Counter>,
    /// The embedding that it names: one of the workspace's, `english` or `none`.
    pub embedding: Option<(String, Source)>,
    folder: PathBuf,
    n_classes: usize,
}

/// Reads `[features]`; `root` is the workspace's folder, `edition` the version of the rules by which texts are counted.
///
/// # Errors
/// A tokenizer that cannot be read, or parameters that make no sense: with their line.
pub fn features(file: &ConfigurationFile, root: &Path, edition: Edition) -> anyhow::Result<FeatureSettings> {
    let table = &file.values.features;
    let (kind, at) = layered(file, "kind", None, table.kind.as_ref(), KIND.to_owned());
    let choice: FeatureChoice = kind.parse().map_err(|error| at.error(error))?;
    let (ngrams, at_ngrams) = layered(file, "ngrams", None, table.ngrams.as_ref(), NGRAMS);
    let ngrams = NgramRange::new(ngrams.0, ngrams.1).map_err(|error| at_ngrams.error(error))?;
    let (buckets, at_buckets) = layered(file, "buckets", None, table.buckets.as_ref(), BUCKETS);
    let buckets = Buckets::new(buckets).map_err(|error| at_buckets.error(error))?;
    let characters = match &table.char_ngrams {
        Some(value) => {
            let (min, max) = *value.get_ref();
            let range = CharacterRange::new(min, max);
            Some(range.map_err(|error| file.at("char_ngrams", value.span()).error(error))?)
        }
        None => None,
    };
    let words = words(file, root)?;
    let counter = NgramCounter::new(words.clone(), ngrams, characters, buckets).of_edition(edition);
    // A text of one word has no pair of words, but is a text.
    let from_one = NgramRange::new(1, ngrams.max())?;
    let shingles = if ngrams == from_one {
        counter.clone()
    } else {
        NgramCounter::new(words, from_one, None, buckets).of_edition(edition)
    };
    let embedding = table.embedding.as_ref();
    let embedding = embedding.map(|name| (name.get_ref().clone(), file.at("embedding", name.span())));
    Ok(FeatureSettings {
        choice,
        at,
        counter: Arc::new(counter),
        shingles: Arc::new(shingles),
        embedding,
        folder: root.join("features"),
        n_classes: file.values.labels.get_ref().len(),
    })
}

/// Where words come from.
fn words(file: &ConfigurationFile, root: &Path) -> anyhow::Result<WordSource> {
    let table = &file.values.features;
    let (name, at) = layered(file, "tokenizer", None, table.tokenizer.as_ref(), WORDS.to_owned());
    if name == WORDS {
        let default = Normalization::default();
        let numbers = match &table.numbers {
            Some(value) => numbers_of(value.get_ref(), &file.at("numbers", value.span()))?,
            None => default.numbers,
        };
        return Ok(WordSource::Splitter(WordSplitter::new(Normalization {
            lowercase: table.lowercase.unwrap_or(default.lowercase),
            strip_accents: table.strip_accents.unwrap_or(default.strip_accents),
            numbers,
        })));
    }
    if table.lowercase.is_some() || table.strip_accents.is_some() || table.numbers.is_some() {
        let what =
            "a tokenizer normalises by itself; lowercase, strip_accents and numbers are for \"unicode\" only";
        return Err(at.error(what));
    }
    if WordTokenizer::preset_names().contains(&name.as_str()) {
        return Ok(WordSource::Tokenizer(WordTokenizer::preset(&name).map_err(|error| at.error(error))?));
    }
    let path = root.join(&name);
    let bytes = querist_text::tokenizer_file::bytes_of(&path).map_err(|error| {
        let presets = WordTokenizer::preset_names().join(", ");
        at.error(format!(
            "\"{name}\" is neither \"{WORDS}\" nor a preset ({presets}), and {} cannot be read: {error}; expected a tokenizer.json",
            path.display()
        ))
    })?;
    let tokenizer = WordTokenizer::from_json(&bytes, &path.display().to_string());
    let tokenizer = tokenizer.map_err(|error| at.error(error))?;
    Ok(WordSource::Tokenizer(tokenizer.named_at(format!("{}: the tokenizer \"{name}\"", at.name()))))
}

fn numbers_of(name: &str, at: &Source) -> anyhow::Result<Numbers> {
    let all = [Numbers::Keep, Numbers::Mask, Numbers::Drop];
    let found = all.into_iter().find(|numbers| numbers.name() == name);
    found.ok_or_else(|| at.error(format!("\"{name}\"; expected \"keep\", \"mask\" or \"drop\"")))
}

impl FeatureSettings {
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

    /// The error of a kind that needs an embedding where there is none.
    pub fn no_embedding(&self) -> anyhow::Error {
        self.at.error("the kind needs a static embedding, and embedding is \"none\"; say embedding = \"english\", or bring one with `querist embedding add DIR`")
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
