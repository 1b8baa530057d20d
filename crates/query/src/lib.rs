//! Probabilities → batch: which documents people should label next.
//!
//! A strategy chooses rows of the pool through [`querist_core::QueryStrategy`]; [`compose()`] mixes strategies into a
//! batch whose shares and class quotas are exact. One strategy a file, and one contract suite
//! (`tests/contract.rs`) that all of them pass.
//!
//! Invariants: scores always mean "higher: ask sooner"; ties go to the smaller row, that is to the smaller document
//! id; randomness comes only from the generator that is passed in; results do not depend on the number of threads.
//! Left out on purpose: training, reading documents, and what becomes of the batch.
//!
//! - scores: [`measure`], [`gradient`], [`top_k`](mod@top_k)
//! - counts: [`quota`] (classes), [`mix`] and [`plan`] (shares)
//! - strategies that score: [`uncertainty`], [`power`], [`novelty`]
//! - strategies that cover: [`core_set`], [`lightweight_core_set`], [`diverse`], [`random`]
//! - strategies that know classes: [`ratio`] (with [`within`])
//! - around any strategy: [`epsilon`], [`candidates`] (what of a large pool is looked at)
//! - by name: [`catalog`]
//! - the batch: [`compose`](mod@compose)

pub mod candidates;
pub mod catalog;
pub mod compose;
pub mod core_set;
pub mod diverse;
pub mod epsilon;
pub mod error;
pub mod gradient;
pub mod lightweight_core_set;
pub mod measure;
pub mod mix;
pub mod novelty;
pub mod plan;
pub mod power;
pub mod quota;
pub mod random;
pub mod ratio;
pub mod top_k;
pub mod uncertainty;
pub mod within;

mod direction;
mod diversify;
mod draw;
mod kmeans;
mod points;
mod view;

pub use candidates::Limits;
pub use catalog::{Ingredients, Strategy};
pub use compose::{Chosen, Composition, Recipe, Source, Stock, compose};
pub use core_set::CoreSet;
pub use diverse::Diverse;
pub use epsilon::Epsilon;
pub use error::QueryError;
pub use gradient::{ExpectedGradientLength, expected_gradient_length};
pub use lightweight_core_set::LightweightCoreSet;
pub use measure::{Measure, entropy, normalized_entropy};
pub use mix::{Fractions, Mix};
pub use novelty::Novelty;
pub use plan::{Mode, ShareAccount};
pub use power::Power;
pub use quota::{Ratio, balance, largest_remainder};
pub use random::Random;
pub use ratio::{Allotment, ClassAllotment, RatioQuota};
pub use top_k::top_k;
pub use uncertainty::Uncertainty;
pub use within::Within;
