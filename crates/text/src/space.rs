//! From counts to features: the space in which each document is a point.
//!
//! Features are made from raw counts ([`crate::counts`]) when they are needed. A row of a block
//! ([`kind`]) is linear in the counts, but for the division by its length. So a pool's product with
//! weights folds the weights to weights of the counts, passes over the counts once, and divides. A
//! pool never becomes a matrix of features; only the few rows that are gathered do.
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
