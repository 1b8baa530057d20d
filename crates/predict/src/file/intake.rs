//! Reads a portable model from disk, after checking the length that its header claims.
//!
//! A header can claim any size, and a sparse file can have any size without using disk space. So
//! only the header is read at first. The rest is read only if the length in the header equals the
//! length of the file and is at most `MOST`.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{PredictError, ensure};

/// The largest size of a portable model in bytes, 2 GiB. For comparison, a table of 250,000 vectors
/// of 1,024 four-byte numbers takes 0.95 GiB.
pub(super) const MOST: u64 = 2 << 30;

/// The largest size of a header in bytes. It holds the classes, the settings, and the positions of
/// about a dozen tensors.
const MOST_HEADER: u64 = 16 << 20;

/// Checks that the length of the file at `path` is the length that its header claims. Returns the
/// bytes of the file.
///
/// # Errors
/// The file cannot be read, is longer than `MOST` bytes, or has a header that is malformed or
/// claims another length.
pub(super) fn bytes_of(path: &Path) -> Result<Vec<u8>, PredictError> {
    let mut file = File::open(path).map_err(PredictError::Read)?;
    let length = file.metadata().map_err(PredictError::Read)?.len();
    ensure(length <= MOST, || format!("it has {length} bytes, but a model has at most {MOST}"))?;
    let mut size = [0; 8];
    file.read_exact(&mut size)
        .map_err(|error| PredictError::malformed(format!("it is too short: {error}")))?;
    let header = u64::from_le_bytes(size);
    ensure(header <= MOST_HEADER, || {
        format!("its header claims {header} bytes, but a header has at most {MOST_HEADER}")
    })?;
    let mut bytes = size.to_vec();
    (&mut file).take(header).read_to_end(&mut bytes).map_err(PredictError::Read)?;
    ensure(bytes.len() as u64 == 8 + header, || "its header is cut off".to_owned())?;
    let tensors = end_of_tensors(&bytes[8..])?;
    let expected = tensors.saturating_add(8 + header);
    ensure(length == expected, || format!("it has {length} bytes, but its header says {expected}"))?;
    file.seek(SeekFrom::Start(0)).map_err(PredictError::Read)?;
    bytes.clear();
    file.take(length).read_to_end(&mut bytes).map_err(PredictError::Read)?;
    Ok(bytes)
}

/// Returns where the last tensor ends, according to the header, in bytes after the header; 0
/// without tensors.
///
/// # Errors
/// The header is not JSON, or a tensor has no end.
fn end_of_tensors(header: &[u8]) -> Result<u64, PredictError> {
    let header: Map<String, Value> = serde_json::from_slice(header)
        .map_err(|error| PredictError::malformed(format!("its header is not JSON: {error}")))?;
    let ends = header.iter().filter(|(name, _)| *name != "__metadata__");
    let mut ends = ends.map(|(name, tensor)| {
        tensor["data_offsets"][1]
            .as_u64()
            .ok_or_else(|| PredictError::malformed(format!("its header does not say where \"{name}\" ends")))
    });
    ends.try_fold(0, |last, end| Ok(last.max(end?)))
}
