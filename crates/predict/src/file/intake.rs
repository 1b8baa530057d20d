//! Reads a portable model from disk, after checking the length that its header claims.
//!
//! A header can claim any size, and a sparse file can have any size without using disk space. So
//! the header is read first. The rest is read only if the header's length and the file's length
//! agree and are at most `MOST`.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{PredictError, ensure};

/// The most bytes of a portable model, 2 GiB. A table of 250,000 vectors of 1,024 four-byte numbers
/// takes 0.95 GiB.
pub(super) const MOST: u64 = 2 << 30;

/// The most bytes of a header, which holds the classes, the settings, and the position of each of
/// about a dozen tensors.
const MOST_HEADER: u64 = 16 << 20;

/// Returns the bytes of the file at `path`, if its header describes a safetensors file of exactly
/// this length.
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

/// Returns the number of bytes from the end of the header to the end of the last tensor, as the
/// header claims; 0 without tensors.
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
