//! The benchmark of query strategies: simulates the rounds of a workspace many times, on documents
//! whose labels are known.
//!
//! A [`DataSet`] has a pool, whose labels are hidden at first, and a test set. A **run** is one
//! strategy with one seed. It starts with a few initial labels. In each round the strategy chooses
//! documents, an [`Oracle`] answers, and the model is trained and measured. A run executes the code
//! of a real round ([`mod@crate::round`]).
//!
//! Invariants: a run depends only on its strategy and its seed, not on other runs or the number of
//! threads. Only `seconds` depends on the caller's clock. No file is read or written.

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
