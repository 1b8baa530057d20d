//! Turns text into features: from the text of a document to its row of numbers.
//!
//! A text becomes words ([`splitter`], or a [`tokenizer`]), and their n-grams are hashed into a
//! fixed number of columns ([`ngram`]). The feature file keeps the rows of counts of a whole corpus
//! ([`counts`]). A space ([`space`]) weighs, embeds and joins them. The user's settings are in
//! [`settings`].
//!
//! Invariants: no downloads, no I/O except on the files that a caller names, no ambient
//! randomness. A row depends only on its own text and on what the fit learned, so the number of
//! threads changes nothing.
#![doc = include_str!("../README.md")]

pub mod counts;
pub mod entry;
pub mod error;
mod growth;
mod hits;
mod legacy;
pub mod ngram;
pub mod rules;
pub mod settings;
pub mod space;
pub mod splitter;
pub mod tokenizer;
pub mod tokenizer_file;

pub use counts::{Chunk, Counter, Counts, Scratch};
pub use entry::Entry;
pub use error::TextError;
pub use ngram::{Buckets, CharacterRange, NgramCounter, NgramRange, Units, WordSource};
pub use rules::{Rule, RuleCount, RuleCounts, RuleMatches, Rules, Standing, WeakLabel};
pub use settings::{FeatureSettings, RuleSettings};
pub use space::{
    FeatureChoice, FeatureKind, FittedSpace, Input, LearnedBlock, LearnedVectors, PieceCounter, Pooling,
    Precision, Scales, StaticEmbedding, TextFeaturizer, UnitChoice, WordCounter,
};
pub use splitter::{Normalization, Numbers, WordSplitter};
pub use tokenizer::{PieceTokenizer, WordTokenizer};
