//! The benchmark of query strategies: the loop of a workspace, played many times with documents
//! whose label is known.
//!
//! A [`DataSet`] has a pool with hidden labels and a test set. A **run** is one strategy with one
//! seed: a few initial labels, then rounds in which the strategy chooses, an [`Oracle`] answers and
//! the model is trained and measured. Each step is the one of a real round ([`mod@crate::train`],
//! [`mod@crate::score`], [`mod@crate::select`], [`crate::evaluate`]), so the figures are the
//! product's.
//!
//! - what is played: [`protocol`], [`data_set`], [`imbalance`], [`initial`], [`oracle`];
//! - playing it: [`features`] (fitted once for all runs), [`run`], [`schedule`] (runs side by
//!   side), [`results`] (a line a round, and what may be kept of them);
//! - what came out: [`curve`], [`student`], [`labels_needed`], [`significance`], [`stopped`],
//!   [`summary`].
//!
//! Invariants: a run depends on its strategy and seed alone, not on the others, their order or the
//! number of threads; seconds come from a clock that the caller passes, and nothing but `seconds`
//! depends on it. What this module leaves out: it reads and writes no file; the caller keeps the
//! lines.

pub mod curve;
pub mod data_set;
pub mod error;
pub mod features;
pub mod imbalance;
pub mod initial;
pub mod labels_needed;
pub mod oracle;
pub mod protocol;
pub mod results;
pub mod run;
pub mod schedule;
pub mod significance;
pub mod stopped;
pub mod student;
pub mod summary;

pub use data_set::{DataSet, Known, Texts};
pub use error::SimulationError;
pub use features::{Described, SharedFeatures};
pub use imbalance::Imbalance;
pub use oracle::{Crew, Oracle};
pub use protocol::{Arm, Protocol, ProtocolError};
pub use results::{Results, RoundLine};
pub use run::Stage;
pub use schedule::{Progress, play};
pub use summary::{About, summarise};
