//! Vectors of documents: numbers that an encoder of the user's own computed for each document.
//!
//! The vectors of a pool need not be in memory. A featurizer reads some at a time.

use crate::error::BoxError;

/// The largest allowed width of a vector.
pub const WIDEST_VECTOR: usize = 4_096;

/// One vector for each document of a [`Corpus`](crate::Corpus), all of the same width.
pub trait DocumentVectors: Send + Sync {
    /// Returns the width of the vectors, 1 to [`WIDEST_VECTOR`].
    fn width(&self) -> usize;

    /// Writes the vectors of these documents to `out`, one after the other in the order of
    /// `documents`. The documents are indices into the corpus, and may repeat. `out` has
    /// [`Self::width`] values for each of them.
    ///
    /// # Errors
    /// A document has no vector, or a vector cannot be read.
    fn read(&self, documents: &[u32], out: &mut [f32]) -> Result<(), BoxError>;
}
