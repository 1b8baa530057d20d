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
    /// Vectors of documents, which an encoder of the user's own computed.
    Vectors,
}

impl Block {
    /// Returns the name in a configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ngram => "ngram",
            Self::Lsa => "lsa",
            Self::Static => "static",
            Self::Vectors => "vectors",
        }
    }
}

/// The blocks whose columns are joined, at least one, always in the order ngram, lsa, static,
/// vectors.
///
/// It is a set of blocks. The bit of each block is 1 << its place in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FeatureKind(u8);

/// Every block, in the order of the columns.
const BLOCKS: [Block; 4] = [Block::Ngram, Block::Lsa, Block::Static, Block::Vectors];

/// The name of each kind, by the kind's bits.
const NAMES: [&str; 1 << BLOCKS.len()] = [
    "",
    "ngram",
    "lsa",
    "ngram+lsa",
    "static",
    "ngram+static",
    "lsa+static",
    "ngram+lsa+static",
    "vectors",
    "ngram+vectors",
    "lsa+vectors",
    "ngram+lsa+vectors",
    "static+vectors",
    "ngram+static+vectors",
    "lsa+static+vectors",
    "ngram+lsa+static+vectors",
];

/// The names that a configuration may use, as an error lists them.
const CHOICES: &str =
    "auto, ngram, lsa, static, vectors, or several of the last four in this order, such as ngram+lsa";

impl FeatureKind {
    /// `ngram`.
    pub const NGRAM: Self = Self::of(Block::Ngram);
    /// `lsa`.
    pub const LSA: Self = Self::of(Block::Lsa);
    /// `static`.
    pub const STATIC: Self = Self::of(Block::Static);
    /// `vectors`.
    pub const VECTORS: Self = Self::of(Block::Vectors);

    /// Returns the kind with this block alone.
    pub const fn of(block: Block) -> Self {
        Self(1 << block as u8)
    }

    /// Returns the kind with the blocks of both kinds.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Iterates over all kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..NAMES.len() as u8).map(Self)
    }

    /// Returns the blocks, in the order of their columns.
    pub fn blocks(self) -> impl Iterator<Item = Block> {
        BLOCKS.into_iter().filter(move |block| self.has(*block))
    }

    /// Returns whether this kind contains the block.
    pub const fn has(self, block: Block) -> bool {
        self.0 & Self::of(block).0 != 0
    }

    /// Returns the name in a configuration.
    pub fn name(self) -> &'static str {
        NAMES[self.0 as usize]
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
        let found = Self::all().find(|kind| kind.name() == name);
        found.ok_or_else(|| TextError::UnknownFeatures { name: name.to_owned(), known: CHOICES })
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
    /// The factor of the documents' vectors.
    pub vectors: f64,
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
            Block::Vectors => self.vectors,
        }
    }
}

impl Default for Scales {
    /// Returns a factor of 1 for each block, so that each block's row has length 1.
    fn default() -> Self {
        Self { ngram: 1.0, lsa: 1.0, statics: 1.0, vectors: 1.0, fading: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_blocks_in_order() {
        for kind in FeatureKind::all() {
            let names: Vec<&str> = kind.blocks().map(Block::name).collect();
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
