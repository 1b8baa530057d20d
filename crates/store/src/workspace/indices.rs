//! Translates document numbers into indices of a snapshot's documents.
//!
//! A document that the snapshot does not contain has no index, with one exception. If it was
//! replaced, and its answers count for the new document, its number leads to the index of the new
//! document.

use querist_core::DocumentRecord;

use super::facts::Documents;
use super::sheets;
use crate::error::StoreError;

/// Stands for the index of a document that is not in the snapshot.
const ABSENT: u32 = u32::MAX;

/// Maps document numbers to indices in a snapshot's documents.
pub(super) struct Indices {
    /// For each document, in the order of their numbers, its index or [`ABSENT`].
    indices: Vec<u32>,
}

impl Indices {
    /// Builds the map for `documents`, the documents of a snapshot. `n` is the number of documents
    /// that had been imported at the time of the snapshot, including documents that the snapshot
    /// does not contain.
    pub(super) fn of_documents(n: usize, documents: &[DocumentRecord], facts: &Documents) -> Self {
        let mut indices = vec![ABSENT; n];
        for (index, document) in documents.iter().enumerate() {
            if let Some(place) = indices.get_mut(document.place as usize) {
                *place = index as u32;
            }
        }
        let at = |number: i64| usize::try_from(number - 1).ok().filter(|place| *place < n);
        for (old, new, keeps_answers) in facts.replaced() {
            let (Some(old_place), Some(new_place)) = (at(old), at(new)) else { continue };
            // A snapshot of an earlier state may contain the old document itself, which then keeps
            // its own index.
            if indices[old_place] != ABSENT {
                continue;
            }
            if keeps_answers {
                indices[old_place] = indices[new_place];
            }
        }
        Self { indices }
    }

    /// Returns the index of the document with this number; `None` if the snapshot does not contain
    /// it. Fails if no document ever had the number.
    pub(super) fn of(&self, number: i64) -> Result<Option<usize>, StoreError> {
        let place = usize::try_from(number - 1).ok();
        let index = place.and_then(|place| self.indices.get(place)).ok_or_else(sheets::damaged)?;
        Ok((*index != ABSENT).then_some(*index as usize))
    }
}

/// Returns the document with this number, if `documents` contains it. `documents` must be sorted by
/// number.
pub(super) fn with_number(documents: &mut [DocumentRecord], number: i64) -> Option<&mut DocumentRecord> {
    let place = u32::try_from(number - 1).ok()?;
    // Usually no document is missing, and a document's position is its number minus 1.
    let at = match documents.get(place as usize) {
        Some(document) if document.place == place => place as usize,
        _ => documents.binary_search_by_key(&place, |document| document.place).ok()?,
    };
    documents.get_mut(at)
}
