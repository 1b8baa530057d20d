//! Features to class probabilities.
//!
//! Owns one arrow of the engine: from labelled rows of features to a model that gives every row its class
//! probabilities. [`LogisticRegression`] holds checked parameters and fits; [`LinearModel`] is what comes out, predicts
//! and is stored as bytes ([`layout`]).
//!
//! Invariants: no I/O, no randomness, and every sum in a fixed order, so the same rows give the same bytes on any number
//! of threads. A fit never hides that it did not converge.

mod cholesky;
pub mod error;
mod gram;
pub mod layout;
pub mod linear;
mod linfa;
pub mod logistic;
mod objective;
mod reduction;
mod rows;

pub use error::ModelError;
pub use linear::LinearModel;
pub use logistic::LogisticRegression;
