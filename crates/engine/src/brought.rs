//! A model of the user's own. Its probabilities replace the probabilities of Querist's model.
//!
//! The user supplies a file of predictions. Its probabilities of the open documents are used as if
//! Querist's model had predicted them ([`crate::Means`]). This module holds what else the file may
//! contain. Another crate reads the file.

use std::collections::BTreeMap;

use querist_core::{Class, Features};

/// The contents of the user's file of predictions, except the probabilities of the open documents.
#[derive(Debug, Clone, PartialEq)]
pub struct Brought {
    /// The class probabilities of each control item in the file, one value per class. The key is
    /// the item's index in the list of all control items.
    pub controls: BTreeMap<usize, Vec<f64>>,
    /// The documents' vectors; `None` unless every row of the file has a vector.
    pub space: Option<Space>,
}

/// The vectors of documents that the user supplied, and the labelled documents among them.
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    /// The vectors, one row per document of the pool. A row is zero if its document is neither open
    /// nor in `labeled`.
    pub features: Features,
    /// The labelled rows of the pool that have a vector, ascending, with their labels. Strategies
    /// compare open documents with them.
    pub labeled: Vec<(usize, Class)>,
}
