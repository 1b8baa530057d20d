//! Maps document numbers to indices in a snapshot.
//!
//! An absent document is in no snapshot. A document with a new text takes over the picks and
//! answers of the old text only if the import said so.

use querist_core::DocumentRecord;

use super::facts::Documents;
use super::sheets;
use crate::error::StoreError;

/// Marks a number whose document is not in the snapshot.
const ABSENT: u32 = u32::MAX;

/// Maps document numbers to indices in a snapshot.
pub(super) struct Indices {
    indices: Vec<u32>,
}

impl Indices {
    /// Builds the map for the documents of a snapshot that knows the first `n` imported documents.
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
            // A snapshot of an earlier time may still contain the old text; then the old text keeps
            // its index.
            if indices[old_place] != ABSENT {
                continue;
            }
            if keeps_answers {
                indices[old_place] = indices[new_place];
            }
        }
        Self { indices }
    }

    /// The index of the document with this number; `None` if the document is absent.
    pub(super) fn of(&self, number: i64) -> Result<Option<usize>, StoreError> {
        let place = usize::try_from(number - 1).ok();
        let index = place.and_then(|place| self.indices.get(place)).ok_or_else(sheets::damaged)?;
        Ok((*index != ABSENT).then_some(*index as usize))
    }
}

/// The document with this number. `documents` must be in the order of their numbers.
pub(super) fn with_number(documents: &mut [DocumentRecord], number: i64) -> Option<&mut DocumentRecord> {
    let place = u32::try_from(number - 1).ok()?;
    // Usually no number is missing, so the position equals the number.
    let at = match documents.get(place as usize) {
        Some(document) if document.place == place => place as usize,
        _ => documents.binary_search_by_key(&place, |document| document.place).ok()?,
    };
    documents.get_mut(at)
}
