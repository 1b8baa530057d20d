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
//! - scores: [`measure`], [`top_k`](mod@top_k)
//! - counts: [`quota`] (classes), [`mix`] and [`plan`] (shares)
//! - strategies: [`uncertainty`], [`ratio`] (with [`within`]), [`random`], [`diverse`], [`novelty`]
//! - the batch: [`compose`](mod@compose)

pub mod compose;
pub mod diverse;
pub mod error;
pub mod measure;
pub mod mix;
pub mod novelty;
pub mod plan;
pub mod quota;
pub mod random;
pub mod ratio;
pub mod top_k;
pub mod uncertainty;
pub mod within;

mod diversify;
mod kmeans;
mod view;

pub use compose::{Chosen, Composition, Recipe, Source, Stock, compose};
pub use diverse::Diverse;
pub use error::QueryError;
pub use measure::{Measure, entropy, normalized_entropy};
pub use mix::{Fractions, Mix};
pub use novelty::Novelty;
pub use plan::{Mode, ShareAccount};
pub use quota::{Ratio, balance, largest_remainder};
pub use random::Random;
pub use ratio::{Allotment, ClassAllotment, RatioQuota};
pub use top_k::top_k;
pub use uncertainty::Uncertainty;
pub use within::Within;
