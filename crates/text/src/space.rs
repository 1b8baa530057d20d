//! From counts to features: the space in which each document is a point.
//!
//! Features are made from raw counts ([`crate::counts`]) when they are needed. A row of a block
//! ([`kind`]) is a linear function of the counts, divided by its length. So to multiply a pool by
//! weights, the weights are converted to weights of the counts, one pass over the counts is made,
//! and each result is divided. The matrix of a whole pool's features is never built, only the few
//! rows that are gathered.
//!
//! Invariants: rows of a block have unit length or are 0. All results are the same to the bit with
//! any number of threads, and with or without files of an earlier run.

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
mod unit_choice;
mod vector_block;
mod vectors;
mod words;

pub use auto::{PLENTY_OF_LABELS, Sizes, auto};
pub use embedding::{Pooling, StaticEmbedding};
pub use featurizer::TextFeaturizer;
pub use fitted::{FittedSpace, VECTOR};
pub use kind::{Block, FeatureChoice, FeatureKind, Scales};
pub use learned::{LearnedBlock, LearnedVectors};
pub use pieces::PieceCounter;
pub use texts::Input;
pub use unit_choice::UnitChoice;
pub use vectors::Precision;
pub use words::WordCounter;

#[cfg(test)]
mod tests;
