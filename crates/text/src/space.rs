//! From counts to features: which space a document is a point of.
//!
//! Everything here is applied to raw counts ([`crate::counts`]) when it is needed. A block of
//! columns ([`kind`]) is linear in the counts but for one number a document, its length; so the
//! product of a pool with weights folds the weights to weights of the counts, passes over the
//! counts once, and divides. A pool never becomes a matrix of features; only the few rows that are
//! gathered do.
//!
//! - `ngram`: tf-idf of the counts, idf from the pool;
//! - `lsa`: an embedding learned from the pool, by a truncated singular value decomposition of its
//!   tf-idf;
//! - `static`: the mean of vectors of words that were learned elsewhere: those of English words
//!   that come along, or of word pieces that the user brought;
//! - any of them side by side, each scaled.
//!
//! Invariants: rows of a block have unit length or are 0. Everything is the same to the bit on any
//! number of threads, and with or without files of an earlier run.

pub mod auto;
mod block;
mod cache;
mod contributions;
pub mod embedding;
pub mod english;
mod fading;
mod featurizer;
mod fitted;
mod identity;
pub mod kind;
mod learned;
mod lengths;
pub mod lsa;
mod order;
mod panels;
mod pass;
mod pieces;
mod rows;
mod shingles;
mod source;
mod sparse;
mod svd;
mod table;
mod texts;
mod tfidf;
mod vectors;
mod words;

pub use auto::auto;
pub use embedding::{Pooling, StaticEmbedding};
pub use featurizer::TextFeaturizer;
pub use fitted::FittedSpace;
pub use kind::{Block, FeatureChoice, FeatureKind, Scales};
pub use learned::{LearnedBlock, LearnedVectors};
pub use pieces::PieceCounter;
pub use vectors::Precision;
pub use words::WordCounter;

#[cfg(test)]
mod tests;
