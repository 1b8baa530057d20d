//! Digests of the documents that a result was learned from. If the digest is the same, so is the
//! result.

use super::order::Order;
use crate::counts::Counts;
use crate::error::TextError;

/// Returns a digest of a list of documents and of their chunks; `None` if a chunk is not in the
/// feature file. It is cheap to compute, but it changes if chunks are merged, even if the texts are
/// the same.
pub(super) fn of_chunks(counts: &Counts, documents: &[u32]) -> Option<String> {
    let mut hash = blake3::Hasher::new();
    hash.update(&of_places(documents));
    let mut used = vec![false; counts.n_chunks()];
    let mut within = 0..0;
    for document in documents {
        let document = *document as usize;
        if !within.contains(&document) {
            let chunk = counts.chunk_of(document);
            within = counts.documents(chunk);
            used[chunk] = true;
        }
    }
    for chunk in (0..used.len()).filter(|chunk| used[*chunk]) {
        hash.update(&(counts.documents(chunk).start as u64).to_le_bytes());
        hash.update(&counts.digest(chunk)?);
    }
    Some(hash.finalize().to_hex().to_string())
}

/// Returns a digest of a list of documents and of their counts, all of which are read.
///
/// # Errors
/// The counts cannot be read.
pub(super) fn of_rows(counts: &Counts, documents: &[u32]) -> Result<String, TextError> {
    let mut hash = blake3::Hasher::new();
    hash.update(&of_places(documents));
    let mut bytes = Vec::new();
    Order::new(documents.to_vec()).for_each(counts, |_, _, row| {
        bytes.clear();
        bytes.extend_from_slice(&(row.len() as u64).to_le_bytes());
        bytes.extend(row.iter().flat_map(|entry| entry.bits().to_le_bytes()));
        hash.update(&bytes);
    })?;
    Ok(hash.finalize().to_hex().to_string())
}

/// Returns a digest of the documents' indices in the corpus.
fn of_places(documents: &[u32]) -> [u8; 32] {
    let bytes: Vec<u8> = documents.iter().flat_map(|document| document.to_le_bytes()).collect();
    *blake3::hash(&bytes).as_bytes()
}
