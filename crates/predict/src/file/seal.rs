//! The seal of a portable model: a hash of everything in it, header included.
//!
//! It finds damage, and a header that was edited by hand; it is no signature, because whoever
//! writes a file can seal it. Until layout version 2 the seal was of the tensors' bytes alone, so
//! that reversed labels or another scale passed.

use safetensors::tensor::{Dtype, SafeTensors};

use crate::error::PredictError;

/// The first layout whose seal is of the header too.
pub(super) const WHOLE: u32 = 3;

/// A tensor as the seal sees it: its name, type, shape and bytes.
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Dtype,
    pub(super) shape: &'a [usize],
    pub(super) bytes: &'a [u8],
}

/// The tensors of a file, in the order of their names.
pub(super) fn parts<'a>(file: &'a SafeTensors<'a>) -> Vec<(String, safetensors::tensor::TensorView<'a>)> {
    let mut tensors: Vec<_> = file.iter().map(|(name, view)| (name.to_owned(), view)).collect();
    tensors.sort_by(|one, next| one.0.cmp(&next.0));
    tensors
}

/// The seal, in hex, of a header whose own place for it is empty and of the tensors, which come in
/// the order of their names.
pub(super) fn of<'a>(header: &str, parts: impl Iterator<Item = Part<'a>>) -> String {
    let mut hash = blake3::Hasher::new();
    // Each part after its length, so that no byte can move from one part to the next.
    let mut add = |bytes: &[u8]| {
        hash.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    };
    add(header.as_bytes());
    for part in parts {
        add(part.name.as_bytes());
        add(format!("{:?} {:?}", part.kind, part.shape).as_bytes());
        add(part.bytes);
    }
    hash.finalize().to_hex().to_string()
}

/// The seal of layouts 1 and 2, in hex: of the tensors' bytes, one after the other.
pub(super) fn of_bytes<'a>(parts: impl Iterator<Item = Part<'a>>) -> String {
    let mut hash = blake3::Hasher::new();
    for part in parts {
        hash.update(part.bytes);
    }
    hash.finalize().to_hex().to_string()
}

/// A header as it was before `seal` was written into it.
///
/// # Errors
/// The seal does not stand in it just once.
pub(super) fn unsealed(header: &str, seal: &str) -> Result<String, PredictError> {
    let mut around = header.split(seal);
    match (around.next(), around.next(), around.next()) {
        (Some(before), Some(after), None) if !seal.is_empty() => Ok(format!("{before}{after}")),
        _ => Err(PredictError::malformed("its header has no seal")),
    }
}
