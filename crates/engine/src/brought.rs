//! A model that the user brought. Its probabilities take the place of Querist's own model.
//!
//! The probabilities of open rows are passed like a model's ([`crate::Means`]). This module holds
//! what else such a file may contain. Reading the file is left out.

use std::collections::BTreeMap;

use querist_core::{Class, Features};

/// What came with the probabilities of the open rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Brought {
    /// Probabilities, (K), of those control items that the file has, by index among all control
    /// items.
    pub controls: BTreeMap<usize, Vec<f64>>,
    /// The documents' embedding, if every row of the file has a vector.
    pub space: Option<Space>,
}

/// An embedding that the user brought, with the labelled rows that it covers.
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    /// One row per document of the pool; zeros for documents that are neither open nor in
    /// `labeled`.
    pub features: Features,
    /// The labelled rows that have a vector, ascending, with their labels. Strategies compare with
    /// them.
    pub labeled: Vec<(usize, Class)>,
}
