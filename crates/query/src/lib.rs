//! From probabilities to a batch: which documents people should label next.
//!
//! A strategy chooses rows of a checked [`Pool`] through [`QueryStrategy`]; [`compose()`] mixes
//! strategies into a batch whose shares and class quotas are exact. Each strategy has one file, and
//! the [`catalog`] lists them all; one contract suite (`tests/contract.rs`) checks them all.
//! [`stopping`] says whether to ask at all.
//!
//! Invariants: a document with a higher score is always picked sooner. Ties go to the smaller row,
//! that is to the smaller document id. Randomness comes only from the generator that is passed in.
//! Results do not depend on the number of threads. This crate neither trains models nor reads
//! documents.
#![doc = include_str!("../README.md")]

pub mod anchors;
pub mod badge;
pub mod bandit;
pub mod candidates;
pub mod catalog;
pub mod committee;
pub mod compose;
pub mod contrastive;
pub mod core_set;
pub mod density;
pub mod discriminative;
pub mod diverse;
pub mod epsilon;
pub mod error;
pub mod expected_mass;
pub mod gradient;
pub mod guard;
pub mod lightweight_core_set;
pub mod measure;
pub mod mix;
pub mod novelty;
pub mod pick;
pub mod plan;
pub mod power;
pub mod prob_cover;
pub mod quota;
pub mod random;
pub mod ranked_batch;
pub mod ratio;
pub mod representatives;
pub mod settings;
pub mod stopping;
pub mod strategy;
pub mod top_k;
pub mod typiclust;
pub mod uncertainty;
pub mod variance_reduction;
pub mod view;
pub mod within;

#[cfg(test)]
#[path = "../tests/pool/centroid.rs"]
mod centroid;
mod direction;
mod diversify;
mod draw;
mod kmeans;
mod neighbors;
mod points;
mod sketch;

// These items occur in the signatures of this crate, so a caller needs no other crate.
pub use querist_core::{
    self as core, Class, Classifier, Csr, Features, FittedClassifier, LabelSet, Named, Pick, Probabilities,
    Rows, Seed, Share, ShareAccount, Shingles, ndarray, rand,
};

pub use anchors::Anchors;
pub use badge::Badge;
pub use bandit::{ArmAccount, Bandit, Outcome};
pub use candidates::Limits;
pub use catalog::{Ingredients, Strategy};
pub use committee::{Committee, Disagreement};
pub use compose::{Composition, Order, Source, Stock, compose};
pub use contrastive::Contrastive;
pub use core_set::CoreSet;
pub use density::InformationDensity;
pub use discriminative::Discriminative;
pub use diverse::Diverse;
pub use epsilon::Epsilon;
pub use error::QueryError;
pub use expected_mass::ExpectedMass;
pub use gradient::{ExpectedGradientLength, expected_gradient_length};
pub use guard::{DEFAULT_RESEMBLANCE, Guard};
pub use lightweight_core_set::LightweightCoreSet;
pub use measure::{Measure, entropy, normalized_entropy};
pub use mix::{Fractions, Mix};
pub use novelty::Novelty;
pub use pick::pick;
pub use plan::Mode;
pub use power::Power;
pub use prob_cover::ProbCover;
pub use quota::{Ratio, balance, largest_remainder};
pub use random::Random;
pub use ranked_batch::RankedBatch;
pub use ratio::{Allotment, ClassAllotment, RatioQuota};
pub use representatives::Representatives;
pub use settings::{BatchSettings, MixSetting, NearDuplicates, RatioSetting, StrategySetting};
pub use strategy::{Needs, QueryStrategy, Selected};
pub use top_k::top_k;
pub use typiclust::TypiClust;
pub use uncertainty::Uncertainty;
pub use variance_reduction::VarianceReduction;
pub use view::{Pool, PoolView};
pub use within::Within;
