//! The settings of `[features]` and `[rules]`, shared by all interfaces.
//!
//! Reading checks names; [`FeatureSettings::check`] checks numbers. The caller of
//! [`FeatureSettings::words`] reads a tokenizer's file, which a workspace has on disk and a
//! portable model contains.

use std::collections::BTreeMap;
use std::sync::Arc;

use querist_core::setting::class_named;
use querist_core::{Edition, LabelSet, SettingError};
use serde::{Deserialize, Serialize};

use crate::counts::Counter;
use crate::ngram::{Buckets, CharacterRange, NgramCounter, NgramRange, Units, WordSource};
use crate::rules::{Rule, Rules};
use crate::space::{FeatureChoice, FeatureKind, UnitChoice};
use crate::splitter::{Normalization, Numbers, WordSplitter};
use crate::tokenizer::WordTokenizer;

/// How documents become features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeatureSettings {
    /// The kind of features, or `auto`.
    pub kind: FeatureChoice,
    /// The tokenizer that splits a text into words: `unicode`, a preset, or the path of a
    /// tokenizer.json.
    pub tokenizer: String,
    /// Whether `unicode` lowers the case; `None` lowers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lowercase: Option<bool>,
    /// Whether `unicode` strips accents; `None` keeps them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strip_accents: Option<bool>,
    /// What `unicode` does with digits; `None` keeps them.
    #[serde(with = "optional_numbers", skip_serializing_if = "Option::is_none")]
    pub numbers: Option<Numbers>,
    /// What n-grams consist of. [`Units::Auto`] is not written, so that settings without it stay as
    /// they are.
    #[serde(with = "querist_core::named", skip_serializing_if = "is_auto")]
    pub units: Units,
    /// The lengths of the shortest and the longest word n-gram, in words, 1 to 8.
    pub ngrams: (usize, usize),
    /// The lengths of the shortest and the longest character n-gram, 1 to 16; `None` counts none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub char_ngrams: Option<(usize, usize)>,
    /// The number of columns that n-grams are hashed into: a power of two, 2 to 2^24.
    pub buckets: usize,
    /// The static embedding: `english`, `none`, or the name of an imported one. If `None`, the
    /// imported one is used if there is one, otherwise `english`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding: Option<String>,
}

impl Default for FeatureSettings {
    fn default() -> Self {
        Self {
            kind: FeatureChoice::Auto,
            tokenizer: Self::UNICODE.to_owned(),
            lowercase: None,
            strip_accents: None,
            numbers: None,
            units: Units::Auto,
            ngrams: (1, 2),
            char_ngrams: None,
            buckets: 1 << 20,
            embedding: None,
        }
    }
}

impl FeatureSettings {
    /// The name of the fast splitter; any other tokenizer is a preset or a file.
    pub const UNICODE: &str = "unicode";

    /// Checks the settings, as far as that is possible without reading a tokenizer's file.
    ///
    /// # Errors
    /// A value is not allowed; the error names the first such key.
    pub fn check(&self) -> Result<(), SettingError> {
        self.ranges()?;
        let normalizes = self.lowercase.is_some() || self.strip_accents.is_some() || self.numbers.is_some();
        if self.tokenizer != Self::UNICODE && normalizes {
            let what = "this tokenizer normalises texts itself; lowercase, strip_accents and numbers are \
                        for \"unicode\" only";
            return Err(SettingError::new("tokenizer", what));
        }
        let parts = matches!(self.units, Units::Characters | Units::Both);
        if parts && self.kind == FeatureChoice::Fixed(FeatureKind::STATIC) {
            let what = "kind = \"static\" has no n-grams, so units would have no effect; remove units, or choose \
                        another kind";
            return Err(SettingError::new("units", what));
        }
        if self.char_ngrams.is_some() && parts {
            let what = "char_ngrams needs units = \"words\" or \"auto\": with \"characters\" and \"both\", Querist chooses the \
                        lengths of the parts of words";
            return Err(SettingError::new("char_ngrams", what));
        }
        Ok(())
    }

    /// Returns the path of the tokenizer's file; `None` if the tokenizer is `unicode` or a preset.
    pub fn tokenizer_file(&self) -> Option<&str> {
        let built_in = self.tokenizer == Self::UNICODE
            || WordTokenizer::preset_names().contains(&self.tokenizer.as_str());
        (!built_in).then_some(self.tokenizer.as_str())
    }

    /// Returns the tokenizer that splits texts into words. `open` reads a tokenizer's file, given
    /// the path in the settings.
    ///
    /// # Errors
    /// The same as for [`Self::check`]; also if the tokenizer cannot be read, with the message of
    /// `open`.
    pub fn words(
        &self,
        open: &dyn Fn(&str) -> Result<WordTokenizer, String>,
    ) -> Result<WordSource, SettingError> {
        self.check()?;
        let wrong = |problem: String| SettingError::new("tokenizer", problem);
        if self.tokenizer == Self::UNICODE {
            let default = Normalization::default();
            return Ok(WordSource::Splitter(WordSplitter::new(Normalization {
                lowercase: self.lowercase.unwrap_or(default.lowercase),
                strip_accents: self.strip_accents.unwrap_or(default.strip_accents),
                numbers: self.numbers.unwrap_or(default.numbers),
            })));
        }
        let tokenizer = match self.tokenizer_file() {
            Some(file) => open(file).map_err(wrong)?,
            None => WordTokenizer::preset(&self.tokenizer).map_err(|error| wrong(error.to_string()))?,
        };
        Ok(WordSource::Tokenizer(tokenizer))
    }

    /// Returns two counters of n-grams: the first for features, the second for the shingles by
    /// which near-duplicates are found.
    ///
    /// # Errors
    /// The same as for [`Self::check`].
    pub fn counters(
        &self,
        words: WordSource,
        edition: Edition,
    ) -> Result<(NgramCounter, NgramCounter), SettingError> {
        let (ngrams, characters, buckets) = self.ranges()?;
        let counter = NgramCounter::new(words.clone(), ngrams, characters, buckets).of_edition(edition);
        // Shingles begin with single words, because near-duplicates of a text of one word must be
        // found too.
        let from_one =
            NgramRange::new(1, ngrams.max()).map_err(|error| SettingError::new("ngrams", error))?;
        let shingles = if ngrams == from_one {
            counter.clone()
        } else {
            NgramCounter::new(words, from_one, None, buckets).of_edition(edition)
        };
        Ok((counter, shingles))
    }

    /// Returns how a featurizer decides what n-grams consist of. The pool's text decides if the
    /// settings leave the kind of features and its n-grams to Querist. `words` is the first counter
    /// of [`Self::counters`].
    pub fn unit_choice(&self, words: &NgramCounter, edition: Edition) -> UnitChoice {
        let counter = |units| Arc::new(words.clone().with_units(units)) as Arc<dyn Counter>;
        let default = Self::default();
        let left_alone = self.kind == FeatureChoice::Auto
            && (self.ngrams, self.char_ngrams) == (default.ngrams, default.char_ngrams);
        match self.units {
            Units::Auto if left_alone && edition >= Edition::Fourth => {
                UnitChoice::ByText { characters: counter(Units::Characters), both: counter(Units::Both) }
            }
            Units::Auto | Units::Words => UnitChoice::Words,
            units => UnitChoice::Fixed(units, counter(units)),
        }
    }

    fn ranges(&self) -> Result<(NgramRange, Option<CharacterRange>, Buckets), SettingError> {
        let (min, max) = self.ngrams;
        let ngrams = NgramRange::new(min, max).map_err(|error| SettingError::new("ngrams", error))?;
        let buckets = Buckets::new(self.buckets).map_err(|error| SettingError::new("buckets", error))?;
        let characters = self.char_ngrams.map(|(min, max)| CharacterRange::new(min, max)).transpose();
        Ok((ngrams, characters.map_err(|error| SettingError::new("char_ngrams", error))?, buckets))
    }
}

/// Returns whether Querist chooses what n-grams consist of; for serde.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_auto(units: &Units) -> bool {
    *units == Units::Auto
}

/// Serializes an optional value like [`querist_core::named`].
mod optional_numbers {
    use querist_core::named;
    use serde::{Deserializer, Serializer};

    use super::Numbers;

    #[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<Numbers>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(numbers) => named::serialize(numbers, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Numbers>, D::Error> {
        named::deserialize(deserializer).map(Some)
    }
}

/// For each class, by name, the patterns that vote for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleSettings(pub BTreeMap<String, Vec<String>>);

impl RuleSettings {
    /// Returns the compiled rules, sorted by class in label order; `None` if there are none.
    ///
    /// # Errors
    /// A class does not exist, or a pattern is not a regular expression; the error then has the
    /// pattern's index in the list of its class.
    pub fn rules(&self, labels: &LabelSet) -> Result<Option<Rules>, SettingError> {
        let mut by_class: Vec<Vec<(&String, usize, &String)>> = vec![Vec::new(); labels.len()];
        for (name, patterns) in &self.0 {
            let class =
                class_named(name, labels).map_err(|problem| SettingError::of_labels(name, problem))?;
            let patterns = patterns.iter().enumerate();
            by_class[class.index()].extend(patterns.map(|(place, pattern)| (name, place, pattern)));
        }
        let mut all = Vec::new();
        for (class, patterns) in labels.classes().zip(by_class) {
            for (name, place, pattern) in patterns {
                let rule = Rule { pattern: pattern.clone(), class };
                // Each rule is compiled alone first, so that an error can name the wrong pattern.
                Rules::new(vec![rule.clone()])
                    .map_err(|error| SettingError::new(name, error).inside(place))?;
                all.push(rule);
            }
        }
        if all.is_empty() {
            return Ok(None);
        }
        Rules::new(all)
            .map(Some)
            .map_err(|error| SettingError { path: Vec::new(), ..SettingError::new("", error) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::counts::Scratch;

    fn read(value: &Value) -> Result<FeatureSettings, String> {
        let settings: FeatureSettings =
            serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
        settings.check().map_err(|error| error.to_string())?;
        Ok(settings)
    }

    #[test]
    fn what_is_written_is_read_again() {
        for value in [
            json!({"kind": "ngram+lsa", "numbers": "mask", "char_ngrams": [3, 5], "embedding": "none"}),
            json!({"tokenizer": "words", "buckets": 1024, "ngrams": [2, 3]}),
            json!({}),
        ] {
            let settings = read(&value).unwrap();
            assert_eq!(read(&serde_json::to_value(&settings).unwrap()).unwrap(), settings);
        }
    }

    #[test]
    fn a_value_that_makes_no_sense_is_named_by_its_key() {
        for (value, words) in [
            (json!({"ngrams": [2, 1]}), "ngrams: "),
            (json!({"char_ngrams": [0, 1]}), "char_ngrams: "),
            (json!({"buckets": 1000}), "buckets: "),
            (json!({"numbers": "hide"}), "\"hide\"; expected one of keep, mask, drop"),
            (
                json!({"char_ngrams": [3, 5], "units": "both"}),
                "char_ngrams: char_ngrams needs units = \"words\" or \"auto\"",
            ),
            (json!({"kind": "static", "units": "both"}), "units: kind = \"static\" has no n-grams"),
            (json!({"units": "letters"}), "\"letters\"; expected one of auto, words, characters, both"),
            (
                json!({"tokenizer": "words", "lowercase": true}),
                "tokenizer: this tokenizer normalises texts itself",
            ),
            (json!({"kind": "bert"}), "the features \"bert\" are unknown"),
        ] {
            let message = read(&value).unwrap_err();
            assert!(message.starts_with(words), "{value}: {message}");
        }
    }

    #[test]
    fn a_text_of_dropped_numbers_is_counted_in_all_units() {
        for units in ["words", "characters", "both"] {
            let settings: FeatureSettings =
                serde_json::from_value(json!({"units": units, "numbers": "drop"})).unwrap();
            let words = settings.words(&|_| Err(String::new())).unwrap();
            let (counter, _) = settings.counters(words, Edition::CURRENT).unwrap();
            let counter = counter.with_units(settings.units);
            let mut row = Vec::new();
            counter.count("1024 55", &mut Scratch::default(), &mut row).unwrap();
            assert!(!row.is_empty(), "{units}");
            let mut terms = 0;
            counter.for_each_term("1024 55", &mut |_, _| terms += 1).unwrap();
            assert!(terms >= row.len(), "{units}");
        }
    }

    #[test]
    fn a_tokenizer_is_opened_by_the_name_that_the_settings_give_it() {
        let settings = FeatureSettings { tokenizer: "mine.json".to_owned(), ..FeatureSettings::default() };
        let error = settings.words(&|name| Err(format!("no {name}"))).unwrap_err();
        assert_eq!(error.to_string(), "tokenizer: no mine.json");
        assert_eq!(FeatureSettings::default().tokenizer_file(), None);
    }

    #[test]
    fn a_rule_that_is_wrong_is_named_by_its_place() {
        let labels = LabelSet::new(["a", "b"]).unwrap();
        let rules = |value: Value| {
            serde_json::from_value::<RuleSettings>(value).unwrap().rules(&labels).map(|rules| rules.is_some())
        };
        assert_eq!(rules(json!({})), Ok(false));
        assert_eq!(rules(json!({"b": ["x"]})), Ok(true));
        assert_eq!(rules(json!({"b": ["x", "("]})).unwrap_err().path, ["b", "1"]);
        assert_eq!(rules(json!({"c": ["x"]})).unwrap_err().path, ["c"]);
    }
}
