//! querist.toml: its template, its parser, and errors that name the line.
//!
//! Every key is optional but `labels`; an unknown key is an error, because it is usually a misspelt one.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use querist_core::LabelSet;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::failure::Mend;

/// querist.toml as `querist init` writes it; `{labels}` is replaced.
const TEMPLATE: &str = include_str!("querist.toml");

/// The text of querist.toml for a new workspace.
pub fn template(labels: &LabelSet) -> String {
    let quoted: Vec<String> =
        labels.names().iter().map(|name| toml::Value::String(name.clone()).to_string()).collect();
    TEMPLATE.replace("{labels}", &quoted.join(", "))
}

/// querist.toml, parsed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// The classes.
    pub labels: Spanned<Vec<String>>,
    /// The seed.
    #[serde(default)]
    pub seed: u64,
    /// How a batch is composed.
    #[serde(default)]
    pub batch: BatchTable,
    /// How texts become features.
    #[serde(default)]
    pub features: FeaturesTable,
    /// The classifier.
    #[serde(default)]
    pub model: ModelTable,
    /// How answers become labels, and what annotators are held to.
    #[serde(default)]
    pub quality: QualityTable,
    /// When to stop.
    #[serde(default)]
    pub stop: StopTable,
    /// Patterns that vote for a class, by class.
    #[serde(default)]
    pub rules: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
}

/// `[batch]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BatchTable {
    /// How many documents.
    pub size: Option<Spanned<usize>>,
    /// The shares.
    pub mix: Option<Spanned<MixValue>>,
    /// The class quotas.
    pub ratio: Option<Spanned<RatioValue>>,
    /// The measure of uncertainty.
    pub measure: Option<Spanned<String>>,
    /// Candidates for a diverse choice, as a multiple of the share.
    pub diversity: Option<Spanned<usize>>,
    /// Which members fill a quota.
    pub within: Option<Spanned<String>>,
    /// What fills the uncertainty share.
    pub strategy: Option<Spanned<String>>,
    /// The resemblance of near-duplicates, or `off`.
    pub near_duplicates: Option<Spanned<NearDuplicatesValue>>,
    /// Whether annotators see the model's guess.
    pub suggest: Option<bool>,
}

/// `near_duplicates = 0.8` or `near_duplicates = "off"`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a number above 0 and at most 1, or \"off\"")]
pub enum NearDuplicatesValue {
    /// This resemblance.
    Number(f64),
    /// A word.
    Word(String),
}

/// `mix = { uncertainty = 0.5, … }`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MixTable {
    /// Highest score.
    pub uncertainty: f64,
    /// Class quotas.
    pub ratio: f64,
    /// A uniform sample.
    pub random: f64,
    /// Control items.
    pub control: f64,
}

/// `mix = { uncertainty = 0.5, … }` or `mix = "adaptive"`.
#[derive(Debug, Clone, PartialEq)]
pub enum MixValue {
    /// A word.
    Word(String),
    /// Shares.
    Table(MixTable),
}

/// Not by trying one form after the other, which would lose what is wrong with a key of the table.
impl<'de> Deserialize<'de> for MixValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = MixValue;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a table of shares, as in { uncertainty = 0.5, ratio = 0.5 }, or \"adaptive\"")
            }
            fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
                Ok(MixValue::Word(word.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                MixTable::deserialize(MapAccessDeserializer::new(map)).map(MixValue::Table)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// `ratio = "balance"` or `ratio = { fraud = 0.8, other = 0.2 }`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected \"balance\" or weights by class, as in { fraud = 0.8, other = 0.2 }")]
pub enum RatioValue {
    /// A word.
    Word(String),
    /// Weights by class.
    Weights(BTreeMap<String, f64>),
}

/// `[features]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeaturesTable {
    /// What documents are described by.
    pub kind: Option<Spanned<String>>,
    /// `unicode`, a preset's name, or the path of a tokenizer.json.
    pub tokenizer: Option<Spanned<String>>,
    /// Whether case counts.
    pub lowercase: Option<bool>,
    /// Whether accents are taken off.
    pub strip_accents: Option<bool>,
    /// What becomes of digits.
    pub numbers: Option<Spanned<String>>,
    /// The shortest and the longest word n-gram.
    pub ngrams: Option<Spanned<(usize, usize)>>,
    /// The shortest and the longest character n-gram; none when left out.
    pub char_ngrams: Option<Spanned<(usize, usize)>>,
    /// How many columns n-grams are hashed into.
    pub buckets: Option<Spanned<usize>>,
    /// The static embedding: `english`, `none`, or the name that `querist embedding add` gave it.
    pub embedding: Option<Spanned<String>>,
}

/// `[model]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelTable {
    /// Inverse strength of the penalty, or how it is chosen.
    pub c: Option<Spanned<PenaltyValue>>,
    /// What an example of each class counts.
    pub class_weights: Option<Spanned<ClassWeightsValue>>,
    /// How probabilities are calibrated.
    pub calibration: Option<Spanned<String>>,
    /// Whose solver.
    pub solver: Option<Spanned<String>>,
    /// Most iterations of the solver.
    pub max_iterations: Option<Spanned<u64>>,
    /// Gradient norm that counts as converged.
    pub tolerance: Option<Spanned<f64>>,
}

/// `c = 10.0`, `c = "auto"` or `c = "cross-validated"`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a number above 0, \"auto\" or \"cross-validated\"")]
pub enum PenaltyValue {
    /// This strength.
    Number(f64),
    /// A word.
    Word(String),
}

/// `class_weights = "balanced"` or `class_weights = { fraud = 3 }`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected \"none\", \"balanced\" or weights by class, as in { fraud = 3, other = 1 }"
)]
pub enum ClassWeightsValue {
    /// A word.
    Word(String),
    /// Weights by class.
    Weights(BTreeMap<String, f64>),
}

/// `[quality]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QualityTable {
    /// Least accuracy on control items.
    pub min_accuracy: Option<Spanned<f64>>,
    /// Least kappa on control items.
    pub min_kappa: Option<Spanned<f64>>,
    /// The probability below which a document is up for review.
    pub min_confidence: Option<Spanned<f64>>,
    /// The chance of a false alarm of drift.
    pub drift_alpha: Option<Spanned<f64>>,
    /// For how many answers it holds.
    pub drift_horizon: Option<Spanned<usize>>,
    /// How answers become labels.
    pub aggregator: Option<Spanned<String>>,
    /// What labels count in training.
    pub training: Option<Spanned<String>>,
    /// The share of a batch that goes to several annotators.
    pub overlap: Option<Spanned<f64>>,
    /// To how many.
    pub answers_per_item: Option<Spanned<usize>>,
}

/// `[stop]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StopTable {
    /// The rules that decide.
    pub rules: Option<Spanned<Vec<Spanned<String>>>>,
    /// Whether all of them must say stop, or any.
    pub when: Option<Spanned<String>>,
    /// The rules that may object.
    pub unless: Option<Spanned<Vec<Spanned<String>>>>,
    /// The accuracy that the forecast looks for.
    pub target: Option<Spanned<f64>>,
    /// What may be spent.
    pub budget: Option<Spanned<usize>>,
    /// What the budget counts.
    pub budget_of: Option<Spanned<String>>,
    /// Mean kappa of successive models that is enough.
    pub min_kappa: Option<Spanned<f64>>,
    /// Over how many rounds.
    pub kappa_rounds: Option<Spanned<usize>>,
    /// The share of predictions that may change.
    pub max_change: Option<Spanned<f64>>,
    /// In how many successive rounds.
    pub change_rounds: Option<Spanned<usize>>,
    /// Mean normalised entropy that is low enough.
    pub max_entropy: Option<Spanned<f64>>,
    /// The fall of entropy that counts.
    pub min_fall: Option<Spanned<f64>>,
    /// Over how many rounds.
    pub fall_rounds: Option<Spanned<usize>>,
    /// The gain in accuracy that matters.
    pub min_gain: Option<Spanned<f64>>,
    /// How many random slices are taken together.
    pub gain_rounds: Option<Spanned<usize>>,
}

/// Where a value comes from: a place in querist.toml, or a flag. Errors name it.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
}

impl Source {
    /// A flag, or the environment variable that stands for it when the command line does not have the flag.
    pub fn flag(key: &str) -> Self {
        let (flag, variable) =
            (format!("--{}", key.replace('_', "-")), format!("QUERIST_{}", key.to_uppercase()));
        let typed = std::env::args_os().any(|argument| argument.to_string_lossy().starts_with(&flag));
        Self { name: if !typed && std::env::var_os(&variable).is_some() { variable } else { flag } }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A value of the built-in defaults.
    pub fn built_in() -> Self {
        Self { name: "the defaults".to_owned() }
    }

    /// An error about the value.
    pub fn error(&self, problem: impl std::fmt::Display) -> anyhow::Error {
        Mend(format!("{}: {problem}", self.name)).into()
    }
}

/// A parsed querist.toml and what is needed to point into it.
#[derive(Debug, Clone)]
pub struct ConfigurationFile {
    /// The values.
    pub values: Configuration,
    path: String,
    text: String,
}

impl ConfigurationFile {
    /// Parses querist.toml.
    ///
    /// # Errors
    /// Malformed TOML, an unknown key, a value of the wrong type: with file and line.
    pub fn parse(path: &Path, text: String) -> anyhow::Result<Self> {
        let path = path.display().to_string();
        match toml::from_str(&text) {
            Ok(values) => Ok(Self { values, path, text }),
            Err(error) => {
                let line = error.span().map_or(1, |span| line_of(&text, span.start));
                Err(Mend(format!("{path}:{line}: {}", plain(error.message()))).into())
            }
        }
    }

    /// The file as it stands.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of a value.
    pub fn at(&self, key: &str, span: Range<usize>) -> Source {
        Source { name: format!("{}:{}: {key}", self.path, line_of(&self.text, span.start)) }
    }

    /// The classes.
    ///
    /// # Errors
    /// They are no label set: too few, repeated, blank.
    pub fn labels(&self) -> anyhow::Result<LabelSet> {
        let labels = &self.values.labels;
        LabelSet::new(labels.get_ref().iter().cloned())
            .map_err(|error| self.at("labels", labels.span()).error(error))
    }
}

/// The parser's words with the types of the program in plain terms.
fn plain(message: &str) -> String {
    let mut message = message.replace('\n', ", ");
    for (jargon, words) in [
        ("usize", "a whole number of 0 or more"),
        ("u64", "a whole number of 0 or more"),
        ("f64", "a number"),
    ] {
        message = message.replace(&format!("expected {jargon}"), &format!("expected {words}"));
    }
    message
}

/// The line of an offset, from 1.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ConfigurationFile, String> {
        ConfigurationFile::parse(Path::new("querist.toml"), text.to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_template_is_a_configuration_and_keeps_labels_to_the_letter() {
        let labels = LabelSet::new(["a \"quoted\" one", "b\\c", "ü"]).unwrap();
        let file = parse(&template(&labels)).unwrap();
        assert_eq!(file.labels().unwrap(), labels);
        assert!(file.values.batch.mix.is_some());
    }

    #[test]
    fn errors_name_the_line() {
        let message = parse("labels = [\"a\", \"b\"]\n\n[batch]\nsise = 3\n").unwrap_err();
        assert!(message.starts_with("querist.toml:4: unknown field `sise`"), "{message}");
        let message = parse("labels = [\"a\", \"b\"]\n[batch]\nsize = \"many\"\n").unwrap_err();
        assert!(message.starts_with("querist.toml:3: invalid type"), "{message}");
        let message = parse("labels = [\"a\"\n").unwrap_err();
        assert!(message.starts_with("querist.toml:"), "{message}");
        let message = parse("\nlabels = [\"a\"]").unwrap().labels().unwrap_err().to_string();
        assert_eq!(message, "querist.toml:2: labels: a label set needs at least two labels, got 1");
    }
}
