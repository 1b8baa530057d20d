//! A model that the user brought. Its probabilities replace the probabilities of Querist's own
//! model.
//!
//! The probabilities of the open documents are passed like a model's ([`crate::Means`]). This
//! module holds what else the user's file may contain. Another crate reads the file.

use std::collections::BTreeMap;

use querist_core::{Class, Features};

/// What the user's file contains besides the probabilities of the open documents.
#[derive(Debug, Clone, PartialEq)]
pub struct Brought {
    /// Class probabilities of the control items that the file contains, one value per class, by
    /// index among all control items.
    pub controls: BTreeMap<usize, Vec<f64>>,
    /// The documents' embedding, if every row of the file has a vector.
    pub space: Option<Space>,
}

/// An embedding that the user brought, with the labelled rows that it covers.
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    /// The vectors, one row per document of the pool. A row is zero if its document is neither open
    /// nor in `labeled`.
    pub features: Features,
    /// The labelled rows of the pool that have a vector, ascending, with their labels. Strategies
    /// compare open documents with them.
    pub labeled: Vec<(usize, Class)>,
}
