//! Turns labelled rows of features into a model that gives every row its class probabilities.
//!
//! [`LogisticRegression`] holds checked parameters and fits a [`LinearModel`], which predicts and
//! is stored as bytes ([`layout`]). Two solvers find the same optimum: our own and `linfa-logistic`
//! ([`solver`]). The penalty ([`penalty`]) and the calibration ([`calibration`]) are judged on
//! examples that the fit did not see. [`settings`] holds the settings of a user.
//!
//! Invariants: no I/O, no randomness except from the caller's seed, and a fixed order for every
//! sum, so the same rows lead to the same bytes on any number of threads. A fit never hides that it
//! did not converge.
#![doc = include_str!("../README.md")]

pub mod calibration;
mod cross_validation;
pub mod error;
mod folds;
mod held_out;
pub mod layout;
pub mod linear;
pub mod linfa;
pub mod logistic;
mod multinomial;
mod objective;
pub mod parameters;
pub mod penalty;
mod probabilities;
pub mod settings;
pub mod solver;
mod training;
mod warm;
pub mod weights;

pub use calibration::{Calibration, Scaling};
pub use error::ModelError;
pub use linear::LinearModel;
pub use logistic::LogisticRegression;
pub use parameters::Parameters;
pub use penalty::Penalty;
pub use settings::{ModelSettings, Purpose};
pub use solver::Solver;
pub use weights::ClassWeights;
