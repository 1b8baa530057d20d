//! A model that the user brought: its probabilities stand where those of Querist's own model would.
//!
//! The probabilities of the open rows go where a model's go ([`crate::Means`]); here is what else
//! such a file may have. Left out: reading it.

use std::collections::BTreeMap;

use querist_core::{Class, Features};

/// What came with the probabilities of the open rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Brought {
    /// The probabilities (K) of control items, by their place among all control items; those that
    /// are known.
    pub controls: BTreeMap<usize, Vec<f64>>,
    /// Where documents lie, if every row of the file said so.
    pub space: Option<Space>,
}

/// An embedding that the user brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    /// One row for each document of the pool; zeros for those that are neither open nor in
    /// `labeled`.
    pub features: Features,
    /// The labelled rows whose place is known, ascending, with their label: what strategies compare
    /// with.
    pub labeled: Vec<(usize, Class)>,
}
