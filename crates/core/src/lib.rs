//! Querist's vocabulary: the nouns that the crates exchange and the traits that connect them.
//!
//! Invariants: no I/O, no clock, no ambient randomness. Every other crate may depend on this one; this one depends
//! on none of them. A type lives here only when at least two crates speak it.
//!
//! One concept a file: [`label`], [`document`], [`annotation`], [`features`], [`classifier`], [`proba`], [`batch`],
//! [`strategy`], [`snapshot`], [`seed`], [`error`].

pub mod annotation;
pub mod batch;
pub mod classifier;
pub mod document;
pub mod error;
pub mod features;
pub mod label;
pub mod proba;
pub mod seed;
pub mod snapshot;
pub mod strategy;

pub use annotation::{Aggregation, Aggregator, Annotation, AnnotationSet, Verdict};
pub use batch::{Pick, Share};
pub use classifier::{Classifier, FitReport, FittedClassifier};
pub use document::{Document, Role};
pub use error::CoreError;
pub use features::{Corpus, Csr, Features, Featurizer, FittedFeaturizer};
pub use label::{Class, LabelSet};
pub use proba::Probabilities;
pub use seed::Seed;
pub use snapshot::{Answer, DocumentRecord, RoundRecord, Snapshot};
pub use strategy::{PoolView, QueryStrategy, Selected};
