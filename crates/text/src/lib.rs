//! Text to features.
//!
//! Owns one arrow of the engine: from the text of a document to its row of numbers. A tokenizer ([`tokenizer`]) gives
//! words, their n-grams are hashed into a fixed number of columns ([`ngram`]), and tf-idf weighs the counts ([`tfidf`]).
//!
//! Invariants: no I/O (a caller brings the bytes of a tokenizer file), no randomness, and every row depends only on its
//! own text and on what was learned in the fit, so the number of threads changes nothing.

pub mod error;
pub mod ngram;
pub mod tfidf;
pub mod tokenizer;

pub use error::TextError;
pub use ngram::{Buckets, NgramRange};
pub use tfidf::{FittedTfIdf, TfIdfFeaturizer};
pub use tokenizer::WordTokenizer;
