//! The blocks that features consist of, and their names in a configuration.

use std::fmt;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::TextError;

/// A part of the columns of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Block {
    /// tf-idf of word n-grams.
    Ngram,
    /// An embedding learned from the pool (latent semantic analysis).
    Lsa,
    /// The mean of vectors of words, or of word pieces, that were not learned from the workspace.
    Static,
}

impl Block {
    /// Returns the name in a configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ngram => "ngram",
            Self::Lsa => "lsa",
            Self::Static => "static",
        }
    }
}

/// The blocks whose columns are joined, always in the order ngram, lsa, static.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeatureKind {
    /// `ngram`.
    Ngram,
    /// `lsa`.
    Lsa,
    /// `static`.
    Static,
    /// `ngram+lsa`.
    NgramLsa,
    /// `ngram+static`.
    NgramStatic,
    /// `lsa+static`.
    LsaStatic,
    /// `ngram+lsa+static`.
    NgramLsaStatic,
}

/// Every kind and its name.
const KINDS: [(FeatureKind, &str); 7] = [
    (FeatureKind::Ngram, "ngram"),
    (FeatureKind::Lsa, "lsa"),
    (FeatureKind::Static, "static"),
    (FeatureKind::NgramLsa, "ngram+lsa"),
    (FeatureKind::NgramStatic, "ngram+static"),
    (FeatureKind::LsaStatic, "lsa+static"),
    (FeatureKind::NgramLsaStatic, "ngram+lsa+static"),
];

/// The names that a configuration may use, as an error lists them.
const CHOICES: &str = "auto, ngram, lsa, static, ngram+lsa, ngram+static, lsa+static or ngram+lsa+static";

impl FeatureKind {
    /// Iterates over all kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|(kind, _)| *kind)
    }

    /// Returns the blocks, in the order of their columns.
    pub fn blocks(self) -> &'static [Block] {
        use Block::{Lsa, Ngram, Static};
        match self {
            Self::Ngram => &[Ngram],
            Self::Lsa => &[Lsa],
            Self::Static => &[Static],
            Self::NgramLsa => &[Ngram, Lsa],
            Self::NgramStatic => &[Ngram, Static],
            Self::LsaStatic => &[Lsa, Static],
            Self::NgramLsaStatic => &[Ngram, Lsa, Static],
        }
    }

    /// Returns whether this kind contains the block.
    pub fn has(self, block: Block) -> bool {
        self.blocks().contains(&block)
    }

    /// Returns the name in a configuration.
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for FeatureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FeatureKind {
    type Err = TextError;

    fn from_str(name: &str) -> Result<Self, TextError> {
        let found = KINDS.iter().find(|(_, known)| *known == name);
        found
            .map(|(kind, _)| *kind)
            .ok_or_else(|| TextError::UnknownFeatures { name: name.to_owned(), known: CHOICES })
    }
}

/// The setting `features`: a kind, or the rule of [`super::auto::auto`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FeatureChoice {
    /// `auto`.
    #[default]
    Auto,
    /// A kind, given by its name.
    Fixed(FeatureKind),
}

impl fmt::Display for FeatureChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Fixed(kind) => kind.fmt(f),
        }
    }
}

impl Serialize for FeatureChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FeatureChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl FromStr for FeatureChoice {
    type Err = TextError;

    fn from_str(name: &str) -> Result<Self, TextError> {
        if name == "auto" { Ok(Self::Auto) } else { name.parse().map(Self::Fixed) }
    }
}

/// The factors of the blocks' columns, above 0. A block with a larger factor needs smaller weights,
/// so a classifier's penalty affects it less.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scales {
    /// The factor of the n-grams.
    pub ngram: f64,
    /// The factor of the pool's embedding.
    pub lsa: f64,
    /// The factor of the static embedding.
    pub statics: f64,
    /// Whether the factor of a static embedding is lowered in a pool of long texts or in another
    /// language.
    pub fading: bool,
}

impl Scales {
    /// Returns the factor of a block.
    pub fn of(&self, block: Block) -> f64 {
        match block {
            Block::Ngram => self.ngram,
            Block::Lsa => self.lsa,
            Block::Static => self.statics,
        }
    }
}

impl Default for Scales {
    /// Returns a factor of 1 for each block, so that each block's row has length 1.
    fn default() -> Self {
        Self { ngram: 1.0, lsa: 1.0, statics: 1.0, fading: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_blocks_in_order() {
        for kind in FeatureKind::all() {
            let names: Vec<&str> = kind.blocks().iter().map(|block| block.name()).collect();
            assert_eq!(kind.to_string(), names.join("+"));
            assert!(kind.blocks().is_sorted());
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(kind.name().parse(), Ok(FeatureChoice::Fixed(kind)));
        }
        assert_eq!("auto".parse(), Ok(FeatureChoice::Auto));
        let error = "lsa+ngram".parse::<FeatureChoice>().unwrap_err().to_string();
        assert!(error.starts_with("the features \"lsa+ngram\" are unknown"), "{error}");
    }
}
