//! What every classifier promises ([`contract`]), and what this one promises beyond: scikit-learn's
//! probabilities ([`scikit_learn`]), two solvers with one optimum ([`solvers`]), and honest use of
//! what was held out ([`held_out`]).
#![expect(clippy::unwrap_used, reason = "a test that meets an error should stop there")]

mod contract;
mod held_out;
mod problems;
mod scikit_learn;
mod solvers;
