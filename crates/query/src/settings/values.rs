//! Values of `[batch]` that are either a word or a number or table, read from querist.toml and from
//! the command line.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use querist_core::setting::by_class;
use querist_core::{LabelSet, SettingError, Share};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::QueryError;
use crate::guard::DEFAULT_RESEMBLANCE;
use crate::mix::{Fractions, Mix};
use crate::quota::Ratio;

/// The value of `mix`: fixed shares, or `adaptive` for shares that adapt to the results of earlier
/// rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MixSetting {
    /// `adaptive`.
    Adaptive,
    /// Fixed shares; if they sum to less than 1, the rest is added to uncertainty.
    Shares(Fractions),
}

impl MixSetting {
    const ADAPTIVE: &str = "adaptive";
    /// The default mix, which an adaptive mix also begins with.
    const DEFAULT: Fractions = Fractions { uncertainty: 0.85, ratio: 0.0, random: 0.1, control: 0.05 };

    /// Returns the shares of a batch; for an adaptive mix, the shares of its first round.
    ///
    /// # Errors
    /// A fraction is negative or not finite, or the fractions sum to 0 or to more than 1.
    pub fn shares(&self) -> Result<Mix, QueryError> {
        Mix::new(match self {
            Self::Adaptive => Self::DEFAULT,
            Self::Shares(fractions) => *fractions,
        })
    }
}

impl Default for MixSetting {
    fn default() -> Self {
        Self::Shares(Self::DEFAULT)
    }
}

impl FromStr for MixSetting {
    type Err = String;

    /// Parses `adaptive`, or shares such as `uncertainty=0.5,ratio=0.5`.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == Self::ADAPTIVE {
            return Ok(Self::Adaptive);
        }
        let mut fractions = Fractions::default();
        for (name, value) in pairs(text, "uncertainty=0.5,ratio=0.5")? {
            let place = match Share::from_name(&name) {
                Some(Share::Uncertainty) => &mut fractions.uncertainty,
                Some(Share::Ratio) => &mut fractions.ratio,
                Some(Share::Random) => &mut fractions.random,
                Some(Share::Control) => &mut fractions.control,
                None => {
                    let known = Share::ALL.map(Share::name).join(", ");
                    return Err(format!("unknown share \"{name}\"; expected one of: {known}"));
                }
            };
            *place = value;
        }
        // The value is checked here, because a later check may see it as JSON, which cannot express
        // NaN and infinity.
        Mix::new(fractions).map_err(|error| error.to_string())?;
        Ok(Self::Shares(fractions))
    }
}

impl Serialize for MixSetting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Adaptive => serializer.serialize_str(Self::ADAPTIVE),
            Self::Shares(fractions) => fractions.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for MixSetting {
    /// Deserializes a word or a table. An untagged enum would try both in turn, and its error would
    /// not say which key of the table is wrong.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = MixSetting;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a table of shares, as in { uncertainty = 0.5, ratio = 0.5 }, or \"adaptive\"")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<MixSetting, E> {
                if word == MixSetting::ADAPTIVE {
                    return Ok(MixSetting::Adaptive);
                }
                let what = "expected a table of shares, as in { uncertainty = 0.5, ratio = 0.5 }";
                Err(E::custom(format!("\"{word}\"; {what}, or \"{}\"", MixSetting::ADAPTIVE)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MixSetting, A::Error> {
                Fractions::deserialize(MapAccessDeserializer::new(map)).map(MixSetting::Shares)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// The value of `ratio`: the rule that determines the class quotas.
#[derive(Debug, Clone, PartialEq)]
pub enum RatioSetting {
    /// `balance`: the quotas fill up the classes with the fewest labels.
    Balance,
    /// Weights by class, with any sum; a class that is not named has weight 0.
    Weights(BTreeMap<String, f64>),
}

impl RatioSetting {
    const BALANCE: &str = "balance";

    /// Returns the rule for these classes, with the weights in label order.
    ///
    /// # Errors
    /// A name is not the name of a class, a weight is below 0 or not finite, or the weights sum
    /// to 0.
    pub fn by_class(&self, labels: &LabelSet) -> Result<Ratio, SettingError> {
        let wrong = |problem: String| SettingError::new("ratio", problem);
        let Self::Weights(weights) = self else { return Ok(Ratio::Balance) };
        let mut of_class = vec![0.0; labels.len()];
        let named = by_class(weights, labels).map_err(|problem| SettingError::of_labels("ratio", problem))?;
        for (class, weight) in named {
            if !weight.is_finite() || weight < 0.0 {
                let name = labels.name(class);
                return Err(wrong(format!(
                    "the weight of \"{name}\" is {weight}; expected a number of 0 or more"
                )));
            }
            of_class[class.index()] = weight;
        }
        let ratio = Ratio::Weights(of_class);
        ratio.target(labels.len()).map_err(|error| wrong(error.to_string()))?;
        Ok(ratio)
    }
}

impl FromStr for RatioSetting {
    type Err = String;

    /// Parses `balance`, or weights such as `fraud=0.8,other=0.2`.
    fn from_str(text: &str) -> Result<Self, String> {
        let example = "fraud=0.8,other=0.2";
        if text.contains('=') {
            let weights = pairs(text, example)?;
            // The value is checked here, because a later check may see it as JSON, which cannot
            // express NaN and infinity.
            if let Some((name, weight)) = weights.iter().find(|(_, weight)| !weight.is_finite()) {
                return Err(format!("the weight of \"{name}\" is {weight}; expected a number of 0 or more"));
            }
            return Ok(Self::Weights(weights.into_iter().collect()));
        }
        if text == Self::BALANCE {
            return Ok(Self::Balance);
        }
        Err(format!("\"{text}\"; expected \"{}\" or weights by class, as in {example}", Self::BALANCE))
    }
}

impl Serialize for RatioSetting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Balance => serializer.serialize_str(Self::BALANCE),
            Self::Weights(weights) => weights.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for RatioSetting {
    /// Deserializes `balance`, or a table of weights by class.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "expected \"balance\" or weights by class, as in { fraud = 0.8, other = 0.2 }"
        )]
        enum Either {
            Word(String),
            Weights(BTreeMap<String, f64>),
        }
        match Either::deserialize(deserializer)? {
            Either::Weights(weights) => Ok(Self::Weights(weights)),
            Either::Word(word) if word == Self::BALANCE => Ok(Self::Balance),
            Either::Word(word) => Err(D::Error::custom(format!(
                "\"{word}\"; expected \"{}\" or weights by class, as in fraud=0.8,other=0.2",
                Self::BALANCE
            ))),
        }
    }
}

/// The value of `strategy`: the strategy that fills the uncertainty share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StrategySetting {
    /// `measure`: documents are scored by the setting `measure`. The picks are spread over groups
    /// of the best candidates, `diversity` candidates for each pick.
    Measure,
    /// A strategy by its name in the catalog.
    Named(String),
}

impl StrategySetting {
    /// The word that selects the uncertainty measure instead of a strategy of the catalog.
    pub const MEASURE: &str = "measure";

    /// Returns the strategy's name in the catalog; `None` for `measure`.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Measure => None,
            Self::Named(name) => Some(name),
        }
    }
}

impl Default for StrategySetting {
    fn default() -> Self {
        Self::Named("variance-reduction".to_owned())
    }
}

impl From<&str> for StrategySetting {
    fn from(name: &str) -> Self {
        if name == Self::MEASURE { Self::Measure } else { Self::Named(name.to_owned()) }
    }
}

impl Serialize for StrategySetting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name().unwrap_or(Self::MEASURE))
    }
}

impl<'de> Deserialize<'de> for StrategySetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self::from(name.as_str()))
    }
}

/// The value of `near_duplicates`: the minimum resemblance of near-duplicates, or `off`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NearDuplicates {
    /// `off`: near-duplicates may fill a batch.
    Off,
    /// Documents with at least this Jaccard index, in (0, 1], are near-duplicates.
    From(f64),
}

impl NearDuplicates {
    const OFF: &str = "off";
    const EXPECTED: &str = "expected a number above 0 and at most 1, or \"off\"";

    /// Returns the minimum resemblance of near-duplicates; `None` if near-duplicates may be
    /// picked.
    pub fn resemblance(self) -> Option<f64> {
        match self {
            Self::Off => None,
            Self::From(resemblance) => Some(resemblance),
        }
    }

    /// Checks that the resemblance is above 0 and at most 1.
    pub(super) fn check(self) -> Result<(), SettingError> {
        match self {
            Self::From(other) if !(other > 0.0 && other <= 1.0) => {
                Err(SettingError::new("near_duplicates", format!("{other}; {}", Self::EXPECTED)))
            }
            _ => Ok(()),
        }
    }
}

impl Default for NearDuplicates {
    fn default() -> Self {
        Self::From(DEFAULT_RESEMBLANCE)
    }
}

impl FromStr for NearDuplicates {
    type Err = String;

    /// Parses `off`, or a number above 0 and at most 1.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text == Self::OFF {
            return Ok(Self::Off);
        }
        let resemblance =
            text.parse().map(Self::From).map_err(|_| format!("\"{text}\"; {}", Self::EXPECTED))?;
        // The value is checked here, because a later check may see it as JSON, which cannot express
        // NaN and infinity.
        resemblance.check().map_err(|error| error.problem)?;
        Ok(resemblance)
    }
}

impl Serialize for NearDuplicates {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => serializer.serialize_str(Self::OFF),
            Self::From(resemblance) => serializer.serialize_f64(*resemblance),
        }
    }
}

impl<'de> Deserialize<'de> for NearDuplicates {
    /// Deserializes `off`, or a number. The range of the number is checked later.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a number above 0 and at most 1, or \"off\"")]
        enum Either {
            Number(f64),
            Word(String),
        }
        match Either::deserialize(deserializer)? {
            Either::Number(number) => Ok(Self::From(number)),
            Either::Word(word) if word == Self::OFF => Ok(Self::Off),
            Either::Word(word) => Err(D::Error::custom(format!("\"{word}\"; {}", Self::EXPECTED))),
        }
    }
}

/// Parses text such as `a=1,b=2` and returns the (name, number) pairs in order. Names may contain
/// commas and equals signs.
///
/// # Errors
/// A part is not `NAME=NUMBER` (the message shows `example`), or a name is given twice.
pub fn pairs(text: &str, example: &str) -> Result<Vec<(String, f64)>, String> {
    let mut pairs: Vec<(String, f64)> = Vec::new();
    // A label may contain a comma, so a part without "=" is the start of the next name.
    let mut begun = String::new();
    let parts: Vec<&str> = text.split(',').collect();
    for (place, part) in parts.iter().enumerate() {
        if !part.contains('=') && place + 1 < parts.len() {
            begun += &format!("{part},");
            continue;
        }
        let part = std::mem::take(&mut begun) + part;
        // Split at the last "=", since a label may contain one itself.
        let parsed =
            part.rsplit_once('=').and_then(|(name, value)| Some((name.trim(), value.trim().parse().ok()?)));
        let Some((name, value)) = parsed else {
            return Err(format!("\"{part}\" is not NAME=NUMBER; expected a value like {example}"));
        };
        if pairs.iter().any(|(known, _)| known == name) {
            return Err(format!("\"{name}\" is given twice"));
        }
        pairs.push((name.to_owned(), value));
    }
    Ok(pairs)
}
