//! Querist's vocabulary: the nouns that the crates exchange and the traits that connect them.
//!
//! Invariants: no I/O, no clock, no ambient randomness. Every other crate may depend on this one;
//! this one depends on none of them. A type is here only if at least two crates use it. Each file
//! is about one concept.
#![doc = include_str!("../README.md")]

pub mod aggregation;
pub mod annotation;
pub mod batch;
pub mod caught;
pub mod classifier;
pub mod condition;
pub mod csr;
pub mod digest;
pub mod document;
pub mod doubtful;
pub mod edition;
pub mod elementary;
pub mod error;
pub mod evidence;
pub mod features;
pub mod featurizer;
pub mod fold;
pub mod interval;
pub mod label;
pub mod learning_curve;
pub mod name;
pub mod named;
pub mod proba;
pub mod rank_error;
pub mod round;
pub mod seed;
pub mod setting;
pub mod shingles;
pub mod snapshot;
pub mod stopping;
pub mod vectors;
pub mod visible;

// These crates occur in signatures, so they are re-exported: a caller then uses the same version.
pub use ndarray;
pub use rand;

pub use aggregation::{
    Aggregation, AggregationFit, Aggregator, Known, Posteriors, Skill, SkillPrior, Verdict,
};
pub use annotation::{Annotation, AnnotationSet, AnnotationSetBuilder, Names, Numbered};
pub use batch::{Pick, Share};
pub use caught::{caught, panic_is_caught};
pub use classifier::{
    Calibrated, Classifier, Examples, FitReport, Fitted, FittedClassifier, Linear, PenaltyTried, Start,
};
pub use condition::Condition;
pub use csr::Csr;
pub use digest::Digest;
pub use document::{Document, Role};
pub use doubtful::{looks_missing, missing_warning, second_downloads};
pub use edition::Edition;
pub use error::CoreError;
pub use evidence::SkillEvidence;
pub use features::{ColumnWeights, Features, Rows};
pub use featurizer::{Contribution, Corpus, CorpusDigest, FeatureBlock, Featurizer, FittedFeaturizer, Learn};
pub use interval::{Interval, Proportion, Z_95, wilson, wilson_rate};
pub use label::{Class, Former, LabelSet};
pub use learning_curve::{CurvePoint, ExpectedAccuracy, PowerLaw};
pub use name::{name_key, nearest_name};
pub use named::Named;
pub use proba::Probabilities;
pub use rank_error::RankError;
pub use round::ShareAccount;
pub use seed::Seed;
pub use setting::SettingError;
pub use shingles::Shingles;
pub use snapshot::{Answer, Assignment, DocumentRecord, Person, RoundRecord, Settled, Snapshot};
pub use stopping::{Advice, Agreement, History, Judgment, PastRound, StoppingRule, Trials};
pub use vectors::{DocumentVectors, WIDEST_VECTOR};
