//! What every classifier promises ([`contract`]), and what logistic regression promises beyond:
//! scikit-learn's probabilities ([`scikit_learn`]), the same optimum from two solvers
//! ([`solvers`]), and honest use of held-out examples ([`held_out`]).
#![expect(clippy::unwrap_used, reason = "a test that meets an error should stop there")]

mod contract;
mod held_out;
mod problems;
mod scikit_learn;
mod solvers;
