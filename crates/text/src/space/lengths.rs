//! The length of every document's row in a block, stored from one run to the next.
//!
//! A length depends only on the document's counts and the block. So the stored lengths for a chunk
//! of the feature file remain valid as long as the texts of the chunk are the same. Only the
//! lengths for other chunks are computed.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use safetensors::tensor::Dtype;

use super::block::FeatureColumns;
use super::cache::{Cached, Draft};
use super::order::Order;
use crate::counts::Counts;
use crate::error::TextError;

/// Returns the lengths of all documents of the corpus. `kept` is the path of a file and its key.
/// Lengths are read from the file if it has this key; the missing ones are computed and the file is
/// rewritten.
///
/// # Errors
/// The counts cannot be read, or the file cannot be written.
pub(super) fn lengths(
    block: &FeatureColumns,
    counts: &Counts,
    kept: Option<(&Path, &str)>,
) -> Result<Vec<f32>, TextError> {
    let mut lengths = vec![0.0; counts.n_documents()];
    let known = kept.and_then(|(path, key)| read(path, key)).unwrap_or_default();
    let mut open: Vec<Range<usize>> = Vec::new();
    for chunk in 0..counts.n_chunks() {
        let documents = counts.documents(chunk);
        let digest = counts.digest(chunk);
        match digest.and_then(|digest| known.get(&(documents.start, digest))) {
            Some(found) if found.len() == documents.len() => lengths[documents].copy_from_slice(found),
            _ => open.push(documents),
        }
    }
    if open.is_empty() {
        return Ok(lengths);
    }
    let places: Vec<u32> = open.into_iter().flatten().map(|place| place as u32).collect();
    let computed = Order::new(places.clone())
        .map(counts, 1, |_, row, out: &mut [f32]| out[0] = block.length(row, &mut Vec::new()))?;
    for (place, length) in places.iter().zip(computed) {
        lengths[*place as usize] = length;
    }
    if let Some((path, key)) = kept {
        write(path, key, counts, &lengths)?;
    }
    Ok(lengths)
}

/// The lengths of the documents of a chunk, by (first document, digest of the texts).
type Known = HashMap<(usize, [u8; 32]), Vec<f32>>;

/// Reads the lengths in the file at `path`; `None` if it has another key or is damaged.
fn read(path: &Path, key: &str) -> Option<Known> {
    let cached = Cached::open(path, key)?;
    let (chunks, digests) = (cached.u32s("chunks")?, cached.bytes_by::<32>("digests")?);
    let lengths = cached.f32s("lengths")?;
    let mut known = Known::new();
    let mut rest = &lengths[..];
    for (chunk, digest) in chunks.as_chunks::<2>().0.iter().zip(digests) {
        let (own, after) = rest.split_at_checked(chunk[1] as usize)?;
        known.insert((chunk[0] as usize, *digest), own.to_vec());
        rest = after;
    }
    Some(known)
}

/// Writes the lengths of all documents in chunks of the feature file to the file at `path`, with
/// this key.
fn write(path: &Path, key: &str, counts: &Counts, lengths: &[f32]) -> Result<(), TextError> {
    let (mut chunks, mut digests, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for chunk in 0..counts.n_chunks() {
        if let Some(digest) = counts.digest(chunk) {
            let documents = counts.documents(chunk);
            chunks.extend([documents.start as u32, documents.len() as u32]);
            digests.extend(digest);
            values.extend_from_slice(&lengths[documents]);
        }
    }
    if chunks.is_empty() {
        return Ok(());
    }
    let (shape, n) = (vec![chunks.len() / 2, 32], values.len());
    let draft =
        Draft::new(key.to_owned()).u32s("chunks", &chunks).bytes("digests", Dtype::U8, shape, digests);
    draft.f32s("lengths", vec![n], &values).write(path)
}
